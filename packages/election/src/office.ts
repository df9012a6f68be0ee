// What a leader knows of the others: how far they have flushed and when they were last heard.

import type { DirectoryId, NodeId, Offset } from '@odradek/model';
import {
  checkQuorumTimeoutMs,
  hearsMajority,
  highWatermarkAfter,
  majorityEnd,
  sameVoter,
  type VoterKey,
} from './quorum-arithmetic.ts';

/** A replica of the metadata log, voter or observer, as its fetches show it. */
export interface ReplicaProgress {
  readonly directoryId: DirectoryId;
  /** The end that it has flushed (Q5); -1 while it is not known. */
  readonly endOffset: Offset;
  readonly heardMs: number;
}

/** A leadership: from where its epoch goes, since when, and the replicas that have fetched in it. */
export interface Office {
  readonly epochStart: Offset;
  readonly sinceMs: number;
  readonly replicas: ReadonlyMap<NodeId, ReplicaProgress>;
}

/** Notes that a replica was heard. `endOffset` undefined: it was sent elsewhere, its end means nothing here (I1). */
export function withHeard(
  office: Office,
  replica: VoterKey,
  endOffset: Offset | undefined,
  nowMs: number,
): Office {
  const before = office.replicas.get(replica.id);
  const known = before?.directoryId === replica.directoryId ? before.endOffset : -1;
  const now = { directoryId: replica.directoryId, endOffset: endOffset ?? known, heardMs: nowMs };
  return { ...office, replicas: new Map(office.replicas).set(replica.id, now) };
}

/** What is known of a voter; a stranger with its id is somebody else (Q12). */
export function progressOf(office: Office, voter: VoterKey): ReplicaProgress | undefined {
  const progress = office.replicas.get(voter.id);
  return progress?.directoryId === voter.directoryId ? progress : undefined;
}

/** Q4, Q5, Q13: the high watermark, by flushed ends of voters only; the leader's own is its log's flushed end. */
export function committedEnd(
  office: Office,
  current: Offset,
  self: VoterKey,
  ownFlushedEnd: Offset,
  voters: readonly VoterKey[],
): Offset {
  const ends = voters.map((voter) =>
    sameVoter(voter, self) ? ownFlushedEnd : (progressOf(office, voter)?.endOffset ?? -1),
  );
  return highWatermarkAfter(current, office.epochStart, ends);
}

/** When a voter was last heard; a new leader gives everybody the time since it took office. */
function heardMs(office: Office, voter: VoterKey): number {
  return progressOf(office, voter)?.heardMs ?? office.sinceMs;
}

/** Q8: when a leader that hears nobody from now on must resign. */
export function mustResignAtMs(
  office: Office,
  self: VoterKey,
  voters: readonly VoterKey[],
  fetchTimeoutMs: number,
): number {
  const times = voters.map((voter) =>
    sameVoter(voter, self) ? Number.MAX_SAFE_INTEGER : heardMs(office, voter),
  );
  return majorityEnd(times) + checkQuorumTimeoutMs(fetchTimeoutMs);
}

/** Q8. */
export function stillHearsMajority(
  office: Office,
  self: VoterKey,
  voters: readonly VoterKey[],
  nowMs: number,
  fetchTimeoutMs: number,
): boolean {
  const limitMs = checkQuorumTimeoutMs(fetchTimeoutMs);
  return hearsMajority(self, voters, (voter) => nowMs - heardMs(office, voter) < limitMs);
}

/** Whether a voter has fetched in this office, and lately. */
export function isHeard(office: Office, voter: VoterKey, nowMs: number, withinMs: number): boolean {
  const progress = progressOf(office, voter);
  return progress !== undefined && nowMs - progress.heardMs < withinMs;
}

/** Q9: the other voters, the one that has most first; among equals the order of the voter set. */
export function successors(office: Office, self: VoterKey, voters: readonly VoterKey[]): NodeId[] {
  return voters
    .filter((voter) => !sameVoter(voter, self))
    .toSorted(
      (one, other) =>
        (progressOf(office, other)?.endOffset ?? -1) - (progressOf(office, one)?.endOffset ?? -1),
    )
    .map((voter) => voter.id);
}
