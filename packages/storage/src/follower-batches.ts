// What a follower's log may take of a leader's answer: whole and sound batches that come next (L1).

import { type BatchView, type Checksum, checkBatch, joinedBytes } from '@odradek/format';
import type { LeaderEpoch, Offset, RecordBytes } from '@odradek/model';

/** Where a log ends. */
export interface LogEnd {
  readonly offset: Offset;
  readonly epoch: LeaderEpoch;
}

/** Collects them into `batches`; says what is wrong with the first that is not. A torn last one is left out. */
export function takeBatches(
  records: RecordBytes,
  logEnd: LogEnd,
  checksum: Checksum,
  batches: BatchView[],
): string | undefined {
  let { offset: end, epoch } = logEnd;
  let rest: Uint8Array = new Uint8Array(0);
  for (const piece of records) {
    // A batch that straddles two pieces is put together; whole pieces stay as they are.
    const bytes = rest.length === 0 ? piece : joinedBytes([rest, piece]);
    let position = 0;
    while (position < bytes.length) {
      const check = checkBatch(bytes, position, checksum);
      if (!check.ok && check.fault === 'INCOMPLETE') break;
      const wrong = check.ok ? misplaced(check.batch, end, epoch) : check.message;
      if (!check.ok || wrong !== undefined) return wrong ?? 'not a batch';
      batches.push(check.batch);
      end = check.batch.nextOffset;
      epoch = check.batch.leaderEpoch;
      position += check.batch.sizeInBytes;
    }
    rest = bytes.subarray(position);
  }
  return undefined;
}

/** Why a leader's batch cannot come next. */
function misplaced(batch: BatchView, end: Offset, lastEpoch: LeaderEpoch): string | undefined {
  if (batch.baseOffset < end) return `a batch at ${batch.baseOffset}, but the log already ends at ${end}`;
  if (batch.leaderEpoch < lastEpoch)
    return `a batch of epoch ${batch.leaderEpoch} after one of epoch ${lastEpoch}`;
  return undefined;
}
