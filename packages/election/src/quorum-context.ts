// What the quorum's machine remembers.

import type { LeaderEpoch, NodeId, Offset } from '@odradek/model';
import { type Ballot, noBallot } from './ballot.ts';
import { type EpochHorizon, horizonAfter, horizonAtStart } from './epoch-horizon.ts';
import type { Office } from './office.ts';
import { type DurableVoteState, sameVoter, type VoterKey } from './quorum-arithmetic.ts';
import type { QuorumHost } from './quorum-host.ts';

export interface QuorumContext {
  readonly host: QuorumHost;
  readonly epoch: LeaderEpoch;
  readonly votedFor: VoterKey | undefined;
  /** Who leads this epoch, as far as this member knows; itself included. */
  readonly leaderId: NodeId | undefined;
  readonly highWatermark: Offset;
  /** Counts the questions asked, so that a late answer is known as such (S71). */
  readonly generation: number;
  readonly ballot: Ballot;
  /** Whether this follower has fetched from this leader (Q3, S62). */
  readonly hasFetched: boolean;
  /** While it leads. */
  readonly office: Office | undefined;
  /** Until it has heard of a leader or a newer epoch: one that has just started need not wait long before it asks. */
  readonly hasHeardNobody: boolean;
  /** X9: how far one voter's word alone is believed. */
  readonly horizon: EpochHorizon;
  /** X9: what voters have told that was beyond belief when it came: the highest epoch of each. */
  readonly toldBeyondBelief: ReadonlyMap<NodeId, LeaderEpoch>;
}

export function isVoter(host: QuorumHost, key: VoterKey): boolean {
  return host.voters.some((voter) => sameVoter(voter, key));
}

/** Q6: what a member knows when it comes back. One that led has voted for itself, and leads no more. */
export function contextAtStart(host: QuorumHost): QuorumContext {
  const { state, voteState } = host.restart;
  const hasLed = state === 'resigned';
  return {
    host,
    epoch: voteState.epoch,
    votedFor: hasLed ? host.self : voteState.votedFor,
    leaderId: hasLed ? undefined : voteState.leaderId,
    highWatermark: Math.max(host.snapshot?.endOffset ?? 0, host.log.logStartOffset),
    generation: 0,
    ballot: noBallot,
    hasFetched: false,
    office: undefined,
    hasHeardNobody: true,
    horizon: horizonAtStart(voteState.epoch, host.nowMs()),
    toldBeyondBelief: new Map(),
  };
}

export function voteStateOf({ epoch, votedFor, leaderId }: QuorumContext): DurableVoteState {
  return { epoch, votedFor, leaderId };
}

/** A later epoch: nobody has this member's vote in it yet, and who leads it is not known unless it is said. */
export function inNewerEpoch(
  { horizon, host }: QuorumContext,
  epoch: LeaderEpoch,
  leaderId: NodeId | undefined,
): Partial<QuorumContext> {
  return {
    horizon: horizonAfter(horizon, epoch, host.nowMs()),
    epoch,
    votedFor: undefined,
    leaderId,
    office: undefined,
    hasFetched: false,
    hasHeardNobody: false,
  };
}
