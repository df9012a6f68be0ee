import { type BrokerImage, emptyImage, type MetadataImage, type PartitionImage } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { ImageOracle } from '../src/image-oracle.ts';

const healthy: PartitionImage = {
  replicas: [1, 2, 3],
  directories: Array(3).fill('AAAAAAAAAAAAAAAAAAAABA'),
  inSyncReplicas: [1, 2],
  eligibleLeaderReplicas: [],
  lastKnownLeaders: [],
  leader: 1,
  leaderEpoch: 4,
  partitionEpoch: 7,
  isRecovering: false,
};

function broker(id: number, isFenced = false): [number, BrokerImage] {
  return [
    id,
    {
      id,
      brokerEpoch: id,
      incarnation: 'AAAAAAAAAAAAAAAAAAAAAA',
      directoryIds: [],
      endPoints: [],
      features: [],
      rack: null,
      isFenced,
      isShuttingDown: false,
      processId: 1,
      flushPolicy: 'commit',
      restartClass: isFenced ? 'lossy' : 'clean',
    },
  ];
}

function imageOf(partition: Partial<PartitionImage>, offset = 10, fenced: number[] = []): MetadataImage {
  const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';
  return {
    ...emptyImage,
    offset,
    brokers: new Map([1, 2, 3].map((id) => broker(id, fenced.includes(id)))),
    topics: new Map([
      [topicId, { topicId, name: 't', requestId: null, partitions: [{ ...healthy, ...partition }] }],
    ]),
    topicIds: new Map([['t', topicId]]),
  };
}

const two = (): number => 2;

describe('the oracle of the metadata', () => {
  it('finds nothing wrong with a healthy partition', () => {
    expect(new ImageOracle().look('1', imageOf({}), two)).toBeUndefined();
  });

  it('sees that somebody has changed an image in place, at the next eighth one', () => {
    const oracle = new ImageOracle();
    const shared = imageOf({}, 11);
    const atAnother = imageOf({}, 11);
    for (const [life, image] of [
      ['1', shared],
      ['2', atAnother],
    ] as const)
      expect(oracle.look(life, image, two)).toBeUndefined();
    for (const topic of shared.topics.values())
      Object.assign(topic.partitions[0] ?? {}, { lastKnownLeaders: [3] });
    expect(oracle.look('1', { ...shared, offset: 16 }, two)).toBeUndefined();
    expect(oracle.look('2', { ...atAnother, offset: 16 }, two)).toMatch(
      /^V16: 2 has another image at offset 16/,
    );
  });

  it.each<[string, Partial<PartitionImage>, RegExp, number[]]>([
    ['a stranger in sync', { inSyncReplicas: [1, 9] }, /^V15: \[9\] are no replicas/, []],
    ['in sync and eligible at once', { eligibleLeaderReplicas: [2] }, /^V15: .* in common/, []],
    ['a leader that is not in sync', { leader: 3 }, /^V15: leader 3 is not in sync/, []],
    ['a fenced leader', {}, /^V15: leader 1 is fenced/, [1]],
    ['eligible ones though enough are in sync', { eligibleLeaderReplicas: [3] }, /^V15: enough/, []],
  ])('V15: %s', (_, partition, message, fenced) => {
    expect(new ImageOracle().look('1', imageOf(partition, 10, fenced), two)).toMatch(message);
  });

  it('V15: one that came back lossy and stayed in sync', () => {
    const oracle = new ImageOracle();
    expect(oracle.look('1', imageOf({}), two)).toBeUndefined();
    const again = imageOf({}, 11);
    const [, second] = broker(2, true);
    const registered = new Map([...again.brokers, [2, { ...second, brokerEpoch: 11 }]]);
    expect(oracle.look('1', { ...again, brokers: registered }, two)).toMatch(/^V15: \[2\] came back lossy/);
  });

  it('V16: two nodes with different images at one offset', () => {
    const oracle = new ImageOracle();
    expect(oracle.look('1', imageOf({}), two)).toBeUndefined();
    expect(oracle.look('2', imageOf({}), two)).toBeUndefined();
    expect(oracle.look('3', imageOf({ partitionEpoch: 8 }), two)).toMatch(/^V16: 3 has another image/);
  });

  it('V26: a client is shown a leader or an epoch that nobody has committed', () => {
    const oracle = new ImageOracle();
    expect(oracle.look('1', imageOf({}), two)).toBeUndefined();
    const shown = (leader: number, leaderEpoch: number) => {
      const partition = { partition: 0, leader, leaderEpoch, replicas: [1, 2, 3], inSyncReplicas: [1, 2] };
      const [topicId = ''] = imageOf({}).topics.keys();
      const topic = { error: 'NONE', errorMessage: null, name: 't', topicId, partitions: [partition] };
      const head = { error: 'NONE', errorMessage: null, clusterId: 'c', controllerId: 1, answeredBy: 2 };
      return oracle.shown({ ...head, brokers: [], topics: [topic] });
    };
    expect(shown(1, 4)).toBeUndefined();
    expect(shown(-1, 4)).toBeUndefined();
    expect(shown(1, 3)).toBeUndefined();
    expect(shown(3, 4)).toMatch(/^V26: 2 shows 3 as leader of epoch 4 of partition 0; committed is 1/);
    expect(shown(1, 5)).toMatch(/^V26: 2 shows 1 as leader of epoch 5 .* committed is no such epoch/);
  });

  it('V16: epochs that fall, and a leader that changes within one', () => {
    const oracle = new ImageOracle();
    expect(oracle.look('1', imageOf({}), two)).toBeUndefined();
    expect(oracle.look('1', imageOf({ leaderEpoch: 3 }, 11), two)).toMatch(/^V16: the leader epoch fell/);
    expect(oracle.look('1', imageOf({ leader: 2, leaderEpoch: 3 }, 12), two)).toMatch(/^V16: epoch 3/);
  });
});
