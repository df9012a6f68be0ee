// How many actors are in which state: a whole system as a few numbers.

import { childrenOf, machineOf, stateValueOf, type WatchedActor } from './actors.ts';
import { keptStateText } from './state-text.ts';

/** Counts by the machine's id, and by the state as text. */
export type StateCounts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Counts the machines at and below these actors. */
export function stateCounts(roots: readonly WatchedActor[]): StateCounts {
  const counting = stateCountsInSteps(roots, Number.POSITIVE_INFINITY);
  for (;;) {
    const { done, value } = counting.next();
    if (done === true) return value;
  }
}

/** The same, so many actors at a time: thirty thousand would hold up whoever shares the thread. */
export function* stateCountsInSteps(
  roots: readonly WatchedActor[],
  perStep: number,
): Generator<undefined, StateCounts, undefined> {
  const counts = new Map<string, Map<string, number>>();
  const waiting = [...roots];
  let seen = 0;
  for (let actor = waiting.pop(); actor !== undefined; actor = waiting.pop()) {
    const snapshot = actor.getSnapshot();
    for (const child of childrenOf(snapshot)) waiting.push(child);
    count(counts, snapshot);
    seen += 1;
    if (seen % perStep === 0) yield undefined;
  }
  return counts;
}

function count(counts: Map<string, Map<string, number>>, snapshot: unknown): void {
  const machine = machineOf(snapshot);
  const value = stateValueOf(snapshot);
  if (machine === undefined || value === undefined) return;
  const states = counts.get(machine.id) ?? new Map<string, number>();
  counts.set(machine.id, states);
  const state = keptStateText(value);
  states.set(state, (states.get(state) ?? 0) + 1);
}
