import type { ReplicatedLog } from '@odradek/model';
import type { FoundTimestamp } from '@odradek/storage';

/** A partition's log as the broker needs it: the replicas', and a search by time. */
export interface PartitionLog extends ReplicatedLog {
  readonly sizeInBytes: number;
  /** The first record whose timestamp is not below `timestampMs`. */
  offsetForTimestamp(timestampMs: number, done: (found: FoundTimestamp) => void): void;
}
