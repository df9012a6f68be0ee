// Steps of chosen machines, told as they are taken. The inspection of a whole system costs every actor in it; this costs the chosen
// machines alone, so that a log may listen for the whole life of a node.

import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { actorPath } from './actors.ts';
import { ruleOfTransition } from './rules.ts';
import { stateText } from './state-text.ts';

/** One transition of a machine, with what it knew before and what it knows now. */
export interface ToldStep {
  /** The actor's path: `broker-1/orders-0`. */
  readonly actor: string;
  readonly machine: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
  /** The rule of the protocol that the step enforces, as the machine cites it. */
  readonly rule?: string;
  readonly before: unknown;
  readonly context: unknown;
}

export interface ToldStepsOptions {
  /** Called within the transition: it must not send to any actor. */
  readonly onStep: (step: ToldStep) => void;
  /** Whether anybody wants to hear of steps now: where nobody does, they cost nothing. Without it somebody always does. */
  readonly isWanted?: () => boolean;
  /** It has thrown: the machine goes on undisturbed. */
  readonly onFailure: (error: unknown) => void;
}

/** Gives to a machine one that does the same and tells its steps, for an actor to be made of. */
export function toldSteps(
  options: ToldStepsOptions,
): <Machine extends AnyStateMachine>(machine: Machine) => Machine {
  // It is the same machine but for who listens.
  return <Machine extends AnyStateMachine>(machine: Machine) => tellingMachine(machine, options) as Machine;
}

function tellingMachine(machine: AnyStateMachine, options: ToldStepsOptions): AnyStateMachine {
  const transition: AnyStateMachine['transition'] = (snapshot, event, scope) => {
    if (options.isWanted?.() === false) return machine.transition.call(telling, snapshot, event, scope);
    const rule = ruleOf(telling, snapshot, event);
    const next = machine.transition.call(telling, snapshot, event, scope);
    try {
      options.onStep({
        actor: actorPath(scope.self),
        machine: machine.id,
        event: event.type,
        from: stateText(snapshot.value),
        to: stateText(next.value),
        ...(rule === undefined ? {} : { rule }),
        before: snapshot.context,
        context: next.context,
      });
    } catch (error) {
      options.onFailure(error);
    }
    return next;
  };
  const telling: AnyStateMachine = Object.create(machine, { transition: { value: transition } });
  return telling;
}

/** Asked before the step: guards look at what the machine knows. */
function ruleOf(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): string | undefined {
  const rules = new Set(machine.getTransitionData(snapshot, event).map(ruleOfTransition));
  rules.delete(undefined);
  return rules.size === 0 ? undefined : [...rules].join(', ');
}
