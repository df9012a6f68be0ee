import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BreakDoor, type GiveOrder } from '../../src/console/break-door.ts';
import { localFailure } from '../../src/failure.ts';
import type { Order } from '../../src/up/orders.ts';

function posted(
  body: string,
  headers: Record<string, string> = { 'x-odradek-console': '1' },
): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'POST', headers });
  request.push(body);
  request.push(null);
  return request;
}

function door(obey?: GiveOrder) {
  const given: Order[] = [];
  const give: GiveOrder = async (order) => {
    given.push(order);
    return (await obey?.(order)) ?? { text: 'done', nodes: [] };
  };
  return { given, door: new BreakDoor(1, give) };
}

describe('/break', () => {
  it('an order is handed on, and what came of it is told', async () => {
    const { given, door: breaking } = door();
    const order = { do: 'kill', nodes: [2] };
    expect(await breaking.answer(posted(JSON.stringify(order)))).toEqual({
      status: 200,
      body: { ok: true, data: { text: 'done', nodes: [] } },
    });
    expect(given).toEqual([order]);
  });

  it('what cannot be done is said as the command says it', async () => {
    const { door: breaking } = door(() =>
      Promise.reject(localFailure('INVALID_REQUEST', 'node 2 is down', 'start it')),
    );
    expect(await breaking.answer(posted('{"do":"kill","nodes":[2]}'))).toEqual({
      status: 409,
      body: { ok: false, error: { code: 'INVALID_REQUEST', message: 'node 2 is down', hint: 'start it' } },
    });
  });

  it('the node that serves the page answers before it is ended', async () => {
    const { given, door: breaking } = door();
    const answer = await breaking.answer(posted('{"do":"kill","nodes":[1]}'));
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ data: { text: expect.stringContaining('node 1 is being killed') } });
    expect(given).toEqual([]);
    answer.afterwards?.();
    expect(given).toEqual([{ do: 'kill', nodes: [1] }]);
  });

  it('refuses who is not the console, what is no order, and where nobody obeys', async () => {
    const { given, door: breaking } = door();
    expect((await breaking.answer(posted('{"do":"heal"}', {}))).status).toBe(403);
    for (const body of ['', '{', '{"do":"format"}', '{"do":"kill","nodes":["2; rm"]}', ' '.repeat(5000)])
      expect((await breaking.answer(posted(body))).status).toBe(400);
    const answer = await new BreakDoor(1, undefined).answer(posted('{"do":"heal"}'));
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'CLUSTER_AUTHORIZATION_FAILED' } } });
    expect(given).toEqual([]);
  });
});
