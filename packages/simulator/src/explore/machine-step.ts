// One step of a real machine, as a function: a snapshot and an event give the next snapshot, and what the machine orders is carried
// out on the way, in the order of the machine. An actor does the same, but cannot go back to an earlier snapshot; an explorer must.

import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';

type Scope = Parameters<AnyStateMachine['transition']>[2];

/** The steps of one machine. It remembers nothing between them. */
export class MachineStep<Machine extends AnyStateMachine> {
  private readonly machine: Machine;
  private readonly scope: Scope;
  private readonly timersByValue = new Map<string, readonly string[]>();

  constructor(machine: Machine) {
    this.machine = machine;
    this.scope = scopeOf(machine);
  }

  initial(input: InputFrom<Machine>): SnapshotFrom<Machine> {
    return this.machine.getInitialSnapshot(this.scope, input) as SnapshotFrom<Machine>;
  }

  /** Throws what an action throws: a broken invariant. */
  next(snapshot: SnapshotFrom<Machine>, event: EventFromLogic<Machine>): SnapshotFrom<Machine> {
    return this.machine.transition(snapshot, event, this.scope) as SnapshotFrom<Machine>;
  }

  /** The events of the delayed transitions that are under way: any of them may be the next to fire. */
  timersOf({ value }: Pick<AnyMachineSnapshot, 'value'>): readonly string[] {
    const key = JSON.stringify(value);
    const known = this.timersByValue.get(key);
    if (known !== undefined) return known;
    const timers = timersUnder(this.machine.root, value);
    this.timersByValue.set(key, timers);
    return timers;
  }
}

type StateNode = AnyStateMachine['root'];

/** A composition of names, as xstate writes which states are active. */
type StateValue = string | { readonly [name: string]: StateValue | undefined };

function timersUnder(node: StateNode, value: StateValue | undefined): string[] {
  const own = node.ownEvents.filter((type) => type.startsWith('xstate.after.'));
  const active: StateValue = typeof value === 'string' ? { [value]: undefined } : (value ?? {});
  const inner = Object.entries(active).flatMap(([name, below]) => {
    const child = node.states[name];
    return child === undefined ? [] : timersUnder(child, below);
  });
  return [...own, ...inner];
}

/**
 * What a transition is given by its actor: who it is, and where its actions go. They are carried out at once, as in a running actor;
 * delays are left out, since every timer that is under way may fire whenever the explorer says so.
 */
function scopeOf(machine: AnyStateMachine): Scope {
  // Never started: it only lends its name and its system.
  const self = createActor(machine, {
    clock: { setTimeout: () => 0, clearTimeout: () => {} },
    input: undefined,
  });
  return {
    self,
    id: 'explored',
    sessionId: 'explored',
    logger: () => {},
    defer: () => {},
    system: self.system,
    stopChild: () => {},
    emit: () => {},
    actionExecutor: (action) => action.exec?.(action.info, action.params),
  };
}
