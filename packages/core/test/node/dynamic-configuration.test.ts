import { describe, expect, it } from 'vitest';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

function started(): MadeUpCluster {
  const cluster = new MadeUpCluster([1, 2, 3]);
  for (const id of [1, 2, 3]) cluster.start(id);
  cluster.until('three running brokers', () =>
    [...cluster.nodes.values()].every((node) => node.state === 'running'),
  );
  return cluster;
}

function alter(cluster: MadeUpCluster, broker: number, name: string, value: string | null) {
  const body = { timeoutMs: 5000, topic: null, changes: [{ name, value }], broker };
  const { error, errorMessage } = cluster.ask(2, { api: 'alterConfigs', body });
  return error === 'NONE' ? 'NONE' : `${error}: ${errorMessage}`;
}

function valueAt(cluster: MadeUpCluster, id: number, name: 'fetch.max.bytes' | 'replica.lag.time.max.ms') {
  return cluster.nodes.get(id)?.configuration.values[name];
}

function partitionsOfNew(cluster: MadeUpCluster, name: string): number | undefined {
  const topic = { name, partitions: -1, replicationFactor: -1, assignment: [], config: [] };
  const body = { timeoutMs: 5000, validateOnly: false, topics: [topic], requestId: '' };
  return cluster.ask(1, { api: 'createTopics', body }).topics[0]?.partitions;
}

describe('settings that change while nodes run', () => {
  it('of all brokers: in force at every node, and back to its own once taken away', () => {
    const cluster = started();
    expect(alter(cluster, -1, 'fetch.max.bytes', '4096')).toBe('NONE');
    expect(valueAt(cluster, 2, 'fetch.max.bytes')).toBe(4096);
    cluster.until('all have it', () =>
      [1, 2, 3].every((id) => valueAt(cluster, id, 'fetch.max.bytes') === 4096),
    );
    expect(alter(cluster, -1, 'fetch.max.bytes', null)).toBe('NONE');
    cluster.until('nobody has it', () =>
      [1, 2, 3].every((id) => valueAt(cluster, id, 'fetch.max.bytes') === 55 * 1024 * 1024),
    );
  });

  it('the controller decides by them', () => {
    const cluster = started();
    expect(partitionsOfNew(cluster, 'before')).toBe(1);
    expect(alter(cluster, -1, 'num.partitions', '4')).toBe('NONE');
    expect(partitionsOfNew(cluster, 'after')).toBe(4);
  });

  it('a leader that runs already goes by them: who may lag for less is out of sync sooner', () => {
    const cluster = started();
    const topic = { name: 'laser', partitions: 1, replicationFactor: 3, assignment: [[1, 2, 3]], config: [] };
    cluster.ask(1, {
      api: 'createTopics',
      body: { timeoutMs: 5000, validateOnly: false, topics: [topic], requestId: '' },
    });
    const explained = () =>
      cluster.ask(1, { api: 'explainPartition', body: { topic: 'laser', partition: 0 } }).words[0];
    cluster.until('it leads', () => explained()?.state === 'leading');
    expect(explained()?.lagTimeMaxMs).toBe(3000);
    expect(alter(cluster, -1, 'replica.lag.time.max.ms', '1500')).toBe('NONE');
    cluster.until('the leader knows', () => explained()?.lagTimeMaxMs === 1500);
  });

  it('of one broker: in force there alone, also after its restart', () => {
    const cluster = started();
    expect(alter(cluster, 3, 'fetch.max.bytes', '2048')).toBe('NONE');
    cluster.until('3 has it', () => valueAt(cluster, 3, 'fetch.max.bytes') === 2048);
    expect(valueAt(cluster, 1, 'fetch.max.bytes')).toBe(55 * 1024 * 1024);
    cluster.kill(3);
    cluster.start(3);
    cluster.until('3 is back', () => cluster.nodes.get(3)?.state === 'running');
    expect(valueAt(cluster, 3, 'fetch.max.bytes')).toBe(2048);
    const { dynamic, entries } = cluster.ask(3, { api: 'describeConfigs', body: { topic: null } });
    expect(dynamic).toContainEqual({ broker: 3, name: 'fetch.max.bytes', value: '2048' });
    expect(entries.find(({ name }) => name === 'fetch.max.bytes')).toMatchObject({
      ...{ value: '2048', source: 'DYNAMIC_BROKER_CONFIG', isReadOnly: false },
    });
    expect(entries.find(({ name }) => name === 'log.dirs')).toMatchObject({ isReadOnly: true });
  });

  it('C1 what may not change, or is nobody’s, is refused before it has an effect', () => {
    const cluster = started();
    expect(alter(cluster, -1, 'broker.session.timeout.ms', '1')).toContain(
      'INVALID_CONFIG: broker.session.timeout.ms cannot change while nodes run',
    );
    expect(alter(cluster, 3, 'num.partitions', '4')).toContain('cannot differ from broker to broker');
    expect(alter(cluster, 9, 'fetch.max.bytes', '4096')).toBe(
      'INVALID_REQUEST: there is no broker 9; there are 1, 2, 3',
    );
    expect(alter(cluster, -1, 'replica.lag.time.max.ms', '1')).toContain('must not be above');
    expect(cluster.ask(1, { api: 'describeConfigs', body: { topic: null } }).dynamic).toEqual([
      { broker: -1, name: 'min.insync.replicas', value: '1' },
    ]);
  });
});
