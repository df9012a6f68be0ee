// Every named guard of the machines of a node, turned round and forced true: whether somebody notices is what says what the guard is good for.

import { type NodeMachines, nodeMachines } from '@odradek/core';
import type { Mutant } from '../mutant.ts';

export type Weakening = 'inverted' | 'forced true';

/** A mutant with one guard weakened. */
export interface GuardMutant extends Mutant {
  /** As the composition of a node calls it: `leaderReplica`. */
  readonly machine: keyof NodeMachines;
  readonly guard: string;
  readonly weakening: Weakening;
}

type Guard = (given: unknown, params: unknown) => boolean;

/** What all machines have in common, whatever their contexts and events. */
interface Guarded {
  readonly implementations: { readonly guards: Readonly<Record<string, Guard>> };
  provide(implementations: { readonly guards: Readonly<Record<string, Guard>> }): Guarded;
}

const weakenings: Readonly<Record<Weakening, (guard: Guard) => Guard>> = {
  inverted: (guard) => (given, params) => !guard(given, params),
  'forced true': () => () => true,
};

function mutantsOf(machine: keyof NodeMachines): GuardMutant[] {
  const shipped = nodeMachines[machine] as unknown as Guarded;
  return Object.entries(shipped.implementations.guards).flatMap(([guard, holds]) =>
    (Object.keys(weakenings) as Weakening[]).map((weakening): GuardMutant => {
      const machines = { [machine]: shipped.provide({ guards: { [guard]: weakenings[weakening](holds) } }) };
      const name = `${machine}: ${guard}, ${weakening}`;
      return { name, what: `"${guard}" is ${weakening}`, machines, machine, guard, weakening };
    }),
  );
}

export const guardMutants: readonly GuardMutant[] = (
  Object.keys(nodeMachines) as (keyof NodeMachines)[]
).flatMap(mutantsOf);
