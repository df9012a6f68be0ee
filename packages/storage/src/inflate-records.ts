// The records of a batch, inflated where it is compressed: for those who look inside, off the hot path.

import { type BatchView, FormatError, type LogRecord, readRecords } from '@odradek/format';
import type { Compute } from '@odradek/model';

/** A batch inflates to no more than this here (X5). */
const MAX_INFLATED_BYTES = 256 * 2 ** 20;

/** Why records cannot be read: they are bad, or nothing here inflates them. */
export interface RecordsFault {
  readonly name: 'BAD_RECORDS' | 'UNSUPPORTED_CODEC';
  readonly error: string;
}

/** Reads the records and hands them over: at once where nothing is to be inflated, else later. */
export function recordsOf(
  batch: BatchView,
  inflate: Compute['inflate'] | undefined,
  done: (records: readonly LogRecord[] | RecordsFault) => void,
): void {
  if (batch.codec === 'none') {
    done(read(batch));
    return;
  }
  if (inflate === undefined) {
    done({ name: 'UNSUPPORTED_CODEC', error: `nothing here inflates ${batch.codec}` });
    return;
  }
  inflate(batch.codec, batch.recordsSection, MAX_INFLATED_BYTES, (section) => {
    if (section instanceof Uint8Array) done(read(batch, section));
    else if (section.error === 'UNSUPPORTED')
      done({ name: 'UNSUPPORTED_CODEC', error: `nothing here inflates ${batch.codec}` });
    else done({ name: 'BAD_RECORDS', error: `its ${batch.codec} is ${section.error}` });
  });
}

function read(batch: BatchView, section?: Uint8Array): readonly LogRecord[] | RecordsFault {
  try {
    return readRecords(batch, section);
  } catch (error) {
    if (error instanceof FormatError) return { name: 'BAD_RECORDS', error: error.message };
    throw error;
  }
}
