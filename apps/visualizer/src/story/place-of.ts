// Where a sentence of the story leads: the place it speaks of.

import type { Said } from '@odradek/trace';
import { addressOf } from '../app/address.ts';

/** A partition on the map, else the actor's machine. */
export function placeOf({ partition, actor }: Said, machineOf: (path: string) => string | undefined): string {
  if (partition !== undefined) return addressOf('map', [], { at: partition });
  const machine = machineOf(actor);
  return machine === undefined ? addressOf('map') : addressOf('machines', [machine], { actor });
}

/** Whose sentence it is, in words: `broker 1`, `broker 1, laser-0`. */
export function subjectOf({ actor, partition }: Said): string {
  const [first = '', ...rest] = actor.split('/');
  const node = first.replace(/-(?=\d+$)/, ' ');
  // A node that is a controller only is called so already.
  const inside =
    partition ?? rest.find((part) => part !== 'broker' && part !== 'node' && !node.startsWith(part));
  return inside === undefined ? node : `${node}, ${inside}`;
}
