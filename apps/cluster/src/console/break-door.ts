// `POST /break`: what `odradek chaos` does, asked for by the console. Only nodes that `up` has started have somebody who obeys.

import type { IncomingMessage } from 'node:http';
import { failureOf } from '../failure.ts';
import { type Obeyed, type Order, orderOf } from '../up/orders.ts';

/** Gives an order to the `up` that runs this node. */
export type GiveOrder = (order: Order) => Promise<Obeyed>;

export interface BreakAnswer {
  readonly status: number;
  readonly body: object;
  /** To be done once the answer has left. */
  readonly afterwards?: () => void;
}

/** A page of another site cannot send it without being asked by the browser whether it may, and it may not (X10). */
export const consoleHeader = 'x-odradek-console';

const mostOrderBytes = 4096;

export class BreakDoor {
  readonly #nodeId: number;
  readonly #give: GiveOrder | undefined;

  constructor(nodeId: number, give: GiveOrder | undefined) {
    this.#nodeId = nodeId;
    this.#give = give;
  }

  async answer(request: IncomingMessage): Promise<BreakAnswer> {
    if (request.headers[consoleHeader] === undefined)
      return refused(403, 'INVALID_REQUEST', `an order needs the header ${consoleHeader}`);
    const give = this.#give;
    if (give === undefined)
      return refused(
        403,
        'CLUSTER_AUTHORIZATION_FAILED',
        'nothing can be broken here: only `odradek up` takes orders, for the nodes that it has started',
      );
    const order = orderOf(await readJson(request));
    if (order === undefined) return refused(400, 'INVALID_REQUEST', 'this is not an order that `up` knows');
    // Who is about to be killed answers first.
    const end = endOf(order, this.#nodeId);
    if (end !== undefined)
      return {
        status: 202,
        body: {
          ok: true,
          data: {
            text: `node ${this.#nodeId} is being ${end}: it served this page, which asks another one now`,
          },
        },
        afterwards: () => void give(order).catch(() => undefined),
      };
    try {
      return { status: 200, body: { ok: true, data: await give(order) } };
    } catch (error) {
      const { code, message, hint } = failureOf(error);
      return { status: 409, body: { ok: false, error: { code, message, hint } } };
    }
  }
}

/** After these a node answers nothing, for a while at least. */
const ends = new Map<Order['do'], string>([
  ['kill', 'killed'],
  ['restart', 'restarted'],
  ['pause', 'paused'],
]);

function endOf(order: Order, id: number): string | undefined {
  return 'nodes' in order && order.nodes.includes(id) ? ends.get(order.do) : undefined;
}

function refused(status: number, code: string, message: string): BreakAnswer {
  return { status, body: { ok: false, error: { code, message } } };
}

/** Undefined when it is too long, or no JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > mostOrderBytes) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
