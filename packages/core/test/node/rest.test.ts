// A node at rest: what it does again and again does not grow with its partitions.

import { expect, it, vi } from 'vitest';
import { HostedPartition } from '../../src/partition/hosted-partition.ts';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it('D10 a checkpoint looks at those partitions alone whose high watermark may have moved, at leader and follower', () => {
  const cluster = new MadeUpCluster([1, 2]);
  for (const id of [1, 2]) cluster.start(id);
  cluster.until('running nodes', () => [1, 2].every((id) => cluster.nodes.get(id)?.state === 'running'));
  const assignment = Array.from({ length: 20 }, () => [1, 2]);
  const topic = { name: 'laser', partitions: -1, replicationFactor: -1, assignment, config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
  const topicId = cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  const highWatermarks = (partition: number): number[] =>
    [1, 2].flatMap((id) => {
      const hosted = [...(cluster.nodes.get(id)?.hosted.values() ?? [])];
      return hosted.filter(({ name }) => name.partition === partition).map((one) => one.highWatermark);
    });
  cluster.until('leaders', () =>
    cluster.ask(1, { api: 'describeTopic', body: { name: 'laser' } }).partitions.every((p) => p.leader === 1),
  );
  cluster.clock.advance(60_000);

  const looks = vi.spyOn(HostedPartition.prototype, 'takeMovedHighWatermark');
  cluster.clock.advance(60_000);
  expect(looks).not.toHaveBeenCalled();
  const part = { topicId, partition: 3, leaderEpoch: -1, records: [clientBatch('a')] };
  const produce = { acks: -1, timeoutMs: 5000, partitions: [part] };
  expect(cluster.ask(1, { api: 'produce', body: produce }).partitions[0]?.error).toBe('NONE');
  cluster.until('all know that it is committed', () => highWatermarks(3).every((offset) => offset === 1));
  cluster.clock.advance(60_000);
  const seen = looks.mock.contexts.map((hosted) => (hosted as HostedPartition).name.partition);
  expect(new Set(seen)).toEqual(new Set([3]));
  for (const id of [1, 2]) {
    // biome-ignore lint/complexity/useLiteralKeys: what lies in its directory
    const file = cluster['disks'].get(id)?.readFile('replication-offset-checkpoint');
    expect(new TextDecoder().decode(file)).toContain('laser 3 1');
  }
  looks.mockRestore();
});
