// What a teller knows of the actors and machines that it watches.

import type { StateValue } from 'xstate';
import { actorPath, type WatchedActor } from '../actors.ts';
import type { Chart } from '../chart.ts';
import type { WatchedRoot } from '../transitions.ts';

/** What is known of an actor while it is watched. */
export interface Watched {
  readonly actor: WatchedActor;
  readonly path: string;
  readonly machine: string;
  value: StateValue;
  /** As it was counted last, in {@link MachineWatched.states}. */
  state: string;
  /** Whether all viewers know of it. */
  isTold: boolean;
}

export interface MachineWatched {
  readonly chart: Chart;
  /** How many actors are in which state, by the state as text. */
  readonly states: Map<string, number>;
  /** How many more steps may be told one by one. */
  budget: number;
  /** Actors that were counted, and whose state was not told since. */
  readonly unsettled: Set<Watched>;
}

/** A system that is watched whenever somebody looks. */
export interface Attached {
  readonly root: WatchedRoot;
  readonly within: string;
  detach: (() => void) | undefined;
}

export function pathWithin(actor: WatchedActor, within: string): string {
  return within === '' ? actorPath(actor) : `${within}/${actorPath(actor)}`;
}

export function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
