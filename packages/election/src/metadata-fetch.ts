// What a fetch of the metadata log is answered with, and from where one goes on (Q7). Pure: leader, follower and tests share it.

import {
  divergence,
  type EpochEnd,
  type LeaderEpoch,
  type LogView,
  NO_EPOCH,
  type Offset,
} from '@odradek/model';
import type { SnapshotId } from './quorum.ts';
import type { LogEnd } from './quorum-arithmetic.ts';

/** How a follower's position relates to the leader's log. */
export type FetchPosition =
  | { readonly kind: 'valid' }
  | { readonly kind: 'diverging'; readonly end: EpochEnd }
  | { readonly kind: 'snapshot'; readonly id: SnapshotId };

/**
 * Q7, in this order: what the log no longer has comes from a snapshot, and so does everything for one that has nothing (Q11);
 * what the log never had is cut at the divergence; else the follower's log is a prefix of this one.
 */
export function fetchPosition(
  log: LogView,
  snapshot: SnapshotId | undefined,
  fetchOffset: Offset,
  lastFetchedEpoch: LeaderEpoch,
): FetchPosition {
  if (snapshot !== undefined && needsSnapshot(log, snapshot, fetchOffset, lastFetchedEpoch))
    return { kind: 'snapshot', id: snapshot };
  const end = divergence(log.epochs, log.logEndOffset, fetchOffset, lastFetchedEpoch);
  if (end !== undefined) return { kind: 'diverging', end };
  if (fetchOffset > log.logEndOffset)
    return { kind: 'diverging', end: { epoch: log.lastEpoch, endOffset: log.logEndOffset } };
  return { kind: 'valid' };
}

/** Kafka's `validateOffsetAndEpoch`: behind the log's start, at it with another past, or of an epoch before all that is there. */
function needsSnapshot(
  log: LogView,
  snapshot: SnapshotId,
  fetchOffset: Offset,
  lastFetchedEpoch: LeaderEpoch,
): boolean {
  const { logStartOffset } = log;
  if (fetchOffset === 0) return true;
  if (fetchOffset < logStartOffset) return true;
  const epochBeforeStart = snapshot.endOffset === logStartOffset ? snapshot.epoch : undefined;
  if (fetchOffset === logStartOffset) return lastFetchedEpoch !== epochBeforeStart;
  const oldest = epochBeforeStart ?? log.epochs[0]?.epoch;
  return oldest !== undefined && lastFetchedEpoch < oldest;
}

/**
 * Whether a log does not go on from a snapshot: it ends before the snapshot's end, or holds another past there. Then the power
 * failed between the end of a download and the log's new beginning (Q11).
 */
export function isBesideSnapshot(log: LogView, snapshot: SnapshotId): boolean {
  if (log.logEndOffset < snapshot.endOffset) return true;
  if (log.logStartOffset >= snapshot.endOffset) return false;
  return logEndAt(log, undefined, snapshot.endOffset).lastEpoch !== snapshot.epoch;
}

/** How far a log goes up to `endOffset`. Where the log is empty behind a snapshot, the snapshot's epoch is its last. */
export function logEndAt(log: LogView, snapshot: SnapshotId | undefined, endOffset: Offset): LogEnd {
  const last = log.epochs.findLast((entry) => entry.startOffset < endOffset);
  if (last !== undefined) return { lastEpoch: last.epoch, endOffset };
  const lastEpoch = snapshot !== undefined && snapshot.endOffset === endOffset ? snapshot.epoch : NO_EPOCH;
  return { lastEpoch, endOffset };
}
