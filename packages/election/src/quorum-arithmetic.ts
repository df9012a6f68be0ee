// The arithmetic of the metadata quorum: what counts as committed, when a vote may be given, when a leader must step down
// and as what a voter comes back. The quorum's machine, its tests and the simulator call these same functions.

import type { DirectoryId, LeaderEpoch, NodeId, Offset } from '@odradek/model';

/** A voter's identity. A wiped disk has another directory id, so it is a stranger (Q12). */
export interface VoterKey {
  readonly id: NodeId;
  readonly directoryId: DirectoryId;
}

/** How far a log goes: the epoch of its last record (-1 when empty) and its end. Compared epoch first. */
export interface LogEnd {
  readonly lastEpoch: LeaderEpoch;
  readonly endOffset: Offset;
}

export function sameVoter(one: VoterKey, other: VoterKey): boolean {
  return one.id === other.id && one.directoryId === other.directoryId;
}

/** Negative when `one` is the shorter log, 0 when both reach equally far, positive when it is the longer (Q2). */
export function compareLogEnds(one: LogEnd, other: LogEnd): number {
  return one.lastEpoch === other.lastEpoch
    ? one.endOffset - other.endOffset
    : one.lastEpoch - other.lastEpoch;
}

/** How many of `voterCount` voters are a majority. */
export function majorityOf(voterCount: number): number {
  return Math.floor(voterCount / 2) + 1;
}

/** The highest end that a majority has reached, -1 without voters. Flushed ends only: what power can take is no ack (Q5). */
export function majorityEnd(flushedEnds: readonly Offset[]): Offset {
  const descending = flushedEnds.toSorted((one, other) => other - one);
  return descending[majorityOf(flushedEnds.length) - 1] ?? -1;
}

/**
 * The leader's high watermark after the voters have flushed up to `flushedEnds`, its own included only if it is a voter.
 * It moves only past `epochStart`, the offset of this leader's LeaderChange: an older epoch's record on a majority may still
 * be overwritten (Q4, S66). It never falls, also not when the voters change (KAFKA-16530).
 */
export function highWatermarkAfter(
  current: Offset,
  epochStart: Offset,
  flushedEnds: readonly Offset[],
): Offset {
  const reached = majorityEnd(flushedEnds);
  return reached > epochStart && reached > current ? reached : current;
}

/** What a voter knows when it is asked for its vote, in the epoch that the vote is for. */
export interface Elector {
  readonly leaderId: NodeId | undefined;
  readonly votedFor: VoterKey | undefined;
  readonly log: LogEnd;
}

/**
 * Q2: a vote is given once in an epoch, while no leader of it is known, to a candidate whose log reaches at least as far.
 * The same candidate may ask again, its answer may have been lost; its log is looked at again, since with its power it may
 * have lost a tail (Kafka does not look again). `epoch` must be above the candidate's last epoch.
 */
export function mayGrantVote(
  elector: Elector,
  candidate: VoterKey,
  epoch: LeaderEpoch,
  log: LogEnd,
): boolean {
  if (log.lastEpoch >= epoch || elector.leaderId !== undefined) return false;
  if (elector.votedFor !== undefined && !sameVoter(elector.votedFor, candidate)) return false;
  return compareLogEnds(log, elector.log) >= 0;
}

/** The states of a quorum's member. */
export type QuorumState =
  | 'observer'
  | 'unattached'
  | 'prospective'
  | 'candidate'
  | 'follower'
  | 'leader'
  | 'resigned';

/**
 * Q3: a pre-vote changes nothing durable. It is refused by a leader and by a follower that has heard from its leader, so a
 * voter that comes back from a cut deposes nobody (S60). A follower that never fetched from this leader grants, or two
 * voters would send each other back to a dead one for ever (S62).
 */
export function mayGrantPreVote(
  state: QuorumState,
  hasFetchedFromLeader: boolean,
  own: LogEnd,
  candidate: LogEnd,
): boolean {
  if (state === 'leader' || state === 'observer') return false;
  if (state === 'follower' && hasFetchedFromLeader) return false;
  return compareLogEnds(candidate, own) >= 0;
}

/** The time without a majority's fetches after which a leader resigns (Q8). */
export function checkQuorumTimeoutMs(fetchTimeoutMs: number): number {
  return fetchTimeoutMs * 1.5;
}

/**
 * Q8: whether a leader still hears enough of `voters`, given those that fetched in time. It counts itself only if it is a
 * voter; a lone voter has nobody to hear from.
 */
export function hearsMajority(
  leader: VoterKey,
  voters: readonly VoterKey[],
  heard: (voter: VoterKey) => boolean,
): boolean {
  const others = voters.filter((voter) => !sameVoter(voter, leader));
  if (others.length === 0) return true;
  const itself = voters.length - others.length;
  return others.filter(heard).length + itself >= majorityOf(voters.length);
}

/** What survived on the disk of a member: its vote state, and its log's last epoch (Q1). */
export interface DurableVoteState {
  readonly epoch: LeaderEpoch;
  readonly votedFor: VoterKey | undefined;
  readonly leaderId: NodeId | undefined;
}

export interface Restart {
  readonly state: Exclude<QuorumState, 'leader' | 'prospective'>;
  readonly voteState: DurableVoteState;
}

/**
 * Q6: as what a member comes back. A leader comes back as resigned, never as leader: it could write another record at an
 * (offset, epoch) whose first one it lost with the power (KAFKA-10527, S65). One that voted keeps its vote (S64).
 */
export function restartState(
  self: VoterKey,
  isVoter: boolean,
  stored: DurableVoteState,
  lastLogEpoch: LeaderEpoch,
): Restart {
  if (lastLogEpoch > stored.epoch) {
    const voteState = { epoch: lastLogEpoch, votedFor: undefined, leaderId: undefined };
    return { state: isVoter ? 'unattached' : 'observer', voteState };
  }
  if (!isVoter) return { state: 'observer', voteState: stored };
  if (stored.leaderId === self.id) return { state: 'resigned', voteState: stored };
  if (stored.leaderId !== undefined) return { state: 'follower', voteState: stored };
  const wasCandidate = stored.votedFor !== undefined && sameVoter(stored.votedFor, self);
  return { state: wasCandidate ? 'candidate' : 'unattached', voteState: stored };
}
