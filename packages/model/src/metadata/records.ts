// The records of the metadata log as values. Names are Kafka's, as in its schemas (`record-definitions.ts`).

import type {
  BrokerEpoch,
  DirectoryId,
  LeaderEpoch,
  NodeId,
  Offset,
  PartitionEpoch,
  TopicId,
} from '../nouns.ts';

/** Where a node listens. */
export interface EndPoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly securityProtocol: number;
}

/** The levels of a feature that a node can work with. */
export interface FeatureRange {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

interface PartitionId {
  readonly partitionId: number;
  readonly topicId: TopicId;
}

/** What is not given does not change. A leader that is given counts the leader epoch up, also when it is the same one. */
export interface PartitionChange extends PartitionId {
  readonly isr?: readonly NodeId[] | null;
  /** LEADER_UNCHANGED by default. */
  readonly leader?: NodeId;
  readonly replicas?: readonly NodeId[] | null;
  /** RECOVERY_UNCHANGED by default. */
  readonly leaderRecoveryState?: number;
  readonly directories?: readonly DirectoryId[] | null;
  readonly eligibleLeaderReplicas?: readonly NodeId[] | null;
  readonly lastKnownElr?: readonly NodeId[] | null;
}

/** A `leader` that means "as it was". */
export const LEADER_UNCHANGED = -2;
/** A `leaderRecoveryState` that means "as it was". */
export const RECOVERY_UNCHANGED = -1;
export const RECOVERED = 0;
export const RECOVERING = 1;

/** Values of a BrokerRegistrationChangeRecord's `fenced` and `inControlledShutdown`. */
export const NOT_CHANGED = 0;
export const NOW_TRUE = 1;
export const NOW_FALSE = -1;

/** The kinds of a ConfigRecord's `resourceType`. */
export const TOPIC_RESOURCE = 2;
export const BROKER_RESOURCE = 4;

/** The contents of each record type that the image is made of. */
export interface MetadataRecordBodies {
  readonly RegisterBrokerRecord: {
    readonly brokerId: NodeId;
    readonly incarnationId: string;
    readonly brokerEpoch: BrokerEpoch;
    readonly endPoints: readonly EndPoint[];
    readonly features: readonly FeatureRange[];
    readonly rack: string | null;
    readonly fenced: boolean;
    readonly inControlledShutdown: boolean;
    readonly logDirs: readonly DirectoryId[];
  };
  readonly UnregisterBrokerRecord: { readonly brokerId: NodeId; readonly brokerEpoch: BrokerEpoch };
  readonly BrokerRegistrationChangeRecord: {
    readonly brokerId: NodeId;
    readonly brokerEpoch: BrokerEpoch;
    readonly fenced?: number;
    readonly inControlledShutdown?: number;
  };
  readonly TopicRecord: {
    readonly name: string;
    readonly topicId: TopicId;
    /** The command that made it, as its client calls it. */
    readonly requestId?: string | null;
  };
  readonly RemoveTopicRecord: { readonly topicId: TopicId };
  readonly PartitionRecord: PartitionId & {
    readonly replicas: readonly NodeId[];
    readonly isr: readonly NodeId[];
    readonly leader: NodeId;
    readonly leaderRecoveryState?: number;
    readonly leaderEpoch: LeaderEpoch;
    readonly partitionEpoch: PartitionEpoch;
    readonly directories: readonly DirectoryId[];
    readonly eligibleLeaderReplicas?: readonly NodeId[] | null;
    readonly lastKnownElr?: readonly NodeId[] | null;
  };
  readonly PartitionChangeRecord: PartitionChange;
  readonly ConfigRecord: {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly name: string;
    readonly value: string | null;
  };
  readonly FeatureLevelRecord: { readonly name: string; readonly featureLevel: number };
  readonly ProducerIdsRecord: {
    readonly brokerId: NodeId;
    readonly brokerEpoch: BrokerEpoch;
    readonly nextProducerId: number;
  };
  readonly NoOpRecord: Readonly<Record<never, never>>;
  readonly BrokerProcessRecord: {
    readonly brokerId: NodeId;
    readonly brokerEpoch: BrokerEpoch;
    readonly processId: number;
    readonly flushPolicy: string;
    readonly restartClass: string;
  };
  readonly UncleanElectionRecord: PartitionId & {
    readonly leaderEpoch: LeaderEpoch;
    readonly leader: NodeId;
    /** Who held every committed record before it: the in-sync and the eligible replicas. */
    readonly lastInSyncReplicas: readonly NodeId[];
    /** Who has taken over this leader's log since; at the election nobody but itself. */
    readonly reconciledReplicas: readonly NodeId[];
  };
  readonly TruncationRecord: PartitionId & {
    /** The leader epoch of the unclean election that this is the consequence of. */
    readonly electionEpoch: LeaderEpoch;
    readonly brokerId: NodeId;
    /** The replica came back without what it once reported: its end proves nothing. */
    readonly isLossy: boolean;
    readonly fromOffset: Offset;
    readonly toOffset: Offset;
    /** Of a leader that never stopped; NO_OFFSET of others. */
    readonly highWatermark: Offset;
  };
}

export type MetadataRecordType = keyof MetadataRecordBodies;

/** One record of the metadata log. */
export type MetadataRecord<Type extends MetadataRecordType = MetadataRecordType> = {
  readonly [T in Type]: { readonly type: T } & MetadataRecordBodies[T];
}[Type];
