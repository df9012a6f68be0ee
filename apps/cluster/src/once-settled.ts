// When the start of a node is over for whoever waits for it: it hosts its partitions, and perhaps a first topic was made.

import type { RunningNode } from './node.ts';

/** From the moment in which it serves; what V8 has compiled until then is worth keeping, and little else. */
const SETTLED_MS = 2000;

/** Calls `settled` when a node that serves now has come to rest: after two seconds, and with thousands of partitions when it hosts them all. */
export function onceSettled(node: Pick<RunningNode, 'isTakingPlaces'>, settled: () => void): void {
  const look = (): void => {
    if (node.isTakingPlaces()) onceSettled(node, settled);
    else settled();
  };
  setTimeout(look, SETTLED_MS).unref();
}
