// Whether the bytes at a position are a batch that may be trusted. Damage is an answer here, not an exception: a torn tail is
// an ordinary thing to find in a log.

import { crc32c } from '../crc32c.ts';
import { FormatError } from '../errors.ts';
import { BATCH_HEADER_BYTES, BatchView, CRC_COVERS_FROM, LOG_OVERHEAD } from './batch-view.ts';

/** What is wrong with the bytes where a batch should be. */
export type BatchFault =
  /** They end before the batch does: a torn write, or a reader's limit. */
  | 'INCOMPLETE'
  /** Message format 0 or 1, which Kafka wrote before 0.11. */
  | 'LEGACY_MAGIC'
  | 'UNKNOWN_MAGIC'
  | 'BAD_LENGTH'
  | 'BAD_CRC'
  | 'BAD_HEADER';

export type BatchCheck =
  | { readonly ok: true; readonly batch: BatchView }
  | { readonly ok: false; readonly fault: BatchFault; readonly message: string };

export type Checksum = (bytes: Uint8Array, start: number, end: number) => number;

/**
 * Checks length, magic, checksum and header of the batch at `position`; a host may hand in a faster `checksum`. Messages do not say
 * where: `bytes` may be a slice, of which only the caller knows the place.
 */
export function checkBatch(bytes: Uint8Array, position = 0, checksum: Checksum = crc32c): BatchCheck {
  const present = bytes.length - position;
  if (present < LOG_OVERHEAD + 5) return fault('INCOMPLETE', `only ${present} bytes`);
  const magic = int8At(bytes, position + 16);
  if (magic === 0 || magic === 1) return fault('LEGACY_MAGIC', `message format ${magic} is not read, only 2`);
  if (magic !== 2) return fault('UNKNOWN_MAGIC', `magic ${magic} is not known, only 2`);
  const size = LOG_OVERHEAD + int32At(bytes, position + 8);
  if (size < BATCH_HEADER_BYTES)
    return fault('BAD_LENGTH', `${size} bytes, a header alone has ${BATCH_HEADER_BYTES}`);
  if (size > present) return fault('INCOMPLETE', `${present} of ${size} bytes`);

  const batch = new BatchView(bytes, position);
  const crc = checksum(bytes, position + CRC_COVERS_FROM, position + size);
  if (crc !== batch.crc) return fault('BAD_CRC', `checksum ${crc}, the header says ${batch.crc}`);
  const wrong = headerFault(batch);
  return wrong === undefined ? { ok: true, batch } : fault('BAD_HEADER', wrong);
}

function fault(name: BatchFault, message: string): BatchCheck {
  return { ok: false, fault: name, message };
}

// Before it is known that a whole header is there; every batch passes here several times, so no view is made for two numbers.

function int8At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) >> 24;
}

function int32At(bytes: Uint8Array, at: number): number {
  return (
    (int8At(bytes, at) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** What a good checksum does not exclude: a header that contradicts itself. */
function headerFault(batch: BatchView): string | undefined {
  try {
    if (batch.baseOffset < 0) return `base offset ${batch.baseOffset}`;
    if (batch.lastOffsetDelta < 0) return `last offset delta ${batch.lastOffsetDelta}`;
    if (!Number.isSafeInteger(batch.nextOffset)) return 'its end is beyond 2^53 - 1';
    // Compaction takes records out and leaves the offsets: fewer than the deltas say is right, more never.
    if (batch.recordCount < 0 || batch.recordCount > batch.lastOffsetDelta + 1) {
      return `${batch.recordCount} records in ${batch.lastOffsetDelta + 1} offsets`;
    }
    // Reading them is the check: a codec that is not known, a number that would be rounded.
    void batch.codec;
    void batch.producerId;
    void batch.baseTimestamp;
    void batch.maxTimestamp;
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
}
