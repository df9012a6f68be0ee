// Watching one real node over its one port.

import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../src/connect.ts';
import type { RunningNode } from '../../src/node.ts';
import { eventually } from '../support/eventually.ts';
import { OneNode } from '../support/one-node.ts';
import { TestViewer } from '../support/viewer.ts';

const nodes = new OneNode();
const viewers: TestViewer[] = [];
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.drop();
  await nodes.end();
});

async function running(settings: Readonly<Record<string, string>> = {}): Promise<RunningNode> {
  const node = await nodes.start([], settings);
  await node.ready;
  return node;
}

async function watching({ port }: RunningNode): Promise<TestViewer> {
  const viewer = await new TestViewer(port).connect();
  viewers.push(viewer);
  await eventually('the picture is there', () => viewer.world.brokers.size === 1);
  return viewer;
}

async function produce(node: RunningNode, values: readonly string[]): Promise<void> {
  const client = connect([node]);
  try {
    const { name: topic } = { name: 'laser' };
    if (!(await client.admin().listTopics()).some((one) => one.name === topic))
      await client.admin().createTopic({ name: topic, partitions: 1 });
    const producer = client.producer();
    for (const value of values) await producer.send({ topic, partition: 0, value });
  } finally {
    await client.close();
  }
}

describe('/watch', () => {
  it('tells the node as it is: who, actors, cluster, the story so far', async () => {
    const node = await running();
    const { world } = await watching(node);
    expect(world.hellos.get('')).toMatchObject({ nodeId: 1, allowed: [] });
    expect(world.actors.get('broker-1/broker')).toMatchObject({
      machine: 'broker',
      value: { running: 'serving' },
    });
    expect(world.actors.get('broker-1/quorum')?.value).toHaveProperty('leader');
    expect(world.charts.has('quorum')).toBe(true);
    expect(world.controller).toEqual({ id: 1, epoch: 1 });
    expect([...world.brokers.values()]).toMatchObject([{ id: 1, state: 'running', port: node.port }]);
    expect(world.story.map(({ event }) => event)).toContain('controller active');
  });

  it('what happens is told: actors that come, steps, replicas that move, messages of clients', async () => {
    const node = await running();
    const viewer = await watching(node);
    await produce(node, ['one', 'two', 'three']);
    await eventually('the records are seen', () => {
      const replica = viewer.world.replicas.get('1/laser-0');
      return replica?.highWatermark === 3 && replica.role === 'leader';
    });
    const { world, heard } = viewer;
    expect(world.actors.get('broker-1/laser-0')?.value).toMatchObject({});
    expect(world.topics.get('laser')?.partitions).toMatchObject([{ leader: 1, inSyncReplicas: [1] }]);
    const taken = [...(world.edgesTaken.get('leaderReplica')?.entries() ?? world.edgesTaken.entries())];
    expect(taken.length).toBeGreaterThan(0);
    const sent = heard.flatMap((message) => (message.kind === 'messages' ? message.sent : []));
    expect(sent.filter(({ name }) => name === 'produce').reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect(sent.some(({ from, name }) => from === 1 && name === 'produce answer')).toBe(true);
    expect(heard.some((message) => message.kind === 'said' && message.event === 'topic created')).toBe(true);
    const sessions = [...world.actors.keys()].filter((path) => path.startsWith('broker-1/network/session-'));
    await eventually('sessions that ended are gone', () =>
      sessions.every((path) => !viewer.world.actors.has(path)),
    );
  });

  it('under load each request is counted once, told as a step or not', async () => {
    const node = await running();
    const viewer = await watching(node);
    await produce(
      node,
      Array.from({ length: 200 }, (_, n) => `record ${n}`),
    );
    await eventually('all is told', () => viewer.world.replicas.get('1/laser-0')?.highWatermark === 200);
    const produced = (): number =>
      [...viewer.world.edgesTaken.values()]
        .flatMap((edges) => [...edges])
        .filter(([key]) => key.split('\u0001')[1] === 'produce')
        .reduce((sum, [, taken]) => sum + taken, 0);
    await eventually('all is counted', () => produced() === 200);
    expect(viewer.world.missed).toBe(0);
  });

  it('a connection that broke goes on where it was; one that was away too long begins anew', async () => {
    const node = await running();
    const viewer = await watching(node);
    viewer.drop();
    await produce(node, ['while nobody listens']);
    await viewer.connect();
    await eventually('it has caught up', () => viewer.world.replicas.get('1/laser-0')?.highWatermark === 1);
    expect(viewer.streams).toBe(1);
    expect(viewer.world.missed).toBe(0);
    const stranger = new WebSocket(`ws://127.0.0.1:${node.port}/watch?stream=nobody&after=7`);
    const [opening] = await once(stranger, 'message');
    expect(JSON.parse(String(opening))).toMatchObject({ next: 1 });
    stranger.terminate();
  });

  it('a look answers with values and what can happen next', async () => {
    const node = await running();
    const viewer = await watching(node);
    const paths = [...viewer.world.actors.keys()];
    for (const [id, path] of paths.entries()) viewer.ask({ ask: 'look', id, path });
    await eventually('all are answered', () => viewer.answers.length === paths.length);
    const broker = viewer.answers.find(({ path }) => path === 'broker-1/broker');
    expect(broker?.state?.value).toEqual({ running: 'serving' });
    expect(broker?.next?.length).toBeGreaterThan(0);
  });

  it('X13: who says what is no request, or too many of them, costs its own connection', async () => {
    const node = await running();
    const one = await watching(node);
    one.say('{"ask":"kill"}');
    await eventually('it is hung up on', () => one.ended === '1007 ask must be "watch" or "look"');
    const two = await watching(node);
    two.say(Uint8Array.of(1));
    await eventually('it is hung up on', () => two.ended === '1003 a request is text');
    const three = await watching(node);
    for (let n = 0; n < 60; n++) three.ask({ ask: 'look', id: n, path: 'nobody' });
    await eventually('it is hung up on', () => three.ended === '1008 more than 50 requests in a second');
    const four = await watching(node);
    four.say('x'.repeat(100_000));
    await eventually('it is hung up on', () => four.ended?.startsWith('1009') === true);
    expect((await watching(node)).world.brokers.size).toBe(1);
  });

  it('so many may watch, and one more is told so', async () => {
    const node = await running();
    for (let n = 0; n < 32; n++) viewers.push(await new TestViewer(node.port).connect());
    const more = await new TestViewer(node.port).connect();
    await eventually('it is refused', () => more.ended === '1013 32 watch already');
    viewers[0]?.drop();
    // Who has left makes room, although its stream is still remembered.
    await eventually('there is room', async () => {
      const next = await new TestViewer(node.port).connect();
      viewers.push(next);
      await eventually('it is answered', () => next.streams === 1 || next.ended !== undefined);
      return next.streams === 1;
    });
  });

  it('X10: is refused to pages of other sites', async () => {
    const { port } = await running();
    await expect(new TestViewer(port).connect({ origin: 'http://evil.example' })).rejects.toThrow('403');
    await expect(new TestViewer(port, '/watch/7').connect({ origin: 'http://evil.example' })).rejects.toThrow(
      '403',
    );
    await expect(new TestViewer(port, '/client/1').connect({ host: 'rebound.example' })).rejects.toThrow(
      '403',
    );
  });

  it('X10: a page that another node of the cluster has served may watch and break here', async () => {
    const node = await running();
    await watching(node);
    const origin = `http://localhost:${node.port}`;
    await (await new TestViewer(node.port).connect({ origin })).close();
    const asked = await fetch(`http://127.0.0.1:${node.port}/break`, {
      method: 'OPTIONS',
      headers: { origin },
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const stranger = { origin: `http://localhost:${node.port + 1}` };
    await expect(new TestViewer(node.port).connect(stranger)).rejects.toThrow('403');
    const refused = await fetch(`http://127.0.0.1:${node.port}/break`, {
      method: 'OPTIONS',
      headers: stranger,
    });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const elsewhere = await fetch(`http://127.0.0.1:${node.port}/metrics`, {
      method: 'OPTIONS',
      headers: { origin },
    });
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('the node says what the console may do', async () => {
    const node = await running({ 'odradek.console.allow': 'administer' });
    expect((await watching(node)).world.hellos.get('')?.allowed).toEqual(['administer']);
  });
});

describe('handed on', () => {
  it('/client/N speaks the wire of node N, and /watch/N of a node that is not there is refused', async () => {
    const { port } = await running();
    await expect(new TestViewer(port, '/watch/7').connect()).rejects.toThrow('404');
    const web = new WebSocket(`ws://127.0.0.1:${port}/client/1`, 'odradek');
    await once(web, 'open');
    expect(web.protocol).toBe('odradek');
    web.send(Buffer.from('no envelope'));
    const [code, reason] = (await once(web, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1000, 'an envelope must be an array']);
  });
});
