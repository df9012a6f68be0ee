// Which machines there are, of the cluster and of this page, and their actors.

import { type ActorSeen, type Chart, stateText, type World } from '@odradek/trace';

export interface MachineSeen {
  readonly id: string;
  readonly chart: Chart;
  readonly world: World;
  readonly actors: number;
  /** Whether it is this page's own. */
  readonly isOwn: boolean;
}

export function machinesSeen(world: World, own: World): MachineSeen[] {
  const of = (from: World, isOwn: boolean): MachineSeen[] =>
    [...from.charts.values()]
      .map((chart) => ({ id: chart.id, chart, world: from, isOwn, actors: actorCount(from, chart.id) }))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  return [...of(world, false), ...of(own, true)];
}

function actorCount(world: World, machine: string): number {
  let sum = 0;
  for (const actors of world.statesOf(machine).values()) sum += actors;
  return sum;
}

export interface ActorSought {
  readonly shown: readonly ActorSeen[];
  readonly found: number;
}

/** Actors of a machine by words in their path or state, so many of them at most, by name: they are told in the order in which they were made. */
export function actorsOf(world: World, machine: string, words: string, most: number): ActorSought {
  const sought = words.trim().toLowerCase().split(/\s+/);
  const areAllFound = words.trim() === '';
  const shown: ActorSeen[] = [];
  let found = 0;
  for (const actor of world.actors.values()) {
    if (actor.machine !== machine) continue;
    if (areAllFound && shown.length === most)
      return { shown: byName(shown), found: actorCount(world, machine) };
    const text = `${actor.path} ${stateText(actor.value)}`.toLowerCase();
    if (!sought.every((word) => text.includes(word))) continue;
    found += 1;
    if (shown.length < most) shown.push(actor);
  }
  return { shown: byName(shown), found };
}

/** `laser-2` before `laser-10`. */
const { compare } = new Intl.Collator('en', { numeric: true });

function byName(actors: readonly ActorSeen[]): readonly ActorSeen[] {
  return actors.toSorted((one, other) => compare(one.path, other.path));
}
