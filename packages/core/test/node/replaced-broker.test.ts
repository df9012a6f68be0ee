import type { PeerAnswer, PeerRequest } from '@odradek/model';
import { expect, it } from 'vitest';
import { clientBatch } from '../support/led-partition.ts';
import { MadeUpCluster } from '../support/made-up-cluster.ts';

function registration(more: Partial<PeerRequest<'registerBroker'>['body']>): PeerRequest {
  const body = {
    clusterId: 'made-up',
    brokerId: 1,
    directoryId: other.directoryId,
    incarnation: other.incarnation,
    host: 'elsewhere',
    port: 1,
    rack: null,
    processId: 4711,
    flushPolicy: 'commit',
    restartClass: 'lossy',
    previousBrokerEpoch: -1,
    failedLogs: [],
    missingLogs: [],
    minMetadataVersion: 1,
    maxMetadataVersion: 1,
    previousIncarnations: [],
    ...more,
  } as const;
  return { api: 'registerBroker', body };
}

/** Another machine that was set up with the id of broker 1, on a directory of its own. */
const other = {
  id: 1,
  directoryId: 'another_directory____A',
  incarnation: 'another_process______A',
};

function replacedBroker() {
  const cluster = new MadeUpCluster([1, 2], {}, [101]);
  for (const id of [101, 1, 2]) cluster.start(id);
  const stateOf = (id: number): string => cluster.nodes.get(id)?.state ?? '';
  cluster.until('running brokers', () => stateOf(1) === 'running' && stateOf(2) === 'running');
  const ask = (request: PeerRequest): PeerAnswer['body'] => {
    const answers: PeerAnswer['body'][] = [];
    // biome-ignore lint/complexity/useLiteralKeys: how the other machine reaches the controller
    cluster['handlers'].get(101)?.handle(other, request, ({ body }) => answers.push(body));
    cluster.until('an answer', () => answers.length > 0);
    return answers[0] as PeerAnswer['body'];
  };
  const create = (name: string): string => {
    const topic = { name, partitions: -1, replicationFactor: -1, assignment: [[1]], config: [] };
    const body = { timeoutMs: 5000, validateOnly: false, requestId: '', topics: [topic] };
    return cluster.ask(2, { api: 'createTopics', body }).topics[0]?.topicId ?? '';
  };
  const leads = (): readonly string[] =>
    [...(cluster.nodes.get(1)?.hosted.values() ?? [])].flatMap(({ leader, name }) =>
      leader === undefined ? [] : [name.topic],
    );
  return { cluster, ask, create, leads };
}

it('V10 C6 a broker whose id was registered by another process leads and follows nothing any more', () => {
  const { cluster, ask, create, leads } = replacedBroker();
  const first = create('first');
  cluster.until('a leader', () => leads().includes('first'));
  cluster.isolate(1);
  const isFenced = (): boolean => cluster.nodes.get(2)?.image.brokers.get(1)?.isFenced === true;
  cluster.until('its fence', isFenced);
  const registered = ask(registration({})) as { readonly error: string; readonly brokerEpoch: number };
  expect(registered.error).toBe('NONE');
  const { brokerEpoch } = registered;
  const beat = (): void => {
    ask({
      api: 'brokerHeartbeat',
      body: {
        brokerId: 1,
        brokerEpoch,
        metadataOffset: brokerEpoch,
        wantFence: false,
        wantShutDown: false,
        failedLogs: [],
        isMetadataStuck: false,
        noRoom: '',
      },
    });
  };
  beat();
  const second = create('second');
  cluster.rejoin(1);
  cluster.until('the old process hears of it', () => {
    beat();
    return cluster.nodes.get(1)?.image.topics.has(second) === true;
  });
  cluster.clock.advance(500);
  expect(leads()).toEqual([]);
  for (const topicId of [first, second]) {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    const body = { acks: 1, timeoutMs: 1000, partitions: [part] };
    expect(cluster.ask(1, { api: 'produce', body }).partitions[0]?.error).not.toBe('NONE');
  }
});

it.each([
  { directoryId: 'no directory' },
  { incarnation: '' },
  { port: 70_000 },
  { port: -1 },
  { maxMetadataVersion: 2 ** 20 },
])('X13 a registration that cannot be written down is refused, and the controller lives: %o', (more) => {
  const { cluster, ask } = replacedBroker();
  cluster.kill(1);
  const isFenced = (): boolean => cluster.nodes.get(2)?.image.brokers.get(1)?.isFenced === true;
  cluster.until('its fence', isFenced);
  expect(ask(registration(more))).toMatchObject({ error: 'INVALID_REQUEST' });
  expect(ask(registration({}))).toMatchObject({ error: 'NONE' });
});
