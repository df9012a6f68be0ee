// What a broker tells its peers about the replicas it hosts: to the controller before an unclean election, to other brokers that
// describe a topic.

import {
  NO_EPOCH,
  NO_OFFSET,
  type NodeId,
  type PeerRequest,
  type PeerResponse,
  partitionKey,
} from '@odradek/model';
import type { LeaderReplica } from '@odradek/replication';
import type { HostedPartition } from '../partition/hosted-partition.ts';

type Hosted = ReadonlyMap<string, HostedPartition>;

/** The ends of logs here, by (epoch, end), as an unclean election compares them (C3). */
export function describeLogEnds(
  hosted: Hosted,
  brokerEpoch: number,
  { partitions }: PeerRequest<'describeLogEnds'>['body'],
): PeerResponse<'describeLogEnds'> {
  return {
    error: 'NONE',
    brokerEpoch,
    partitions: partitions.map(({ topicId, partition }) => {
      const found = hosted.get(partitionKey(topicId, partition));
      const log = found?.log;
      if (found === undefined || log === undefined) {
        const unknown = { lastEpoch: NO_EPOCH, logEndOffset: NO_OFFSET, highWatermark: NO_OFFSET };
        return { topicId, partition, error: 'KAFKA_STORAGE_ERROR', ...unknown };
      }
      const { lastEpoch, logEndOffset } = log;
      return {
        topicId,
        partition,
        error: 'NONE',
        lastEpoch,
        logEndOffset,
        highWatermark: found.highWatermark,
      };
    }),
  };
}

/** Partitions that are led here, with what is known of each replica. */
export function describePartitions(
  hosted: Hosted,
  { partitions }: PeerRequest<'describePartitions'>['body'],
): PeerResponse<'describePartitions'> {
  return {
    error: 'NONE',
    partitions: partitions.map(({ topicId, partition }) => {
      const leader = hosted.get(partitionKey(topicId, partition))?.leader;
      if (leader === undefined) return { topicId, partition, error: 'NOT_LEADER_OR_FOLLOWER', ...noEnds };
      return {
        topicId,
        partition,
        error: 'NONE',
        leaderEpoch: leader.leaderEpoch,
        logStartOffset: leader.log.logStartOffset,
        highWatermark: leader.highWatermark,
        logEndOffset: leader.log.logEndOffset,
        replicaEnds: leader.describeEnds(),
      };
    }),
  };
}

/** What the machines here say of these replicas; of one that is not here, nothing. */
export function explainReplicas(
  hosted: Hosted,
  broker: NodeId,
  noRoom: string,
  { partitions }: PeerRequest<'explainReplicas'>['body'],
): PeerResponse<'explainReplicas'> {
  const replicas = partitions.flatMap(({ topicId, partition }) => {
    const found = hosted.get(partitionKey(topicId, partition));
    return found === undefined ? [] : [explained(found, broker, noRoom)];
  });
  return { error: 'NONE', replicas };
}

type Explained = PeerResponse<'explainReplicas'>['replicas'][number];

function explained(hosted: HostedPartition, broker: NodeId, noRoom: string): Explained {
  const { name, state, failure, log, leader, follower, highWatermark } = hosted;
  const words = leader?.explain();
  return {
    topicId: name.topicId,
    partition: name.partition,
    broker,
    state,
    role: leader === undefined ? (follower?.state ?? '') : leaderRole(leader),
    leaderEpoch: leader?.leaderEpoch ?? follower?.leaderEpoch ?? NO_EPOCH,
    failure: failure?.error ?? '',
    logStartOffset: log?.logStartOffset ?? NO_OFFSET,
    logEndOffset: log?.logEndOffset ?? NO_OFFSET,
    flushedEndOffset: log?.flushedEndOffset ?? NO_OFFSET,
    lastEpoch: log?.lastEpoch ?? NO_EPOCH,
    highWatermark,
    minInSync: words?.minInSync ?? -1,
    lagTimeMaxMs: words?.lagTimeMaxMs ?? -1,
    pendingKind: words?.pending?.kind ?? '',
    pendingReplicas: words?.pending?.changed ?? [],
    followers: (words?.followers ?? []).map(({ obstacle, caughtUpAgoMs, ...ends }) => ({
      ...ends,
      caughtUpAgoMs: Number.isFinite(caughtUpAgoMs) ? Math.round(caughtUpAgoMs) : -1,
      obstacle: obstacle ?? '',
    })),
    noRoom,
  };
}

/** L8: until what it began with is committed, a leader does not know what is. */
function leaderRole({ highWatermark, leaderEpochStart }: LeaderReplica): string {
  return highWatermark >= leaderEpochStart ? 'serving' : 'establishing';
}

const noEnds = { leaderEpoch: -1, logStartOffset: -1, highWatermark: -1, logEndOffset: -1, replicaEnds: [] };
