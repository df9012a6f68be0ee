// Live transitions of a running system, one frame per microstep: these come in causal order and name the edges taken.

import type {
  AnyStateMachine,
  AnyTransitionDefinition,
  EventObject,
  InspectionEvent,
  StateValue,
} from 'xstate';
import { actorPath, isActor, machineOf, stateValueOf, type WatchedActor } from './actors.ts';
import { edgesOfTransition } from './chart.ts';
import { type EventValue, eventValues } from './event-values.ts';
import { ruleOfTransition } from './rules.ts';
import { stateText } from './state-text.ts';

/** An edge of the chart that was taken; with the frame's event it names one edge of the machine's chart. */
export interface FrameEdge {
  readonly source: string;
  readonly target?: string;
  readonly guard?: string;
  /** The edge's own event, where it is not the frame's: empty for `always`, `*` for any. */
  readonly event?: string;
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
  /** What the event carries, cut short. Absent: it was not told, as of a step that the machine takes at once, whatever the event. */
  readonly values?: readonly EventValue[];
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
  return stepObserver({ onStep: (step) => frames.take(step), onFailure: options.onFailure });
}

/** A step as xstate reports it, nothing computed yet: who only counts pays for nothing else. */
export interface RawStep {
  readonly actor: WatchedActor;
  readonly machine: AnyStateMachine;
  readonly event: EventObject;
  /** After the step. */
  readonly value: StateValue;
  readonly transitions: readonly AnyTransitionDefinition[];
}

export interface StepObserverOptions {
  readonly onStep: (step: RawStep) => void;
  /** An actor of any kind has ended. */
  readonly onEnd?: (actor: WatchedActor) => void;
  /** Called once, when observing itself failed; it has ended then. The observed system goes on undisturbed. */
  readonly onFailure: (error: unknown) => void;
}

/** An observer of a system that never throws, see {@link transitionObserver}. */
export function stepObserver(options: StepObserverOptions): (event: InspectionEvent) => void {
  const started = new WeakSet<object>();
  let failed = false;
  return (event) => {
    if (failed) return;
    try {
      observe(options, started, event);
    } catch (error) {
      failed = true;
      report(options, error);
    }
  };
}

function report(options: Pick<StepObserverOptions, 'onFailure'>, error: unknown): void {
  try {
    options.onFailure(error);
  } catch {
    // The reporter of failures failed: there is nobody left to tell, and the observed actor must live.
  }
}

/** The event with which xstate starts an actor. */
export const START = 'xstate.init';
/** And the one with which it stops one. */
export const STOP = 'xstate.stop';

function observe(options: StepObserverOptions, started: WeakSet<object>, inspected: InspectionEvent): void {
  if (inspected.type !== '@xstate.microstep' && inspected.type !== '@xstate.snapshot') return;
  const { actorRef: actor, event, snapshot } = inspected;
  if (!isActor(actor)) return;
  const machine = machineOf(snapshot);
  const value = stateValueOf(snapshot);
  if (inspected.type === '@xstate.microstep') {
    if (machine === undefined || value === undefined) return;
    started.add(actor);
    options.onStep({ actor, machine, event, value, transitions: inspected._transitions });
    return;
  }
  // xstate reports no microstep for a start; the snapshot after it shows the state that was entered.
  if (event.type === START && !started.has(actor) && machine !== undefined && value !== undefined) {
    started.add(actor);
    options.onStep({ actor, machine, event: { type: START }, value, transitions: [] });
  }
  if (snapshot.status !== 'active') options.onEnd?.(actor);
}

class FrameMaker {
  readonly #options: WatchOptions;
  readonly #announced = new Set<string>();
  /** The state after the last step seen: within one macrostep the actor itself still shows the one before it. */
  readonly #last = new WeakMap<object, StateValue>();

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  take(step: RawStep): void {
    const { actor, machine, event, value } = step;
    if (!this.#announced.has(machine.id)) {
      this.#announced.add(machine.id);
      this.#options.onMachine?.(machine);
    }
    const before = event.type === START ? undefined : this.#before(actor);
    this.#last.set(actor, value);
    this.#options.onFrame(frameOf(step, { path: actorPath(actor), before, timeMs: this.#options.nowMs() }));
  }

  #before(actor: WatchedActor): StateValue | undefined {
    return this.#last.get(actor) ?? stateValueOf(actor.getSnapshot());
  }
}

/** What a step itself does not say. */
export interface FrameContext {
  readonly path: string;
  readonly before: StateValue | undefined;
  readonly timeMs: number;
}

/** The frame of one step. */
export function frameOf(
  { machine, event, value, transitions }: RawStep,
  { path, before, timeMs }: FrameContext,
): Frame {
  return {
    timeMs,
    actor: path,
    machine: machine.id,
    event: event.type,
    from: before === undefined ? '' : stateText(before),
    to: stateText(value),
    edges: transitions.flatMap((transition) => edgesTaken(transition, event.type)),
    value,
    ...ruleOf(transitions),
    ...(event.type === START || isTakenAtOnce(transitions) ? {} : { values: eventValues(event) }),
  };
}

/** `always`: of the event that came before it, it knows nothing. */
function isTakenAtOnce(transitions: readonly AnyTransitionDefinition[]): boolean {
  return transitions.length > 0 && transitions.every(({ eventType }) => eventType === '');
}

/** The edges of a transition that an event caused. */
export function edgesTaken(transition: AnyTransitionDefinition, event: string): FrameEdge[] {
  return edgesOfTransition(transition).map(({ source, target, guard, event: own }) => ({
    source,
    ...(target === undefined ? {} : { target }),
    ...(guard === undefined ? {} : { guard }),
    ...(own === event ? {} : { event: own }),
  }));
}

function ruleOf(transitions: readonly AnyTransitionDefinition[]): { rule?: string } {
  if (transitions.length === 0) return {};
  const rules = new Set(transitions.map(ruleOfTransition).filter((rule) => rule !== undefined));
  return rules.size === 0 ? {} : { rule: [...rules].join(', ') };
}
