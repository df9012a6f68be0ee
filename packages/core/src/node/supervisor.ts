// The root of a node's actors: plain logic with a Map, because a machine with thousands of children spends a millisecond on
// each start. It decides nothing. A child that ends in an error ends the node, loudly: that is a broken invariant.

import { type Clock, rememberTimers } from '@odradek/model';
import {
  type Actor,
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

interface StopEvent {
  readonly type: 'stop';
  readonly id: string;
}

type Scope = ActorScope<SupervisorSnapshot, AnyEventObject>;

const supervisorLogic: ActorLogic<SupervisorSnapshot, AnyEventObject> = {
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined, children: new Map() }),
  getPersistedSnapshot: (snapshot) => snapshot,
  transition: (snapshot, event, scope) => {
    if (isStop(event)) {
      stopChild(snapshot, event.id, scope);
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

function isStop(event: EventObject): event is StopEvent {
  return event.type === 'stop';
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
    rememberTimers(this.actor.system.scheduler);
    this.actor.start();
  }

  /** Starts an actor under the root. An id may have slashes: `orders-0/replica` lives with `orders-0`. */
  start<Logic extends AnyActorLogic>(id: string, logic: Logic, input: InputFrom<Logic>): Actor<Logic> {
    const child = this.make(id, logic, input);
    child.start();
    return child;
  }

  /** The same, not started yet: for whom its first orders must already know it. */
  make<Logic extends AnyActorLogic>(id: string, logic: Logic, input: InputFrom<Logic>): Actor<Logic> {
    this.checkAlive(id);
    const child = createActor<AnyActorLogic>(logic, { id, input, parent: this.actor });
    this.adopt(child);
    return child as Actor<Logic>;
  }

  /** Takes in an actor that was made with the root as its parent. */
  adopt(child: AnyActorRef): void {
    this.checkAlive(child.id);
    this.actor.getSnapshot().children.set(child.id, child);
  }

  /** Whether actors can be started. */
  get isAlive(): boolean {
    return this.actor.getSnapshot().status === 'active';
  }

  private checkAlive(id: string): void {
    if (!this.isAlive) throw new Error(`actor ${id} cannot be started: the node has ended`);
  }

  stop(id: string): void {
    this.actor.send({ type: 'stop', id });
  }

  /** Ends the root and all actors below it. */
  close(): void {
    this.actor.stop();
  }
}
