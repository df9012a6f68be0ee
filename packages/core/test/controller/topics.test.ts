import { describe, expect, it } from 'vitest';
import { type PlacementBroker, placeReplicas } from '../../src/controller/placement.ts';
import { Rig } from './rig.ts';

function started(...brokers: readonly number[]): Rig {
  const rig = new Rig();
  rig.lead();
  rig.start(...(brokers.length === 0 ? [1, 2, 3] : brokers));
  return rig;
}

function brokers(count: number, racks: readonly string[] = []): readonly PlacementBroker[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    rack: racks[index] ?? null,
    isFenced: false,
    lacksRoom: false,
    replicas: 0,
    preferred: 0,
  }));
}

function counts(assignment: readonly (readonly number[])[], ofLeaders: boolean): readonly number[] {
  const count = new Map<number, number>();
  for (const replicas of assignment)
    for (const replica of ofLeaders ? replicas.slice(0, 1) : replicas)
      count.set(replica, (count.get(replica) ?? 0) + 1);
  return [...count.values()];
}

const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);

describe('placement', () => {
  it('three partitions on three brokers have their leaders on the diagonal', () => {
    expect(placeReplicas(brokers(3), 3, 3)).toEqual([
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
    ]);
  });

  it.each([
    [3, 12, 3],
    [5, 12, 3],
    [5, 50, 3],
    [7, 10, 2],
    [1, 4, 1],
  ])(
    '%i brokers, %i partitions, %i replicas: leaders and replicas are spread evenly',
    (size, count, factor) => {
      const placed = placeReplicas(brokers(size), count, factor);
      for (const replicas of placed) expect(new Set(replicas).size).toBe(factor);
      expect(spread(counts(placed, true))).toBeLessThanOrEqual(1);
      expect(spread(counts(placed, false))).toBeLessThanOrEqual(1);
    },
  );

  it('the followers of one leader are not always the same', () => {
    const placed = placeReplicas(brokers(5), 20, 2).filter((replicas) => replicas[0] === 1);
    expect(new Set(placed.map((replicas) => replicas[1])).size).toBeGreaterThan(2);
  });

  it('replicas are in different racks as far as there are racks', () => {
    const racks = ['a', 'a', 'b', 'b', 'c', 'c'];
    for (const replicas of placeReplicas(brokers(6, racks), 12, 3))
      expect(new Set(replicas.map((id) => racks[id - 1])).size).toBe(3);
  });

  it('a fenced broker gets replicas only when there are too few others, and leads nothing', () => {
    const some = brokers(3).map((broker) => ({ ...broker, isFenced: broker.id === 1 }));
    expect(placeReplicas(some, 4, 2).flat()).not.toContain(1);
    expect(placeReplicas(some, 1, 3)).toEqual([[2, 3, 1]]);
  });
});

describe('creating topics', () => {
  it('with the cluster’s defaults: min(3, brokers) replicas', () => {
    expect(started().createTopic('laser')).toMatchObject({
      error: 'NONE',
      partitions: 1,
      replicationFactor: 3,
    });
    expect(started(1).createTopic('laser')).toMatchObject({ error: 'NONE', replicationFactor: 1 });
  });

  it('the first replica that is alive leads, and all that are alive are in sync', () => {
    const rig = started();
    rig.kill(1);
    rig.createTopic('laser', { assignment: [[1, 2, 3]] });
    expect(rig.partition('laser')).toMatchObject({
      replicas: [1, 2, 3],
      leader: 2,
      inSyncReplicas: [2, 3],
      leaderEpoch: 0,
    });
  });

  it.each([{ isMetadataStuck: true }, { noRoom: 'the disk has less than 1 bytes left' }])(
    'D6: a broker whose disk has no room would refuse records, or not hear of it: others lead, and it comes late (%o)',
    (trouble) => {
      const rig = started();
      rig.beat(1, trouble);
      rig.settle();
      rig.createTopic('few', { replicationFactor: 2, partitions: 3 });
      for (const partition of [0, 1, 2]) expect(rig.partition('few', partition).replicas).not.toContain(1);
      rig.createTopic('all', { replicationFactor: 3 });
      expect(rig.partition('all').replicas.at(-1)).toBe(1);
      rig.createTopic('chosen', { assignment: [[1, 2, 3]] });
      expect(rig.partition('chosen')).toMatchObject({ leader: 2, inSyncReplicas: [2, 3] });
      // It is unfenced as before, and what it led it leads: heartbeats go on (D6).
      expect(rig.committed.brokers.get(1)?.isFenced).toBe(false);
      // Where nobody else is alive it is asked all the same.
      rig.createTopic('alone', { assignment: [[1]] });
      expect(rig.partition('alone')).toMatchObject({ leader: 1, inSyncReplicas: [1] });
      rig.beat(1);
      rig.settle();
      rig.createTopic('later', { assignment: [[1, 2, 3]] });
      expect(rig.partition('later')).toMatchObject({ leader: 1, inSyncReplicas: [1, 2, 3] });
    },
  );

  it('a broker that is about to stop gets no replica; once it has stopped it gets them like one that died (C9)', () => {
    const rig = started();
    rig.beat(1, { wantShutDown: true });
    rig.settle();
    expect(rig.createTopic('early', { replicationFactor: 3 })?.error).toBe('INVALID_REPLICATION_FACTOR');
    expect(rig.createTopic('early', { replicationFactor: 2 })?.error).toBe('NONE');
    rig.kill(1);
    expect(rig.createTopic('late', { replicationFactor: 3 })?.error).toBe('NONE');
    expect(rig.partition('late')).toMatchObject({ replicas: [3, 2, 1], inSyncReplicas: [3, 2], leader: 3 });
    const topics = [{ name: 'late', count: 2, assignment: [] }];
    const more = rig.ask(2, { api: 'createPartitions', body: { timeoutMs: 1, topics } });
    rig.settle();
    expect(more.answer?.topics[0]?.error).toBe('NONE');
    expect(rig.partition('late', 1).replicas).toHaveLength(3);
  });

  it('with nobody alive it is refused by name', () => {
    const rig = started();
    rig.createTopic('laser');
    for (const broker of [1, 2, 3]) rig.kill(broker);
    const error = 'INVALID_REPLICATION_FACTOR';
    const errorMessage = 'all brokers are fenced: nobody is alive to lead';
    expect(rig.createTopic('maser')).toMatchObject({ error, errorMessage });
    const topics = [{ name: 'laser', count: 2, assignment: [] }];
    const more = rig.ask(1, { api: 'createPartitions', body: { timeoutMs: 1, topics } });
    rig.settle();
    expect(more.answer?.topics[0]).toMatchObject({ error, errorMessage });
  });

  it('C1 S79 a topic that the same command has made before, its answer lost, is answered as made; another command is refused', () => {
    const rig = started();
    const topic = { name: 'laser', partitions: 2, replicationFactor: 3, assignment: [], config: [] };
    const create = (requestId: string, name = 'laser') => {
      const topics = [{ ...topic, name }];
      const asked = rig.ask(1, {
        api: 'createTopics',
        body: { timeoutMs: 1, validateOnly: false, requestId, topics },
      });
      rig.settle();
      return asked.answer;
    };
    const made = create('mine')?.topics[0];
    expect(made).toMatchObject({ error: 'NONE', partitions: 2, replicationFactor: 3 });
    expect(create('mine')?.topics[0]).toEqual(made);
    expect(create('theirs')?.topics[0]?.error).toBe('TOPIC_ALREADY_EXISTS');
    create('', 'nameless');
    expect(create('', 'nameless')?.topics[0]?.error).toBe('TOPIC_ALREADY_EXISTS');
    expect(create('x'.repeat(65))).toMatchObject({ error: 'INVALID_REQUEST', topics: [] });
  });

  it('a topic made again has another id (C10)', () => {
    const rig = started();
    const first = rig.createTopic('laser')?.topicId;
    rig.ask(1, { api: 'deleteTopics', body: { timeoutMs: 1000, names: ['laser'] } });
    rig.settle();
    const second = rig.createTopic('laser');
    expect(second?.error).toBe('NONE');
    expect(second?.topicId).not.toBe(first);
  });

  it.each([
    ['', {}, 'INVALID_TOPIC_EXCEPTION', 'a topic needs a name'],
    ['..', {}, 'INVALID_TOPIC_EXCEPTION', 'cannot be called'],
    ['__cluster_metadata', {}, 'INVALID_TOPIC_EXCEPTION', 'the log of the metadata itself'],
    ['a/b', {}, 'INVALID_TOPIC_EXCEPTION', 'allowed are ASCII letters'],
    ['x'.repeat(250), {}, 'INVALID_TOPIC_EXCEPTION', 'has 250 characters: allowed are up to 249'],
    ['there', {}, 'TOPIC_ALREADY_EXISTS', 'topic there exists'],
    ['a_b', {}, 'INVALID_TOPIC_EXCEPTION', 'a_b and topic a.b differ only'],
    ['t', { partitions: 0 }, 'INVALID_PARTITIONS', '0 partitions: allowed are 1 to 10000'],
    ['t', { partitions: 10_001 }, 'INVALID_PARTITIONS', 'allowed are 1 to 10000'],
    ['t', { replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR', 'with 3 brokers allowed is 1 to 3'],
    ['t', { replicationFactor: 4 }, 'INVALID_REPLICATION_FACTOR', 'replication factor 4: with 3 brokers'],
    ['t', { assignment: [[1, 1]] }, 'INVALID_REPLICA_ASSIGNMENT', 'a broker is named twice'],
    ['t', { assignment: [[1, 9]] }, 'INVALID_REPLICA_ASSIGNMENT', 'there is no broker 9, only 1, 2, 3'],
    ['t', { assignment: [[1], [1, 2]] }, 'INVALID_REPLICA_ASSIGNMENT', 'the same number of replicas'],
    ['t', { assignment: [[]] }, 'INVALID_REPLICA_ASSIGNMENT', 'one at least'],
    ['t', { assignment: [[1]], partitions: 2 }, 'INVALID_REQUEST', '2 partitions, but 1 are assigned'],
    ['t', { assignment: [[1]], replicationFactor: 2 }, 'INVALID_REQUEST', 'replication factor 2, but 1'],
    ['t', { config: [{ name: 'segment.bytes', value: '1' }] }, 'INVALID_CONFIG', 'from 1024 to 2147483647'],
    ['t', { config: [{ name: 'colour', value: 'red' }] }, 'INVALID_CONFIG', 'there is no setting colour'],
  ])('refuses %o %o: %s', (name, more, error, message) => {
    const rig = started();
    rig.createTopic('there');
    rig.createTopic('a.b');
    const before = rig.end;
    const answer = rig.createTopic(name, more);
    expect(answer).toMatchObject({ error, errorMessage: expect.stringContaining(message) });
    expect(rig.end).toBe(before);
  });

  it('X6 one command makes a thousand topics and ten thousand partitions at most', () => {
    const rig = started();
    const create = (count: number, partitions: number) => {
      const topics = Array.from({ length: count }, (_, index) => ({
        name: `of-${count}-${index}`,
        partitions,
        replicationFactor: 1,
        assignment: [],
        config: [],
      }));
      const body = { timeoutMs: 1, validateOnly: false, requestId: '', topics };
      const asked = rig.ask(1, { api: 'createTopics', body });
      rig.settle();
      return asked.answer;
    };
    const before = rig.end;
    expect(create(1001, 1)).toMatchObject({ error: 'POLICY_VIOLATION', topics: [] });
    expect(rig.end).toBe(before);
    expect(create(3, 4000)?.topics.map(({ error }) => error)).toEqual(['NONE', 'NONE', 'POLICY_VIOLATION']);
    const more = ['of-3-0', 'of-3-1', 'of-3-0'].map((name, index) => ({
      name,
      count: [8000, 9001, 9000][index] ?? 0,
      assignment: [],
    }));
    const body = { timeoutMs: 1, validateOnly: false, requestId: '', topics: more };
    const added = rig.ask(1, { api: 'createPartitions', body });
    rig.settle();
    expect(added.answer?.topics.map(({ error }) => error)).toEqual(['NONE', 'NONE', 'POLICY_VIOLATION']);
  });

  it('topics of one command are told apart, and spread over the brokers together', () => {
    const rig = started();
    const topics = ['a.b', 'a_b', 'c', 'd', 'e'].map((name) => ({
      name,
      partitions: 1,
      replicationFactor: 1,
      assignment: [],
      config: [],
    }));
    const asked = rig.ask(1, {
      api: 'createTopics',
      body: { timeoutMs: 1, validateOnly: false, requestId: '', topics },
    });
    rig.settle();
    expect(asked.answer?.topics.map(({ error }) => error)).toEqual([
      'NONE',
      'INVALID_TOPIC_EXCEPTION',
      'NONE',
      'NONE',
      'NONE',
    ]);
    const leaders = ['a.b', 'c', 'd', 'e'].map((name) => rig.partition(name).leader);
    expect(new Set(leaders.slice(0, 3)).size).toBe(3);
  });

  it('three replicas with one broker are refused by name', () => {
    expect(started(1).createTopic('laser', { replicationFactor: 3 })).toMatchObject({
      error: 'INVALID_REPLICATION_FACTOR',
      errorMessage: 'replication factor 3: with 1 broker allowed is 1 to 1',
    });
  });

  it('validateOnly decides the same and writes nothing', () => {
    const rig = started();
    const topic = { name: 'laser', partitions: 2, replicationFactor: 2, assignment: [], config: [] };
    const body = {
      timeoutMs: 1,
      validateOnly: true,
      requestId: '',
      topics: [topic, { ...topic, name: '.' }],
    };
    const asked = rig.ask(1, { api: 'createTopics', body });
    rig.settle();
    expect(asked.answer?.topics.map((one) => one.error)).toEqual(['NONE', 'INVALID_TOPIC_EXCEPTION']);
    expect(rig.committed.topics.size).toBe(0);
  });

  it('one name twice in one request is refused', () => {
    const rig = started();
    const topic = { name: 'laser', partitions: 1, replicationFactor: 1, assignment: [], config: [] };
    const body = { timeoutMs: 1, validateOnly: false, requestId: '', topics: [topic, topic] };
    const asked = rig.ask(1, { api: 'createTopics', body });
    expect(asked.answer?.topics.map((one) => one.error)).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST']);
  });
});

describe('more partitions, and none', () => {
  const more = (rig: Rig, name: string, count: number, assignment: number[][] = []) => {
    const body = { timeoutMs: 1, topics: [{ name, count, assignment }] };
    const asked = rig.ask(1, { api: 'createPartitions', body });
    rig.settle();
    return asked.answer?.topics[0];
  };

  it('are placed like the first ones', () => {
    const rig = started();
    rig.createTopic('laser', { partitions: 1 });
    expect(more(rig, 'laser', 3)).toMatchObject({ error: 'NONE' });
    expect([0, 1, 2].map((partition) => rig.partition('laser', partition).leader)).toEqual([1, 2, 3]);
    expect(more(rig, 'laser', 4, [[3, 2, 1]])?.error).toBe('NONE');
    expect(rig.partition('laser', 3).replicas).toEqual([3, 2, 1]);
  });

  it('are refused by name', () => {
    const rig = started();
    rig.createTopic('laser', { partitions: 2 });
    expect(more(rig, 'laser', 2)).toMatchObject({
      error: 'INVALID_PARTITIONS',
      errorMessage: 'topic laser has 2 partitions: allowed are 3 to 10002',
    });
    expect(more(rig, 'nobody', 2)?.error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(more(rig, 'laser', 4, [[1, 2, 3]])?.error).toBe('INVALID_REPLICA_ASSIGNMENT');
  });

  it('deleting a topic that does not exist is refused', () => {
    const rig = started();
    const asked = rig.ask(1, { api: 'deleteTopics', body: { timeoutMs: 1, names: ['laser'] } });
    expect(asked.answer?.topics).toMatchObject([{ name: 'laser', error: 'UNKNOWN_TOPIC_OR_PARTITION' }]);
  });
});

describe('settings', () => {
  const alter = (rig: Rig, topic: string | null, name: string, value: string | null) => {
    const body = { timeoutMs: 1, topic, changes: [{ name, value }], broker: -1 };
    const asked = rig.ask(1, { api: 'alterConfigs', body });
    rig.settle();
    return asked.answer;
  };

  it('of topic and cluster are changed, taken away, and refused by name', () => {
    const rig = started();
    rig.createTopic('laser');
    expect(alter(rig, 'laser', 'retention.ms', '1000')?.error).toBe('NONE');
    expect(rig.committed.configs.get('topic:laser')?.get('retention.ms')).toBe('1000');
    alter(rig, 'laser', 'retention.ms', null);
    expect(rig.committed.configs.has('topic:laser')).toBe(false);
    expect(alter(rig, null, 'log.retention.ms', '5')?.error).toBe('NONE');
    expect(alter(rig, 'nobody', 'retention.ms', '1')?.error).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(alter(rig, null, 'node.id', '7')).toMatchObject({ error: 'INVALID_CONFIG' });
    expect(alter(rig, 'laser', 'retention.ms', 'x')?.errorMessage).toMatch(/allowed is a whole number/);
  });

  it('C5, V15: with a lower min.insync.replicas the eligible ones are eligible no longer', () => {
    const rig = started();
    const config = [{ name: 'min.insync.replicas', value: '3' }];
    rig.createTopic('laser', { assignment: [[1, 2, 3]], config });
    rig.kill(3);
    expect(rig.partition('laser').eligibleLeaderReplicas).toEqual([3]);
    alter(rig, 'laser', 'min.insync.replicas', '2');
    expect(rig.partition('laser')).toMatchObject({ inSyncReplicas: [1, 2], eligibleLeaderReplicas: [] });
  });
});

describe('producer ids (P1, S47)', () => {
  it('no block is given twice, also over a change of controllers', () => {
    const rig = started();
    const allocate = () => {
      const body = { brokerId: 1, brokerEpoch: rig.brokerEpoch(1) };
      const asked = rig.ask(1, { api: 'allocateProducerIds', body });
      rig.settle();
      return asked.answer?.firstProducerId;
    };
    const first = [allocate(), allocate()];
    rig.lose();
    rig.lead();
    expect([...first, allocate()]).toEqual([0, 1000, 2000]);
    const stale = rig.ask(1, { api: 'allocateProducerIds', body: { brokerId: 1, brokerEpoch: 0 } });
    expect(stale.answer).toMatchObject({ error: 'STALE_BROKER_EPOCH', firstProducerId: -1 });
  });
});
