// What a leader knows of its followers: their ends, their lives, and when they had last caught up (I1, I2). Plain data that
// belongs to the leader's role and is changed in place, since every fetch of every follower changes it.

import { type BrokerEpoch, NO_BROKER_EPOCH, NO_OFFSET, type NodeId, type Offset } from '@odradek/model';
import type { PartitionRegistration } from './registration.ts';
import type { FollowerFetch, FollowerFlush, SessionContact } from './replica-fetch.ts';

/** One follower, in one leader epoch. */
export interface ReplicaProgress {
  /** Where its last accepted fetch read on: its log end. Unknown, -1, until it has fetched in this leader epoch (I2). */
  fetchOffset: Offset;
  /** What counts as its LEO in L3 and I1 to I4: the end that it has flushed; -1 while unknown. */
  endOffset: Offset;
  logStartOffset: Offset;
  /** The life in which it fetched; none while it has not (KIP-903). */
  brokerEpoch: BrokerEpoch;
  /** When it had last all that the leader had; -Infinity: never. While it has all, its session's contact counts too. */
  lastCaughtUpMs: number;
  /** Of the session in which it has fetched. */
  contact: SessionContact | undefined;
  /** A moment and the leader's log end at it: once the follower has flushed as far, it was caught up at that moment. */
  markMs: number;
  markOffset: Offset;
}

/** The followers of a partition by broker id. */
export type ProgressTable = Map<NodeId, ReplicaProgress>;

/** I2: a new leader epoch knows no ends; in-sync members have just caught up, by definition, the others never. */
export function newProgressTable(
  registration: PartitionRegistration,
  leader: NodeId,
  nowMs: number,
): ProgressTable {
  const table: ProgressTable = new Map();
  for (const replica of registration.replicas)
    if (replica !== leader)
      table.set(
        replica,
        unknownProgress(registration.inSyncReplicas.includes(replica) ? nowMs : Number.NEGATIVE_INFINITY),
      );
  return table;
}

function unknownProgress(lastCaughtUpMs: number): ReplicaProgress {
  return {
    fetchOffset: NO_OFFSET,
    endOffset: NO_OFFSET,
    logStartOffset: NO_OFFSET,
    brokerEpoch: NO_BROKER_EPOCH,
    lastCaughtUpMs,
    contact: undefined,
    markMs: Number.NEGATIVE_INFINITY,
    markOffset: 0,
  };
}

/** Follows a change of the replica set: who is removed is forgotten, and who is added again begins unknown (S31). */
export function alignProgressTable(
  table: ProgressTable,
  registration: PartitionRegistration,
  leader: NodeId,
): void {
  for (const replica of table.keys()) if (!registration.replicas.includes(replica)) table.delete(replica);
  for (const replica of registration.replicas)
    if (replica !== leader && !table.has(replica))
      table.set(replica, unknownProgress(Number.NEGATIVE_INFINITY));
}

/** Whether it has fetched in this leader epoch (I2, I3). */
export function hasFetched(progress: ReplicaProgress): boolean {
  return progress.fetchOffset !== NO_OFFSET;
}

/**
 * I1 for an accepted fetch. Ends may go down: a replica that lost its disk says so in its next life (S14). What is flushed
 * beyond the fetch offset is not yet known to be ours, so it does not count.
 */
export function noteFetch(
  progress: ReplicaProgress,
  fetch: FollowerFetch,
  leaderEndOffset: Offset,
  nowMs: number,
): void {
  progress.fetchOffset = fetch.fetchOffset;
  progress.endOffset = Math.min(fetch.flushedEnd, fetch.fetchOffset);
  progress.logStartOffset = fetch.logStartOffset;
  progress.brokerEpoch = fetch.brokerEpoch;
  progress.contact = fetch.contact;
  noteCaughtUp(progress, leaderEndOffset, nowMs);
}

/** I1 for a flush that ended while the follower's fetch was parked. Returns false for a report of another life. */
export function noteFlush(
  progress: ReplicaProgress,
  flush: FollowerFlush,
  leaderEndOffset: Offset,
  nowMs: number,
): boolean {
  if (!hasFetched(progress) || flush.brokerEpoch !== progress.brokerEpoch) return false;
  const flushedEnd = Math.min(flush.flushedEnd, progress.fetchOffset);
  if (flushedEnd > progress.endOffset) {
    progress.endOffset = flushedEnd;
    noteCaughtUp(progress, leaderEndOffset, nowMs);
  }
  return true;
}

/**
 * A follower that has flushed all of the leader's log is caught up now. One that has flushed as far as the mark was caught up
 * when the mark was made, and gets a new mark; before that the mark stays, or a slow disk would never reach it.
 */
function noteCaughtUp(progress: ReplicaProgress, leaderEndOffset: Offset, nowMs: number): void {
  if (progress.endOffset >= leaderEndOffset) progress.lastCaughtUpMs = nowMs;
  else if (progress.endOffset >= progress.markOffset)
    progress.lastCaughtUpMs = Math.max(progress.lastCaughtUpMs, progress.markMs);
  else return;
  progress.markMs = nowMs;
  progress.markOffset = leaderEndOffset;
}

/**
 * I1, before the leader appends: a fetch that names no partition says of each that its follower stands where it stood, and who
 * stands at the end has had all until then.
 */
export function noteContacts(table: ProgressTable, leaderEndOffset: Offset): void {
  for (const progress of table.values()) {
    if (progress.contact === undefined || progress.endOffset !== leaderEndOffset) continue;
    progress.lastCaughtUpMs = Math.max(progress.lastCaughtUpMs, progress.contact.lastFetchMs);
  }
}

/** Whether a follower lacks something that time may turn into a lag: a member of the set, or one that still gates commits (L3). */
export function mayComeToLag(
  progress: ReplicaProgress,
  isInSync: boolean,
  leaderEndOffset: Offset,
  nowMs: number,
  lagTimeMaxMs: number,
): boolean {
  if (progress.endOffset === leaderEndOffset) return false;
  return isInSync || isCaughtUp(progress, leaderEndOffset, nowMs, lagTimeMaxMs);
}

/** All of the leader's log, or so not long ago (L3, I4). */
export function isCaughtUp(
  progress: ReplicaProgress,
  leaderEndOffset: Offset,
  nowMs: number,
  lagTimeMaxMs: number,
): boolean {
  return progress.endOffset === leaderEndOffset || nowMs - progress.lastCaughtUpMs <= lagTimeMaxMs;
}
