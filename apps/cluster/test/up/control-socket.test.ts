import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { localFailure } from '../../src/failure.ts';
import { type ControlSocket, giveOrder, serveControl } from '../../src/up/control-socket.ts';
import type { Order } from '../../src/up/orders.ts';

async function withSocket(work: (socket: ControlSocket, orders: Order[]) => Promise<void>): Promise<void> {
  const orders: Order[] = [];
  const socket = await serveControl('right', async (order) => {
    orders.push(order);
    if (order.do === 'fill') throw localFailure('INVALID_REQUEST', 'there is no node 9', 'There are: 1.');
    return { text: 'done', nodes: [] };
  });
  try {
    await work(socket, orders);
  } finally {
    socket.close();
  }
}

function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('the control socket', () => {
  it('carries an order and its answer', () =>
    withSocket(async ({ port }, orders) => {
      const order: Order = { do: 'cut', from: 1, to: 2, isOneWay: true };
      expect(await giveOrder(port, 'right', order)).toEqual({ text: 'done', nodes: [] });
      expect(orders).toEqual([order]);
    }));

  it('takes no order without the token', () =>
    withSocket(async ({ port }, orders) => {
      const refused = giveOrder(port, 'wrong', { do: 'heal' });
      await expect(refused).rejects.toMatchObject({ code: 'CLUSTER_AUTHORIZATION_FAILED' });
      expect(await sendRaw(port, '{"order":{"do":"heal"}}\n')).toContain('CLUSTER_AUTHORIZATION_FAILED');
      expect(orders).toEqual([]);
    }));

  it('answers a failure with its name and hint', () =>
    withSocket(async ({ port }) => {
      const refused = giveOrder(port, 'right', { do: 'fill', node: 9 });
      await expect(refused).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
        hint: 'There are: 1.',
        exitCode: 1,
      });
    }));

  it('refuses what is no order, no JSON, or too long', () =>
    withSocket(async ({ port }, orders) => {
      expect(await sendRaw(port, '{"token":"right","order":{"do":"kill","nodes":["1"]}}\n')).toContain(
        'INVALID_REQUEST',
      );
      expect(await sendRaw(port, 'GET / HTTP/1.1\n')).toContain('one line of JSON');
      expect(await sendRaw(port, 'x'.repeat(5000))).toBe('');
      expect(orders).toEqual([]);
    }));

  it('says that up is gone when nobody listens', async () => {
    const socket = await serveControl('right', async () => ({ text: '', nodes: [] }));
    socket.close();
    await expect(giveOrder(socket.port, 'right', { do: 'heal' })).rejects.toMatchObject({
      code: 'CONNECT',
      exitCode: 3,
    });
  });
});
