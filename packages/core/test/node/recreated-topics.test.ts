import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it('S23 C10 a topic that is made, deleted and made anew at once works on every replica', () => {
  const cluster = new MadeUpCluster([1, 2, 3]);
  for (const id of [1, 2, 3]) cluster.start(id);
  const areRunning = (): boolean => [...cluster.nodes.values()].every(({ state }) => state === 'running');
  cluster.until('three running brokers', areRunning);
  const client = { connection: 'test', reachedHost: 'made-up', reachedPort: 1 };
  const errors: string[] = [];
  const topic = { name: 'laser', partitions: 1, replicationFactor: 3, assignment: [], config: [] };
  for (let round = 0; round < 3; round++) {
    cluster.nodes.get(1)?.clients.handle(
      client,
      {
        api: 'createTopics',
        body: { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] },
      },
      (answer) => errors.push(answer.api === 'createTopics' ? (answer.body.topics[0]?.error ?? '') : ''),
    );
    if (round < 2)
      cluster.nodes
        .get(1)
        ?.clients.handle(
          client,
          { api: 'deleteTopics', body: { timeoutMs: 5000, names: ['laser'] } },
          () => {},
        );
  }
  cluster.until('answers', () => errors.length === 3);
  expect(errors).toEqual(['NONE', 'NONE', 'NONE']);
  const described = () => cluster.ask(1, { api: 'describeTopic', body: { name: 'laser' } });
  cluster.until('a leader', () => (described().partitions[0]?.leader ?? -1) > 0);
  const { topicId, partitions } = described();
  const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
  const leader = partitions[0]?.leader ?? 0;
  const body = { acks: -1, timeoutMs: 5000, partitions: [part] };
  expect(cluster.ask(leader, { api: 'produce', body }).partitions[0]).toMatchObject({
    error: 'NONE',
    baseOffset: 0,
  });
  cluster.until('all have it', () =>
    [...cluster.nodes.values()].every((node) =>
      [...node.hosted.values()].every(({ log }) => log?.logEndOffset === 1),
    ),
  );
  expect(described().partitions[0]?.inSyncReplicas).toHaveLength(3);
});
