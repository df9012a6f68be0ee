import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

function startedCluster(settings: Readonly<Record<string, string>> = {}): MadeUpCluster {
  const cluster = new MadeUpCluster([1, 2, 3], settings);
  for (const id of [1, 2, 3]) cluster.start(id);
  cluster.until('three running brokers', () =>
    [...cluster.nodes.values()].every((node) => node.state === 'running'),
  );
  return cluster;
}

function createTopic(cluster: MadeUpCluster, name: string, partitions = 1): string {
  const topic = { name, partitions, replicationFactor: 3, assignment: [], config: [] };
  const response = cluster.ask(1, {
    api: 'createTopics',
    body: { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] },
  });
  expect(response.topics[0]?.error).toBe('NONE');
  return response.topics[0]?.topicId ?? '';
}

function describe(cluster: MadeUpCluster, broker: number, name: string) {
  return cluster.ask(broker, { api: 'describeTopic', body: { name } }).partitions;
}

function produceTo(cluster: MadeUpCluster, broker: number, topicId: string, acks = -1) {
  const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
  const response = cluster.ask(broker, {
    api: 'produce',
    body: { acks, timeoutMs: 5000, partitions: [part] },
  });
  return response.partitions[0];
}

it('C6 C7 three nodes elect a controller, register and run', () => {
  const cluster = startedCluster();
  const status = cluster.ask(2, { api: 'clusterStatus', body: {} });
  expect(status.brokers.map(({ id, state }) => [id, state])).toEqual([
    [1, 'running'],
    [2, 'running'],
    [3, 'running'],
  ]);
  expect(status.quorum.voters).toHaveLength(3);
});

it('L6 a topic is made, led on the diagonal, and a record is acknowledged once all have it', () => {
  const cluster = startedCluster();
  const topicId = createTopic(cluster, 'laser', 3);
  cluster.until('leaders', () => describe(cluster, 1, 'laser').every(({ leader }) => leader > 0));
  const leaders = describe(cluster, 3, 'laser').map(({ leader }) => leader);
  expect([...leaders].sort()).toEqual([1, 2, 3]);
  const [leader] = leaders;
  expect(produceTo(cluster, leader ?? 0, topicId)).toMatchObject({ error: 'NONE', baseOffset: 0 });
  expect(describe(cluster, 1, 'laser')[0]).toMatchObject({
    highWatermark: 1,
    inSyncReplicas: expect.arrayContaining([1, 2, 3]),
  });
});

it('C8 the death of a leader moves its partitions by evidence, and it comes back in sync without a time-out', () => {
  const cluster = startedCluster();
  const topicId = createTopic(cluster, 'laser');
  cluster.until('a leader', () => describe(cluster, 1, 'laser').every(({ leader }) => leader > 0));
  const first = describe(cluster, 1, 'laser')[0]?.leader ?? 0;
  expect(produceTo(cluster, first, topicId)?.error).toBe('NONE');
  const killedAt = cluster.clock.nowMs();
  cluster.kill(first);
  const survivor = first === 1 ? 2 : 1;
  cluster.until('another leader', () => {
    const now = describe(cluster, survivor, 'laser')[0];
    return now !== undefined && now.leader !== first && now.leader > 0;
  });
  const second = describe(cluster, survivor, 'laser')[0]?.leader ?? 0;
  cluster.until('an acknowledgement', () => produceTo(cluster, second, topicId)?.error === 'NONE');
  expect(cluster.clock.nowMs() - killedAt).toBeLessThan(1500);
  cluster.start(first);
  cluster.until(
    'all in sync',
    () => describe(cluster, survivor, 'laser')[0]?.inSyncReplicas.length === 3,
    10_000,
  );
});

it('while no quorum can form, status and refusals say so, and which voters are missing', () => {
  const cluster = startedCluster();
  cluster.kill(2);
  cluster.kill(3);
  const said = 'no quorum: 2 of 3 controllers must be there (missing: 2, 3)';
  cluster.until('the status says it', () => {
    const { errorMessage, quorum, controller } = cluster.ask(1, { api: 'clusterStatus', body: {} });
    return errorMessage === said && quorum.leader === -1 && controller.id === -1;
  });
  const topic = { name: 'late', partitions: 1, replicationFactor: 1, assignment: [], config: [] };
  const body = { timeoutMs: 1000, validateOnly: false, requestId: '', topics: [topic] };
  expect(cluster.ask(1, { api: 'createTopics', body })).toMatchObject({
    error: 'NOT_CONTROLLER',
    errorMessage: said,
  });
});
