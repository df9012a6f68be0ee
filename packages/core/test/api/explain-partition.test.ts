import type { ClientResponse } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

const CONTROLLER = 101;

function started(): { cluster: MadeUpCluster; load: Load } {
  const cluster = new MadeUpCluster([1, 2, 3], {}, [CONTROLLER]);
  for (const id of [CONTROLLER, 1, 2, 3]) cluster.start(id);
  cluster.until('three running brokers', () =>
    [1, 2, 3].every((id) => cluster.nodes.get(id)?.state === 'running'),
  );
  const load = new Load(cluster, 1, [1, 2, 3], { 'min.insync.replicas': '2' });
  cluster.until('a leader', () => load.describe(1)?.leader === 1);
  load.write(1, 5);
  load.settle();
  return { cluster, load };
}

function explain(cluster: MadeUpCluster, via: number, partition = 0): ClientResponse<'explainPartition'> {
  return cluster.ask(via, { api: 'explainPartition', body: { topic: 'laser', partition } });
}

describe('what everybody says of a partition', () => {
  it('any broker asks the leader, the followers and the controller', () => {
    const { cluster } = started();
    cluster.until('all are caught up', () =>
      explain(cluster, 3).words.every(({ logEndOffset }) => logEndOffset === 5),
    );
    const told = explain(cluster, 2);
    expect(told).toMatchObject({
      ...{ error: 'NONE', topic: 'laser', partition: 0, leader: 1, minInSyncReplicas: 2 },
      ...{ controllerId: CONTROLLER, missingQuorum: '', waitingFor: [], failedReplicas: [] },
    });
    expect(told.words.map(({ broker, state, role }) => [broker, state, role])).toEqual([
      [1, 'leading', 'serving'],
      [2, 'following', expect.stringMatching(/caught up|fetching/)],
      [3, 'following', expect.stringMatching(/caught up|fetching/)],
    ]);
    expect(told.words[0]).toMatchObject({ minInSync: 2, pendingKind: '', leaderEpoch: 0 });
    expect(told.words[0]?.followers).toMatchObject([
      { broker: 2, logEndOffset: 5, obstacle: 'is in sync' },
      { broker: 3, logEndOffset: 5, obstacle: 'is in sync' },
    ]);
  });

  it('D6 a broker whose disk is full is said to be so, to whoever asks any broker; no more once there is room, or it is dead', () => {
    const { cluster } = started();
    const status = () =>
      cluster.ask(2, { api: 'clusterStatus', body: {} }).brokers.map(({ trouble }) => trouble);
    const trouble = 'it cannot write what is new in the metadata, and hears of no leader and no topic';
    // Nobody knows before there is something new in the metadata.
    const fill = (name: string): void => {
      cluster.diskFaults.set(1, (operation) => (operation === 'append' ? { code: 'ENOSPC' } : undefined));
      const topic = { name, partitions: 3, replicationFactor: 3, assignment: [], config: [] };
      const body = { timeoutMs: 1000, validateOnly: false, requestId: '', topics: [topic] };
      cluster.ask(2, { api: 'createTopics', body });
      cluster.until('it is told', () => status()[0] === trouble);
    };
    expect(status()).toEqual(['', '', '']);
    fill('maser');
    expect(status()).toEqual([trouble, '', '']);
    expect(explain(cluster, 3).brokers.map((broker) => broker.trouble)).toEqual([trouble, '', '']);
    cluster.diskFaults.clear();
    cluster.until('it is well', () => status()[0] === '');
    expect(explain(cluster, 3).brokers[0]?.trouble).toBe('');
    fill('quasar');
    cluster.kill(1);
    cluster.until('it is fenced', () => cluster.nodes.get(2)?.image.brokers.get(1)?.isFenced === true);
    expect(status()[0]).toBe('');
  });

  it('C8 a broker that is fenced is said to be so since the controller wrote it down, by a broker that came later too', () => {
    const { cluster } = started();
    cluster.kill(3);
    const before = cluster.clock.wallMs();
    cluster.until('3 is fenced', () => explain(cluster, 1).brokers[2]?.isFenced === true);
    const told = explain(cluster, 1);
    const sinceMs = told.brokers[2]?.sinceMs ?? -1;
    expect(sinceMs).toBeGreaterThanOrEqual(before);
    expect(sinceMs).toBeLessThanOrEqual(cluster.clock.wallMs());
    expect(told.words.map(({ broker }) => broker)).toEqual([1, 2]);
    cluster.clock.advance(5000);
    cluster.kill(2);
    cluster.start(2);
    cluster.until('2 is back', () => cluster.nodes.get(2)?.state === 'running');
    expect(explain(cluster, 2).brokers[2]?.sinceMs).toBe(sinceMs);
  });

  it('C3 without a leader it is said for whom the controller waits', () => {
    const { cluster } = started();
    for (const id of [3, 2]) {
      cluster.kill(id);
      cluster.until(`${id} is fenced`, () => explain(cluster, 1).brokers[id - 1]?.isFenced === true);
    }
    cluster.kill(1);
    cluster.start(3);
    cluster.until('3 is running', () => cluster.nodes.get(3)?.state === 'running');
    cluster.until('1 is fenced', () => explain(cluster, 3).brokers[0]?.isFenced === true);
    const told = explain(cluster, 3);
    expect(told).toMatchObject({ leader: -1, isUncleanEnabled: false });
    expect(told.waitingFor.length).toBeGreaterThan(0);
    expect(told.waitingFor).not.toContain(3);
    expect(told.words).toMatchObject([{ broker: 3, state: 'offline' }]);
  });

  it('what is not there is refused with what is', () => {
    const { cluster } = started();
    expect(explain(cluster, 1, 7)).toMatchObject({
      error: 'UNKNOWN_TOPIC_OR_PARTITION',
      errorMessage: 'topic laser has partitions 0 to 0, not 7',
    });
  });
});
