// Faults by chance: what a seed does to a world, in the words of a schedule, so that a run can be told and played again.

import type { NodeId } from '@odradek/model';
import type { SeededRandom } from './seeded-random.ts';

/** A node, as far as faults care. */
export interface FaultyNode {
  readonly id: NodeId;
  readonly state: 'running' | 'paused' | 'dead';
}

type Fault =
  | 'crash'
  | 'crash paused'
  | 'crash all'
  | 'power'
  | 'power all'
  | 'leave'
  | 'one by one'
  | 'start'
  | 'start all'
  | 'stop'
  | 'cont'
  | 'cut'
  | 'cut one way'
  | 'heal'
  | 'lose'
  | 'recreate'
  | 'none';

/** What a run allows of what is not always lawful, or not known to every world. */
export interface FaultOptions {
  /** Without it power losses become kills: what was never synced may be lost lawfully. */
  readonly losesPower: boolean;
  /** Whether nodes can be stopped in order. */
  readonly leaves: boolean;
  /** Whether brokers may die one after the other, and the first one dead come back first: what an unclean election needs. */
  readonly dieOneByOne?: boolean;
  /** A topic that may be deleted and created again. */
  readonly topic?: string;
}

/** How often each fault comes, one against the other. */
const weights: Readonly<Record<Fault, number>> = {
  crash: 6,
  'crash paused': 2,
  'crash all': 1,
  power: 5,
  'power all': 1,
  leave: 3,
  'one by one': 3,
  start: 14,
  'start all': 3,
  stop: 3,
  cont: 8,
  cut: 4,
  'cut one way': 4,
  heal: 10,
  lose: 6,
  recreate: 2,
  none: 20,
};

const fates = Object.entries(weights).flatMap(([fault, weight]) => Array<string>(weight).fill(fault));

/** The next fault, as a statement of a schedule; empty when none comes. */
export function nextFault(
  random: SeededRandom,
  nodes: readonly FaultyNode[],
  { losesPower, leaves, dieOneByOne, topic }: FaultOptions,
): string {
  const fault = random.pick(fates);
  const dies = losesPower && fault.startsWith('power') ? 'power' : 'crash';
  const one = (state: FaultyNode['state']): NodeId | undefined => {
    const candidates = nodes.filter((node) => node.state === state);
    return candidates.length === 0 ? undefined : random.pick(candidates).id;
  };
  const of = (verb: string, id: NodeId | undefined): string => (id === undefined ? '' : `${verb} ${id}`);
  const all = (verb: string, isMeant: (node: FaultyNode) => boolean): string => {
    const ids = nodes.filter(isMeant).map(({ id }) => id);
    return ids.length === 0 ? '' : `${verb} ${ids.join(' ')}`;
  };
  if (fault === 'crash' || fault === 'power') return of(dies, one('running'));
  if (fault === 'crash paused') return of('crash', one('paused'));
  if (fault === 'crash all' || fault === 'power all') return all(dies, ({ state }) => state !== 'dead');
  if (fault === 'start all') return all('start', ({ state }) => state === 'dead');
  if (fault === 'stop') return of('stop', one('running'));
  if (fault === 'one by one') return dieOneByOne === true ? oneByOne(random, dies, nodes) : '';
  if (fault === 'leave') return leaves ? of('leave', one('running')) : '';
  if (fault === 'recreate') return topic === undefined ? '' : `recreate ${topic}`;
  if (fault === 'start') return of('start', one('dead'));
  if (fault === 'cont') return of('cont', one('paused'));
  if (fault === 'cut') return `cut ${random.pick(nodes).id}|*`;
  if (fault === 'cut one way') return `cut ${random.pick(nodes).id}>${random.pick(nodes).id}`;
  if (fault === 'lose') return `drop kind=${random.pick(['request', 'answer'])} to=${random.pick(nodes).id}`;
  return fault === 'heal' ? 'heal' : '';
}

const FIRST_CONTROLLER = 101;

function oneByOne(random: SeededRandom, verb: string, nodes: readonly FaultyNode[]): string {
  const brokers = nodes.filter(({ id, state }) => id < FIRST_CONTROLLER && state === 'running');
  const first = random.below(Math.max(1, brokers.length));
  const ids = [...brokers.slice(first), ...brokers.slice(0, first)].map(({ id }) => id);
  if (random.below(2) === 0) ids.reverse();
  const [back, ...others] = ids;
  if (back === undefined) return '';
  const deaths = ids.map((id) => `${verb} ${id}; run ${random.pick([100, 700, 1500])} ms`);
  return [...deaths, `start ${back}`, 'run 4500 ms', ...others.map((id) => `start ${id}`)].join('; ');
}
