// What a replica orders of its owner. An order takes effect at once or is only noted; while it runs its owner may read the replica, but
// not change it: what would change it comes later.

import type {
  BrokerEpoch,
  KafkaErrorName,
  LeaderEpoch,
  NodeId,
  Offset,
  PartitionEpoch,
} from '@odradek/model';

/** A change of the in-sync set as the leader asks the controller for it (AlterPartition: I5, I6). */
export interface InSyncProposal {
  readonly kind: 'expand' | 'shrink';
  /** The replicas that join or leave. */
  readonly changed: readonly NodeId[];
  readonly leaderEpoch: LeaderEpoch;
  /** The compare-and-set token: the change holds only against this epoch. */
  readonly partitionEpoch: PartitionEpoch;
  /** The wanted set, each member in the life in which the leader knows it (KIP-903). */
  readonly inSyncReplicas: readonly { readonly brokerId: NodeId; readonly brokerEpoch: BrokerEpoch }[];
  readonly isRecovering: boolean;
}

/** How a proposal ended. `no answer`: timed out, or the link broke; the change may be made or not. */
export type ProposalResult =
  | {
      readonly outcome: 'answered';
      /** NONE, or why not: of the partition, or of the request as a whole. */
      readonly error: KafkaErrorName;
      readonly leaderEpoch: LeaderEpoch;
      readonly partitionEpoch: PartitionEpoch;
      readonly inSyncReplicas: readonly NodeId[];
    }
  | { readonly outcome: 'no answer' };

/** What both roles ask. */
export interface ReplicaHost {
  /** Time that never goes back. */
  nowMs(): number;
}

/** The owner of a leader replica. */
export interface LeaderHost extends ReplicaHost {
  /** Asks the controller; its answer comes back with the token by {@link LeaderReplica.proposalAnswered}. */
  proposeInSync(proposal: InSyncProposal, token: number): void;
  /** Whoever waits for the high watermark may be woken. */
  highWatermarkMoved(highWatermark: Offset): void;
  /** A follower may lack something from now on: {@link LeaderReplica.checkLag} is wanted before long. */
  followersMayLag(): void;
  /** What a follower's next fetch says is wanted, also if it does not name this partition: its answer may be another now. */
  listenToFollowers(): void;
  /** Unfenced and not in controlled shutdown, as far as the metadata says. */
  isEligible(brokerId: NodeId): boolean;
  /** The epoch of the broker's registration; NO_BROKER_EPOCH when it has none. */
  brokerEpochOf(brokerId: NodeId): BrokerEpoch;
}

/** What a follower is about to drop because of an unclean election (F7); half open, and empty if its log only ends there. */
export interface TruncationReport {
  /** Of the unclean leader. */
  readonly leaderEpoch: LeaderEpoch;
  readonly fromOffset: Offset;
  readonly toOffset: Offset;
  /** What this replica took for committed before the cut: from there on the records may be uncommitted ones. */
  readonly highWatermark: Offset;
}

/** The owner of a follower replica. */
export interface FollowerHost extends ReplicaHost {
  /** Asks the controller to write it down; once that is committed, {@link FollowerReplica.reportCommitted}. */
  reportTruncation(report: TruncationReport): void;
  /** The replica, which had nothing to ask while it waited for its report, asks its leader again. */
  fetchAgain(): void;
  /** The leader sent batches that are damaged or out of place; nothing was appended from there on (X4). */
  recordsCorrupt(message: string): void;
}
