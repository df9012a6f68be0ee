// The tree of living actors, named by paths of our own ids.

import type { AnyStateMachine, StateValue } from 'xstate';

/** Any machine of xstate. */
export type Machine = AnyStateMachine;

/** As much of an actor as is looked at. Every actor of xstate is one. */
export interface WatchedActor {
  readonly id: string;
  readonly sessionId: string;
  getSnapshot(): unknown;
}

export interface ActorView {
  /** The ids from the root down, joined with slashes: `broker-1/orders-0/replica`. */
  readonly path: string;
  /** The machine's id; none for an actor of plain logic. */
  readonly machine?: string;
  readonly value?: StateValue;
}

/** An actor's path. Session ids never occur in it: they differ from run to run. */
export function actorPath(actor: WatchedActor): string {
  const names: string[] = [];
  for (let at: WatchedActor | undefined = actor; at !== undefined; at = parentOf(at))
    names.unshift(nameOf(at));
  return names.join('/');
}

/** All actors below `root` with their states, parents first. A supervisor of plain logic shows its children by a snapshot with `children`, a Map or an object. */
export function actorTree(root: WatchedActor): ActorView[] {
  return below(root, actorPath(root));
}

/** The living actor of a path below `root`, or the root itself. */
export function actorAt(root: WatchedActor, path: string): WatchedActor | undefined {
  return actorWithin(root, nameOf(root), path);
}

function actorWithin(actor: WatchedActor, at: string, path: string): WatchedActor | undefined {
  if (at === path) return actor;
  if (!path.startsWith(`${at}/`)) return undefined;
  for (const child of childrenOf(actor.getSnapshot())) {
    const found = actorWithin(child, `${at}/${nameOf(child)}`, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The machines that run below `root`, each once. */
export function machinesOf(root: WatchedActor): AnyStateMachine[] {
  const machine = machineOf(root.getSnapshot());
  const found = new Map<string, AnyStateMachine>(machine === undefined ? [] : [[machine.id, machine]]);
  for (const child of childrenOf(root.getSnapshot())) {
    for (const machineBelow of machinesOf(child)) found.set(machineBelow.id, machineBelow);
  }
  return [...found.values()];
}

/** The machine whose snapshot this is; undefined for the snapshot of any other logic. */
export function machineOf(snapshot: unknown): AnyStateMachine | undefined {
  const machine = field(snapshot, 'machine');
  return isMachine(machine) ? machine : undefined;
}

/** The state value in a machine's snapshot. */
export function stateValueOf(snapshot: unknown): StateValue | undefined {
  const value = field(snapshot, 'value');
  return isStateValue(value) ? value : undefined;
}

/** What an actor holds, by its snapshot. */
export function contextOf(snapshot: unknown): unknown {
  return field(snapshot, 'context');
}

/** Whether the actor of this snapshot has ended. */
export function isOver(snapshot: unknown): boolean {
  return typeof snapshot === 'object' && snapshot !== null && field(snapshot, 'status') !== 'active';
}

function below(actor: WatchedActor, path: string): ActorView[] {
  const snapshot = actor.getSnapshot();
  const machine = machineOf(snapshot);
  const value = machine === undefined ? undefined : stateValueOf(snapshot);
  const view: ActorView = {
    path,
    ...(machine === undefined ? {} : { machine: machine.id }),
    ...(value === undefined ? {} : { value }),
  };
  return [view, ...childrenOf(snapshot).flatMap((child) => below(child, `${path}/${nameOf(child)}`))];
}

/** The actors directly below, by the snapshot of the one above. */
export function childrenOf(snapshot: unknown): WatchedActor[] {
  const children = field(snapshot, 'children');
  if (typeof children !== 'object' || children === null) return [];
  const values: unknown[] = children instanceof Map ? [...children.values()] : Object.values(children);
  return values.filter(isActor);
}

/** An actor that was given no id is called by its session id in xstate; its machine's id is steadier. */
function nameOf(actor: WatchedActor): string {
  if (actor.id !== actor.sessionId) return actor.id;
  const id = field(field(actor, 'logic'), 'id');
  return typeof id === 'string' ? id : 'actor';
}

function parentOf(actor: WatchedActor): WatchedActor | undefined {
  const parent = field(actor, '_parent');
  return isActor(parent) ? parent : undefined;
}

/** Whether a value is an actor of xstate. */
export function isActor(value: unknown): value is WatchedActor {
  return typeof field(value, 'id') === 'string' && typeof field(value, 'getSnapshot') === 'function';
}

/** Whether a value, say something that a module exports, is a machine of xstate. */
export function isMachine(value: unknown): value is Machine {
  return typeof field(value, 'id') === 'string' && typeof field(field(value, 'root'), 'path') === 'object';
}

function isStateValue(value: unknown): value is StateValue {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
