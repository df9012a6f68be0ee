// What of a chart is alive at a moment: how many actors are in which box, which transitions were taken, and how often.

import {
  type ActorSeen,
  askedOf,
  type Chart,
  edgeKey,
  numberText,
  pathsOfState,
  stateText,
  type World,
} from '@odradek/trace';

/** One moment of a chart. */
export interface Activity {
  /** Of each state by its path: so many actors are in it, or in one of its own states. */
  readonly actorsIn: ReadonlyMap<string, number>;
  /** Of each transition of the chart, in its order: so often it was taken. */
  readonly taken: readonly number[];
  /** The transitions of the picked actor's last step. Empty without a picked actor. */
  readonly last: readonly number[];
  /** The transitions that were looked at for its last event, and whose guards said no. */
  readonly saidNo: readonly number[];
}

/** So many actors are in each state, from the counts by the state as text. */
export function actorsInStates(states: ReadonlyMap<string, number>): Map<string, number> {
  const actorsIn = new Map<string, number>();
  for (const [text, actors] of states)
    for (const path of pathsOfState(text)) actorsIn.set(path, (actorsIn.get(path) ?? 0) + actors);
  return actorsIn;
}

/** The key under which the world counts each transition of a chart. */
export function edgeKeysOf({ edges }: Chart): string[] {
  return edges.map((edge) => edgeKey(edge.event, edge));
}

export function activityOf(
  world: World,
  chart: Chart,
  keys: readonly string[],
  picked: ActorSeen | undefined,
): Activity {
  const counts = world.edgesTaken.get(chart.id);
  const states = picked === undefined ? world.statesOf(chart.id) : new Map([[stateText(picked.value), 1]]);
  return {
    actorsIn: actorsInStates(states),
    taken: keys.map((key) => counts?.get(key) ?? 0),
    last: picked?.last === undefined ? [] : indicesOf(keys, picked.last),
    saidNo: guardsThatSaidNo(world, chart, picked),
  };
}

function guardsThatSaidNo(world: World, chart: Chart, picked: ActorSeen | undefined): number[] {
  if (picked?.lastOfEvent === undefined || world.hellos.get(picked.source)?.stepsAreGuessed === true)
    return [];
  const asked = askedOf(chart, picked.lastOfEvent) ?? [];
  return asked.filter(({ said }) => said === 'no').map(({ edge }) => chart.edges.indexOf(edge));
}

function indicesOf(keys: readonly string[], last: NonNullable<ActorSeen['last']>): number[] {
  return last.edges.map((edge) => keys.indexOf(edgeKey(last.event, edge))).filter((index) => index !== -1);
}

/** The transitions that were taken since an earlier moment. After going back in time there are none. */
export function takenSince(earlier: readonly number[], taken: readonly number[]): number[] {
  return taken.flatMap((count, index) => (count > (earlier[index] ?? 0) ? [index] : []));
}

/** From 0 (never) to 4: ten times as often is one more. */
export type Heat = 0 | 1 | 2 | 3 | 4;

export function heatOf(taken: number): Heat {
  if (taken < 1) return 0;
  if (taken < 10) return 1;
  if (taken < 100) return 2;
  return taken < 1000 ? 3 : 4;
}

/** `1,234`, and above ten thousand `12 k` or `3.4 M`: what fits beside a box. */
export function countText(count: number): string {
  if (count < 10_000) return numberText(count);
  if (count < 999_500) return `${Math.round(count / 1000)} k`;
  return `${(count / 1_000_000).toFixed(1)} M`;
}

/** Since when transitions are counted: its time, and what was then. */
export interface CountedSince {
  readonly at: string;
  readonly what: string;
}

/** How many transitions were never taken, and how many there are. */
export function coverageOf(taken: readonly number[]): { readonly never: number; readonly all: number } {
  return { never: taken.filter((count) => count === 0).length, all: taken.length };
}
