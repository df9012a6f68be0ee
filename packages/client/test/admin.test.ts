import { expect, it } from 'vitest';
import { clientOnFakes } from './support/client-on-fakes.ts';
import { failureOf } from './support/outcome.ts';

const ok = { error: 'NONE', errorMessage: null };

it("creates a topic, and gives back what it is; settings not named are the cluster's", async () => {
  const { client, clock, cluster } = clientOnFakes();
  cluster.override = (_, request) => {
    if (request.api !== 'createTopics') return undefined;
    const [{ name = '' } = {}] = request.body.topics;
    return { ...ok, topics: [{ ...ok, name, topicId: 'an-id', partitions: 3, replicationFactor: 3 }] };
  };
  const created = await clock.settle(
    client.admin().createTopic({ name: 'orders', config: { 'retention.ms': '1000' } }),
  );
  expect(created).toEqual({ name: 'orders', topicId: 'an-id', partitions: 3, replicationFactor: 3 });
  expect(cluster.seen.find(({ api }) => api === 'createTopics')?.body).toMatchObject({
    validateOnly: false,
    requestId: expect.stringMatching(/./),
    topics: [{ partitions: -1, replicationFactor: -1, config: [{ name: 'retention.ms', value: '1000' }] }],
  });
});

it("refuses by Kafka's name, with the broker's sentence", async () => {
  const { client, clock, cluster } = clientOnFakes();
  cluster.override = (_, request) => {
    if (request.api !== 'createTopics') return undefined;
    const refused = {
      error: 'INVALID_REPLICATION_FACTOR',
      errorMessage: '3 replicas, but 1 broker is alive',
    };
    return {
      ...ok,
      topics: [{ ...refused, name: 'orders', topicId: '', partitions: -1, replicationFactor: -1 }],
    };
  };
  const error = await clock.settle(failureOf(client.admin().createTopic({ name: 'orders' })));
  expect([error.code, error.outcome]).toEqual(['INVALID_REPLICATION_FACTOR', 'refused']);
  expect(error.message).toContain('but 1 broker is alive');
});

it('asks the next broker when one was not reached, and never asks twice for a change that may have been made', async () => {
  const options = { bootstrap: ['broker-1:9092', 'broker-2:9092', 'broker-3:9092'], requestTimeoutMs: 500 };
  const { client, clock, cluster } = clientOnFakes(options);
  cluster.addTopic('orders', 1);
  cluster.down.add(1);
  const topics = await clock.settle(client.admin().listTopics());
  expect(topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([['orders', 1]]);
  for (const broker of [2, 3]) cluster.mute.add(broker);
  const error = await clock.settle(failureOf(client.admin().deleteTopic('orders')));
  expect([error.code, error.outcome]).toEqual(['TIMEOUT', 'unknown']);
  expect(cluster.seen.filter(({ api }) => api === 'deleteTopics')).toHaveLength(1);
});

it('E3 passes over a first broker that is silent, also with a command', async () => {
  const bootstrap = ['broker-1:9092', 'broker-2:9092', 'broker-3:9092'];
  const { client, clock, cluster } = clientOnFakes({ bootstrap });
  cluster.mute.add(1);
  cluster.override = (_, request) =>
    request.api === 'deleteTopics' ? { ...ok, topics: [{ ...ok, name: 'orders' }] } : undefined;
  const startMs = clock.nowMs();
  await clock.settle(client.admin().deleteTopic('orders'));
  expect(clock.nowMs() - startMs).toBeLessThan(700);
});

it('S79 C1 asks again for a topic whose making nobody could tell of, under the same request id; other changes are unknown', async () => {
  const { client, clock, cluster } = clientOnFakes();
  const unknown = { error: 'REQUEST_TIMED_OUT', errorMessage: 'the controller has changed meanwhile' };
  const ids: string[] = [];
  cluster.override = (_, request) => {
    if (request.api === 'alterConfigs') return unknown;
    if (request.api !== 'createTopics') return undefined;
    ids.push(request.body.requestId);
    if (ids.length < 3) return { ...unknown, topics: [] };
    return { ...ok, topics: [{ ...ok, name: 'orders', topicId: 'id', partitions: 1, replicationFactor: 1 }] };
  };
  await clock.settle(client.admin().createTopic({ name: 'orders' }));
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  await clock.settle(client.admin().createTopic({ name: 'orders' }));
  expect(new Set(ids).size).toBe(2);
  const error = await clock.settle(failureOf(client.admin().alterConfig('orders', { a: '1' })));
  expect([error.code, error.outcome]).toEqual(['REQUEST_TIMED_OUT', 'unknown']);
});

it('waits for a controller that is being elected', async () => {
  const { client, clock, cluster } = clientOnFakes();
  let refusals = 3;
  cluster.override = (_, request) => {
    if (request.api !== 'clusterStatus') return undefined;
    refusals -= 1;
    return refusals >= 0
      ? { error: 'NOT_CONTROLLER', errorMessage: 'none is known' }
      : { ...ok, clusterId: 'c' };
  };
  expect(await clock.settle(client.admin().clusterStatus())).toEqual({
    clusterId: 'c',
    noQuorum: null,
  });
});

it('L9 turns to the others while one knows no controller: it may be cut off from its peers', async () => {
  const { client, clock, cluster } = clientOnFakes({ bootstrap: ['broker-1:9092', 'broker-2:9092'] });
  cluster.override = (broker, request) => {
    if (request.api !== 'clusterStatus') return undefined;
    return broker === 1
      ? { error: 'NOT_CONTROLLER', errorMessage: 'none is known' }
      : { ...ok, clusterId: 'c' };
  };
  expect(await clock.settle(client.admin().clusterStatus())).toMatchObject({ clusterId: 'c' });
});

it.each([30_000, 700])(
  'says what the brokers say when no controller comes (%i ms allowed)',
  async (allowedMs) => {
    const { client, clock, cluster } = clientOnFakes({ requestTimeoutMs: allowedMs });
    const said = 'no quorum: 2 of 3 controllers must be there (missing: 2, 3)';
    cluster.override = (_, request) => {
      if (request.api !== 'createTopics') return undefined;
      return { error: 'NOT_CONTROLLER', errorMessage: said, topics: [] };
    };
    const startedMs = clock.nowMs();
    const error = await clock.settle(failureOf(client.admin().createTopic({ name: 'orders' })));
    expect([error.code, error.outcome]).toEqual(['NOT_CONTROLLER', 'refused']);
    expect(error.message).toBe(`topic orders: ${said}`);
    expect(clock.nowMs() - startedMs).toBeLessThan(Math.min(allowedMs, 5000) + 300);
  },
);

it('tells of each partition of an election, and config as an object', async () => {
  const { client, clock, cluster } = clientOnFakes();
  cluster.override = (_, request) => {
    if (request.api === 'electLeaders') {
      const refused = { error: 'ELECTION_NOT_NEEDED', errorMessage: null };
      const partitions = [
        { ...ok, topic: 'orders', partition: 0, leader: 2 },
        { ...refused, topic: 'orders', partition: 1, leader: 3 },
      ];
      return { ...ok, partitions };
    }
    if (request.api !== 'describeTopic') return undefined;
    return { ...ok, name: 'orders', topicId: 'id', partitions: [], config: [{ name: 'a', value: '1' }] };
  };
  const elected = await clock.settle(
    client.admin().electLeaders(
      'preferred',
      [0, 1].map((partition) => ({ topic: 'orders', partition })),
    ),
  );
  expect(elected.map(({ error }) => error?.code)).toEqual([undefined, 'ELECTION_NOT_NEEDED']);
  expect((await clock.settle(client.admin().describeTopic('orders'))).config).toEqual({ a: '1' });
});

it('CONNECT names every address that was tried', async () => {
  const { client, clock } = clientOnFakes({ bootstrap: ['nowhere:1', '[::1]:2'] });
  const error = await clock.settle(failureOf(client.admin().clusterStatus()));
  expect(error.code).toBe('CONNECT');
  expect(error.message).toMatch(/nowhere:1 \(refused.*\[::1\]:2 \(refused/);
});

it('refuses addresses and options that are none, before anything is dialled', () => {
  for (const bootstrap of [[], ['localhost'], ['localhost:0'], ['a:b:1'], [':1']])
    expect(() => clientOnFakes({ bootstrap })).toThrow(/bootstrap/);
  expect(() => clientOnFakes({ requestTimeoutMs: 0 })).toThrow('requestTimeoutMs');
});

it('closes: nothing more is taken, and closing again is no error', async () => {
  const { client, clock } = clientOnFakes();
  await clock.settle(client.close());
  await clock.settle(client.close());
  expect(() => client.producer()).toThrow('the client is closed');
});
