// What the metadata says of a partition, as its replicas need it, and what may be set about them.

import type { LeaderEpoch, NodeId, PartitionEpoch } from '@odradek/model';

/** A partition's record in the metadata (I7). */
export interface PartitionRegistration {
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly replicas: readonly NodeId[];
  /** The committed in-sync set. */
  readonly inSyncReplicas: readonly NodeId[];
  readonly eligibleLeaderReplicas: readonly NodeId[];
  /** After an unclean election, until the leader's first change of its in-sync set (C4). */
  readonly isRecovering: boolean;
  /** The leader epoch of the last unclean election that the metadata knows of; NO_EPOCH when there was none (F7). */
  readonly uncleanLeaderEpoch: LeaderEpoch;
}

/** What is configured about replicas. */
export interface ReplicaSettings {
  /** `min.insync.replicas`; more than there are replicas counts as all of them. */
  readonly minInSyncReplicas: number;
  /** `replica.lag.time.max.ms`. */
  readonly lagTimeMaxMs: number;
  /** How long after a refused or lost proposal the next one is made. */
  readonly proposalRetryMs: number;
}

/** `min.insync.replicas`, but never more than there are replicas (L3). */
export function effectiveMinInSync(registration: PartitionRegistration, settings: ReplicaSettings): number {
  return Math.min(settings.minInSyncReplicas, registration.replicas.length);
}
