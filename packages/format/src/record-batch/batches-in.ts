// Batch after batch, as they lie in a segment or in the answer to a fetch.

import type { BatchView } from './batch-view.ts';
import { type BatchFault, type Checksum, checkBatch } from './check-batch.ts';

/** How a run of batches ends: at the last byte, or at the first one that is not a whole, sound batch. */
export interface RunEnd {
  /** How many bytes of sound batches there are, from where the run began. */
  readonly validBytes: number;
  readonly fault?: { readonly name: BatchFault; readonly message: string };
}

/**
 * Visits the batches from `start` on, up to the first fault. A torn tail (INCOMPLETE) is ordinary; every other fault is damage,
 * and it is the caller who knows which of the two he may cut (D7, D8).
 */
export function walkBatches(
  bytes: Uint8Array,
  visit: (batch: BatchView) => void,
  start = 0,
  checksum?: Checksum,
): RunEnd {
  let position = start;
  while (position < bytes.length) {
    const check = checkBatch(bytes, position, checksum);
    if (!check.ok)
      return {
        validBytes: position - start,
        fault: { name: check.fault, message: `batch at ${position}: ${check.message}` },
      };
    visit(check.batch);
    position += check.batch.sizeInBytes;
  }
  return { validBytes: position - start };
}
