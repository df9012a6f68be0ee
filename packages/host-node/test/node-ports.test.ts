import { createHash } from 'node:crypto';
import type { ClientHandler, PeerHandler, RecordBytes } from '@odradek/model';
import { createClientLinks } from '@odradek/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nodeClock } from '../src/clock.ts';
import { nodeCompute } from '../src/compute.ts';
import { nodePorts } from '../src/node-ports.ts';
import { nodeRandom } from '../src/random.ts';
import { createDial } from '../src/web-socket.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { ask, realNode, until } from './two-nodes.ts';

const fetchRequest = {
  api: 'fetchReplicas',
  body: {
    brokerId: 1,
    brokerEpoch: 1,
    sessionId: 0,
    sessionEpoch: 0,
    maxWaitMs: 0,
    maxBytes: 1,
    partitions: [],
    forgotten: [],
  },
} as const;
const heartbeat = {
  api: 'brokerHeartbeat',
  body: {
    brokerId: 1,
    brokerEpoch: 1,
    metadataOffset: 0,
    wantFence: false,
    wantShutDown: false,
    failedLogs: [],
    isMetadataStuck: false,
    noRoom: '',
  },
} as const;

const megabyte = 1024 * 1024;
/** Ten batches of a megabyte, each of its own bytes. */
const batches = Array.from({ length: 10 }, (_, i) => new Uint8Array(megabyte).fill(i + 1));

function digest(pieces: RecordBytes): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

const answerFetches: PeerHandler['handle'] = (_peer, request, answer) => {
  if (request.api === 'brokerHeartbeat') {
    answer({
      api: 'brokerHeartbeat',
      body: { error: 'NONE', isFenced: false, isCaughtUp: true, shouldShutDown: false },
    });
    return;
  }
  const row = {
    topicId: 't',
    partition: 0,
    error: 'NONE',
    highWatermark: 9,
    logStartOffset: 0,
    logEndOffset: 9,
    producers: null,
  };
  answer({
    api: 'fetchReplicas',
    body: { error: 'NONE', sessionId: 0, partitions: [{ ...row, diverging: null, records: batches }] },
  });
};

const answerMetadata: ClientHandler['handle'] = (_client, _request, answer) =>
  answer({
    api: 'metadata',
    body: {
      error: 'NONE',
      errorMessage: null,
      clusterId: 'c',
      controllerId: 1,
      answeredBy: 1,
      brokers: [],
      topics: [],
    },
  });

describe('two nodes on loopback', () => {
  it('answers of 10 MB come whole while heartbeats pass on their own link', async () => {
    const one = await realNode(1);
    const two = await realNode(2, { handle: answerFetches });
    one.network.address(2, '127.0.0.1', two.port);
    let fetched = 0;
    let beatsMeanwhile = 0;
    const fetchAll = async (): Promise<void> => {
      for (let i = 0; i < 8; i++) {
        const reply = await ask(one, 2, 'data', fetchRequest);
        expect(reply).toMatchObject({ outcome: 'answered', response: { error: 'NONE' } });
        expect(digest(recordsOf(reply))).toBe(digest(batches));
        fetched += 1;
      }
    };
    const beat = async (): Promise<void> => {
      while (fetched < 8) {
        expect(await ask(one, 2, 'control', heartbeat)).toMatchObject({ response: { isCaughtUp: true } });
        beatsMeanwhile += 1;
      }
    };
    await Promise.all([fetchAll(), beat()]);
    expect(beatsMeanwhile).toBeGreaterThan(8);
    expect(two.evidence).toEqual([{ type: 'linked', peer: { id: 1, directoryId: 'd1', incarnation: 'i1' } }]);
    expect([...one.troubles, ...two.troubles]).toEqual([]);
  });

  it('large requests go the other way, masked with zeros', async () => {
    const sizes: number[] = [];
    const two = await realNode(2, {
      clients(_client, request, answer) {
        if (request.api !== 'produce') return;
        for (const { records } of request.body.partitions)
          sizes.push(records.reduce((sum, piece) => sum + piece.length, 0));
        answer({ api: 'produce', body: { error: 'NONE', errorMessage: null, partitions: [] } });
      },
    });
    const links = createClientLinks({
      clock: nodeClock,
      random: nodeRandom,
      compute: nodeCompute,
      dial: createDial(64 * megabyte),
    });
    const link = links.connect('bootstrap', { host: 'localhost', port: two.port });
    const produce = (records: RecordBytes) =>
      new Promise((resolve) => {
        const rows = [{ topicId: 't', partition: 0, leaderEpoch: 0, records }];
        const body = { acks: -1, timeoutMs: 1000, partitions: rows };
        link.request<'produce'>({ api: 'produce', body }, 10_000, resolve);
      });
    for (const records of [[], [new Uint8Array(100)], [new Uint8Array(40_000)], batches])
      expect(await produce(records)).toMatchObject({ outcome: 'answered' });
    expect(sizes).toEqual([0, 100, 40_000, 10 * megabyte]);
    links.close();
  });

  it('a refused address is evidence, and so are a link and its end', async () => {
    const one = await realNode(1);
    const two = await realNode(2);
    one.network.address(2, '127.0.0.1', two.port);
    one.network.probe(2);
    await until(() => two.evidence.length > 0 && one.evidence.length > 0);
    expect(one.evidence[0]).toEqual({ type: 'reached', id: 2 });
    await two.close();
    await until(() => one.evidence.some(({ type }) => type === 'refused'));
    expect(two.evidence.map(({ type }) => type)).toEqual(['linked', 'unlinked']);
  });

  it('a node with another secret is no peer', async () => {
    const two = await realNode(2, { handle: answerFetches });
    const stranger = await realNode(1, { secret: new Uint8Array(32) });
    stranger.network.address(2, '127.0.0.1', two.port);
    expect(await ask(stranger, 2, 'control', heartbeat)).toEqual({
      outcome: 'failed',
      reason: 'disconnected',
    });
    expect(two.evidence).toEqual([]);
  });

  it('a frame above the limit ends its connection only', async () => {
    const two = await realNode(2, { handle: answerFetches });
    const one = await realNode(1, { limits: { maxFrameBytes: megabyte } });
    one.network.address(2, '127.0.0.1', two.port);
    expect(await ask(one, 2, 'data', fetchRequest)).toEqual({ outcome: 'failed', reason: 'disconnected' });
    expect(await ask(one, 2, 'control', heartbeat)).toMatchObject({ outcome: 'answered' });
  });
});

describe('where a node listens', () => {
  const node = (host: string, secret: Uint8Array | undefined) =>
    nodePorts({
      directory: temporaryDirectory(),
      clusterId: 'c',
      nodeId: 1,
      directoryId: 'd',
      incarnation: 'i',
      secret,
      listen: { host },
    });

  it('not beyond loopback without a secret', async () => {
    await expect(node('0.0.0.0', undefined).listen()).rejects.toThrow(
      'listening on 0.0.0.0 needs odradek.cluster.secret.file',
    );
    const loopback = node('127.0.0.1', undefined);
    expect((await loopback.listen()).port).toBeGreaterThan(0);
    await loopback.close();
  });

  it('X7 the client above a limit that has changed is told so, and a node has room of its own', async () => {
    const one = await realNode(1, { handle: answerFetches, clients: answerMetadata });
    const other = await realNode(2);
    other.network.address(1, '127.0.0.1', one.port);
    one.limitConnections(1);
    const links = createClientLinks({
      clock: nodeClock,
      random: nodeRandom,
      compute: nodeCompute,
      dial: createDial(),
    });
    onTestFinished(() => links.close());
    const asked = (name: string) =>
      new Promise<unknown>((resolve) => {
        const link = links.connect(name, { host: '127.0.0.1', port: one.port });
        link.request({ api: 'metadata', body: { topics: [] } }, 10_000, resolve);
      });
    expect(await asked('first')).toMatchObject({ outcome: 'answered' });
    const refused = await asked('second');
    expect(refused).toMatchObject({ outcome: 'failed' });
    expect(JSON.stringify(refused)).toContain(
      '1 clients are connected, and more are not taken (max.connections)',
    );
    expect(await ask(other, 1, 'control', heartbeat)).toMatchObject({ outcome: 'answered' });
  });

  it('a port that is taken is told', async () => {
    const one = await realNode(1);
    const other = await realNode(2, { listen: { port: 0 } });
    expect(other.port).not.toBe(one.port);
    await expect(realNode(3, { listen: { port: one.port } })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: `127.0.0.1:${one.port} cannot be listened on`,
      cause: { code: 'EADDRINUSE' },
    });
  });
});

/** The records of the only partition in a fetch's reply. */
function recordsOf(reply: unknown): RecordBytes {
  const { response } = reply as { response: { partitions: { records: RecordBytes }[] } };
  return response.partitions[0]?.records ?? [];
}
