// What one record changes in a partition.

import type { PartitionImage } from './image.ts';
import { LEADER_UNCHANGED, type PartitionChange, RECOVERING, RECOVERY_UNCHANGED } from './records.ts';

/** The partition after a change: every change counts the partition epoch up, a leader that is given the leader epoch (A1). */
export function changedPartition(before: PartitionImage, change: PartitionChange): PartitionImage {
  const leader = change.leader ?? LEADER_UNCHANGED;
  const recovery = change.leaderRecoveryState ?? RECOVERY_UNCHANGED;
  return {
    replicas: change.replicas ?? before.replicas,
    directories: change.directories ?? before.directories,
    inSyncReplicas: change.isr ?? before.inSyncReplicas,
    eligibleLeaderReplicas: change.eligibleLeaderReplicas ?? before.eligibleLeaderReplicas,
    lastKnownLeaders: change.lastKnownElr ?? before.lastKnownLeaders,
    leader: leader === LEADER_UNCHANGED ? before.leader : leader,
    leaderEpoch: leader === LEADER_UNCHANGED ? before.leaderEpoch : before.leaderEpoch + 1,
    partitionEpoch: before.partitionEpoch + 1,
    isRecovering: recovery === RECOVERY_UNCHANGED ? before.isRecovering : recovery === RECOVERING,
  };
}
