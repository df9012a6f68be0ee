// One actor, looked at closely: its values, and what can happen to it next.

import type { AnyMachineSnapshot } from 'xstate';
import { machineOf, stateValueOf, type WatchedActor } from '../actors.ts';
import type { ActorLooked } from './messages.ts';
import { nextEdges } from './next-edges.ts';
import { plainData } from './plain-data.ts';

/** The answer to `look`. `actor` undefined: there is none of this path. */
export function lookAt(actor: WatchedActor | undefined, id: number, path: string): ActorLooked {
  const snapshot: unknown = actor?.getSnapshot();
  const value = stateValueOf(snapshot);
  if (value === undefined || !isMachineSnapshot(snapshot)) return { answer: 'look', id, path };
  const context = plainData(snapshot.context);
  return {
    answer: 'look',
    id,
    path,
    state: { path, machine: snapshot.machine.id, value },
    context: isRecord(context) ? context : { value: context },
    next: nextEdges(snapshot),
  };
}

function isMachineSnapshot(snapshot: unknown): snapshot is AnyMachineSnapshot {
  return machineOf(snapshot) !== undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
