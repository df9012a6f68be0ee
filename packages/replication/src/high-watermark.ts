// What is committed: the high watermark of a leader (L3, L4, L6) and what a follower takes for it (F4).

import type { LogView, NodeId, Offset } from '@odradek/model';
import type { Commitment } from './faces.ts';
import { effectiveMinInSync, type PartitionRegistration, type ReplicaSettings } from './registration.ts';
import { isCaughtUp, type ProgressTable } from './replica-progress.ts';

/** The high watermark of a role. A box, so that whoever is woken by its rise reads the new value at once. */
export interface HighWatermark {
  offset: Offset;
  /** How many replicas gate commits since the last decision: enough, or too few for acks=all (L6). */
  inSyncCount: number;
}

/** What decides about a leader's high watermark. */
export interface CommitView {
  readonly log: LogView;
  readonly table: ProgressTable;
  readonly registration: PartitionRegistration;
  readonly settings: ReplicaSettings;
  /** L5: what gates commits. */
  readonly maximalInSync: readonly NodeId[];
  readonly isEligible: (broker: NodeId) => boolean;
}

/**
 * L3: the lowest end of the leader and of every replica in the maximal in-sync set; of one outside too, while it is caught up
 * and eligible, or it would be outrun for ever as it joins. Own end and others' count as far as they are flushed.
 * It does not move while the committed set is smaller than it must be, whatever the acks (KIP-966), and never falls.
 */
export function highWatermarkAfter(current: Offset, view: CommitView, nowMs: number): Offset {
  const { log, table, registration, settings } = view;
  if (registration.inSyncReplicas.length < effectiveMinInSync(registration, settings)) return current;
  let lowest = log.flushedEndOffset;
  for (const [replica, progress] of table) {
    if (progress.endOffset >= lowest) continue;
    const counts =
      view.maximalInSync.includes(replica) ||
      (isCaughtUp(progress, log.logEndOffset, nowMs, settings.lagTimeMaxMs) && view.isEligible(replica));
    if (counts) lowest = progress.endOffset;
  }
  return Math.max(current, lowest);
}

/** L6: whether a record below `endOffset` is committed, and whether enough replicas were in sync when it was. */
export function commitmentOf(
  endOffset: Offset,
  highWatermark: Offset,
  maximalInSyncCount: number,
  minInSync: number,
): Commitment {
  if (highWatermark < endOffset) return 'waiting';
  return maximalInSyncCount < minInSync ? 'committed by too few' : 'committed';
}

/** F4: the leader's, as far as this log goes. It may go down after an election: a new leader's own is stale at first. */
export function followerHighWatermark(leaderHighWatermark: Offset, log: LogView): Offset {
  return Math.max(log.logStartOffset, Math.min(leaderHighWatermark, log.logEndOffset));
}
