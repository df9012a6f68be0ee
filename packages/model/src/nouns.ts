// The nouns of the log. They are plain numbers and strings: what they mean is in their names.

/** A node of the cluster: a broker, a controller, or both (`node.id`). */
export type NodeId = number;
/** A topic's identity for ever; a topic deleted and created again has another one (C10). Kafka's UUID text. */
export type TopicId = string;
/** The identity of a log directory, a random UUID made when it is formatted. */
export type DirectoryId = string;
/** The identity of one process's life, a random UUID made at its start. */
export type Incarnation = string;
/** A record's place in its partition, from 0. All *ends* are exclusive. */
export type Offset = number;
/** Counts the leaders of a partition, or of the metadata quorum (there: the controller epoch). */
export type LeaderEpoch = number;
/** Counts the changes of a partition's record; the token of compare-and-set for AlterPartition (A1). */
export type PartitionEpoch = number;
/** The metadata offset of a broker's registration: one value for one uptime (A1). */
export type BrokerEpoch = number;

/** "No leader", as Kafka writes it. */
export const NO_LEADER: NodeId = -1;
export const NO_EPOCH: LeaderEpoch = -1;
export const NO_OFFSET: Offset = -1;
export const NO_BROKER_EPOCH: BrokerEpoch = -1;
export const NO_PRODUCER_ID = -1;

/** A partition as the protocols know it: by topic id, never by name alone (C10). */
export interface PartitionKey {
  readonly topicId: TopicId;
  readonly partition: number;
}

/** A partition as text, usable as the key of a map. */
export function partitionKey(topicId: TopicId, partition: number): string {
  return `${topicId}:${partition}`;
}

/** A voter of the quorum: a wiped disk is a stranger, because its directory id is another (Q12). */
export interface Voter {
  readonly id: NodeId;
  readonly directoryId: DirectoryId;
  readonly host: string;
  readonly port: number;
}

/** When the bytes of a record count as durable (`odradek.flush.policy`). */
export type FlushPolicy = 'commit' | 'os' | 'memory';

/** What a returning broker can still promise about its logs (design: restart classes; C5, C6). */
export type RestartClass = 'clean' | 'intact' | 'lossy';
