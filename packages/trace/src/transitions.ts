// Live transitions of a running system, one frame per microstep: these come in causal order and name the edges taken.

import type { AnyStateMachine, AnyTransitionDefinition, InspectionEvent, StateValue } from 'xstate';
import { actorPath, isActor, machineOf, stateValueOf, type WatchedActor } from './actors.ts';
import { edgesOfTransition } from './chart.ts';
import { ruleOfTransition } from './rules.ts';
import { stateText } from './state-text.ts';

/** An edge of the chart that was taken; with the frame's event it names one edge of the machine's chart. */
export interface FrameEdge {
  readonly source: string;
  readonly target?: string;
  readonly guard?: string;
}

/** One step of one machine. */
export interface Frame {
  readonly timeMs: number;
  /** The actor's path: `broker-1/orders-0/replica`. */
  readonly actor: string;
  readonly machine: string;
  /** The type of the event that caused the step. */
  readonly event: string;
  /** The states before and after, as text; `from` is empty when the machine has just started. */
  readonly from: string;
  readonly to: string;
  /** Empty when the machine has no transition for this event in its state: it is ignored. */
  readonly edges: readonly FrameEdge[];
  readonly value: StateValue;
  /** The rule of the protocol that the step enforces, as the machine cites it. */
  readonly rule?: string;
}

export interface WatchOptions {
  /** The time that frames carry. */
  readonly nowMs: () => number;
  readonly onFrame: (frame: Frame) => void;
  /** Called before the first frame of each machine. */
  readonly onMachine?: (machine: AnyStateMachine) => void;
  /** Called once, when watching itself failed; it has ended then. The watched system goes on undisturbed. */
  readonly onFailure: (error: unknown) => void;
}

export interface Watch {
  detach(): void;
}

/** The actor at the root of a system, or any other actor in it. */
export interface WatchedRoot extends WatchedActor {
  readonly system: {
    inspect(observer: (event: InspectionEvent) => void): { unsubscribe(): void };
  };
}

/** Watches every machine of a system from now on. Nothing is paid before, nor after `detach`. */
export function watch(root: WatchedRoot, options: WatchOptions): Watch {
  const observer = transitionObserver(options);
  const subscription = root.system.inspect((event) => {
    observer(event);
  });
  return { detach: () => subscription.unsubscribe() };
}

/**
 * The observer alone, for the `inspect` option of `createActor`, which also sees the first steps. It never throws: an exception
 * from an observer would leave the observed actor's mailbox stuck for good.
 */
export function transitionObserver(options: WatchOptions): (event: InspectionEvent) => void {
  const frames = new FrameMaker(options);
  let failed = false;
  return (event) => {
    if (failed) return;
    try {
      frames.observe(event);
    } catch (error) {
      failed = true;
      report(options, error);
    }
  };
}

function report(options: WatchOptions, error: unknown): void {
  try {
    options.onFailure(error);
  } catch {
    // The reporter of failures failed: there is nobody left to tell, and the observed actor must live.
  }
}

/** The event with which xstate starts an actor. */
const START = 'xstate.init';

class FrameMaker {
  readonly #options: WatchOptions;
  readonly #announced = new Set<string>();
  /** The state after the last step seen: within one macrostep the actor itself still shows the one before it. */
  readonly #last = new WeakMap<object, StateValue>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  observe(inspected: InspectionEvent): void {
    const { actorRef: actor } = inspected;
    if (!isActor(actor)) return;
    if (inspected.type === '@xstate.microstep')
      this.#step(actor, inspected.event.type, inspected.snapshot, inspected._transitions);
    // xstate reports no microstep for a start; the snapshot after it shows the state that was entered.
    else if (
      inspected.type === '@xstate.snapshot' &&
      inspected.event.type === START &&
      !this.#last.has(actor)
    )
      this.#step(actor, START, inspected.snapshot, []);
  }

  #step(
    actor: WatchedActor,
    event: string,
    snapshot: unknown,
    transitions: readonly AnyTransitionDefinition[],
  ): void {
    const machine = machineOf(snapshot);
    const value = stateValueOf(snapshot);
    if (machine === undefined || value === undefined) return;
    this.#announce(machine);
    const before = event === START ? undefined : this.#before(actor);
    this.#last.set(actor, value);
    this.#options.onFrame({
      timeMs: this.#options.nowMs(),
      actor: actorPath(actor),
      machine: machine.id,
      event,
      from: before === undefined ? '' : stateText(before),
      to: stateText(value),
      edges: transitions.flatMap(edgesTaken),
      value,
      ...ruleOf(transitions),
    });
  }

  #announce(machine: AnyStateMachine): void {
    if (this.#announced.has(machine.id)) return;
    this.#announced.add(machine.id);
    this.#options.onMachine?.(machine);
  }

  #before(actor: WatchedActor): StateValue | undefined {
    return this.#last.get(actor) ?? stateValueOf(actor.getSnapshot());
  }
}

function edgesTaken(transition: AnyTransitionDefinition): FrameEdge[] {
  return edgesOfTransition(transition).map(({ source, target, guard }) => ({
    source,
    ...(target === undefined ? {} : { target }),
    ...(guard === undefined ? {} : { guard }),
  }));
}

function ruleOf(transitions: readonly AnyTransitionDefinition[]): { rule?: string } {
  const rules = new Set(transitions.map(ruleOfTransition).filter((rule) => rule !== undefined));
  return rules.size === 0 ? {} : { rule: [...rules].join(', ') };
}
