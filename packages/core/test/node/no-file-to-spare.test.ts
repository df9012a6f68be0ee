import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it('D11: a topic that is deleted while nothing can be removed is out of the way, its next life has its own log, and its files go later', () => {
  const cluster = new MadeUpCluster([1]);
  cluster.start(1);
  cluster.until('it runs', () => cluster.nodes.get(1)?.state === 'running');
  // biome-ignore lint/complexity/useLiteralKeys: what lies in its directory
  const names = (): readonly string[] => cluster['disks'].get(1)?.list('') ?? [];
  const make = (): string => {
    const topic = { name: 'laser', partitions: 1, replicationFactor: 1, assignment: [], config: [] };
    const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
    const made = cluster.ask(1, { api: 'createTopics', body }).topics[0];
    // A log is there once it has a record.
    const part = { topicId: made?.topicId ?? '', partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    const produce = { acks: -1, timeoutMs: 5000, partitions: [part] };
    const write = () => cluster.ask(1, { api: 'produce', body: produce }).partitions[0]?.error;
    if (made?.error === 'NONE') cluster.until('a record', () => write() === 'NONE');
    return made?.error ?? '';
  };
  const drop = (): unknown =>
    cluster.ask(1, { api: 'deleteTopics', body: { timeoutMs: 5000, names: ['laser'] } });
  expect(make()).toBe('NONE');
  cluster.until('its log is there', () => names().includes('laser-0'));

  cluster.diskFaults.set(1, (operation, path) =>
    operation === 'remove' && path.startsWith('laser') ? { code: 'EMFILE' } : undefined,
  );
  drop();
  cluster.until('it is out of the way', () => names().includes('laser-0.0-delete'));
  expect(names()).not.toContain('laser-0');
  expect(make()).toBe('NONE');
  cluster.until('it is there again', () => names().includes('laser-0'));
  drop();
  cluster.until('so is its second life', () => names().includes('laser-0.1-delete'));

  // What is left by one process is removed by the next, or by the same one once it can.
  cluster.kill(1);
  cluster.start(1);
  cluster.until('it runs again', () => cluster.nodes.get(1)?.state === 'running');
  expect(names().filter((name) => name.endsWith('-delete'))).toHaveLength(2);
  cluster.diskFaults.clear();
  cluster.until('nothing is left', () => !names().some((name) => name.startsWith('laser')));
});
