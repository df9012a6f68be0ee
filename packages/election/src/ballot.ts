// Counting votes, and how long to wait after a lost election.

import type { NodeId } from '@odradek/model';
import { majorityOf } from './quorum-arithmetic.ts';

/** One round of asking, for pre-votes or votes. */
export interface Ballot {
  readonly granted: readonly NodeId[];
  /** Said no, or cannot be reached. */
  readonly refused: readonly NodeId[];
  /** Elections lost in a row, for the backoff (Q10). */
  readonly lost: number;
}

export const noBallot: Ballot = { granted: [], refused: [], lost: 0 };

/** A new round: the asker's own vote counts. */
export function newRound(self: NodeId, lost: number): Ballot {
  return { granted: [self], refused: [], lost };
}

export function withGrant(ballot: Ballot, from: NodeId): Ballot {
  return ballot.granted.includes(from) ? ballot : { ...ballot, granted: [...ballot.granted, from] };
}

export function withRefusal(ballot: Ballot, from: NodeId): Ballot {
  return ballot.refused.includes(from) ? ballot : { ...ballot, refused: [...ballot.refused, from] };
}

export function isWon(ballot: Ballot, voterCount: number): boolean {
  return ballot.granted.length >= majorityOf(voterCount);
}

/** Whether those who have not answered yet are too few to win. */
export function isLost(ballot: Ballot, voterCount: number): boolean {
  return voterCount - ballot.refused.length < majorityOf(voterCount);
}

/** Q10: the wait after a lost election is random below this bound, which doubles with each loss in a row. */
export function backoffBoundMs(lost: number, electionTimeoutMs: number, maxMs: number): number {
  return Math.max(1, Math.min(maxMs, Math.floor((electionTimeoutMs / 2) * 2 ** Math.max(0, lost - 1))));
}
