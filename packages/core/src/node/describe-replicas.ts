// What a broker tells its peers about the replicas it hosts: to the controller before an unclean election, to other brokers that
// describe a topic.

import { NO_EPOCH, NO_OFFSET, type PeerRequest, type PeerResponse, partitionKey } from '@odradek/model';
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

const noEnds = { leaderEpoch: -1, logStartOffset: -1, highWatermark: -1, logEndOffset: -1, replicaEnds: [] };
