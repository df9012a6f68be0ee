// What `odradek chaos` and the console may ask of a running `up`.

import type { BreakOrder } from '@odradek/trace';

/** One order. */
export type Order = BreakOrder;

/** How an order ended: in words, and every node's process. */
export interface Obeyed {
  readonly text: string;
  readonly nodes: readonly { readonly id: number; readonly state: NodeState; readonly pid: number | null }[];
}

/** A node's process as its supervisor knows it. */
export type NodeState = 'down' | 'starting' | 'running' | 'paused' | 'stopping';

/** Checks what came over the control socket. Undefined when it is no order. */
export function orderOf(value: unknown): Order | undefined {
  if (typeof value !== 'object' || value === null || !('do' in value)) return undefined;
  const order: Readonly<Record<string, unknown>> = { ...value };
  switch (order.do) {
    case 'kill':
    case 'start':
    case 'restart':
    case 'pause':
    case 'resume': {
      const { nodes } = order;
      return Array.isArray(nodes) && nodes.every(isId) ? { do: order.do, nodes } : undefined;
    }
    case 'cut': {
      const { from, to, isOneWay } = order;
      return isId(from) && isId(to) && typeof isOneWay === 'boolean'
        ? { do: 'cut', from, to, isOneWay }
        : undefined;
    }
    case 'slow': {
      const { node, what, delayMs } = order;
      const isKnown = what === 'network' || what === 'disk';
      return isId(node) && isKnown && isId(delayMs) ? { do: 'slow', node, what, delayMs } : undefined;
    }
    case 'fill':
    case 'fail':
      return isId(order.node) ? { do: order.do, node: order.node } : undefined;
    case 'heal':
      return { do: 'heal' };
    default:
      return undefined;
  }
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
