// What the metadata says of partitions without a leader, and of those with replicas missing: the same answer on every broker.

import { electLeader, type ReplicaCondition } from '@odradek/election';
import { isLogOnline, type MetadataImage, NO_LEADER, type NodeId, type PartitionImage } from '@odradek/model';

/** What an election may know of a replica's broker from the metadata alone: nothing of suspicions. */
export function conditionInImage(
  image: MetadataImage,
  partition: PartitionImage,
  replica: NodeId,
): ReplicaCondition {
  const broker = image.brokers.get(replica);
  return {
    isRegistered: broker !== undefined,
    isFenced: broker?.isFenced ?? true,
    isShuttingDown: broker?.isShuttingDown ?? false,
    isLogOnline: isLogOnline(partition, replica),
    isSuspected: false,
    lacksRoom: false,
    hasLastingRoom: true,
  };
}

/** Whom a partition without a leader waits for; nobody while it has one (C3). */
export function waitingFor(
  image: MetadataImage,
  partition: PartitionImage,
  isUncleanEnabled: boolean,
): readonly NodeId[] {
  if (partition.leader !== NO_LEADER) return [];
  const conditionOf = (replica: NodeId): ReplicaCondition => conditionInImage(image, partition, replica);
  const election = electLeader(partition, conditionOf, { kind: 'any', isUncleanEnabled, logEnds: new Map() });
  return election.outcome === 'waiting' ? election.waitingFor : [];
}

/** The replicas that are not in sync. */
export function missingReplicas(partition: PartitionImage): readonly NodeId[] {
  return partition.replicas.filter((replica) => !partition.inSyncReplicas.includes(replica));
}
