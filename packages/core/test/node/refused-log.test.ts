import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

/** A topic of one partition on these brokers; there is no file to spare for its log on broker 1. */
function withoutFiles(replicas: readonly number[]) {
  const cluster = new MadeUpCluster(replicas, {}, [101]);
  for (const id of [101, ...replicas]) cluster.start(id);
  const areRunning = (): boolean => [...cluster.nodes.values()].every(({ state }) => state === 'running');
  cluster.until('all run', areRunning);
  const refuse = (): void => {
    cluster.diskFaults.set(1, (operation, path) =>
      operation === 'open' && path.startsWith('laser-0/') ? { code: 'EMFILE' } : undefined,
    );
  };
  refuse();
  const topic = { name: 'laser', partitions: -1, replicationFactor: -1, assignment: [replicas], config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
  const topicId = cluster.ask(101, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  const state = () => cluster.nodes.get(101)?.image.topics.get(topicId)?.partitions[0];
  const replica = () => cluster.nodes.get(1)?.hosted.get(`${topicId}:0`);
  const write = (leader: number): string => {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    const produce = { acks: -1, timeoutMs: 5000, partitions: [part] };
    return cluster.ask(leader, { api: 'produce', body: produce }).partitions[0]?.error ?? '';
  };
  return { cluster, state, replica, write, refuse };
}

it('D11: a new partition whose leader has no file to spare for its first record is led by another, and the first comes back by itself', () => {
  const { cluster, state, replica, write } = withoutFiles([1, 2]);
  cluster.until('it is led', () => write(1) === 'KAFKA_STORAGE_ERROR');
  cluster.until('the other leads', () => state()?.leader === 2);
  cluster.until('a record', () => write(2) === 'NONE');
  cluster.clock.advance(10_000);
  expect([replica()?.state, replica()?.failure?.error]).toEqual([
    'refused',
    expect.stringContaining('EMFILE'),
  ]);
  expect(cluster.said.filter((line) => line.includes('cannot be opened for now'))).toHaveLength(1);
  cluster.diskFaults.clear();
  cluster.until('it is in sync', () => state()?.inSyncReplicas.includes(1) === true);
  expect(replica()?.failure).toBeUndefined();
  cluster.kill(2);
  cluster.until('it leads', () => state()?.leader === 1);
  cluster.until('a record', () => write(1) === 'NONE');
});

it('D11: a new partition that nobody else has waits for a file, and is led then: nothing is called lossy', () => {
  const { cluster, state, replica, write } = withoutFiles([1]);
  cluster.until('it is led', () => write(1) === 'KAFKA_STORAGE_ERROR');
  cluster.until('it is refused', () => replica()?.state === 'refused');
  cluster.clock.advance(10_000);
  expect(cluster.said.filter((line) => line.includes('cannot be opened for now'))).toHaveLength(1);
  expect([write(1), state()?.inSyncReplicas]).toEqual(['NOT_LEADER_OR_FOLLOWER', [1]]);
  cluster.diskFaults.clear();
  cluster.until('it leads', () => replica()?.state === 'leading');
  expect(write(1)).toBe('NONE');
});

it('D11 C6: a log that cannot be opened at a start loses nothing, and no clean end is claimed for it', () => {
  const { cluster, state, replica, write, refuse } = withoutFiles([1]);
  cluster.diskFaults.clear();
  cluster.until('a record', () => write(1) === 'NONE');
  const start = (): void => {
    cluster.start(1);
    cluster.until('it runs again', () => cluster.nodes.get(1)?.state === 'running');
  };
  cluster.kill(1);
  refuse();
  start();
  cluster.until('it is refused', () => replica()?.state === 'refused');
  expect(state()?.inSyncReplicas).toEqual([1]);
  cluster.nodes.get(1)?.stop({ movesLeaderships: false }, () => {});
  cluster.until('it has ended', () => cluster.nodes.get(1)?.state === 'stopped');
  // biome-ignore lint/complexity/useLiteralKeys: what lies in its directory
  expect(cluster['disks'].get(1)?.exists('.kafka_cleanshutdown')).toBe(false);
  cluster.kill(1);
  cluster.diskFaults.clear();
  start();
  cluster.until('it leads', () => replica()?.state === 'leading');
  expect([write(1), replica()?.log?.logEndOffset]).toEqual(['NONE', 2]);
});

it('D11: a log that sleeps and has to be cut while there is no file to spare is opened and cut later', () => {
  const { cluster, state, replica, write } = withoutFiles([1, 2]);
  cluster.diskFaults.clear();
  cluster.until('both are in sync', () => state()?.inSyncReplicas.length === 2);
  const topicId = replica()?.name.topicId ?? '';
  cluster.until('1 leads', () => state()?.leader === 1);
  cluster.until('a record', () => write(1) === 'NONE');
  // A record that the other never hears of: acknowledged by its leader alone.
  cluster.isolate(2);
  const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('b')] };
  const produce = { acks: 1, timeoutMs: 5000, partitions: [part] };
  expect(cluster.ask(1, { api: 'produce', body: produce }).partitions[0]?.error).toBe('NONE');
  let hasEnded = false;
  cluster.nodes.get(1)?.stop({ movesLeaderships: false }, () => {
    hasEnded = true;
  });
  cluster.until('its end', () => hasEnded);
  cluster.kill(1);
  cluster.rejoin(2);
  cluster.until('the other leads', () => state()?.leader === 2);

  let opened = 0;
  cluster.diskFaults.set(1, (operation, path) => {
    if (operation !== 'open' || !path.startsWith('laser-0/')) return undefined;
    opened += 1;
    return { code: 'EMFILE' };
  });
  cluster.said.length = 0;
  cluster.start(1);
  cluster.until('it must be cut', () => opened > 0);
  cluster.clock.advance(10_000);
  expect([replica()?.state, opened > 1]).toEqual(['refused', true]);
  expect(cluster.said.filter((line) => line.includes('cannot be opened for now'))).toHaveLength(1);
  cluster.diskFaults.clear();
  cluster.until('it is in sync', () => state()?.inSyncReplicas.includes(1) === true);
  cluster.until('a record', () => write(2) === 'NONE');
  const log = (id: number) => cluster.nodes.get(id)?.hosted.get(`${topicId}:0`)?.log;
  cluster.until('the same end', () => log(1)?.logEndOffset === 2 && log(2)?.logEndOffset === 2);
  expect(log(1)?.epochs).toEqual(log(2)?.epochs);
});
