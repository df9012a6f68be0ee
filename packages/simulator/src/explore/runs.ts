// What is explored, with its bounds, and in which of them each mutant must be found.

import type { Mutant } from '../mutant.ts';
import { mutants } from '../mutants/mutants.ts';
import { type Exploration, explore, type Limits, type Model, replay } from './explorer.ts';
import { PartitionModel } from './partition-model.ts';
import type { PartitionBounds } from './partition-world.ts';
import type { QuorumBounds } from './quorum-bounds.ts';
import { QuorumModel } from './quorum-model.ts';

/** A small world by name. */
export type NamedBounds =
  | { readonly kind: 'quorum'; readonly what: string; readonly bounds: QuorumBounds }
  | { readonly kind: 'partition'; readonly what: string; readonly bounds: PartitionBounds };

const quorum: QuorumBounds = {
  voters: 3,
  maxEpoch: 2,
  timeouts: 3,
  crashes: 0,
  losesPower: true,
  lostConnections: 0,
  records: 0,
  inFlight: 1,
  grain: 'exchange',
  recordsPerFetch: 1,
};

const partition: PartitionBounds = {
  replicas: 3,
  minInSyncReplicas: 2,
  records: 1,
  crashes: 0,
  crashedDisk: 'stays',
  fetches: 'whole',
  hasFastDisks: true,
  lostConnections: 0,
  leaderMoves: 0,
  falseSuspicions: 0,
  lags: 0,
};

const byName = {
  'quorum-three-elections': {
    kind: 'quorum',
    what: 'three voters, three elections, no fault; an exchange is one step',
    bounds: { ...quorum, maxEpoch: 3 },
  },
  'quorum-restart': {
    kind: 'quorum',
    what: 'three voters, two elections, one record, one power loss and restart; an exchange is one step',
    bounds: { ...quorum, timeouts: 2, crashes: 1, records: 1 },
  },
  'quorum-messages': {
    kind: 'quorum',
    what: 'three voters, one election, one power loss and restart; message by message, disks take their time',
    bounds: { ...quorum, maxEpoch: 1, timeouts: 2, crashes: 1, inFlight: 2, grain: 'message' },
  },
  'partition-crash': {
    kind: 'partition',
    what: 'three replicas, two records, one crash with restart; a fetch is one step',
    bounds: { ...partition, records: 2, crashes: 1 },
  },
  'partition-lag': {
    kind: 'partition',
    what: 'three replicas, one record, one lag; a fetch is one step',
    bounds: { ...partition, lags: 1 },
  },
  'partition-faults': {
    kind: 'partition',
    what: 'three replicas, two records, one crash with restart, one lost connection, one leader move; a fetch is one step',
    bounds: { ...partition, records: 2, crashes: 1, lostConnections: 1, leaderMoves: 1 },
  },
  'partition-halves': {
    kind: 'partition',
    what: 'three replicas, one record, one crash with restart; a fetch and its answer are two steps',
    bounds: { ...partition, crashes: 1, fetches: 'halves' },
  },
  'partition-new-leader': {
    kind: 'partition',
    what: 'three replicas, one record, one lag, one crash with restart; a fetch and its answer are two steps',
    bounds: { ...partition, crashes: 1, lags: 1, fetches: 'halves' },
  },
  'partition-move': {
    kind: 'partition',
    what: 'three replicas, one record, a leader taken for dead, and leadership moved back; a fetch and its answer are two steps',
    bounds: { ...partition, falseSuspicions: 1, leaderMoves: 1, fetches: 'halves' },
  },
  'partition-wiped': {
    kind: 'partition',
    what: 'three replicas, one record, one lag, one restart that has lost its log and says so; a fetch is one step',
    bounds: { ...partition, crashes: 1, lags: 1, crashedDisk: 'is wiped' },
  },
} as const satisfies Readonly<Record<string, NamedBounds>>;

export type ExplorationName = keyof typeof byName;

/** What can be explored. */
export const explorations: ReadonlyMap<string, NamedBounds> = new Map(Object.entries(byName));

/** Where each mutant must be found. */
export const hunts: ReadonlyMap<string, ExplorationName> = new Map([
  ['M2', 'partition-halves'],
  ['M3', 'partition-new-leader'],
  ['M4', 'partition-wiped'],
  ['M6', 'partition-move'],
  ['M10', 'partition-lag'],
  ['M11', 'partition-lag'],
  ['M17', 'quorum-messages'],
  ['M18', 'quorum-messages'],
  ['M19', 'quorum-three-elections'],
]);

function modelOf({ kind, bounds }: NamedBounds, mutant: Mutant | undefined): Model<unknown> {
  const model = kind === 'quorum' ? new QuorumModel(bounds, mutant) : new PartitionModel(bounds, mutant);
  return model as Model<unknown>;
}

function boundsOf(name: string): NamedBounds {
  const named = explorations.get(name);
  if (named !== undefined) return named;
  throw new RangeError(`there is no exploration "${name}": there are ${[...explorations.keys()].join(', ')}`);
}

function mutantOf(name: string): Mutant {
  const mutant = mutants.get(name);
  if (mutant !== undefined) return mutant;
  throw new RangeError(`there is no mutant "${name}": there are ${[...mutants.keys()].join(', ')}`);
}

/** Explores one of the small worlds, as it ships or under a mutant. */
export function exploreByName(name: string, limits: Limits, mutant?: string): Exploration {
  const model = modelOf(boundsOf(name), mutant === undefined ? undefined : mutantOf(mutant));
  return explore(model, limits);
}

/** A counterexample as a file: what is explored, under which mutant, and every step. */
export function formatCounterexample(name: string, mutant: string | undefined, found: Exploration): string {
  const { counterexample } = found;
  if (counterexample === undefined) throw new Error('nothing was found that could be written down');
  const header = [`# ${counterexample.violation}`, `explore ${name}`];
  if (mutant !== undefined) header.push(`mutants ${mutant}`);
  return `${[...header, ...counterexample.steps].join('\n')}\n`;
}

/** Takes the steps of such a file again; what is broken at their end, in words, or undefined if all held. */
export function replayCounterexample(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
  const [first = '', ...rest] = lines;
  const name = /^explore (\S+)$/.exec(first)?.[1];
  if (name === undefined) throw new Error(`a file of steps begins with "explore NAME", not with "${first}"`);
  const mutant = /^mutants (\S+)$/.exec(rest[0] ?? '')?.[1];
  const steps = mutant === undefined ? rest : rest.slice(1);
  return replay(modelOf(boundsOf(name), mutant === undefined ? undefined : mutantOf(mutant)), steps);
}
