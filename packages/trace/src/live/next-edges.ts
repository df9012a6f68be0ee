// What can happen next to an actor, and which guard says no. Guards are statements about what the machine knows, so they can be asked
// without an event; one that looks at the event says so by looking.

import type { AnyMachineSnapshot, AnyStateNode, AnyTransitionDefinition, EventObject } from 'xstate';
import { ruleOfTransition } from '../rules.ts';
import { edgesTaken } from '../transitions.ts';
import type { NextEdge } from './messages.ts';

/** All transitions that begin in a state the machine is in, inner states first, as xstate would try them. */
export function nextEdges(snapshot: AnyMachineSnapshot): NextEdge[] {
  return activeNodes(snapshot).flatMap((node) =>
    transitionsOf(node).flatMap((transition) => nextOf(snapshot, transition)),
  );
}

function nextOf(snapshot: AnyMachineSnapshot, transition: AnyTransitionDefinition): NextEdge[] {
  const event = String(transition.eventType);
  const guardSays = saysOf(snapshot, transition, event);
  const rule = ruleOfTransition(transition);
  return edgesTaken(transition, event).map((edge) => ({
    ...edge,
    event,
    ...(rule === undefined ? {} : { rule }),
    guardSays,
  }));
}

function activeNodes(snapshot: AnyMachineSnapshot): AnyStateNode[] {
  const nodes: readonly AnyStateNode[] = snapshot._nodes;
  return [...nodes].sort((one, other) => other.path.length - one.path.length || one.order - other.order);
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...node.transitions.values(), node.always ?? []].flat();
}

/** Thrown by an event that is not there, when a guard looks at it. */
const needsEvent = new Error('the guard depends on the event');

function saysOf(
  snapshot: AnyMachineSnapshot,
  { guard }: AnyTransitionDefinition,
  eventType: string,
): NextEdge['guardSays'] {
  if (guard === undefined) return 'no guard';
  try {
    return isMet(guard, snapshot, eventWithout(eventType)) ? 'yes' : 'no';
  } catch {
    // Whatever else a guard throws without an event: with one it could say something.
    return 'depends on the event';
  }
}

/** Only the type is known, and not even that of an `always` transition's event or of any. */
function eventWithout(eventType: string): EventObject {
  const isTypeKnown = eventType !== '' && !eventType.endsWith('*');
  return new Proxy<EventObject>(
    { type: eventType },
    {
      get(target, key) {
        if (key === 'type' && isTypeKnown) return target.type;
        throw needsEvent;
      },
      has() {
        throw needsEvent;
      },
      ownKeys() {
        throw needsEvent;
      },
    },
  );
}

/** As xstate's `evaluateGuard`, which it does not publish. */
function isMet(guard: unknown, snapshot: AnyMachineSnapshot, event: EventObject): boolean {
  const { context, machine } = snapshot;
  const named = typeof guard === 'string' ? guard : property(guard, 'type');
  const resolved = typeof guard === 'function' ? guard : property(machine.implementations.guards, named);
  if (typeof resolved !== 'function') {
    if (resolved === undefined) throw new Error(`the machine has no guard ${String(named)}`);
    return isMet(resolved, snapshot, event);
  }
  const about = { context, event };
  const check = property(resolved, 'check');
  // `and`, `or`, `not`, `stateIn`
  if (typeof check === 'function') return check(snapshot, about, resolved) === true;
  const given =
    typeof guard === 'function' || typeof guard === 'string' ? undefined : property(guard, 'params');
  return Boolean(resolved(about, typeof given === 'function' ? given(about) : given));
}

function property(of: unknown, key: unknown): unknown {
  if ((typeof of !== 'object' && typeof of !== 'function') || of === null) return undefined;
  return typeof key === 'string' ? Reflect.get(of, key) : undefined;
}
