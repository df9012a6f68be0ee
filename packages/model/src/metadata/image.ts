// The metadata image: what the records of the metadata log add up to. Immutable; only `replay.ts` makes the next one, so that
// every node has the same image at the same offset (C1, V16).

import {
  type BrokerEpoch,
  type DirectoryId,
  type FlushPolicy,
  type LeaderEpoch,
  NO_EPOCH,
  NO_OFFSET,
  type NodeId,
  type Offset,
  type PartitionEpoch,
  partitionKey,
  type RestartClass,
  type TopicId,
} from '../nouns.ts';
import { METADATA_VERSION } from './metadata-version.ts';
import type { EndPoint, FeatureRange } from './records.ts';

export interface MetadataImage {
  /** The last record that is in it, NO_OFFSET before the first. */
  readonly offset: Offset;
  readonly features: ReadonlyMap<string, number>;
  readonly brokers: ReadonlyMap<NodeId, BrokerImage>;
  readonly topics: ReadonlyMap<TopicId, TopicImage>;
  readonly topicIds: ReadonlyMap<string, TopicId>;
  /** Settings by {@link configResource}. */
  readonly configs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The first producer id that was never given (P1, S47). */
  readonly nextProducerId: number;
  /** By partition key, in order of their epochs (C4). */
  readonly uncleanElections: ReadonlyMap<string, readonly UncleanElection[]>;
}

/** A broker's registration (C6). */
export interface BrokerImage {
  readonly id: NodeId;
  readonly brokerEpoch: BrokerEpoch;
  readonly incarnation: string;
  readonly directoryIds: readonly DirectoryId[];
  readonly endPoints: readonly EndPoint[];
  readonly features: readonly FeatureRange[];
  readonly rack: string | null;
  readonly isFenced: boolean;
  readonly isShuttingDown: boolean;
  readonly processId: number;
  readonly flushPolicy: FlushPolicy;
  readonly restartClass: RestartClass;
}

export interface TopicImage {
  readonly topicId: TopicId;
  readonly name: string;
  /** What its client called the command that made it; null if it gave no name. */
  readonly requestId: string | null;
  /** By partition number. */
  readonly partitions: readonly PartitionImage[];
}

/** Who has a partition, who is in sync and who leads it. What elections read is named as in `@odradek/election`. */
export interface PartitionImage {
  readonly replicas: readonly NodeId[];
  /** The log directory of each replica; {@link LOST_DIRECTORY} where the log has failed (C11). */
  readonly directories: readonly DirectoryId[];
  readonly inSyncReplicas: readonly NodeId[];
  readonly eligibleLeaderReplicas: readonly NodeId[];
  readonly lastKnownLeaders: readonly NodeId[];
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly isRecovering: boolean;
}

/** An unclean election, and what its replicas have reported since (C4, F7). */
export interface UncleanElection {
  readonly leaderEpoch: LeaderEpoch;
  readonly leader: NodeId;
  /** Who held every committed record before it. */
  readonly lastInSyncReplicas: readonly NodeId[];
  readonly truncations: readonly Truncation[];
  /** Those that have since taken over this leader's log, so that what they drop later is of a later election. */
  readonly reconciled: readonly NodeId[];
}

/** What one replica dropped; empty where it only said its end. */
export interface Truncation {
  readonly brokerId: NodeId;
  readonly isLossy: boolean;
  readonly fromOffset: Offset;
  /** The end of its log before. */
  readonly toOffset: Offset;
  readonly highWatermark: Offset;
}

/** Kafka's id for "the directory of this replica has failed". */
export const LOST_DIRECTORY: DirectoryId = 'AAAAAAAAAAAAAAAAAAAAAg';

export const emptyImage: MetadataImage = {
  offset: NO_OFFSET,
  features: new Map(),
  brokers: new Map(),
  topics: new Map(),
  topicIds: new Map(),
  configs: new Map(),
  nextProducerId: 0,
  uncleanElections: new Map(),
};

/** The key of settings: of a topic, of one broker, or with neither name of all brokers. */
export function configResource(kind: 'topic' | 'broker', name: string): string {
  return `${kind}:${name}`;
}

/** The settings of a topic as they were set; what is not set is not there. */
export function topicConfig(image: MetadataImage, topic: string): ReadonlyMap<string, string> {
  return image.configs.get(configResource('topic', topic)) ?? noSettings;
}

/** The settings that were made for all brokers, and so for all topics that do not set their own. */
export function clusterConfig(image: MetadataImage): ReadonlyMap<string, string> {
  return image.configs.get(configResource('broker', '')) ?? noSettings;
}

/** The settings that were made for one broker. */
export function brokerConfig(image: MetadataImage, id: NodeId): ReadonlyMap<string, string> {
  return image.configs.get(configResource('broker', String(id))) ?? noSettings;
}

const noSettings: ReadonlyMap<string, string> = new Map();

/** The level of the metadata, 0 before the first record says it. */
export function metadataVersion(image: MetadataImage): number {
  return image.features.get(METADATA_VERSION) ?? 0;
}

export function topicByName(image: MetadataImage, name: string): TopicImage | undefined {
  const topicId = image.topicIds.get(name);
  return topicId === undefined ? undefined : image.topics.get(topicId);
}

export function partitionOf(
  image: MetadataImage,
  topicId: TopicId,
  partition: number,
): PartitionImage | undefined {
  return image.topics.get(topicId)?.partitions[partition];
}

/** Whether a replica's log works: its directory is not {@link LOST_DIRECTORY} (C11). */
export function isLogOnline(partition: PartitionImage, replica: NodeId): boolean {
  return partition.directories[partition.replicas.indexOf(replica)] !== LOST_DIRECTORY;
}

/** The unclean elections of a partition, the oldest first. */
export function uncleanElectionsOf(
  image: MetadataImage,
  topicId: TopicId,
  partition: number,
): readonly UncleanElection[] {
  return image.uncleanElections.get(partitionKey(topicId, partition)) ?? [];
}

/** F7: the epoch of the last unclean election of a partition, NO_EPOCH when there was none: since it, a cut below the high watermark is lawful. */
export function lastUncleanEpoch(image: MetadataImage, topicId: TopicId, partition: number): LeaderEpoch {
  return uncleanElectionsOf(image, topicId, partition).at(-1)?.leaderEpoch ?? NO_EPOCH;
}

/** A partition with its names, as {@link partitionsOf} lists them. */
export interface NamedPartition {
  readonly topic: TopicImage;
  readonly partition: number;
  readonly state: PartitionImage;
}

/** Every partition of the cluster, in the order in which the topics were made. */
export function* partitionsOf(image: MetadataImage): Iterable<NamedPartition> {
  for (const topic of image.topics.values()) {
    for (const [partition, state] of topic.partitions.entries()) yield { topic, partition, state };
  }
}
