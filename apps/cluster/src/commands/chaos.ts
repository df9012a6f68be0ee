// Break a cluster that `up` runs on this machine: real processes, real signals.

import { clusterOfUp } from '../bootstrap.ts';
import { connectFailure, usageFailure } from '../failure.ts';
import type { Outcome } from '../output.ts';
import type { Session } from '../session.ts';
import { giveOrder } from '../up/control-socket.ts';
import { isRunning } from '../up/known-clusters.ts';
import type { Order } from '../up/orders.ts';

/** Options that every chaos command has. */
export interface ChaosOptions {
  readonly dataDir?: string;
}

async function order(session: Session, options: ChaosOptions, what: Order): Promise<Outcome> {
  const { dataDirectory, file } = clusterOfUp(session, options.dataDir);
  if (file.control === null || !isRunning(file))
    throw connectFailure(
      `the cluster in ${dataDirectory} is not running`,
      `Chaos works on a cluster that runs in another terminal: \`odradek up --data-dir ${dataDirectory}\`.`,
    );
  const { text, nodes } = await giveOrder(file.control.port, file.control.token, what);
  return { data: { nodes }, text };
}

type SignalOrder = Extract<Order, { readonly nodes: readonly number[] }>['do'];

/** `chaos kill|start|restart|pause|resume ID…` */
export function signal(
  kind: SignalOrder,
): (session: Session, nodes: readonly number[], options: ChaosOptions) => Promise<Outcome> {
  return (session, nodes, options) => {
    if (new Set(nodes).size !== nodes.length) throw usageFailure('a node is named twice');
    return order(session, options, { do: kind, nodes });
  };
}

/** `chaos cut A B` */
export function cut(
  session: Session,
  from: number,
  to: number,
  options: ChaosOptions & { readonly oneWay?: boolean },
): Promise<Outcome> {
  return order(session, options, { do: 'cut', from, to, isOneWay: options.oneWay === true });
}

/** `chaos slow ID` */
export function slow(
  session: Session,
  node: number,
  options: ChaosOptions & { readonly ms: number; readonly disk?: boolean },
): Promise<Outcome> {
  const what = options.disk === true ? 'disk' : 'network';
  return order(session, options, { do: 'slow', node, what, delayMs: options.ms });
}

/** `chaos fill ID` */
export function fill(session: Session, node: number, options: ChaosOptions): Promise<Outcome> {
  return order(session, options, { do: 'fill', node });
}

/** `chaos fail ID` */
export function fail(session: Session, node: number, options: ChaosOptions): Promise<Outcome> {
  return order(session, options, { do: 'fail', node });
}

/** `chaos heal` */
export function heal(session: Session, options: ChaosOptions): Promise<Outcome> {
  return order(session, options, { do: 'heal' });
}
