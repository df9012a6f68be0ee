// The two roles as their owner, the partition, calls them. A role lives for one leader epoch: when the epoch grows, even
// with the same leader, the owner makes another (F1, I2, L2) and hands it the high watermark of the one before.

import type {
  EpochEnd,
  KafkaErrorName,
  LeaderAppend,
  LeaderAppendOptions,
  LeaderEpoch,
  NodeId,
  Offset,
  RecordBytes,
  ReplicatedLog,
} from '@odradek/model';
import type { FollowerHost, LeaderHost, ProposalResult, TruncationReport } from './hosts.ts';
import type { JoinObstacle } from './in-sync-set.ts';
import type { PartitionRegistration, ReplicaSettings } from './registration.ts';
import type {
  FetchPosition,
  FollowerAnswer,
  FollowerFetch,
  FollowerFlush,
  NextFetch,
} from './replica-fetch.ts';

/** 0: no answer; 1: appended (and flushed, as the policy asks) by the leader; all: committed. */
export type Acks = 'none' | 'leader' | 'all';

export type ProduceOptions = Omit<LeaderAppendOptions, 'leaderEpoch'>;

/** What a leader replica begins with. */
export interface LeaderReplicaInput {
  readonly brokerId: NodeId;
  readonly log: ReplicatedLog;
  readonly host: LeaderHost;
  readonly registration: PartitionRegistration;
  readonly settings: ReplicaSettings;
  /** What this replica last took for committed: probably stale (L2). */
  readonly highWatermark: Offset;
}

/** What a follower replica begins with. */
export interface FollowerReplicaInput {
  readonly brokerId: NodeId;
  readonly log: ReplicatedLog;
  readonly host: FollowerHost;
  readonly registration: PartitionRegistration;
  readonly highWatermark: Offset;
}

/** A consumer's position in a leader's log. */
export interface ConsumerPosition {
  readonly fetchOffset: Offset;
  /** The epoch in which the client believes; NO_EPOCH when it names none (L9). */
  readonly currentLeaderEpoch: LeaderEpoch;
  /** The epoch of the last record it has read; NO_EPOCH when it does not say: then nothing is compared (KIP-320). */
  readonly lastFetchedEpoch: LeaderEpoch;
}

/** How far a reader may read, or why it may not (L7, L9). `diverging`: the client has read what this log has not. */
export type ReadBounds =
  | { readonly outcome: 'readable'; readonly upToOffset: Offset }
  | { readonly outcome: 'diverging'; readonly diverging: EpochEnd }
  | { readonly outcome: 'refused'; readonly error: KafkaErrorName; readonly message: string };

/** A read at once. `cold`: ask the log's `readLater` with these bounds, and the bounds again when it is done (L9). */
export type ReplicaRead =
  | { readonly outcome: 'records'; readonly records: RecordBytes; readonly nextOffset: Offset }
  | { readonly outcome: 'cold'; readonly upToOffset: Offset }
  | Exclude<ReadBounds, { readonly outcome: 'readable' }>;

/** What became of a follower's fetch, before anything is read for it (I1, F2, L9). */
export type FetchAcceptance =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'diverging'; readonly diverging: EpochEnd }
  | { readonly outcome: 'refused'; readonly error: KafkaErrorName; readonly message: string };

/** Where a replica stands, as its leader knows it; -1 while unknown in this leader epoch. */
export interface ReplicaEnds {
  readonly broker: NodeId;
  readonly logEndOffset: Offset;
  readonly flushedEndOffset: Offset;
}

/** Whether a record acknowledged by `acks=all` may be answered (L6). */
export type Commitment = 'waiting' | 'committed' | 'committed by too few';

/** A follower as its leader sees it. */
export interface FollowerExplanation extends ReplicaEnds {
  /** How long ago it had all that the leader had; Infinity: never in this leader epoch. */
  readonly caughtUpAgoMs: number;
  /** Undefined: it is about to join (I3). */
  readonly obstacle: JoinObstacle | undefined;
}

/** A leader as whoever asks why is told. */
export interface LeaderExplanation {
  /** With fewer in sync, acks=all is refused and nothing is committed (L3, L6). */
  readonly minInSync: number;
  readonly lagTimeMaxMs: number;
  /** The change of the in-sync set that is with the controller. */
  readonly pending: { readonly kind: 'expand' | 'shrink'; readonly changed: readonly NodeId[] } | undefined;
  readonly followers: readonly FollowerExplanation[];
}

/** The leader's role. Reads cost no event; what changes the role is one event to its machine. */
export interface LeaderReplica {
  readonly leaderEpoch: LeaderEpoch;
  readonly highWatermark: Offset;
  readonly log: ReplicatedLog;
  /** Where this leadership began; until the high watermark has reached it, the true one is not known (L8). */
  readonly leaderEpochStart: Offset;
  /** The in-sync set that gates commits (L5). */
  readonly maximalInSync: readonly NodeId[];
  /** Appends a producer's or coordinator's batch, or refuses it before it has left a trace (L1, L6). */
  produce(batch: Uint8Array, acks: Acks, options: ProduceOptions): LeaderAppend;
  /** The same for batches that came together, in their order: a result for each, and one event for all. */
  produceTogether(
    batches: readonly Uint8Array[],
    acks: Acks,
    options: ProduceOptions,
  ): readonly LeaderAppend[];
  /** Whether everything below `endOffset` is committed, and by enough (L6). */
  commitment(endOffset: Offset): Commitment;
  /** Takes note of a follower's fetch (I1); read for it, at once or after parking, by {@link readForFollower}. */
  followerFetch(fetch: FollowerFetch): FetchAcceptance;
  /** Reads up to the log end for an accepted fetch; checks its epoch again, and notes nothing (L7, L9). */
  readForFollower(position: FetchPosition, brokerId: NodeId, maxBytes: number): ReplicaRead;
  followerFlushed(flush: FollowerFlush): KafkaErrorName;
  /** Time has passed (I4, L3). Says whether a follower still lacks something, so that this is to be asked again. */
  checkLag(): boolean;
  /** How far a consumer may read: the high watermark (L7). */
  consumerBounds(position: ConsumerPosition): ReadBounds;
  consumerRead(position: ConsumerPosition, maxBytes: number): ReplicaRead;
  /** ListOffsets(latest): the high watermark, or OFFSET_NOT_AVAILABLE while it is not known (L8). */
  latestOffset(currentLeaderEpoch: LeaderEpoch): Offset | KafkaErrorName;
  /** OffsetForLeaderEpoch (F2, L9); undefined when nothing is known of that epoch. */
  endOfEpoch(epoch: LeaderEpoch, currentLeaderEpoch: LeaderEpoch): EpochEnd | KafkaErrorName | undefined;
  /** The own log's flushed end has moved. */
  flushed(): void;
  /** The metadata changed the partition in this leader epoch (I7). */
  partitionChanged(registration: PartitionRegistration): void;
  /** The metadata fenced, unfenced or registered a broker, or began its controlled shutdown (L3). */
  eligibilityChanged(): void;
  settingsChanged(settings: ReplicaSettings): void;
  proposalAnswered(token: number, result: ProposalResult): void;
  /** What it waits for, and what speaks against each follower's joining: its own guards' answers. */
  explain(): LeaderExplanation;
  /** All replicas of the partition, the own first. */
  describeEnds(): readonly ReplicaEnds[];
  /** Ends the role; its log stays. */
  stop(): void;
}

/** The follower's role. */
export interface FollowerReplica {
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  readonly highWatermark: Offset;
  readonly log: ReplicatedLog;
  /** `reconciling`, `reporting`, `fetching`, `caught up` or `resetting`. */
  readonly state: FollowerState;
  fetchPosition(): FetchPosition;
  /** Applies a leader's answer, if the replica still stands where it asked (F3, M6, M7). */
  answered(answer: FollowerAnswer, asked: FetchPosition): NextFetch;
  /** The report that was ordered is in the metadata for good: what it tells of may be cut (F7). */
  reportCommitted(report: TruncationReport): void;
  /** The metadata changed the partition in this leader epoch (I7). */
  partitionChanged(registration: PartitionRegistration): void;
  stop(): void;
}

export type FollowerState = 'reconciling' | 'reporting' | 'fetching' | 'caught up' | 'resetting';
