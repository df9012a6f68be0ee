import {
  emptyImage,
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER,
  partitionKey,
  partitionRecord,
  replayAll,
} from '@odradek/model';
import type { FollowerReplica, LeaderReplica } from '@odradek/replication';
import { expect, it } from 'vitest';
import { HostedPartitions } from '../../src/node/hosted-partitions.ts';
import { Supervisor } from '../../src/node/supervisor.ts';
import type { HostedPartition, PartitionNeeds } from '../../src/partition/hosted-partition.ts';
import { partitionMachine } from '../../src/partition/partition.machine.ts';
import type { PartitionLog } from '../../src/partition/partition-log.ts';
import { TestClock } from '../support/test-clock.ts';

const OLD = 'BAAAAAAAAAAAAAAAAAAAAA';
const NEW = 'CAAAAAAAAAAAAAAAAAAAAA';

/** The partitions of broker 1, whose logs open at once or never, and the turns of its event loop. */
function rig({ logsOpen = false } = {}) {
  const turns: (() => void)[] = [];
  const told: string[] = [];
  const led: number[] = [];
  const partitions: PartitionNeeds = {
    brokerId: 1,
    openLog: ({ name }, _listener, done) => {
      told.push(`open ${name.topicId}-${name.partition}`);
      if (logsOpen) done({} as PartitionLog);
    },
    closeAndDelete: ({ name }: HostedPartition) => void told.push(`delete ${name.topicId}-${name.partition}`),
    giveUpLog: unexpected,
    tellRefusal: unexpected,
    nameDamage: unexpected,
    cutDamage: unexpected,
    lead: ({ name }, { leaderEpoch }) => {
      if (!logsOpen) unexpected();
      led.push(name.partition);
      return {
        highWatermark: 0,
        leaderEpochStart: 0,
        leaderEpoch,
        partitionChanged: () => {},
      } as unknown as LeaderReplica;
    },
    follow: () =>
      logsOpen
        ? ({ leader: 2, highWatermark: 0, partitionChanged: () => {} } as unknown as FollowerReplica)
        : unexpected(),
    endRole: () => {},
    flushed: unexpected,
    failed: unexpected,
    soon: unexpected,
    uncleanLeaderEpoch: () => -1,
  };
  const hosted = new HostedPartitions({
    supervisor: new Supervisor('broker-1', new TestClock(), (error) => {
      throw error;
    }),
    machine: partitionMachine,
    partitions,
    checkpointOf: () => 0,
    soon: (callback) => void turns.push(callback),
  });
  const turn = (): boolean => {
    const next = turns.shift();
    next?.();
    return next !== undefined;
  };
  return { hosted, told, led, turn };
}

function unexpected(): never {
  throw new Error('a log that is not open was given a role');
}

function made(image: MetadataImage, topicId: string, count: number, name = 'orders'): MetadataImage {
  const records: MetadataRecord[] = [{ type: 'TopicRecord', name, topicId, requestId: null }];
  for (let partition = 0; partition < count; partition++)
    records.push(partitionRecord(topicId, partition, state));
  return replayAll(image, records, image.offset + 1);
}

const state = {
  replicas: [1],
  directories: ['AAAAAAAAAAAAAAAAAAAAAQ'],
  inSyncReplicas: [1],
  eligibleLeaderReplicas: [],
  lastKnownLeaders: [],
  leader: NO_LEADER,
  leaderEpoch: 0,
  partitionEpoch: 0,
  isRecovering: false,
};

it('I7 thousands of places are taken in many turns of the event loop, and each as the metadata is by then', () => {
  const { hosted, turn } = rig();
  const first = made(emptyImage, OLD, 1000);
  hosted.apply(emptyImage, first);
  let taken = hosted.byKey.size;
  expect(taken).toBeGreaterThan(0);
  expect(hosted.isTakingPlaces).toBe(true);
  const change = { topicId: OLD, partitionId: 999, leader: 2, leaderEpoch: 1 };
  const second = replayAll(first, [{ type: 'PartitionChangeRecord', ...change }], first.offset + 1);
  hosted.apply(first, second);
  expect(hosted.byKey.size).toBe(taken);
  while (turn()) {
    expect(hosted.byKey.size - taken).toBeLessThanOrEqual(64);
    taken = hosted.byKey.size;
  }
  expect(taken).toBe(1000);
  expect(hosted.isTakingPlaces).toBe(false);
  const last = hosted.byKey.get(partitionKey(OLD, 999));
  expect([last?.place.leader, last?.place.partitionEpoch]).toEqual([
    2,
    second.topics.get(OLD)?.partitions[999]?.partitionEpoch,
  ]);
});

it('C8 when a broker has died the partitions that it led go before those that it only followed', () => {
  const { hosted, turn } = rig({ logsOpen: true });
  const first = made(emptyImage, OLD, 300);
  hosted.apply(emptyImage, first);
  while (turn());
  const changes: MetadataRecord[] = [];
  for (let partitionId = 0; partitionId < 300; partitionId++) {
    const leads = partitionId % 10 === 9 ? { leader: 2 } : {};
    changes.push({ type: 'PartitionChangeRecord', topicId: OLD, partitionId, isr: [1, 2], ...leads });
  }
  hosted.apply(first, replayAll(first, changes, first.offset + 1));
  const placeOf = (partition: number) => hosted.byKey.get(partitionKey(OLD, partition))?.place;
  const ledByTwo = (): number =>
    [...hosted.byKey.keys()].filter((_, partition) => placeOf(partition)?.leader === 2).length;
  while (ledByTwo() < 30 && turn());
  expect(ledByTwo()).toBe(30);
  expect(placeOf(100)?.inSyncReplicas).toEqual([1]);
  while (turn());
  expect(placeOf(100)?.inSyncReplicas).toEqual([1, 2]);
});

it('C10 a topic is gone before another of its name takes its directory, however many turns that takes', () => {
  const { hosted, told, turn } = rig();
  const first = made(emptyImage, OLD, 200);
  hosted.apply(emptyImage, first);
  const gone = replayAll(first, [{ type: 'RemoveTopicRecord', topicId: OLD }], first.offset + 1);
  hosted.apply(first, gone);
  const again = made(gone, NEW, 200);
  hosted.apply(gone, again);
  while (turn());
  expect(hosted.byKey.size).toBe(200);
  const opened = told.filter((text) => text.startsWith('open'));
  expect(opened.filter((text) => text.includes(OLD)).length).toBeLessThan(200);
  const lastOfOld = told.findLastIndex((text) => text.includes(OLD));
  expect(lastOfOld).toBeLessThan(told.findIndex((text) => text.includes(NEW)));
});

it('C9 what is still due when the broker ends is never taken', () => {
  const { hosted, turn } = rig();
  hosted.apply(emptyImage, made(emptyImage, OLD, 500));
  const before = hosted.byKey.size;
  hosted.close();
  while (turn());
  expect(hosted.byKey.size).toBe(before);
});

it('C8 of all that are led anew those that are led here go first, at a start too', () => {
  const { hosted, led, turn } = rig({ logsOpen: true });
  const records: MetadataRecord[] = [{ type: 'TopicRecord', name: 'orders', topicId: OLD, requestId: null }];
  for (let partition = 0; partition < 300; partition++) {
    const leader = partition % 3 === 2 ? 1 : 2;
    records.push(
      partitionRecord(OLD, partition, {
        ...state,
        replicas: [1, 2],
        inSyncReplicas: [1, 2],
        leader,
        leaderEpoch: 1,
      }),
    );
  }
  const first = replayAll(emptyImage, records, 0);
  hosted.apply(emptyImage, first);
  while (hosted.byKey.size < 100) turn();
  expect(led).toHaveLength(100);
  while (turn());
  const changes: MetadataRecord[] = [];
  for (let partitionId = 0; partitionId < 300; partitionId++)
    changes.push({
      ...{ type: 'PartitionChangeRecord', topicId: OLD, partitionId },
      leader: partitionId % 3 === 0 ? 1 : 2,
    });
  led.length = 0;
  hosted.apply(first, replayAll(first, changes, first.offset + 1));
  while (led.length < 100 && turn());
  const areStillOld = [...hosted.byKey.values()].filter(({ place }) => place.leaderEpoch === 1);
  expect(areStillOld.length).toBeGreaterThan(100);
});

it('I4 new partitions are taken up in their order, led or followed: a leader that takes its own first waits for followers in vain', () => {
  const { hosted, led, turn } = rig({ logsOpen: true });
  const records: MetadataRecord[] = [{ type: 'TopicRecord', name: 'orders', topicId: OLD, requestId: null }];
  for (let partition = 0; partition < 300; partition++) {
    const ids = { replicas: [1, 2], inSyncReplicas: [1, 2], leader: partition % 3 === 2 ? 1 : 2 };
    records.push(partitionRecord(OLD, partition, { ...state, ...ids }));
  }
  hosted.apply(emptyImage, replayAll(emptyImage, records, 0));
  while (hosted.byKey.size < 150) turn();
  const taken = hosted.byKey.size;
  expect(led).toEqual(Array.from({ length: Math.floor(taken / 3) }, (_, at) => 3 * at + 2));
  while (turn());
  expect(led).toHaveLength(100);
});

it('F2 a leadership is to come, in its epoch alone, until it has begun: while its place is not taken, and while its log is not open', () => {
  for (const logsOpen of [true, false]) {
    const { hosted, turn } = rig({ logsOpen });
    const first = made(emptyImage, OLD, 100);
    const changes: MetadataRecord[] = Array.from({ length: 100 }, (_, partitionId) => ({
      ...{ type: 'PartitionChangeRecord', topicId: OLD, partitionId },
      leader: partitionId === 98 ? 2 : 1,
    }));
    const second = replayAll(first, changes, first.offset + 1);
    const leaderEpoch = second.topics.get(OLD)?.partitions[99]?.leaderEpoch ?? -1;
    const isToLead = (partition: number, epoch = leaderEpoch): boolean =>
      hosted.isToLead(partitionKey(OLD, partition), epoch);
    hosted.apply(emptyImage, second);
    expect(hosted.byKey.has(partitionKey(OLD, 99))).toBe(false);
    expect([isToLead(99), isToLead(99, leaderEpoch - 1), isToLead(98), isToLead(100)]).toEqual([
      ...[true, false, false, false],
    ]);
    while (turn());
    expect([isToLead(99), isToLead(98)]).toEqual([!logsOpen, false]);
  }
});
