import { expect, it } from 'vitest';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const brokers = [1, 2, 3];

it('C3 W4 after everything was killed and started again leaders are where they were within moments, and stay', () => {
  const cluster = new MadeUpCluster(brokers);
  for (const id of brokers) cluster.start(id);
  const isUp = (): boolean => brokers.every((id) => cluster.nodes.get(id)?.state === 'running');
  cluster.until('three running brokers', isUp);
  const topic = { name: 'laser', partitions: 6, replicationFactor: 3, assignment: [], config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
  const topicId = cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  const partitions = () => cluster.nodes.get(3)?.image.topics.get(topicId)?.partitions ?? [];
  const arePreferred = (): boolean =>
    partitions().length === 6 && partitions().every(({ leader, replicas }) => leader === replicas[0]);
  cluster.until('the topic', arePreferred);

  for (const id of brokers) cluster.kill(id);
  for (const id of [3, 1, 2]) {
    cluster.start(id);
    cluster.clock.advance(150);
  }
  cluster.until('running brokers', isUp);
  cluster.until('the preferred leaders', arePreferred, 2500);
  const epochs = partitions().map(({ leaderEpoch }) => leaderEpoch);
  cluster.clock.advance(10_000);
  expect(partitions().map(({ leaderEpoch }) => leaderEpoch)).toEqual(epochs);
  expect(partitions().every(({ inSyncReplicas }) => inSyncReplicas.length === 3)).toBe(true);
});
