import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it.each(['commit', 'os', 'memory'])(
  'X13 a door may hand in the next request while it is given an answer (flush policy %s)',
  (policy) => {
    const cluster = new MadeUpCluster([1, 2, 3], { 'odradek.flush.policy': policy });
    for (const id of [1, 2, 3]) cluster.start(id);
    cluster.until('running', () => [...cluster.nodes.values()].every(({ state }) => state === 'running'));
    const topic = {
      name: 'laser',
      partitions: -1,
      replicationFactor: -1,
      assignment: [[1, 2, 3]],
      config: [],
    };
    const made = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
    const topicId = cluster.ask(1, { api: 'createTopics', body: made }).topics[0]?.topicId ?? '';
    const node = cluster.nodes.get(1);
    cluster.until('a leader', () =>
      [...(node?.hosted.values() ?? [])].some(({ leader }) => leader !== undefined),
    );
    const client = { connection: 'test', reachedHost: 'made-up', reachedPort: 1 };
    const produced: string[] = [];
    const fetched: number[] = [];
    const produce = (left: number): void => {
      const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
      const body = { acks: left % 2 === 0 ? -1 : 1, timeoutMs: 5000, partitions: [part] };
      node?.clients.handle(client, { api: 'produce', body }, (answer) => {
        produced.push(answer.api === 'produce' ? (answer.body.partitions[0]?.error ?? '') : '');
        if (left > 0) produce(left - 1);
      });
    };
    const fetch = (fetchOffset: number): void => {
      const part = {
        topicId,
        partition: 0,
        leaderEpoch: -1,
        fetchOffset,
        lastFetchedEpoch: -1,
        maxBytes: 1000,
      };
      const body = { maxWaitMs: 500, minBytes: 1, maxBytes: 1000, partitions: [part] };
      node?.clients.handle(client, { api: 'fetch', body }, (answer) => {
        const records = answer.api === 'fetch' ? (answer.body.partitions[0]?.records.length ?? 0) : 0;
        fetched.push(records);
        if (fetchOffset < 10) {
          produce(0);
          fetch(fetchOffset + records);
        }
      });
    };
    fetch(0);
    produce(10);
    cluster.until('answers', () => produced.length >= 15 && fetched.length > 5);
    expect(new Set(produced)).toEqual(new Set(['NONE']));
  },
);
