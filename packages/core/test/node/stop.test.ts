import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

function loadedCluster(settings: Readonly<Record<string, string>>, controllers: readonly number[]) {
  const ids = [1, 2, 3, ...controllers];
  const cluster = new MadeUpCluster([1, 2, 3], settings, controllers);
  for (const id of ids) cluster.start(id);
  cluster.until('running nodes', () => ids.every((id) => cluster.nodes.get(id)?.state === 'running'));
  const topic = { name: 'laser', partitions: 6, replicationFactor: 3, assignment: [], config: [] };
  const { topics } = cluster.ask(1, {
    api: 'createTopics',
    body: { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] },
  });
  const topicId = topics[0]?.topicId ?? '';
  cluster.until('leaders', () =>
    cluster.ask(1, { api: 'describeTopic', body: { name: 'laser' } }).partitions.every((p) => p.leader > 0),
  );
  return { cluster, ids, topicId };
}

/** Requests that are under way, or parked, while the nodes stop. */
function load(cluster: MadeUpCluster, topicId: string): void {
  const client = { connection: 'test', reachedHost: 'made-up', reachedPort: 1 };
  for (const node of cluster.nodes.values()) {
    for (let partition = 0; partition < 6; partition++) {
      const part = { topicId, partition, leaderEpoch: -1, records: [clientBatch('a')] };
      const produce = { acks: -1, timeoutMs: 30_000, partitions: [part] };
      node.clients.handle(client, { api: 'produce', body: produce }, () => {});
      const read = { topicId, partition, leaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, maxBytes: 1 };
      const fetch = { maxWaitMs: 30_000, minBytes: 1_000_000, maxBytes: 1_000_000, partitions: [read] };
      node.clients.handle(client, { api: 'fetch', body: fetch }, () => {});
    }
    node.clients.handle(client, { api: 'initProducerId', body: {} }, () => {});
    node.clients.handle(client, { api: 'clusterStatus', body: {} }, () => {});
  }
}

it.each([
  ['brokers that vote', {}, []],
  ['brokers and a controller', {}, [101]],
  ['brokers without a disk', { 'odradek.flush.policy': 'memory' }, []],
] as const)(
  'C9 nothing is left of nodes that were stopped: no timer of %s',
  (_what, settings, controllers) => {
    const { cluster, ids, topicId } = loadedCluster(settings, controllers);
    load(cluster, topicId);
    cluster.clock.advance(1);
    const stopped: number[] = [];
    for (const node of cluster.nodes.values()) node.stopDeciding();
    for (const [id, node] of cluster.nodes) node.stop({ movesLeaderships: false }, () => stopped.push(id));
    cluster.until('stopped nodes', () => stopped.length === ids.length);
    expect(ids.map((id) => cluster.timers.get(id)?.size)).toEqual(ids.map(() => 0));
  },
);

it.each([1, 2, 3])(
  'C9 nothing is left of one node that moved its leaderships away: no timer of broker %i',
  (id) => {
    const { cluster, topicId } = loadedCluster({}, []);
    load(cluster, topicId);
    let hasStopped = false;
    cluster.nodes.get(id)?.stop({ movesLeaderships: true }, () => {
      hasStopped = true;
    });
    cluster.until('a stopped node', () => hasStopped);
    expect(cluster.timers.get(id)?.size).toBe(0);
  },
);

it.each([0, 1, 2, 3, 5, 8, 20, 40])(
  'C9 nothing is left of a node that was stopped %i ms after its start',
  (ms) => {
    const cluster = new MadeUpCluster([1, 2, 3]);
    for (const id of [1, 2, 3]) cluster.start(id);
    if (ms > 0) cluster.clock.advance(ms);
    let hasStopped = false;
    cluster.nodes.get(1)?.stop({ movesLeaderships: true }, () => {
      hasStopped = true;
    });
    cluster.until('a stopped node', () => hasStopped);
    expect(cluster.timers.get(1)?.size).toBe(0);
  },
);

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  'C9, C1 a controller that is stopped in order sees to its end what it decided %i ms before: nobody is left in doubt',
  (ms) => {
    const { cluster } = loadedCluster({}, []);
    const active = [...cluster.nodes].find(([, node]) => node.isActiveController)?.[0] ?? 0;
    const client = { connection: 'test', reachedHost: 'made-up', reachedPort: 1 };
    const answers: string[] = [];
    const node = cluster.nodes.get((active % 3) + 1);
    for (let number = 0; number < 5; number++) {
      const topic = {
        ...{ name: `late-${number}`, partitions: 1, replicationFactor: 3, assignment: [], config: [] },
      };
      const body = { timeoutMs: 5000, validateOnly: false, topics: [topic], requestId: '' };
      node?.clients.handle(client, { api: 'createTopics', body }, (answer) =>
        answers.push(answer.body.error),
      );
    }
    if (ms > 0) cluster.clock.advance(ms);
    cluster.nodes.get(active)?.stop({ movesLeaderships: false }, () => {});
    cluster.until('answers', () => answers.length === 5);
    for (const answer of answers) expect(['NONE', 'NOT_CONTROLLER']).toContain(answer);
  },
);
