import {
  type BrokerImage,
  emptyImage,
  lossesOf,
  type MetadataImage,
  type PartitionImage,
  type Truncation,
} from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { NewsTeller, newsOf as newsBetween } from '../../src/story/news.ts';

const partition: PartitionImage = {
  replicas: [1, 2, 3],
  directories: [],
  inSyncReplicas: [1, 2, 3],
  eligibleLeaderReplicas: [],
  lastKnownLeaders: [],
  leader: 1,
  leaderEpoch: 0,
  partitionEpoch: 0,
  isRecovering: false,
};

function imageWith(partitions: readonly PartitionImage[], more: Partial<MetadataImage> = {}): MetadataImage {
  return {
    ...emptyImage,
    topics: new Map([['id', { topicId: 'id', name: 'laser', requestId: null, partitions }]]),
    topicIds: new Map([['laser', 'id']]),
    ...more,
  };
}

function newsOf(before: MetadataImage, after: MetadataImage): string[] {
  return newsBetween(before, after).map(({ text }) => text);
}

describe('what is worth a line', () => {
  it('tells of topics, leaders and in-sync sets', () => {
    const one = imageWith([partition]);
    expect(newsOf(emptyImage, one)).toEqual(['topic laser is there, with 1 partition']);
    const two = imageWith([{ ...partition, leader: 2, leaderEpoch: 1, inSyncReplicas: [2, 3] }]);
    expect(newsOf(one, two)).toEqual(['laser-0: broker 2 leads (epoch 1), in sync 2 3']);
    const three = imageWith([{ ...partition, leader: 2, leaderEpoch: 1 }]);
    expect(newsOf(two, three)).toEqual(['laser-0: in sync 1 2 3']);
    const none = imageWith([{ ...partition, leader: -1, leaderEpoch: 2, inSyncReplicas: [1] }]);
    expect(newsOf(three, none)).toEqual(['laser-0: no leader, in sync 1']);
    expect(newsOf(none, none)).toEqual([]);
    expect(newsOf(none, emptyImage)).toEqual(['topic laser is deleted']);
  });

  it('tells that a topic got more partitions', () => {
    const [one, three] = [imageWith([partition]), imageWith([partition, partition, partition])];
    expect(newsOf(one, three)).toEqual(['topic laser has 3 partitions, 2 more than before']);
  });

  it('C3: says why a replica was elected', () => {
    const led = { ...partition, leader: 2, leaderEpoch: 1, inSyncReplicas: [2, 3] };
    const [dead, all] = [brokersThatServe([2, 3], [1]), brokersThatServe([1, 2, 3], [])].map(
      ({ brokers }) => ({ brokers }),
    );
    const first =
      'laser-0: broker 2 leads (epoch 1), in sync 2 3: the first of the in-sync replicas that is alive';
    expect(newsOf(imageWith([partition], dead), imageWith([led], dead))).toEqual([
      `${first}, as broker 1 is fenced`,
    ]);
    const nobody = { ...partition, leader: -1, inSyncReplicas: [2] };
    expect(newsOf(imageWith([nobody], all), imageWith([led], all))).toEqual([first]);
    const eligible = { ...nobody, inSyncReplicas: [1], eligibleLeaderReplicas: [2] };
    expect(newsOf(imageWith([eligible], all), imageWith([led], all))).toEqual([
      'laser-0: broker 2 leads (epoch 1), in sync 2 3: it is eligible: it has every committed record',
    ]);
    const back = { ...partition, leaderEpoch: 2 };
    expect(newsOf(imageWith([led], all), imageWith([back], all))).toEqual([
      'laser-0: broker 1 leads (epoch 2), in sync 1 2 3: the preferred replica, which is in sync',
    ]);
  });

  it('cites why a set is smaller: C8 when who left is fenced, I4 when it lagged', () => {
    const smaller = [{ ...partition, inSyncReplicas: [1, 2] }];
    const { brokers } = brokersThatServe([1, 2], [3]);
    const rules = (after: MetadataImage) =>
      newsBetween(imageWith([partition], { brokers: after.brokers }), after).map(({ rule }) => rule);
    expect(rules(imageWith(smaller, { brokers }))).toEqual(['C8']);
    expect(rules(imageWith(smaller, { brokers: brokersThatServe([1, 2, 3], []).brokers }))).toEqual(['I4']);
  });

  it('says when an election was unclean', () => {
    const election = { leaderEpoch: 5, leader: 3, lastInSyncReplicas: [1], truncations: [], reconciled: [] };
    const before = imageWith([{ ...partition, leader: -1, leaderEpoch: 4 }]);
    const after = imageWith([{ ...partition, leader: 3, leaderEpoch: 5, inSyncReplicas: [3] }], {
      uncleanElections: new Map([['id:0', [election]]]),
    });
    expect(newsOf(before, after)).toEqual([
      'laser-0: broker 3 leads (epoch 5) by an unclean election: records may be lost, in sync 3',
    ]);
  });

  it('F7 tells of a loss once, not again when another replica reports the same', () => {
    const election = { leaderEpoch: 5, leader: 3, lastInSyncReplicas: [1], reconciled: [] };
    const withReports = (truncations: readonly Truncation[]): MetadataImage =>
      imageWith([partition], { uncleanElections: new Map([['id:0', [{ ...election, truncations }]]]) });
    const report = { isLossy: false, fromOffset: 50, highWatermark: 150 };
    const one = withReports([{ ...report, brokerId: 1, toOffset: 150 }]);
    const two = withReports([
      { ...report, brokerId: 1, toOffset: 150 },
      { ...report, brokerId: 2, toOffset: 100 },
    ]);
    const lost = 'laser-0: offsets 50 to 149 (100 records) are lost to the unclean election of epoch 5';
    expect(newsOf(withReports([]), one)).toEqual([lost]);
    expect(lossesOf(two).losses[0]?.reportedBy).toEqual([1, 2]);
    expect(newsOf(one, two)).toEqual([]);
  });

  it('tells each setting that changes, the first and the last too, but not those of a topic that is made or deleted', () => {
    const none = imageWith([partition]);
    const configs = (...of: readonly (readonly [string, string, string])[]): Partial<MetadataImage> => ({
      configs: new Map(of.map(([resource, name, value]) => [resource, new Map([[name, value]])])),
    });
    const topic = ['topic:laser', 'retention.ms', '1000'] as const;
    const set = imageWith([partition], configs(topic, ['broker:2', 'max.connections', '500']));
    expect(newsOf(none, set)).toEqual([
      'topic laser: retention.ms is 1000',
      'broker 2: max.connections is 500',
    ]);
    expect(newsOf(set, none)).toEqual([
      'topic laser: retention.ms is not set any more',
      'broker 2: max.connections is not set any more',
    ]);
    const without = emptyImage;
    expect(newsOf(without, imageWith([partition], configs(topic)))).toEqual([
      expect.stringContaining('topic laser is there'),
    ]);
    expect(newsOf(imageWith([partition], configs(topic)), without)).toEqual(['topic laser is deleted']);
  });

  it('sums up when much changes at once', () => {
    const many = Array.from({ length: 9 }, () => partition);
    const moved = many.map((state) => ({ ...state, leader: 2, leaderEpoch: 1 }));
    const news = newsOf(imageWith(many), imageWith(moved));
    expect([news.length, news.at(-1)]).toEqual([7, 'and 3 more partitions changed']);
    const seven = newsOf(imageWith(many.slice(2)), imageWith(moved.slice(2)));
    expect(seven.at(-1)).toBe('and 1 more partition changed');
  });
});

describe('who tells', () => {
  it('is the active controller alone, and only once its node serves', () => {
    const told: string[] = [];
    const news = new NewsTeller(({ text }) => told.push(text));
    const one = imageWith([partition]);
    news.replayed(true, emptyImage, one);
    expect(told).toEqual([]);
    news.begin(false);
    news.replayed(false, emptyImage, one);
    expect(told).toEqual([]);
    news.replayed(true, emptyImage, one);
    expect(told).toEqual(['is the active controller', 'topic laser is there, with 1 partition']);
    news.replayed(true, one, emptyImage);
    news.replayed(false, emptyImage, one);
    news.replayed(true, one, one);
    expect(told.slice(2)).toEqual(['topic laser is deleted', 'is the active controller']);
  });

  it('tells of every broker that serves, also of those that did before it could tell', () => {
    const told: string[] = [];
    const news = new NewsTeller(({ text }) => told.push(text));
    const first = brokersThatServe([1, 3], [2]);
    news.replayed(true, emptyImage, first);
    news.begin(true);
    news.replayed(true, first, brokersThatServe([1, 2, 3], []));
    const serving = ['broker 1 serves', 'broker 3 serves', 'broker 2 serves'];
    expect(told).toEqual(['is the active controller', ...serving]);
  });

  it('C6 tells of no broker that served before a restart of everything, until it has registered again', () => {
    const told: string[] = [];
    const news = new NewsTeller(({ text }) => told.push(text));
    const before = brokersThatServe([1, 2, 3], []);
    news.replayed(false, emptyImage, before);
    const again = registeredAgain(before, 1);
    news.replayed(true, before, again);
    news.begin(true);
    expect(told).toEqual(['is the active controller', 'broker 1 serves']);
    news.replayed(true, again, registeredAgain(again, 2));
    expect(told.slice(2)).toEqual(['broker 2 registered: it is new, or may have lost records']);
  });
});

function brokersThatServe(serving: readonly number[], fenced: readonly number[]): MetadataImage {
  const brokers = [...serving, ...fenced]
    .sort()
    .map((id): [number, BrokerImage] => [id, brokerOf(id, fenced.includes(id))]);
  return { ...emptyImage, brokers: new Map(brokers) };
}

function registeredAgain(image: MetadataImage, id: number): MetadataImage {
  const broker = { ...brokerOf(id, false), brokerEpoch: 100 + id };
  return { ...image, brokers: new Map(image.brokers).set(id, broker) };
}

function brokerOf(id: number, isFenced: boolean): BrokerImage {
  return {
    ...{
      id,
      isFenced,
      brokerEpoch: id,
      incarnation: `run-${id}`,
      directoryIds: [],
      endPoints: [],
      features: [],
    },
    ...{ rack: null, isShuttingDown: false, processId: id, flushPolicy: 'commit', restartClass: 'lossy' },
  };
}
