import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it('D11: a disk that does not come back from a flush gives its leaderships away, though its broker is heard all the time', () => {
  const cluster = new MadeUpCluster([1, 2, 3], {}, [101]);
  for (const id of [101, 1, 2, 3]) cluster.start(id);
  cluster.until('running', () => [...cluster.nodes.values()].every(({ state }) => state === 'running'));
  const body = {
    timeoutMs: 5000,
    validateOnly: false,
    requestId: '',
    topics: [
      { name: 'laser', partitions: -1, replicationFactor: -1, assignment: [[1, 2, 3]], config: [] },
      { name: 'alone', partitions: -1, replicationFactor: -1, assignment: [[1]], config: [] },
    ],
  };
  const [topicId = '', aloneId = ''] = cluster
    .ask(1, { api: 'createTopics', body })
    .topics.map((topic) => topic.topicId);
  const stateOf = (id: string) => cluster.nodes.get(2)?.image.topics.get(id)?.partitions[0];
  const write = (leader: number): string => {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    const produce = { acks: -1, timeoutMs: 1000, partitions: [part] };
    return cluster.ask(leader, { api: 'produce', body: produce }).partitions[0]?.error ?? '';
  };
  cluster.until('a record', () => write(1) === 'NONE');
  cluster.until('the other led', () => stateOf(aloneId)?.leader === 1);
  cluster.diskDelaysMs.set(1, 60_000);
  const fromMs = cluster.clock.nowMs();
  expect(write(1)).toBe('REQUEST_TIMED_OUT');
  cluster.until('another leads', () => stateOf(topicId)?.leader !== 1);
  // Not for a short stall.
  expect(cluster.clock.nowMs() - fromMs).toBeGreaterThan(3000);
  cluster.until('records are taken again', () => write(stateOf(topicId)?.leader ?? 2) === 'NONE');
  expect(cluster.said.filter((line) => line.includes('others are to lead')).length).toBe(1);
  cluster.diskDelaysMs.clear();
  cluster.until('it is in sync', () => stateOf(topicId)?.inSyncReplicas.length === 3, 120_000);
  expect([stateOf(topicId)?.leader === 1, stateOf(aloneId)?.leader]).toEqual([false, 1]);
});

it('D11: where nobody else could lead, a slow disk takes nothing away: what is committed can be read', () => {
  const cluster = new MadeUpCluster([1], {}, [101]);
  for (const id of [101, 1]) cluster.start(id);
  cluster.until('running', () => [...cluster.nodes.values()].every(({ state }) => state === 'running'));
  const topic = { name: 'alone', partitions: -1, replicationFactor: -1, assignment: [[1]], config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
  const topicId = cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
  const produce = { acks: -1, timeoutMs: 1000, partitions: [part] };
  cluster.diskDelaysMs.set(1, 20_000);
  cluster.ask(1, { api: 'produce', body: produce });
  cluster.clock.advance(10_000);
  const state = cluster.nodes.get(101)?.image.topics.get(topicId)?.partitions[0];
  expect([state?.leader, cluster.nodes.get(1)?.state]).toEqual([1, 'running']);
});
