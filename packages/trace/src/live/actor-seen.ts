// An actor as it was last heard of.

import { isAtOnce } from '../asked.ts';
import type { ActorState, StepTold } from './messages.ts';

export interface ActorSeen extends ActorState {
  /** Which stream told of it. */
  readonly source: string;
  /** When it entered the state it is in. */
  readonly sinceMs: number;
  readonly steps: number;
  readonly last?: LastStep;
  /** The one that its last event made; what it did at once after that is its last step. */
  readonly lastOfEvent?: LastStep;
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
