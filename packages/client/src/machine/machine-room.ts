// What the client's machines run on: one clock, one observer, names of our own.

import { type Clock, invariant, type Random } from '@odradek/model';
import { type Actor, type AnyStateMachine, createActor, type InputFrom, type InspectionEvent } from 'xstate';

export interface MachineRoom {
  readonly clock: Clock;
  readonly random: Random;
  /** Runs something when what is being done now is done: after the app's turn, and outside of every machine's transition. */
  readonly soon: (callback: () => void) => void;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
}

/** Starts a machine. What it throws is a bug of ours: it is thrown on, to whoever sent the event. */
export function startMachine<Machine extends AnyStateMachine>(
  room: MachineRoom,
  machine: Machine,
  id: string,
  input: InputFrom<Machine>,
): Actor<Machine> {
  const options = {
    id,
    input,
    clock: room.clock,
    ...(room.inspect === undefined ? {} : { inspect: room.inspect }),
  };
  const actor: Actor<Machine> = createActor<AnyStateMachine>(machine, options) as Actor<Machine>;
  actor.subscribe({
    error: (error) =>
      invariant(false, () => `${id}: ${error instanceof Error ? error.message : String(error)}`),
  });
  return actor.start();
}

/** A time to wait before attempt number `attempts` (from 1): `growth` times as long each time, then anything from half of it to all of it (E5). */
export function backOffMs(
  attempts: number,
  limits: { readonly retryBackoffMs: number; readonly retryBackoffMaxMs: number },
  random: Random,
  growth = 2,
): number {
  const grown = limits.retryBackoffMs * growth ** Math.min(Math.max(attempts - 1, 0), 50);
  const ceiling = Math.min(grown, limits.retryBackoffMaxMs);
  return Math.round(ceiling / 2 + (ceiling / 2) * (random.below(1024) / 1023));
}
