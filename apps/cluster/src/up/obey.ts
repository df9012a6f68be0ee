// Carries out the orders of `odradek chaos` on the supervised processes.

import { localFailure } from '../failure.ts';
import type { Obeyed, Order } from './orders.ts';
import type { Supervisor } from './supervisor.ts';

/** Carries out one order, and says so once it has taken effect. */
export async function obey(supervisor: Supervisor, order: Order): Promise<Obeyed> {
  const text = await carryOut(supervisor, order);
  return { text, nodes: supervisor.nodes() };
}

async function carryOut(supervisor: Supervisor, order: Order): Promise<string> {
  switch (order.do) {
    case 'kill':
      await Promise.all(order.nodes.map((id) => supervisor.kill(id)));
      return `killed ${listed(order.nodes)}; odradek chaos start ${order.nodes.join(' ')} brings ${them(order.nodes)} back`;
    case 'start':
      return `started ${listed(order.nodes)}${waitingText(await Promise.all(order.nodes.map((id) => supervisor.start(id))))}`;
    case 'restart': {
      const waits: (string | undefined)[] = [];
      // One after the other, as an operator would, so that a quorum of the others is there.
      for (const id of order.nodes) waits.push(await supervisor.restart(id));
      return `restarted ${listed(order.nodes)}${waitingText(waits)}`;
    }
    case 'pause':
      for (const id of order.nodes) supervisor.pause(id);
      return `paused ${listed(order.nodes)}; odradek chaos resume ${order.nodes.join(' ')} lets ${them(order.nodes)} go on`;
    case 'resume':
      for (const id of order.nodes) supervisor.resume(id);
      return `resumed ${listed(order.nodes)}`;
    case 'cut':
      return cut(supervisor, order.from, order.to, order.isOneWay);
    case 'slow':
      return slow(supervisor, order.node, order.what, order.delayMs);
    case 'fill':
      supervisor.changeFaults(order.node, 'has no room left on its disk', (faults) => ({
        ...faults,
        isDiskFull: true,
      }));
      return `the disk of node ${order.node} is full; odradek chaos heal gives it room`;
    case 'fail':
      supervisor.changeFaults(order.node, 'fails to flush its partitions', (faults) => ({
        ...faults,
        failsFlushes: true,
      }));
      return `flushes of node ${order.node} fail; what has failed stays so until odradek chaos heal and a restart`;
    case 'heal':
      supervisor.healAll();
      return 'all nodes hear each other, and no disk is slow, full or failing';
  }
}

/** Of nodes that run: that they do not serve, and for what they wait. */
function waitingText(waits: readonly (string | undefined)[]): string {
  const why = new Set(waits.filter((problem) => problem !== undefined));
  const run = waits.length === 1 ? 'runs and does' : 'run and do';
  return why.size === 0 ? '' : `, which ${run} not serve yet: ${[...why].join('; ')}`;
}

function cut(supervisor: Supervisor, from: number, to: number, isOneWay: boolean): string {
  if (from === to) throw localFailure('INVALID_REQUEST', `node ${from} cannot be cut off from itself`);
  const ids = supervisor.nodes().map((node) => node.id);
  const missing = [from, to].find((id) => !ids.includes(id));
  if (missing !== undefined)
    throw localFailure('INVALID_REQUEST', `there is no node ${missing}`, `There are: ${ids.join(', ')}.`);
  cutTo(supervisor, from, to);
  if (isOneWay) return `nothing gets from node ${from} to node ${to}`;
  cutTo(supervisor, to, from);
  return `nodes ${from} and ${to} do not hear each other`;
}

function cutTo(supervisor: Supervisor, from: number, to: number): void {
  supervisor.changeFaults(from, `is cut off from node ${to}, which hears nothing from it`, (faults) => ({
    ...faults,
    cutTo: faults.cutTo.includes(to) ? faults.cutTo : [...faults.cutTo, to],
  }));
}

function slow(supervisor: Supervisor, node: number, what: 'network' | 'disk', delayMs: number): string {
  const isNetwork = what === 'network';
  const news = isNetwork
    ? `what it sends arrives ${delayMs} ms later`
    : `every flush takes ${delayMs} ms longer`;
  supervisor.changeFaults(node, news, (faults) =>
    isNetwork ? { ...faults, networkDelayMs: delayMs } : { ...faults, diskDelayMs: delayMs },
  );
  return isNetwork
    ? `what node ${node} sends arrives ${delayMs} ms later`
    : `every flush of node ${node} takes ${delayMs} ms longer`;
}

function them(ids: readonly number[]): string {
  return ids.length === 1 ? 'it' : 'them';
}

function listed(ids: readonly number[]): string {
  return ids.length === 1 ? `node ${ids[0]}` : `nodes ${ids.join(', ')}`;
}
