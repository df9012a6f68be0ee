// Live transitions of a running system, one frame per microstep: these come in causal order and name the edges taken.

import type {
  AnyStateMachine,
  AnyTransitionDefinition,
  EventObject,
  InspectionEvent,
  StateValue,
} from 'xstate';
import { actorPath, contextOf, isActor, machineOf, stateValueOf, type WatchedActor } from './actors.ts';
import { edgesOfTransition } from './chart.ts';
import { ContextsTold } from './context-values.ts';
import { type EventValue, eventValues } from './event-values.ts';
import { type Order, OrderWatch, ordersTold, type RawOrder } from './orders.ts';
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
  /** What left the actor with it; absent: nothing. */
  readonly orders?: readonly Order[];
  /** Of what the actor holds, the values that are other than was told before; of a start all. Absent: its values are not told. */
  readonly changed?: readonly EventValue[];
}

export interface WatchOptions {
  /** The time that frames carry. */
  readonly nowMs: () => number;
  readonly onFrame: (frame: Frame) => void;
  /** Called before the first frame of each machine. */
  readonly onMachine?: (machine: AnyStateMachine) => void;
  /** Called once, when watching itself failed; it has ended then. The watched system goes on undisturbed. */
  readonly onFailure: (error: unknown) => void;
  /** Stands before the paths of all actors. */
  readonly prefix?: string;
  /** Frames tell what has changed of the values that actors hold. */
  readonly tellsValues?: boolean;
  /** One for several systems that send to each other, or into which messages are told that leave by other ways. */
  readonly orders?: OrderWatch;
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
  const { onFailure, orders } = options;
  return stepObserver({
    onStep: (step) => frames.take(step),
    onFailure,
    ...(orders === undefined ? {} : { orders }),
  });
}

/** A step as xstate reports it, nothing computed yet: who only counts pays for nothing else. */
export interface RawStep {
  readonly actor: WatchedActor;
  readonly machine: AnyStateMachine;
  readonly event: EventObject;
  /** After the step. */
  readonly value: StateValue;
  /** What it holds after the step. */
  readonly context: unknown;
  readonly transitions: readonly AnyTransitionDefinition[];
  readonly orders: readonly RawOrder[];
}

export interface StepObserverOptions {
  readonly onStep: (step: RawStep) => void;
  /** An actor of any kind has ended. */
  readonly onEnd?: (actor: WatchedActor) => void;
  /** Called once, when observing itself failed; it has ended then. The observed system goes on undisturbed. */
  readonly onFailure: (error: unknown) => void;
  readonly orders?: OrderWatch;
}

/** An observer of a system that never throws, see {@link transitionObserver}. */
export function stepObserver(options: StepObserverOptions): (event: InspectionEvent) => void {
  const seen: Seen = { started: new WeakSet(), orders: options.orders ?? new OrderWatch() };
  let failed = false;
  return (event) => {
    if (failed) return;
    try {
      observe(options, seen, event);
    } catch (error) {
      failed = true;
      report(options, error);
    }
  };
}

interface Seen {
  readonly started: WeakSet<object>;
  readonly orders: OrderWatch;
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

function observe(options: StepObserverOptions, seen: Seen, inspected: InspectionEvent): void {
  const { actorRef: actor } = inspected;
  if (!isActor(actor)) return;
  switch (inspected.type) {
    case '@xstate.event':
      // What xstate itself sends was seen when it was ordered.
      if (inspected.sourceRef === undefined && inspected.event.type !== START)
        seen.orders.sent(actor, inspected.event.type, inspected.event);
      break;
    case '@xstate.action':
      seen.orders.begin(actor, inspected.action);
      break;
    case '@xstate.microstep':
      stepped(options, seen, actor, inspected);
      break;
    case '@xstate.snapshot':
      settled(options, seen, actor, inspected);
      break;
  }
}

type Inspected<Type> = Extract<InspectionEvent, { type: Type }>;

function stepped(
  { onStep }: StepObserverOptions,
  { started, orders }: Seen,
  actor: WatchedActor,
  { event, snapshot, _transitions: transitions }: Inspected<'@xstate.microstep'>,
): void {
  const given = orders.reported(actor);
  const machine = machineOf(snapshot);
  const value = stateValueOf(snapshot);
  if (machine === undefined || value === undefined) return;
  started.add(actor);
  onStep({ actor, machine, event, value, context: contextOf(snapshot), transitions, orders: given });
}

function settled(
  { onStep, onEnd }: StepObserverOptions,
  { started, orders }: Seen,
  actor: WatchedActor,
  { event, snapshot }: Inspected<'@xstate.snapshot'>,
): void {
  const given = orders.settled(actor);
  // xstate reports no microstep for a start; the snapshot after it shows the state that was entered.
  if (event.type === START && !started.has(actor)) {
    const machine = machineOf(snapshot);
    const value = stateValueOf(snapshot);
    if (machine !== undefined && value !== undefined) {
      started.add(actor);
      const step = { actor, machine, value, context: contextOf(snapshot), orders: given };
      onStep({ ...step, event: { type: START }, transitions: [] });
    }
  }
  if (snapshot.status !== 'active') onEnd?.(actor);
}

class FrameMaker {
  readonly #options: WatchOptions;
  readonly #announced = new Set<string>();
  readonly #contexts = new ContextsTold();
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
    const { onFrame, nowMs, tellsValues } = this.#options;
    const about = { pathOf: this.#pathOf, before, timeMs: nowMs() };
    onFrame(frameOf(step, tellsValues ? { ...about, contexts: this.#contexts } : about));
  }

  readonly #pathOf = (actor: WatchedActor): string => `${this.#options.prefix ?? ''}${actorPath(actor)}`;

  #before(actor: WatchedActor): StateValue | undefined {
    return this.#last.get(actor) ?? stateValueOf(actor.getSnapshot());
  }
}

/** What a step itself does not say. */
export interface FrameContext {
  readonly pathOf: (actor: WatchedActor) => string;
  readonly before: StateValue | undefined;
  readonly timeMs: number;
  /** What was told of values; absent: they are not told. */
  readonly contexts?: ContextsTold;
}

/** The frame of one step. */
export function frameOf(step: RawStep, { pathOf, before, timeMs, contexts }: FrameContext): Frame {
  const { actor, machine, event, value, transitions, context } = step;
  const orders = ordersTold(step.orders, pathOf);
  return {
    timeMs,
    actor: pathOf(actor),
    machine: machine.id,
    event: event.type,
    from: before === undefined ? '' : stateText(before),
    to: stateText(value),
    edges: transitions.flatMap((transition) => edgesTaken(transition, event.type)),
    value,
    ...ruleOf(transitions),
    ...(event.type === START || isTakenAtOnce(transitions) ? {} : { values: eventValues(event) }),
    ...(orders === undefined ? {} : { orders }),
    ...(contexts === undefined ? {} : { changed: contexts.changes(actor, context) }),
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
