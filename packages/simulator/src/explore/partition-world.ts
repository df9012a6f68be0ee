// A state of the explored partition, and how much may happen in it.

import type { NodeId } from '@odradek/model';
import type {
  FetchPosition,
  FollowerAnswer,
  FollowerFetch,
  InSyncProposal,
  ProposalResult,
} from '@odradek/replication';

/** How much may happen. */
export interface PartitionBounds {
  readonly replicas: number;
  readonly minInSyncReplicas: number;
  readonly records: number;
  readonly crashes: number;
  readonly crashedDisk: 'stays' | 'loses power' | 'is wiped';
  /** `whole`: a fetch is asked, answered and its answer applied in one step. `halves`: the answer may come when all is different. */
  readonly fetches: 'whole' | 'halves';
  /** A flush ends before anything else happens. */
  readonly hasFastDisks: boolean;
  /** How many connections break with what is on them: a fetch or a proposal, or the answer to it. */
  readonly lostConnections: number;
  /** How often leadership is given back to the preferred replica. */
  readonly leaderMoves: number;
  /** How often a broker that lives is taken for dead. */
  readonly falseSuspicions: number;
  /** How often the time passes in which a follower must have been caught up. */
  readonly lags: number;
}

export type PartitionMessage =
  | { readonly type: 'fetch'; readonly fetch: FollowerFetch; readonly to: NodeId }
  | {
      readonly type: 'answer';
      readonly from: NodeId;
      readonly to: NodeId;
      readonly answer: FollowerAnswer;
      readonly asked: FetchPosition;
    }
  | {
      readonly type: 'proposal';
      readonly from: NodeId;
      readonly brokerEpoch: number;
      readonly proposal: InSyncProposal;
      readonly token: number;
    }
  | {
      readonly type: 'proposal answer';
      readonly to: NodeId;
      readonly leaderEpoch: number;
      readonly token: number;
      readonly result: ProposalResult;
    };

export interface PartitionWorld {
  readonly replicas: readonly number[];
  /** The controller's image. */
  readonly image: number;
  /** By replica: images that it has not heard of yet, the oldest first. */
  readonly unheard: readonly (readonly number[])[];
  /** By follower and leader: the fetch on its way, or the answer on its way back; -1 for neither. */
  readonly fetches: readonly number[];
  /** By replica: its proposal on its way, or the answer; -1 for neither. */
  readonly proposals: readonly number[];
  /** By replica: a proposal that waits until the one before is answered. */
  readonly nextProposals: readonly number[];
  /** Proposals whose sender has died. */
  readonly orphans: readonly number[];
  readonly ledger: number;
  readonly restarts: number;
  readonly left: Left;
}

/** What may still happen of each kind. */
export type Left = Readonly<
  Record<'records' | 'crashes' | 'losses' | 'moves' | 'suspicions' | 'lags', number>
>;

export const NONE = -1;

/** The world in which one thing less of a kind may happen; undefined when none is left. */
export function less(world: PartitionWorld, kind: keyof Left): PartitionWorld | undefined {
  const left = world.left[kind];
  return left === 0 ? undefined : { ...world, left: { ...world.left, [kind]: left - 1 } };
}
