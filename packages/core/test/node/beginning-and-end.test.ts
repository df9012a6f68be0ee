import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

it.each([0, 1, 2, 3, 5, 8, 20, 40])('C9 a node that is stopped %i ms after its start ends in order', (ms) => {
  const cluster = new MadeUpCluster([1]);
  const node = cluster.start(1);
  if (ms > 0) cluster.clock.advance(ms);
  let ended = 0;
  node.stop({ movesLeaderships: true }, () => ended++);
  cluster.until('its end', () => ended > 0);
  cluster.clock.advance(10_000);
  expect(ended).toBe(1);
  expect(node.state).toBe('stopped');
  cluster.start(1);
  cluster.until('another life', () => cluster.nodes.get(1)?.state === 'running');
});

it('C9 whoever asks a node to stop while it stops is told of its end too', () => {
  const cluster = new MadeUpCluster([1]);
  const node = cluster.start(1);
  cluster.until('running', () => node.state === 'running');
  const ended: string[] = [];
  node.stop({ movesLeaderships: true }, () => ended.push('first'));
  node.stop({ movesLeaderships: false }, () => ended.push('second'));
  cluster.until('its end', () => ended.length > 0);
  cluster.clock.advance(10);
  expect(ended).toEqual(['first', 'second']);
});

it('C9 nothing is appended once a node has begun to close, and whoever waits is told', () => {
  const cluster = new MadeUpCluster([1]);
  const node = cluster.start(1);
  cluster.until('running', () => node.state === 'running');
  const topic = { name: 'laser', partitions: 1, replicationFactor: 1, assignment: [], config: [] };
  const made = cluster.ask(1, {
    api: 'createTopics',
    body: { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] },
  });
  const topicId = made.topics[0]?.topicId ?? '';
  const errors: string[] = [];
  const produce = (): void => {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    node.clients.handle(
      { connection: 'test', reachedHost: 'made-up', reachedPort: 1 },
      { api: 'produce', body: { acks: 1, timeoutMs: 60_000, partitions: [part] } },
      (answer) => errors.push(answer.api === 'produce' ? (answer.body.partitions[0]?.error ?? '') : ''),
    );
  };
  cluster.until('a leader', () => [...node.hosted.values()].some(({ leader }) => leader !== undefined));
  const [partition] = node.hosted.values();
  produce();
  let hasEnded = false;
  node.stop({ movesLeaderships: false }, () => {
    hasEnded = true;
  });
  let produced = 1;
  const ends = new Set([partition?.log?.logEndOffset]);
  while (!hasEnded) {
    produce();
    produced++;
    ends.add(partition?.log?.logEndOffset);
    cluster.clock.advance(1);
  }
  expect(errors).toHaveLength(produced);
  expect(new Set(errors.slice(1))).toEqual(new Set(['NOT_LEADER_OR_FOLLOWER']));
  expect(ends.size).toBe(1);
});

it('C9 a node that is a controller alone has nothing to move away, and stops at once', () => {
  const cluster = new MadeUpCluster([1], {}, [101]);
  for (const id of [101, 1]) cluster.start(id);
  cluster.until('running', () => [...cluster.nodes.values()].every(({ state }) => state === 'running'));
  let hasEnded = false;
  cluster.nodes.get(101)?.stop({ movesLeaderships: true }, () => {
    hasEnded = true;
  });
  cluster.until('its end', () => hasEnded, 1000);
});
