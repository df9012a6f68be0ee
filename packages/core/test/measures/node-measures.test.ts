import { describe, expect, it } from 'vitest';
import type { NodeMeasures } from '../../src/measures/node-measures.ts';
import { Load } from '../support/load.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const CONTROLLER = 101;

function started(config: Readonly<Record<string, string>> = {}): { cluster: MadeUpCluster; load: Load } {
  const cluster = new MadeUpCluster([1, 2, 3], {}, [CONTROLLER]);
  for (const id of [CONTROLLER, 1, 2, 3]) cluster.start(id);
  cluster.until('three running brokers', () =>
    [1, 2, 3].every((id) => cluster.nodes.get(id)?.state === 'running'),
  );
  const load = new Load(cluster, 1, [1, 2, 3], config);
  cluster.until('a leader', () => load.describe(1)?.leader === 1);
  return { cluster, load };
}

function measuresOf(cluster: MadeUpCluster, id: number): NodeMeasures {
  const node = cluster.nodes.get(id);
  if (node === undefined) throw new Error(`node ${id} does not run`);
  return node.measures();
}

describe('what a node counts', () => {
  it('requests, their errors and their latency, by API; of clients and of nodes', () => {
    const { cluster, load } = started();
    load.write(1, 10);
    load.settle();
    const { counters } = measuresOf(cluster, 1);
    const produced = counters.clientRequests.byApi.get('produce');
    expect(produced).toMatchObject({ requests: 10 });
    expect(produced?.latencies.count).toBe(10);
    // A follower's fetch and its flush took a message each way.
    expect(produced?.latencies.sum).toBeGreaterThan(10);
    expect(produced?.errors.size).toBe(0);
    const body = { acks: -1, timeoutMs: 1, partitions: [{ ...part(load), leaderEpoch: -1, records: [] }] };
    cluster.ask(2, { api: 'produce', body });
    const refused = measuresOf(cluster, 2).counters.clientRequests.byApi.get('produce');
    expect([...(refused?.errors ?? [])]).toEqual([['NOT_LEADER_OR_FOLLOWER', 1]]);
    expect(counters.peerRequests.byApi.get('fetchReplicas')?.requests).toBeGreaterThan(0);
  });

  it('records and bytes, of the partition and of the node: what producers wrote, what consumers and followers read', () => {
    const { cluster, load } = started();
    load.write(1, 10);
    load.settle();
    const { counters, hosted } = measuresOf(cluster, 1);
    const [partition] = [...hosted.values()];
    expect(counters.traffic.recordsIn).toBe(10);
    expect(counters.traffic.bytesIn).toBe(partition?.log?.sizeInBytes);
    expect(partition?.traffic).toEqual(counters.traffic);
    expect(counters.replicationBytesOut).toBe(2 * counters.traffic.bytesIn);
    const fetch = { ...part(load), leaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, maxBytes: 2 ** 20 };
    const body = { maxWaitMs: 0, minBytes: 1, maxBytes: 2 ** 20, partitions: [fetch] };
    cluster.ask(1, { api: 'fetch', body });
    expect(counters.traffic.bytesOut).toBe(counters.traffic.bytesIn);
    expect(partition?.traffic.bytesOut).toBe(counters.traffic.bytesIn);
  });

  it('flushes, and how long they took', () => {
    const { cluster, load } = started();
    const before = measuresOf(cluster, 1).flushes.count;
    load.write(1, 10);
    load.settle();
    expect(measuresOf(cluster, 1).flushes.count).toBeGreaterThan(before);
    expect(measuresOf(cluster, 1).metadataFlushes.count).toBeGreaterThan(0);
  });

  it('I5 changes of in-sync sets at the leader that made them', () => {
    const { cluster, load } = started();
    cluster.isolate(3);
    cluster.until('3 is out of sync', () => load.describe(1)?.inSyncReplicas.includes(3) === false);
    cluster.rejoin(3);
    cluster.until('3 is in sync', () => load.describe(1)?.inSyncReplicas.includes(3) === true);
    const { inSync } = measuresOf(cluster, 1).counters;
    expect(inSync.expands).toBe(1);
    expect(measuresOf(cluster, 2).counters.inSync).toMatchObject({ expands: 0, shrinks: 0, failed: 0 });
  });

  it('C4 elections, and those that may lose records, at the active controller alone', () => {
    const { cluster, load } = started({ 'unclean.leader.election.enable': 'true' });
    load.write(1, 5);
    load.settle();
    const { decisions } = measuresOf(cluster, CONTROLLER).counters;
    const before = { ...decisions };
    expect(before.uncleanElections).toBe(0);
    for (const id of [3, 2, 1]) {
      cluster.kill(id);
      cluster.until(`${id} is fenced`, () => fenced(cluster, id));
    }
    cluster.start(3);
    cluster.until('3 leads', () => load.describe(3)?.leader === 3);
    expect(decisions.uncleanElections).toBe(1);
    expect(decisions.elections).toBeGreaterThan(before.elections);
    expect(measuresOf(cluster, 3).counters.decisions).toMatchObject({ elections: 0, uncleanElections: 0 });
  });

  it('what it can tell of itself: its state, its registration, who leads the quorum', () => {
    const { cluster } = started();
    expect(measuresOf(cluster, 2)).toMatchObject({
      state: 'running',
      isActiveController: false,
      quorum: { leaderId: CONTROLLER, state: 'observer' },
    });
    expect(measuresOf(cluster, 2).brokerEpoch).toBeGreaterThanOrEqual(0);
    expect(measuresOf(cluster, CONTROLLER)).toMatchObject({ isActiveController: true, brokerEpoch: -1 });
  });
});

function part({ topicId }: Load) {
  return { topicId, partition: 0 };
}

function fenced(cluster: MadeUpCluster, id: number): boolean {
  return measuresOf(cluster, CONTROLLER).image.brokers.get(id)?.isFenced ?? false;
}
