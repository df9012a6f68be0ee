import {
  batchOfRecords,
  emptyImage,
  type MemoryLog,
  type MetadataImage,
  type MetadataRecord,
  memoryLog,
  replayAll,
} from '@odradek/model';
import { type LeaderReplica, startLeaderReplica } from '@odradek/replication';
import { HostedPartition, type PartitionNeeds } from '../../src/partition/hosted-partition.ts';
import type { PartitionLog } from '../../src/partition/partition-log.ts';
import type { TestClock } from './test-clock.ts';

export const topicId = 'TTTTTTTTTTTTTTTTTTTTTA';

/** An image with one topic of one partition, led by broker 1 in epoch 3, with two replicas in sync. */
export function imageWithTopic(): MetadataImage {
  const records: MetadataRecord[] = [
    { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 1 },
    { type: 'TopicRecord', name: 'laser', topicId },
    {
      type: 'PartitionRecord',
      topicId,
      partitionId: 0,
      replicas: [1, 2],
      directories: [],
      isr: [1, 2],
      leader: 1,
      leaderEpoch: 3,
      partitionEpoch: 5,
    },
  ];
  return replayAll(emptyImage, records, 0);
}

/** The partition of {@link imageWithTopic} at its leader, on a log in memory whose flushes happen when told. */
export function ledPartition(clock: TestClock) {
  const events: (() => void)[] = [];
  const memory: MemoryLog = memoryLog({ later: (callback) => events.push(callback), holdsFlushes: true });
  const log: PartitionLog = Object.assign(memory, {
    sizeInBytes: 0,
    offsetForTimestamp: (_: number, done: (found: undefined) => void) => done(undefined),
  });
  const hosted: HostedPartition = new HostedPartition(
    needsOf(clock, log),
    { topic: 'laser', topicId, partition: 0 },
    place,
    0,
  );
  hosted.log = log;
  hosted.becomeLeader(place);
  const leader = (): LeaderReplica => {
    if (hosted.leader === undefined) throw new Error('the partition does not lead');
    return hosted.leader;
  };
  /** Broker 2 fetches from `offset`, having flushed all before it. */
  const followerAt = (offset: number): void => {
    const lastFetchedEpoch = offset === 0 ? -1 : 3;
    const position = {
      currentLeaderEpoch: 3,
      fetchOffset: offset,
      lastFetchedEpoch,
      flushedEnd: offset,
      logStartOffset: 0,
    };
    leader().followerFetch({ ...position, brokerId: 2, brokerEpoch: 20 });
  };
  const flushOwn = (): void => {
    memory.flushNow();
    for (const event of events.splice(0)) event();
    leader().flushed();
    hosted.flushedWaits.reach(log.flushedEndOffset);
  };
  return { hosted, log, leader, followerAt, flushOwn };
}

const place = {
  leader: 1,
  leaderEpoch: 3,
  partitionEpoch: 5,
  replicas: [1, 2],
  inSyncReplicas: [1, 2],
  eligibleLeaderReplicas: [],
  isRecovering: false,
};

function needsOf(clock: TestClock, log: PartitionLog): PartitionNeeds {
  const refuse = (): never => {
    throw new Error('not ordered in these tests');
  };
  return {
    brokerId: 1,
    openLog: refuse,
    closeAndDelete: refuse,
    giveUpLog: refuse,
    tellRefusal: refuse,
    nameDamage: refuse,
    cutDamage: refuse,
    follow: refuse,
    endRole: () => {},
    failed: refuse,
    soon: refuse,
    flushed: () => {},
    uncleanLeaderEpoch: () => -1,
    lead: (hosted, registration, highWatermark) =>
      startLeaderReplica(
        {
          brokerId: 1,
          log,
          registration,
          highWatermark,
          settings: { minInSyncReplicas: 1, lagTimeMaxMs: 30_000, proposalRetryMs: 100 },
          host: {
            nowMs: () => clock.nowMs(),
            proposeInSync: () => {},
            highWatermarkMoved: (offset) => hosted.highWatermarkMoved(offset),
            followersMayLag: () => {},
            listenToFollowers: () => {},
            isEligible: () => true,
            brokerEpochOf: (broker) => broker * 10,
          },
        },
        { clock },
      ),
  };
}

/** A batch of one record, as a client would send it. */
export function clientBatch(text: string): Uint8Array {
  return batchOfRecords([{ type: 'TopicRecord', name: text, topicId }], { timestamp: 0 });
}
