import { expect, it } from 'vitest';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const file = '__cluster_metadata-0/00000000000000000000.log';

it('D8 D9 a controller that finds its metadata damaged says so and leads no longer; who lacks it gets it from a sound one', () => {
  const cluster = new MadeUpCluster([1], {}, [101, 102, 103]);
  const make = (name: string): void => {
    const topic = { name, partitions: 3, replicationFactor: 1, assignment: [], config: [] };
    const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
    const made = (): string => cluster.ask(1, { api: 'createTopics', body }).topics[0]?.error ?? '';
    cluster.until(`${name} is there`, () => ['NONE', 'TOPIC_ALREADY_EXISTS'].includes(made()));
  };
  const active = (): number => [...cluster.nodes].find(([, node]) => node.isActiveController)?.[0] ?? -1;
  const knows = (id: number, name: string): boolean =>
    [...(cluster.nodes.get(id)?.image.topics.values() ?? [])].some((topic) => topic.name === name);
  for (const id of [101, 102, 103, 1]) cluster.start(id);
  cluster.until('all run', () => [...cluster.nodes.values()].every(({ state }) => state === 'running'));
  make('before');
  cluster.until('103 has heard of it', () => knows(103, 'before'));
  cluster.kill(103);
  make('missed');
  // Who has just begun keeps nothing of its log in memory yet.
  for (const id of [101, 102]) cluster.kill(id);
  for (const id of [101, 102]) cluster.start(id);
  make('after');
  const victim = active();
  // biome-ignore lint/complexity/useLiteralKeys: a bit flips on its disk
  const disk = cluster['disks'].get(victim);
  const bytes = disk?.readFile(file) ?? new Uint8Array(0);
  const at = Buffer.from(bytes).indexOf('missed');
  expect(at).toBeGreaterThan(0);
  // In place, for the log has the file open.
  disk?.open(file, { create: false }).write(at, Uint8Array.of((bytes[at] ?? 0) ^ 1));

  cluster.start(103);
  cluster.until('103 has caught up', () => knows(103, 'after'));
  expect(knows(103, 'missed')).toBe(true);
  expect(cluster.said.some((line) => line.startsWith(`${victim}: the metadata log is damaged`))).toBe(true);
  expect(active()).not.toBe(victim);
  make('later');
});
