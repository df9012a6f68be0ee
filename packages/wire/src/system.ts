// The root of this room's actors: a supervisor of plain logic, under which links and sessions live and can be watched.

import { type Clock, invariant, rememberTimers } from '@odradek/model';
import {
  type ActorLogic,
  type ActorRefFrom,
  type AnyActorLogic,
  type AnyActorRef,
  createActor,
  type EventObject,
  type InputFrom,
  type Snapshot,
} from 'xstate';

type WireSnapshot = Snapshot<undefined> & { readonly children: ReadonlyMap<string, AnyActorRef> };

export interface WireSystem {
  /** For whoever watches: its snapshot holds the children. */
  readonly root: AnyActorRef;
  spawn<Logic extends AnyActorLogic>(logic: Logic, id: string, input: InputFrom<Logic>): ActorRefFrom<Logic>;
  /** Lets go of a child that has come to its end. */
  forget(id: string): void;
  stop(): void;
}

/** A supervisor on the node's clock. What a child throws is a bug: it is thrown again, and stops the node. */
export function createWireSystem(id: string, clock: Clock): WireSystem {
  const children = new Map<string, AnyActorRef>();
  const logic: ActorLogic<WireSnapshot, EventObject> = {
    getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined, children }),
    getPersistedSnapshot: (snapshot) => snapshot,
    transition(snapshot, event) {
      if (event.type.startsWith('xstate.error.actor') && 'error' in event) throw event.error;
      return snapshot;
    },
  };
  const root = createActor(logic, { id, clock: timersOf(clock) });
  rememberTimers(root.system.scheduler);
  root.start();
  return {
    root,
    spawn(child, childId, input) {
      invariant(!children.has(childId), () => `${id} has a child ${childId} already`);
      const actor = createActor(child, { id: childId, parent: root, input });
      children.set(childId, actor);
      actor.start();
      return actor as ActorRefFrom<typeof child>;
    },
    forget: (childId) => {
      children.delete(childId);
    },
    stop: () => root.stop(),
  };
}

function timersOf(clock: Clock) {
  return {
    setTimeout: (callback: () => void, delayMs: number) => clock.setTimeout(callback, delayMs),
    clearTimeout: (handle: ReturnType<Clock['setTimeout']>) => clock.clearTimeout(handle),
  };
}
