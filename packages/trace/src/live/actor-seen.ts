// An actor as it was last heard of.

import { isAtOnce } from '../asked.ts';
import { noValue } from '../context-values.ts';
import type { EventValue } from '../event-values.ts';
import type { ActorState, ActorValues, StepTold } from './messages.ts';

export interface ActorSeen extends ActorState {
  /** Which stream told of it. */
  readonly source: string;
  /** When it entered the state it is in. */
  readonly sinceMs: number;
  readonly steps: number;
  readonly last?: LastStep;
  /** The one that its last event made; what it did at once after that is its last step. */
  readonly lastOfEvent?: LastStep;
  /** What it holds, if that is told. The first time all is, then what changes. */
  readonly held?: Held;
}

export interface Held {
  /** By place in its context. */
  readonly values: ReadonlyMap<string, HeldValue>;
  /** When it was told last what it holds. */
  readonly timeMs: number;
}

export interface HeldValue {
  readonly value: EventValue[1];
  /** When it was told to be so. */
  readonly sinceMs: number;
}

export type LastStep = Pick<StepTold, 'timeMs' | 'event' | 'from' | 'to' | 'edges' | 'rule' | 'values'>;

/** What an actor has done last, with a step more than was `known`. */
export function lastSteps(
  step: StepTold,
  known: ActorSeen | undefined,
): Pick<ActorSeen, 'last' | 'lastOfEvent'> {
  const { timeMs, event, from, to, edges, rule, values } = step;
  const last = {
    ...{ timeMs, event, from, to, edges },
    ...(rule === undefined ? {} : { rule }),
    ...(values === undefined ? {} : { values }),
  };
  if (!isAtOnce(step)) return { last, lastOfEvent: last };
  return { last, ...(known?.lastOfEvent === undefined ? {} : { lastOfEvent: known.lastOfEvent }) };
}

/** What an actor holds after a step. */
export function heldAfter({ timeMs, changed }: StepTold, held: Held | undefined): Pick<ActorSeen, 'held'> {
  if (changed === undefined) return held === undefined ? {} : { held };
  if (held !== undefined && changed.length === 0) return { held: { ...held, timeMs } };
  const values = new Map(held?.values);
  for (const [name, value] of changed)
    if (value === noValue) values.delete(name);
    else values.set(name, { value, sinceMs: timeMs });
  return { held: { values, timeMs } };
}

/** All of it, told anew: what was known to be so before is so since then. */
export function heldWhole({ timeMs, values }: ActorValues, held: Held | undefined): Held {
  const known = (name: string, value: EventValue[1]): HeldValue => {
    const before = held?.values.get(name);
    return before?.value === value ? before : { value, sinceMs: timeMs };
  };
  return {
    timeMs,
    values: new Map(values.map(([name, value]) => [name, known(name, value)])),
  };
}

/** What it holds, told anew. */
export function heldTold({ path, held }: ActorSeen): ActorValues[] {
  if (held === undefined) return [];
  const values = [...held.values].map(([name, { value }]) => [name, value] as const);
  return [{ kind: 'values', timeMs: held.timeMs, path, values }];
}
