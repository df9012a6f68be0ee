// The public face: what an app says to a client, and what it gets.

import type { ClientResponse, Clock, Compute, Random } from '@odradek/model';
import type { Dial } from '@odradek/wire';
import type { InspectionEvent } from 'xstate';
import type { OdradekError } from './errors.ts';

export interface ClientOptions {
  /** Brokers to begin with, `host:port`; tried in turn until one answers. */
  readonly bootstrap: readonly string[];
  /** Opens sockets. Default: the platform's WebSocket, in browsers and in Node. */
  readonly socket?: Dial;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Compresses and inflates. Default: the platform's gzip. */
  readonly compute?: Pick<Compute, 'deflate' | 'inflate'> & Partial<Compute>;
  /** Until a broker must have answered a request. */
  readonly requestTimeoutMs?: number;
  /** Between two attempts: doubled from the first to the second, jittered (E5). */
  readonly retryBackoffMs?: number;
  readonly retryBackoffMaxMs?: number;
  /** After this time what is known about leaders is asked anew even if nothing failed. */
  readonly metadataMaxAgeMs?: number;
  /** Sees every transition of the client's machines, as xstate's inspection gives them. */
  readonly inspect?: (event: InspectionEvent) => void;
  /** Hears what an app may want to log. */
  readonly onEvent?: (event: ClientEvent) => void;
}

/** Something that happened and was dealt with. */
export type ClientEvent =
  | {
      readonly type: 'leader changed';
      readonly topic: string;
      readonly partition: number;
      readonly leader: number;
      readonly leaderEpoch: number;
    }
  /** The leader lacks records that it had acknowledged (an unclean election, or acks=1): numbering began anew, in order. */
  | {
      readonly type: 'sequence restarted';
      readonly topic: string;
      readonly partition: number;
      readonly reason: string;
    }
  /**
   * A consumer goes on where `offsetReset` says: the log does not have its offset, only what lies between the two others; or the topic was
   * deleted and made again, and the offset was a place in the one that is gone.
   */
  | {
      readonly type: 'position reset';
      readonly reason: 'offset out of range' | 'topic recreated';
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly to: 'earliest' | 'latest';
      readonly logStartOffset: number;
      readonly highWatermark: number;
    };

export interface Client {
  producer(options?: ProducerOptions): Producer;
  consumer(options?: ConsumerOptions): Consumer;
  admin(): Admin;
  /** Closes every producer (after flushing it) and consumer, then the connections. */
  close(): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Text is taken as UTF-8. */
export type Content = Uint8Array | string;

export interface RecordHeader {
  readonly name: string;
  readonly value: Uint8Array | null;
}

// ── producer ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProducerOptions {
  /** Who must have a record before it counts: `all` in-sync replicas (default), the leader alone (1), nobody (0). */
  readonly acks?: 'all' | 1 | 0;
  /** P1: retries never repeat or reorder. Default: on, unless acks is 0. */
  readonly idempotence?: boolean;
  /** A batch is sent when it has this many bytes … */
  readonly batchSize?: number;
  /** … or when its first record has waited so long. */
  readonly lingerMs?: number;
  readonly compression?: 'none' | 'gzip';
  /** Records not yet acknowledged, in bytes; beyond it `send` waits. */
  readonly bufferMemory?: number;
  /** How long `send` may wait for memory, or for a partition's leader to be known. */
  readonly maxBlockMs?: number;
  /** From `send` to success or failure, retries included. */
  readonly deliveryTimeoutMs?: number;
  /** The largest batch that is sent: a record larger than it is refused. */
  readonly maxRequestSize?: number;
}

export interface ProducerRecord {
  readonly topic: string;
  /** Default: by the key (murmur2, as Kafka), and without a key one partition until its batch is full. */
  readonly partition?: number;
  readonly key?: Content | null;
  readonly value: Content | null;
  readonly headers?: readonly { readonly name: string; readonly value: Content | null }[];
  /** Milliseconds since 1970; default: now. */
  readonly timestamp?: number;
}

/** Where a record is, for ever. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  /** -1 when acks is 0: nobody said. */
  readonly offset: number;
}

export interface Producer {
  /** Resolves when the record is acknowledged; rejects with an {@link OdradekError}, whose `outcome` says whether it may be in the log. */
  send(record: ProducerRecord): Promise<RecordPlace>;
  /** Sends what waits, and resolves when everything sent so far is acknowledged or has failed. */
  flush(): Promise<void>;
  /**
   * Takes no more, and resolves when everything is acknowledged or has failed. What is not after `timeoutMs` fails (TIMEOUT): as unknown, if
   * it was sent. May be said again, with less time.
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

// ── consumer ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An offset; a negative number counts back from the end; or by time: the first record not older than `timestamp` (ms). */
export type Position = number | 'earliest' | 'latest' | { readonly timestamp: number };

export interface ConsumerOptions {
  /**
   * What to do at an offset that the log does not have (any more), or once the topic was deleted and made again: an offset names a record
   * of one of them only. `none`, the default, tells ({@link TopicRecreated}); the others are told by `onEvent`. Never by the word of a
   * leader that may have been succeeded: other brokers are asked first. Never applies to {@link LogTruncated}.
   */
  readonly offsetReset?: 'none' | 'earliest' | 'latest';
  /** Bytes read ahead of the app, over all partitions. */
  readonly fetchAheadBytes?: number;
  readonly maxPartitionFetchBytes?: number;
  readonly fetchMinBytes?: number;
  readonly fetchMaxWaitMs?: number;
}

export interface ConsumerRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970, -1 when it has none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

export interface Consumer extends AsyncIterable<ConsumerRecord> {
  /** Reads these partitions from now on, and no others. `from` defaults to the end, `latest`. */
  assign(partitions: readonly (TopicPartition & { readonly from?: Position })[]): void;
  /** Goes on elsewhere; also after {@link LogTruncated}, {@link TopicRecreated} or an offset out of range. */
  seek(partition: TopicPartition, position: Position): void;
  /** The next records of one partition, at once or when there are some; none after `timeoutMs`. Rejects when a partition cannot go on. */
  poll(timeoutMs?: number): Promise<readonly ConsumerRecord[]>;
  /** The offset of the next record to be handed out; undefined until it is known. */
  position(partition: TopicPartition): number | undefined;
  /** Where positions are now, by the leaders: `latest` gives ends, `earliest` beginnings. */
  offsets(
    partitions: readonly TopicPartition[],
    position: Position,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]>;
  close(): Promise<void>;
}

// ── admin ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NewTopic {
  readonly name: string;
  /** Default: the cluster's `num.partitions`. */
  readonly partitions?: number;
  /** Default: the cluster's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** Replicas by partition, the preferred leader first; instead of the two above. */
  readonly assignment?: readonly (readonly number[])[];
  readonly config?: Readonly<Record<string, string>>;
  readonly validateOnly?: boolean;
}

type WithoutOutcome<T> = Omit<T, 'error' | 'errorMessage'>;

export type CreatedTopic = WithoutOutcome<ClientResponse<'createTopics'>['topics'][number]>;
export type ListedTopic = WithoutOutcome<ClientResponse<'metadata'>['topics'][number]>;
export type TopicDescription = Omit<WithoutOutcome<ClientResponse<'describeTopic'>>, 'config'> & {
  readonly config: Readonly<Record<string, string | null>>;
};
export type ClusterStatus = WithoutOutcome<ClientResponse<'clusterStatus'>> & {
  /** Null while there is a controller; else that no quorum can form, or that one is forming, and which voters are missing. */
  readonly noQuorum: string | null;
};
export type ConfigEntry = ClientResponse<'describeConfigs'>['entries'][number];
/** What everybody who has a part in a partition says of it. */
export type PartitionExplanation = WithoutOutcome<ClientResponse<'explainPartition'>>;
/** `broker` -1 in `dynamic`: for all brokers. */
export type DynamicConfig = Pick<ClientResponse<'describeConfigs'>, 'entries' | 'dynamic'>;
export type ElectionKind = 'preferred' | 'unclean' | 'last known leader';
/** `error` is undefined where a leader was elected. */
export type ElectedLeader = TopicPartition & {
  readonly leader: number;
  readonly error: OdradekError | undefined;
};

/** Each rejects with an {@link OdradekError} that has Kafka's error name. */
export interface Admin {
  createTopic(topic: NewTopic): Promise<CreatedTopic>;
  deleteTopic(name: string): Promise<void>;
  /** Raises the number of partitions to `count`. */
  createPartitions(topic: string, count: number, assignment?: readonly (readonly number[])[]): Promise<void>;
  /** Sets, or with null takes away, settings of a topic; with `topic` null the cluster's defaults. */
  alterConfig(topic: string | null, changes: Readonly<Record<string, string | null>>): Promise<void>;
  /** Sets, or with null takes away, settings of one broker while it runs. */
  alterBrokerConfig(broker: number, changes: Readonly<Record<string, string | null>>): Promise<void>;
  listTopics(): Promise<readonly ListedTopic[]>;
  describeTopic(name: string): Promise<TopicDescription>;
  clusterStatus(): Promise<ClusterStatus>;
  describeConfigs(topic: string | null): Promise<readonly ConfigEntry[]>;
  /** The settings of the broker that answers, and what is set in the metadata for all brokers and for single ones. */
  describeDynamicConfig(): Promise<DynamicConfig>;
  /** Asks the controller and every replica of a partition what they know of it. */
  explainPartition(partition: TopicPartition): Promise<PartitionExplanation>;
  electLeaders(kind: ElectionKind, partitions: readonly TopicPartition[]): Promise<readonly ElectedLeader[]>;
}
