import type { Offset, ReplicatedLog } from '@odradek/model';

/** A record found by its time. */
export interface TimestampedOffset {
  readonly offset: Offset;
  readonly timestamp: number;
}

/** A partition's log as the broker needs it: the replicas', and a search by time. */
export interface PartitionLog extends ReplicatedLog {
  /** The first record whose timestamp is not below `timestampMs`; undefined when there is none. */
  offsetForTimestamp(
    timestampMs: number,
    done: (found: TimestampedOffset | { readonly error: string } | undefined) => void,
  ): void;
}
