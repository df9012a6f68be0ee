// The wire's socket over the WebSocket of the platform, against a server of another maker.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Socket, WIRE_PATH, WIRE_SUBPROTOCOL } from '@odradek/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket as Accepted, WebSocketServer } from 'ws';
import { browserDial } from '../src/dial.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Dialled {
  readonly socket: Socket;
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly refused: boolean; readonly reason: string }>;
  readonly heard: Uint8Array[];
}

function dialled(address: { readonly host: string; readonly port: number }): Dialled {
  const heard: Uint8Array[] = [];
  let socket: Socket | undefined;
  let closed: Dialled['closed'] | undefined;
  const opened = new Promise<void>((resolve) => {
    closed = new Promise((ended) => {
      socket = browserDial(address, {
        opened: resolve,
        message: (bytes) => void heard.push(bytes),
        closed: ended,
        drained: () => {},
      });
    });
  });
  if (socket === undefined || closed === undefined) throw new Error('it was not dialled');
  return { socket, opened, closed, heard };
}

/** A server, and the first that it accepts. */
async function listening() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection').then(([web, request]) => ({
    web: web as Accepted,
    path: (request as { url?: string }).url,
  }));
  closing.push(() => {
    for (const web of server.clients) web.terminate();
    server.close();
  });
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, accepted };
}

describe('browserDial', () => {
  it('speaks the wire where the wire is spoken: pieces leave as one message, and bytes come back', async () => {
    const { address, accepted } = await listening();
    const { socket, opened, heard } = dialled(address);
    await opened;
    const { web, path } = await accepted;
    expect([path, web.protocol]).toEqual([WIRE_PATH, WIRE_SUBPROTOCOL]);
    socket.send([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    const [message, isBinary] = await once(web, 'message');
    expect([...(message as Buffer), isBinary]).toEqual([1, 2, 3, true]);
    web.send(Uint8Array.of(4, 5));
    await expect.poll(() => heard).toEqual([Uint8Array.of(4, 5)]);
    expect(socket.receivedBytes).toBe(2);
  });

  it('says why a connection ended, and that one that never was has sent nothing', async () => {
    const { address, accepted } = await listening();
    const one = dialled(address);
    await one.opened;
    (await accepted).web.close(1001, 'the node is stopping');
    expect(await one.closed).toEqual({ refused: false, reason: 'the node is stopping' });
    for (const close of closing.splice(0)) close();
    const other = dialled(address);
    expect(await other.closed).toMatchObject({ refused: true });
  });

  it('X11: text is no message of the wire: whoever sends it is left', async () => {
    const { address, accepted } = await listening();
    const { opened, heard } = dialled(address);
    await opened;
    const { web } = await accepted;
    web.send('milk');
    const [code] = await once(web, 'close');
    expect([code, heard]).toEqual([4003, []]);
  });

  it('X13: what is no address is dialled in vain, later and with a reason', async () => {
    for (const [host, port] of [
      ['no host', 9092],
      ['127.0.0.1', 0],
      ['a/b', 1],
    ] as const) {
      const { closed } = dialled({ host, port });
      const { refused, reason } = await closed;
      expect([refused, reason]).toEqual([false, expect.stringContaining('is no address')]);
    }
  });
});
