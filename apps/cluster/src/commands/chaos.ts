// Break a cluster that `up` runs on this machine: real processes, real signals.

import { connectFailure, usageFailure } from '../failure.ts';
import type { Outcome } from '../output.ts';
import type { Session } from '../session.ts';
import { readClusterFile, rememberedCluster } from '../up/cluster-file.ts';
import { giveOrder } from '../up/control-socket.ts';
import type { Order } from '../up/orders.ts';

/** Options that every chaos command has. */
export interface ChaosOptions {
  readonly dataDir?: string;
}

async function order(session: Session, options: ChaosOptions, what: Order): Promise<Outcome> {
  const file =
    options.dataDir === undefined
      ? rememberedCluster(session.environment)?.file
      : readClusterFile(options.dataDir);
  if (file === undefined)
    throw connectFailure(
      options.dataDir === undefined
        ? '`odradek up` has started no cluster on this machine'
        : `there is no cluster in ${options.dataDir}`,
      'Chaos works on a cluster that `odradek up` runs in another terminal.',
    );
  if (file.control === null)
    throw connectFailure('the cluster is not running', 'Start it with `odradek up`.');
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
