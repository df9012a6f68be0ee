import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { SocketEnd } from '@odradek/wire';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createDial } from '../src/web-socket.ts';

const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** What a server gets of one connection, up to its end. */
async function received(use: (socket: ReturnType<ReturnType<typeof createDial>>) => void): Promise<Buffer[]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 2 ** 27 });
  servers.push(server);
  await once(server, 'listening');
  const messages: Buffer[] = [];
  const ended = new Promise<void>((resolve) =>
    server.on('connection', (socket) => {
      socket.on('message', (message: Buffer) => messages.push(message));
      socket.on('close', () => resolve());
    }),
  );
  const { port } = server.address() as AddressInfo;
  const ignore = (): void => undefined;
  const socket = createDial()(
    { host: '127.0.0.1', port },
    { opened: () => use(socket), message: ignore, drained: ignore, closed: ignore },
  );
  await ended;
  return messages;
}

const filled = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

it('the messages of one turn arrive whole and in order, whatever the sizes of their pieces', async () => {
  // Around the sizes at which pieces are joined, and at which the head of a frame grows.
  const sent = [
    [filled(10, 1), filled(5000, 2), filled(3, 3), filled(100_000, 4), filled(4096, 5), filled(4097, 6)],
    [filled(125, 7)],
    [filled(126, 8)],
    [],
    [filled(65_535, 9)],
    [filled(65_536, 10), filled(1, 11)],
    [filled(2, 12), filled(3, 13)],
  ];
  const messages = await received((socket) => {
    for (const pieces of sent) socket.send(pieces);
    socket.close('done');
  });
  expect(messages.map((message) => Buffer.from(message))).toEqual(
    sent.map((pieces) => Buffer.concat(pieces)),
  );
});

it('what waits for the end of the turn counts as buffered', async () => {
  let before = -1;
  await received((socket) => {
    socket.send([filled(1000, 1)]);
    before = socket.bufferedBytes;
    socket.close('done');
  });
  expect(before).toBeGreaterThanOrEqual(1000);
});

it('much of one turn goes out before its end', async () => {
  const buffered: number[] = [];
  await received((socket) => {
    for (let count = 0; count < 3; count++) {
      socket.send([filled(16_500, 1)]);
      buffered.push(socket.bufferedBytes);
    }
    socket.close('done');
  });
  expect(buffered).toEqual([expect.any(Number), expect.any(Number), 0]);
  expect(buffered[1]).toBeGreaterThan(33_000);
});

it.each([
  ['a b', 9092],
  ['', 9092],
  ['evil/../path', 9092],
  ['a@b', 9092],
  ['[::1', 9092],
  ['localhost', 70_000],
  ['localhost', 0],
  ['localhost', -1],
])('X13: whoever dials %j, port %d, hears later that this is no address', async (host, port) => {
  let isWithinTheCall = true;
  const end = await new Promise<SocketEnd>((resolve) => {
    const nothing = (): void => undefined;
    const closed = (heard: SocketEnd): void => {
      expect(isWithinTheCall).toBe(false);
      resolve(heard);
    };
    const socket = createDial()(
      { host, port },
      { opened: nothing, message: nothing, drained: nothing, closed },
    );
    socket.send([Uint8Array.of(1)]);
    socket.close('enough');
    isWithinTheCall = false;
  });
  expect(end).toEqual({ refused: false, reason: expect.stringContaining('is no address') });
});
