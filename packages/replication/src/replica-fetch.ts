// What passes between a follower and its leader about one partition: the parts of `fetchReplicas` and `reportFlushed`.

import type {
  BrokerEpoch,
  EpochEnd,
  KafkaErrorName,
  LeaderEpoch,
  NodeId,
  Offset,
  RecordBytes,
} from '@odradek/model';

/** Where a follower stands when it asks; its answer is applied only if it still stands there (M6, M7). */
export interface FetchPosition {
  readonly currentLeaderEpoch: LeaderEpoch;
  /** Where to read on: the end of its log. */
  readonly fetchOffset: Offset;
  /** The epoch of its last record (F1). */
  readonly lastFetchedEpoch: LeaderEpoch;
  /** What counts as its end in L3 and I1 to I4. */
  readonly flushedEnd: Offset;
  readonly logStartOffset: Offset;
}

/** When a follower's session last fetched. One for all its partitions: those that it does not name are fetched all the same. */
export interface SessionContact {
  lastFetchMs: number;
}

/** A follower's fetch as the leader gets it. */
export interface FollowerFetch extends FetchPosition {
  /** Kept up to date by the session; undefined of a fetch on its own. */
  readonly contact?: SessionContact;
  readonly brokerId: NodeId;
  readonly brokerEpoch: BrokerEpoch;
}

/** A flush of a follower that ended while its fetch was parked. */
export interface FollowerFlush {
  readonly brokerId: NodeId;
  readonly brokerEpoch: BrokerEpoch;
  readonly leaderEpoch: LeaderEpoch;
  readonly flushedEnd: Offset;
}

/** What a leader says to a follower about a partition, in the fields of the message. */
export interface FollowerAnswer {
  readonly error: KafkaErrorName;
  readonly highWatermark: Offset;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly diverging: EpochEnd | null;
  readonly records: RecordBytes;
  /** Of a follower out of range: what is known of producers at the log start, if anything is (P2). */
  readonly producers: Uint8Array | null;
}

/**
 * What the fetcher does next about a partition. `wait for metadata`: no fetch of this epoch can succeed any more. `wait for report`:
 * no fetch can be of use before the replica's report is committed; then it is resumed.
 */
export type NextFetch = 'fetch on' | 'back off' | 'wait for metadata' | 'wait for report';
