import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it('D8 C11 a replica whose log was damaged and fetched again may lead again', () => {
  const cluster = new MadeUpCluster([1, 2], {}, [101]);
  for (const id of [101, 1, 2]) cluster.start(id);
  const areRunning = (): boolean => [...cluster.nodes.values()].every(({ state }) => state === 'running');
  cluster.until('running', areRunning);
  const topic = { name: 'laser', partitions: -1, replicationFactor: -1, assignment: [[1, 2]], config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
  const topicId = cluster.ask(1, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  const state = () => cluster.nodes.get(2)?.image.topics.get(topicId)?.partitions[0];
  const write = (leader: number): string => {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    const produce = { acks: -1, timeoutMs: 5000, partitions: [part] };
    return cluster.ask(leader, { api: 'produce', body: produce }).partitions[0]?.error ?? '';
  };
  cluster.until('a record', () => write(1) === 'NONE');
  cluster.clock.advance(10_000);
  cluster.kill(1);
  cluster.until('another leader', () => state()?.leader === 2);
  // biome-ignore lint/complexity/useLiteralKeys: a bit flips in what was durable
  const disk = cluster['disks'].get(1);
  const file = 'laser-0/00000000000000000000.log';
  const bytes = disk?.readFile(file)?.slice() ?? new Uint8Array(0);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  disk?.writeFile(file, bytes);
  cluster.start(1);
  cluster.until('its damage is noticed', () => cluster.said.some((line) => line.includes('its log failed')));
  cluster.until('it is in sync again', () => state()?.inSyncReplicas.includes(1) === true);
  cluster.kill(2);
  const seen = () => cluster.nodes.get(1)?.image.topics.get(topicId)?.partitions[0]?.leader;
  cluster.until('it leads', () => seen() === 1);
  expect(write(1)).toBe('NONE');
});
