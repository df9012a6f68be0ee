import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Relay } from '../../src/console/relay.ts';
import { eventually } from '../support/eventually.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A node behind, and one that hands on to it. */
async function pair(onWeb: (web: WebSocket, request: { headers: object; url?: string | undefined }) => void) {
  const behind = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  behind.on('connection', onWeb);
  await once(behind, 'listening');
  const { port } = behind.address() as AddressInfo;
  const front = await frontOf({ host: '127.0.0.1', port });
  closing.push(() => {
    for (const web of behind.clients) web.terminate();
    behind.close();
  });
  return front;
}

async function frontOf(address: { host: string; port: number }, connectTimeoutMs = 3000) {
  const relay = new Relay({ addressOf: (id) => (id === 2 ? address : undefined), connectTimeoutMs });
  const server = createHttpServer();
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    relay.take(request, socket, head, Number(request.url?.slice(1)), '/watch');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    relay.close();
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, relay };
}

describe('Relay', () => {
  it('hands on to the path it was told, under headers of its own, and bytes pass both ways', async () => {
    const seen: { headers: object; url?: string | undefined }[] = [];
    const { port } = await pair((web, request) => {
      seen.push({ headers: request.headers, url: request.url });
      web.on('message', (data) => web.send(`echo ${data}`));
    });
    const web = new WebSocket(`ws://127.0.0.1:${port}/2`, { headers: { origin: 'http://x', cookie: 'a=b' } });
    await once(web, 'open');
    web.send('hello');
    const [echoed] = await once(web, 'message');
    expect(String(echoed)).toBe('echo hello');
    expect(seen[0]?.url).toBe('/watch');
    expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual([
      ...['connection', 'host', 'sec-websocket-key', 'sec-websocket-version', 'upgrade'],
    ]);
    web.close(4001, 'done');
    const [code] = await once(web, 'close');
    expect(code).toBe(4001);
  });

  it('each side ends the other', async () => {
    const servers: WebSocket[] = [];
    const { port } = await pair((web) => servers.push(web));
    const one = new WebSocket(`ws://127.0.0.1:${port}/2`);
    await once(one, 'open');
    servers[0]?.close(4002, 'behind');
    expect((await once(one, 'close'))[0]).toBe(4002);
    const two = new WebSocket(`ws://127.0.0.1:${port}/2`);
    await once(two, 'open');
    two.terminate();
    await eventually('the other end is closed', () => servers[1]?.readyState === WebSocket.CLOSED);
  });

  it('who does not read slows down who writes: nothing piles up here', async () => {
    let server: WebSocket | undefined;
    const { port } = await pair((web) => {
      server = web;
    });
    const web = new WebSocket(`ws://127.0.0.1:${port}/2`);
    await once(web, 'open');
    web.pause();
    await eventually('the other end is there', () => server !== undefined);
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(1024 * 1024);
    for (let n = 0; n < 64; n++) server?.send(chunk);
    let last = -1;
    await eventually('it stands still', () => {
      const now = server?.bufferedAmount ?? 0;
      const stands = now === last;
      last = now;
      return stands;
    });
    // What is not taken stays with who sends it.
    expect(server?.bufferedAmount ?? 0).toBeGreaterThan(40 * 1024 * 1024);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
    let received = 0;
    web.on('message', (data: Buffer) => {
      received += data.length;
    });
    web.resume();
    await eventually('all has come', () => received === 64 * chunk.length);
    web.terminate();
  });

  it('a node that is none, that refuses, or that is silent is said to be so', async () => {
    const free = createServer();
    free.listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port: closedPort } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const { port } = await frontOf({ host: '127.0.0.1', port: closedPort });
    await expect(once(new WebSocket(`ws://127.0.0.1:${port}/7`), 'open')).rejects.toThrow('404');
    await expect(once(new WebSocket(`ws://127.0.0.1:${port}/2`), 'open')).rejects.toThrow('502');
    const silent: Socket[] = [];
    const mute = createServer((socket) => silent.push(socket));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    closing.push(() => {
      for (const socket of silent) socket.destroy();
      mute.close();
    });
    const address = { host: '127.0.0.1', port: (mute.address() as AddressInfo).port };
    const hasty = await frontOf(address, 50);
    await expect(once(new WebSocket(`ws://127.0.0.1:${hasty.port}/2`), 'open')).rejects.toThrow('502');
    silent.pop()?.destroy();
    const front = await frontOf(address);
    const waiting = new WebSocket(`ws://127.0.0.1:${front.port}/2`);
    waiting.on('error', () => undefined);
    await eventually('it is handed on', () => silent.length === 1);
    waiting.terminate();
    silent[0]?.resume();
    await eventually('the silent one is left', () => silent[0]?.readableEnded === true);
  });
});
