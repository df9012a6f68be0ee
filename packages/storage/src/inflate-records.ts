// The records of a batch, inflated where it is compressed: for those who look inside, off the hot path.

import { type BatchView, FormatError, type LogRecord, readRecords } from '@odradek/format';
import type { Compute } from '@odradek/model';

/** A batch inflates to no more than this here (X5). */
const MAX_INFLATED_BYTES = 256 * 2 ** 20;

/** Reads the records and hands them over: at once where nothing is to be inflated, else later. */
export function recordsOf(
  batch: BatchView,
  inflate: Compute['inflate'] | undefined,
  done: (records: readonly LogRecord[] | { readonly error: string }) => void,
): void {
  if (batch.codec === 'none') {
    done(read(batch));
    return;
  }
  if (inflate === undefined) {
    done({ error: `nothing here inflates ${batch.codec}` });
    return;
  }
  inflate(batch.codec, batch.recordsSection, MAX_INFLATED_BYTES, (section) => {
    if (section instanceof Uint8Array) done(read(batch, section));
    else done({ error: `the ${batch.codec} of the batch at ${batch.position} is ${section.error}` });
  });
}

function read(batch: BatchView, section?: Uint8Array): readonly LogRecord[] | { readonly error: string } {
  try {
    return readRecords(batch, section);
  } catch (error) {
    if (error instanceof FormatError) return { error: error.message };
    throw error;
  }
}
