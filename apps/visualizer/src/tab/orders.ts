// What can be done by hand to the cluster in the tab, as statements of a schedule: what somebody did is a schedule too.

import type { BreakOrder } from '@odradek/trace';

/** What only a simulated cluster offers, besides what any cluster does. */
export type TabOrder =
  | BreakOrder
  /** The power of these nodes fails: what was not flushed may be gone. */
  | { readonly do: 'power'; readonly nodes: readonly number[] }
  | {
      readonly do: 'produce';
      readonly partition: string;
      readonly values: readonly string[];
      readonly acks: 'all' | '1' | '0';
    }
  | { readonly do: 'read'; readonly partition: string; readonly from: number }
  /** Whether a replica that may lack committed records may lead the topic's partitions. */
  | { readonly do: 'unclean'; readonly topic: string; readonly isOn: boolean }
  /** A client that sends a record now and then, or stops to. */
  | { readonly do: 'load'; readonly isOn: boolean };

export class OrderError extends Error {
  override readonly name = 'OrderError';
}

/** A disk as it is when nothing is wrong with it: the milliseconds that an order takes. */
const healthyDisk = '0..2';

/** The statements of an order; `nodeIds` are all there are. */
export function statementsFor(order: Exclude<TabOrder, { do: 'load' }>, nodeIds: readonly number[]): string {
  switch (order.do) {
    case 'kill':
      return `crash ${order.nodes.join(' ')}`;
    case 'power':
      return `power ${order.nodes.join(' ')}`;
    case 'start':
      return `start ${order.nodes.join(' ')}`;
    case 'restart':
      return `crash ${order.nodes.join(' ')}; start ${order.nodes.join(' ')}`;
    case 'pause':
      return `stop ${order.nodes.join(' ')}`;
    case 'resume':
      return `cont ${order.nodes.join(' ')}`;
    case 'cut':
      return `cut ${order.from}${order.isOneWay ? '>' : '|'}${order.to}`;
    case 'slow':
      return slowness(order);
    case 'fill':
      return `full ${order.node}`;
    case 'fail':
      return `fail ${order.node} sync EIO`;
    case 'heal':
      return [
        'heal',
        ...nodeIds.map((id) => `slow ${id}>* 0`),
        ...nodeIds.map((id) => `free ${id}; disk ${id} ${healthyDisk}`),
      ].join('; ');
    case 'produce':
      return `produce ${place(order.partition)} ${words(order.values).join(' ')} by=visitor-${order.acks} acks=${order.acks}`;
    case 'read':
      return `read ${place(order.partition)} from=${offset(order.from)}`;
    case 'unclean':
      return `configure ${place(order.topic)} unclean.leader.election.enable=${order.isOn}`;
  }
}

/** What an order has done, in words. */
export function outcomeOf(order: TabOrder): string {
  const nodes = 'nodes' in order ? nodesText(order.nodes) : '';
  switch (order.do) {
    case 'kill':
      return `${nodes} killed`;
    case 'power':
      return `the power of ${nodes} has failed`;
    case 'start':
      return `${nodes} started`;
    case 'restart':
      return `${nodes} killed and started`;
    case 'pause':
      return `${nodes} paused`;
    case 'resume':
      return `${nodes} resumed`;
    case 'cut':
      return order.isOneWay
        ? `nothing passes from ${order.from} to ${order.to}`
        : `nothing passes between ${order.from} and ${order.to}`;
    case 'slow':
      return `the ${order.what} of node ${order.node} takes ${order.delayMs} ms longer`;
    case 'fill':
      return `the disk of node ${order.node} is full`;
    case 'fail':
      return `the next flush at the disk of node ${order.node} fails`;
    case 'heal':
      return 'all nodes hear each other, and no disk is slow, full or failing';
    case 'produce':
      return `${order.values.join(', ')} sent to ${order.partition}`;
    case 'read':
      return `a reader begins at offset ${order.from} of ${order.partition}`;
    case 'unclean':
      return `unclean election of ${order.topic} is ${order.isOn ? 'allowed' : 'not allowed'}`;
    case 'load':
      return order.isOn ? 'a client sends records' : 'the client sends nothing more';
  }
}

function slowness({ node, what, delayMs }: Extract<TabOrder, { do: 'slow' }>): string {
  const ms = offset(delayMs);
  if (what === 'disk') return `disk ${node} ${ms === 0 ? healthyDisk : `${ms}..${ms + 2}`}`;
  return ms === 0 ? `slow ${node}>* 0` : `slow ${node}>* ${ms}..${ms + 2}`;
}

function nodesText(nodes: readonly number[]): string {
  return nodes.length === 1 ? `node ${nodes[0]}` : `nodes ${nodes.join(', ')}`;
}

/** A name as schedules can write it: what somebody typed must not become another statement. */
function place(name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new OrderError(`"${name}" is no name of a topic or partition`);
  return name;
}

function words(values: readonly string[]): readonly string[] {
  const wrong = values.find((value) => !/^[\p{L}\p{N}_.,!?:'-]+$/u.test(value));
  if (values.length === 0 || wrong !== undefined)
    throw new OrderError("A record is one word here: letters, digits and . , ! ? : ' -");
  return values;
}

function offset(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new OrderError(`${value}: a whole number from 0 is needed`);
  return value;
}
