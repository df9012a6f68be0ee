// The records of a batch, inflated where it is compressed: for those who look inside, off the hot path.

import { type BatchView, FormatError, type LogRecord, readRecords } from '@odradek/format';
import type { Compute } from '@odradek/model';

/** Whoever reads a log offline has the time and the memory for it (X5). */
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
  if (batch.codec === 'none') done(read(batch));
  else
    inflated(batch, MAX_INFLATED_BYTES, inflate, (section) =>
      done(section instanceof Uint8Array ? read(batch, section) : section),
    );
}

/** The section of a batch's records, inflated to `maxBytes` at most; of one that is not compressed as it is, at once. */
export function inflated(
  batch: BatchView,
  maxBytes: number,
  inflate: Compute['inflate'] | undefined,
  done: (section: Uint8Array | RecordsFault) => void,
): void {
  if (batch.codec === 'none') {
    done(batch.recordsSection);
    return;
  }
  if (inflate === undefined) {
    done({ name: 'UNSUPPORTED_CODEC', error: `nothing here inflates ${batch.codec}` });
    return;
  }
  inflate(batch.codec, batch.recordsSection, maxBytes, (section) => {
    if (section instanceof Uint8Array) done(section);
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
