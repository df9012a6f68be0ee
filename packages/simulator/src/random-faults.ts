// Faults by chance: what a seed does to a world, in the words of a schedule, so that a run can be told and played again.

import type { NodeId } from '@odradek/model';
import type { SeededRandom } from './seeded-random.ts';

/** A node, as far as faults care. */
export interface FaultyNode {
  readonly id: NodeId;
  readonly state: 'running' | 'paused' | 'dead';
}

type Fault = 'crash' | 'power' | 'start' | 'stop' | 'cont' | 'cut' | 'cut one way' | 'heal' | 'lose' | 'none';

/** How often each fault comes, one against the other. */
const weights: Readonly<Record<Fault, number>> = {
  crash: 6,
  power: 4,
  start: 14,
  stop: 3,
  cont: 8,
  cut: 4,
  'cut one way': 4,
  heal: 10,
  lose: 6,
  none: 20,
};

const fates = Object.entries(weights).flatMap(([fault, weight]) => Array<string>(weight).fill(fault));

/** The next fault, as a statement of a schedule; empty when none comes. */
export function nextFault(random: SeededRandom, nodes: readonly FaultyNode[]): string {
  const fault = random.pick(fates);
  const one = (state: FaultyNode['state']): NodeId | undefined => {
    const candidates = nodes.filter((node) => node.state === state);
    return candidates.length === 0 ? undefined : random.pick(candidates).id;
  };
  const of = (verb: string, id: NodeId | undefined): string => (id === undefined ? '' : `${verb} ${id}`);
  if (fault === 'crash' || fault === 'power' || fault === 'stop') return of(fault, one('running'));
  if (fault === 'start') return of('start', one('dead'));
  if (fault === 'cont') return of('cont', one('paused'));
  if (fault === 'cut') return `cut ${random.pick(nodes).id}|*`;
  if (fault === 'cut one way') return `cut ${random.pick(nodes).id}>${random.pick(nodes).id}`;
  if (fault === 'lose') return `lose kind=${random.pick(['request', 'answer'])} to=${random.pick(nodes).id}`;
  return fault === 'heal' ? 'heal' : '';
}
