// The root of a node's actors: plain logic with a Map, because a machine with thousands of children spends a millisecond on
// each start. It decides nothing. A child that ends in an error ends the node, loudly: that is a broken invariant.

import type { Clock } from '@odradek/model';
import {
  type ActorLogic,
  type ActorRefFrom,
  type ActorScope,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  type EventObject,
  type InputFrom,
  type Snapshot,
} from 'xstate';

type SupervisorSnapshot = Snapshot<undefined> & {
  /** By id; the same Map for the whole life, so that a start costs the same with ten thousand siblings. */
  readonly children: Map<string, AnyActorRef>;
};

type SupervisorEvent =
  | { readonly type: 'start'; readonly id: string; readonly logic: AnyActorLogic; readonly input: unknown }
  | { readonly type: 'stop'; readonly id: string };

type Scope = ActorScope<SupervisorSnapshot, AnyEventObject>;

const supervisorLogic: ActorLogic<SupervisorSnapshot, AnyEventObject> = {
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined, children: new Map() }),
  getPersistedSnapshot: (snapshot) => snapshot,
  transition: (snapshot, event, scope) => {
    if (isSupervisorEvent(event)) {
      if (event.type === 'start') startChild(snapshot, event, scope);
      else stopChild(snapshot, event.id, scope);
    } else if (event.type.startsWith('xstate.done.actor.')) {
      stopChild(snapshot, event.type.slice('xstate.done.actor.'.length), scope);
    } else if (event.type.startsWith('xstate.error.actor.')) {
      throw event.error;
    } else if (event.type === 'xstate.stop') {
      for (const id of [...snapshot.children.keys()]) stopChild(snapshot, id, scope);
      return { status: 'stopped', output: undefined, error: undefined, children: snapshot.children };
    }
    return snapshot;
  },
};

function isSupervisorEvent(event: EventObject): event is SupervisorEvent {
  return event.type === 'start' || event.type === 'stop';
}

function startChild(
  snapshot: SupervisorSnapshot,
  { id, logic, input }: Extract<SupervisorEvent, { type: 'start' }>,
  scope: Scope,
): void {
  const child = createActor(logic, { id, input, parent: scope.self });
  snapshot.children.set(id, child);
  scope.defer(() => {
    child.start();
  });
}

function stopChild(snapshot: SupervisorSnapshot, id: string, scope: Scope): void {
  const child = snapshot.children.get(id);
  if (child === undefined) return;
  snapshot.children.delete(id);
  scope.stopChild(child);
}

/** A node's actors, by id: `broker`, `quorum`, `controller`, `orders-0` … */
export class Supervisor {
  readonly root: ActorRefFrom<typeof supervisorLogic>;
  private readonly actor;

  /** `onBroken` hears the error that ended an actor, and so the node. */
  constructor(id: string, clock: Clock, onBroken: (error: unknown) => void) {
    this.actor = createActor(supervisorLogic, {
      id,
      clock: {
        setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
        clearTimeout: (handle) => clock.clearTimeout(handle),
      },
    });
    this.actor.subscribe({ error: onBroken });
    this.root = this.actor;
    this.actor.start();
  }

  /** Starts an actor under the root. Not to be called from within one of the root's own transitions. */
  start<Logic extends AnyActorLogic>(id: string, logic: Logic, input: InputFrom<Logic>): ActorRefFrom<Logic> {
    if (this.actor.getSnapshot().status !== 'active')
      throw new Error(`actor ${id} cannot be started: the node has ended`);
    this.actor.send({ type: 'start', id, logic, input });
    const child = this.actor.getSnapshot().children.get(id);
    if (child === undefined)
      throw new Error(`actor ${id} cannot be started from within the root's transition`);
    return child as ActorRefFrom<Logic>;
  }

  stop(id: string): void {
    this.actor.send({ type: 'stop', id });
  }

  /** Ends the root and all actors below it. */
  close(): void {
    this.actor.stop();
  }
}
