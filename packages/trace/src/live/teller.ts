// Tells viewers about running actors. There is one inspection for all viewers, attached with the first and detached with the last:
// nothing watched, nothing paid. Machines that step too often are counted instead, by edge and exactly.

import type { AnyStateMachine, StateValue } from 'xstate';
import { childrenOf, isOver, machineOf, stateValueOf, type WatchedActor } from '../actors.ts';
import { chartOf } from '../chart.ts';
import { OrderWatch } from '../orders.ts';
import { stateText } from '../state-text.ts';
import {
  type Frame,
  frameOf,
  type RawStep,
  START,
  STOP,
  stepObserver,
  type WatchedRoot,
} from '../transitions.ts';
import { type FactSources, FactsTold } from './facts.ts';
import { lookAt } from './look.ts';
import { LookedInto } from './looked-into.ts';
import {
  type ActorLooked,
  type ActorState,
  type Hello,
  LIVE_VERSION,
  type LiveMessage,
  type Said,
  type ViewerRequest,
} from './messages.ts';
import { factsIn, mostFacts, partsOf } from './parts.ts';
import { addSentence } from './sentences.ts';
import { type Listener, TellersViewer, type Viewer } from './viewer.ts';
import { type Attached, add, type MachineWatched, pathWithin, type Watched } from './watched.ts';

export interface TellerOptions {
  /** What is seen, see {@link Hello}. */
  readonly hello: Omit<Hello, 'kind' | 'version' | 'timeMs'>;
  /** Of the wall or virtual; the time of all that is told. */
  readonly nowMs: () => number;
  /** Calls back every so many milliseconds until the function returned is called. */
  readonly every: (periodMs: number, callback: () => void) => () => void;
  readonly facts?: FactSources;
  /** How often counts and facts are told. */
  readonly periodMs?: number;
  /** So many steps of one machine are told one by one in a second; the others are counted. */
  readonly stepsPerSecond?: number;
  /** With so many actors at most the values of all are told; with more, of those that somebody looks at. */
  readonly smallNode?: number;
  /** Telling has failed: the watched actors go on undisturbed, and viewers hear nothing more of them. */
  readonly onFailure: (error: unknown) => void;
}

const defaults = { periodMs: 100, stepsPerSecond: 100, smallNode: 300 };

/** So many sentences are remembered for those who come later. */
const mostSaid = 500;

/** So many actors are looked at in one go. */
const actorsAtOnce = 2000;

export class Teller {
  readonly #options: TellerOptions & typeof defaults;
  readonly #roots = new Set<Attached>();
  readonly #viewers = new Set<TellersViewer>();
  readonly #machines = new Map<string, MachineWatched>();
  readonly #actors = new Map<WatchedActor, Watched>();
  readonly #byPath = new Map<string, Watched>();
  readonly #facts = new FactsTold();
  readonly #orders = new OrderWatch((actor) => this.#mayTell(actor));
  readonly #lookedInto: LookedInto;
  readonly #said: Said[] = [];
  /** Actors not looked at yet, with the path below which they are. */
  #unseen: WatchedActor[] = [];
  #within = new Map<WatchedActor, string>();
  #stopTimer: (() => void) | undefined;

  constructor(options: TellerOptions) {
    this.#options = { ...defaults, ...options };
    this.#lookedInto = new LookedInto(this.#options.smallNode);
  }

  /** How many watch now. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * Watches all actors of a system, from now on whenever somebody looks. `within` stands before their paths: `broker-1` for a root that
   * is called `network` at every broker. The function returned lets go of it, as when its process has died.
   */
  attach(root: WatchedRoot, within = ''): () => void {
    const attached: Attached = { root, within, detach: undefined };
    this.#roots.add(attached);
    if (this.#viewers.size > 0) {
      this.#inspect(attached);
      this.#settle(() => this.#walk(Number.POSITIVE_INFINITY));
    }
    return () => this.#letGo(attached);
  }

  /** A message has left over the network; it belongs to the step whose order is being carried out, if one is. */
  sent(to: string, name: string, carried: unknown): void {
    if (this.#viewers.size > 0) this.#orders.sent(to, name, carried);
  }

  /** Tells a sentence; it is remembered for viewers that come later. */
  say(said: Said): void {
    addSentence(this.#said, said);
    if (this.#said.length > mostSaid) this.#said.shift();
    this.#tell(said);
  }

  /** Somebody looks: `listener` is told everything there is at once, and from then on all that happens. */
  open(listener: Listener): Viewer {
    const viewer = new TellersViewer(listener, this.#options.onFailure);
    if (this.#viewers.size === 0) this.#begin();
    else this.#news();
    this.#viewers.add(viewer);
    this.#introduce(viewer);
    return {
      ask: (request) => this.#asked(viewer, request),
      tellAll: () => this.#introduce(viewer),
      close: () => this.#close(viewer),
    };
  }

  #begin(): void {
    for (const attached of this.#roots) this.#inspect(attached);
    this.#walk(actorsAtOnce);
    this.#facts.news(this.#options.facts ?? {}, this.#options.nowMs());
    this.#stopTimer = this.#options.every(this.#options.periodMs, () => this.#settle(() => this.#period()));
  }

  #close(viewer: TellersViewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    for (const attached of this.#roots) {
      attached.detach?.();
      attached.detach = undefined;
    }
    this.#unseen = [];
    this.#within.clear();
    this.#actors.clear();
    this.#byPath.clear();
    this.#machines.clear();
    this.#lookedInto.clear();
    this.#facts.forget();
  }

  #inspect(attached: Attached): void {
    const { root, within } = attached;
    const observer = stepObserver({
      onStep: (step) => this.#stepped(step, within),
      onEnd: (actor) => this.#ended(actor),
      onFailure: (error) => {
        attached.detach?.();
        attached.detach = undefined;
        this.#options.onFailure(error);
      },
      orders: this.#orders,
    });
    const subscription = root.system.inspect((event) => observer(event));
    attached.detach = () => subscription.unsubscribe();
    this.#unseen.push(root);
    if (within !== '') this.#within.set(root, within);
  }

  #letGo(attached: Attached): void {
    if (!this.#roots.delete(attached)) return;
    attached.detach?.();
    this.#unseen = this.#unseen.filter((actor) => actor !== attached.root);
    const below = pathWithin(attached.root, attached.within);
    for (const { actor, path } of [...this.#actors.values()])
      if (path === below || path.startsWith(`${below}/`)) this.#ended(actor);
  }

  /** What is told must not throw into whoever calls a timer or ends a root. */
  #settle(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  // Steps

  #stepped(step: RawStep, within: string): void {
    const { actor, machine, event, value } = step;
    if (event.type === STOP) return;
    const known = this.#actors.get(actor);
    const watched = known ?? this.#met(actor, machine, value, pathWithin(actor, within));
    const before = event.type === START ? undefined : (known?.value ?? stateValueOf(actor.getSnapshot()));
    watched.value = value;
    const about = this.#machine(machine);
    let told: LiveMessage | undefined;
    let isCounted = false;
    const hasBudget = about.budget >= 1;
    for (const viewer of this.#viewers) {
      if (hasBudget && viewer.wants(machine.id)) {
        told ??= { kind: 'step', ...this.#frame(step, within, before) };
        viewer.tell(told);
      } else {
        viewer.count(machine.id, step.transitions);
        isCounted = true;
      }
    }
    if (told !== undefined) about.budget -= 1;
    if (isCounted) about.unsettled.add(watched);
    else {
      watched.isTold = true;
      this.#count(about, watched);
    }
  }

  #frame(step: RawStep, within: string, before: StateValue | undefined): Frame {
    const pathOf = (actor: WatchedActor): string =>
      this.#actors.get(actor)?.path ?? pathWithin(actor, within);
    const timeMs = this.#options.nowMs();
    const about = { pathOf, before, timeMs };
    const contexts = this.#lookedInto.of(step.actor, pathOf(step.actor), timeMs, this.#isSmall);
    return frameOf(step, contexts === undefined ? about : { ...about, contexts });
  }

  /** What is only counted costs no more than that. */
  #mayTell(actor: WatchedActor): boolean {
    const about = this.#machines.get(this.#actors.get(actor)?.machine ?? '');
    return about === undefined || about.budget >= 1;
  }

  #ended(actor: WatchedActor): void {
    const watched = this.#actors.get(actor);
    if (watched === undefined) return;
    this.#lookedInto.forget(actor, watched.path);
    this.#actors.delete(actor);
    if (this.#byPath.get(watched.path) === watched) this.#byPath.delete(watched.path);
    const about = this.#machines.get(watched.machine);
    about?.unsettled.delete(watched);
    if (about !== undefined) add(about.states, watched.state, -1);
    this.#tell({ kind: 'gone', timeMs: this.#options.nowMs(), path: watched.path });
  }

  #met(actor: WatchedActor, machine: AnyStateMachine, value: StateValue, path: string): Watched {
    const about = this.#machine(machine);
    const state = stateText(value);
    const watched: Watched = { actor, path, machine: machine.id, value, state, isTold: false };
    add(about.states, state, 1);
    this.#actors.set(actor, watched);
    this.#byPath.set(path, watched);
    return watched;
  }

  #machine(machine: AnyStateMachine): MachineWatched {
    const known = this.#machines.get(machine.id);
    if (known !== undefined) return known;
    const made: MachineWatched = {
      chart: chartOf(machine),
      states: new Map(),
      budget: this.#options.stepsPerSecond,
      unsettled: new Set(),
    };
    this.#machines.set(machine.id, made);
    this.#tell({ kind: 'machine', chart: made.chart });
    return made;
  }

  /** Moves an actor to the state it is in, in the counts by state. Returns whether it is another one. */
  #count({ states }: MachineWatched, watched: Watched): boolean {
    const state = stateText(watched.value);
    if (state === watched.state) return false;
    add(states, watched.state, -1);
    add(states, state, 1);
    watched.state = state;
    return true;
  }

  // From time to time

  #period(): void {
    if (this.#unseen.length > 0) this.#walk(actorsAtOnce);
    const timeMs = this.#options.nowMs();
    const { periodMs, stepsPerSecond } = this.#options;
    for (const [machine, about] of this.#machines) {
      const more = (stepsPerSecond * periodMs) / 1000;
      about.budget = Math.min(stepsPerSecond, about.budget + more);
      this.#tellCounts(machine, about, timeMs);
    }
    this.#news();
    if (this.#unseen.length === 0) for (const viewer of this.#viewers) this.#complete(viewer);
  }

  #tellCounts(machine: string, about: MachineWatched, timeMs: number): void {
    const moved: ActorState[] = [];
    for (const watched of about.unsettled) {
      if (this.#count(about, watched) || !watched.isTold)
        moved.push({ path: watched.path, machine: watched.machine, value: watched.value });
      watched.isTold = true;
    }
    about.unsettled.clear();
    const states = [...about.states].filter(([, actors]) => actors > 0);
    for (const viewer of this.#viewers) {
      const edges = viewer.takeCounts(machine);
      if (edges === undefined) continue;
      viewer.tell({ kind: 'counts', timeMs, machine, edges, states });
      if (moved.length > 0) viewer.tell({ kind: 'actors', timeMs, all: false, actors: moved });
    }
  }

  #news(): void {
    for (const message of this.#facts.news(this.#options.facts ?? {}, this.#options.nowMs()))
      this.#tell(message);
  }

  /** Looks at so many actors that were there before anybody watched, and tells of them. */
  #walk(most: number): void {
    const actors: ActorState[] = [];
    for (let seen = 0; seen < most; seen++) {
      const actor = this.#unseen.pop();
      if (actor === undefined) break;
      const within = this.#within.get(actor) ?? '';
      this.#within.delete(actor);
      const snapshot = actor.getSnapshot();
      // The last one is looked at next: a node's own few machines are seen before its thousands of partitions.
      for (const child of [...childrenOf(snapshot)].reverse()) {
        this.#unseen.push(child);
        if (within !== '') this.#within.set(child, within);
      }
      const machine = machineOf(snapshot);
      const value = stateValueOf(snapshot);
      // Who stepped since watching began was met by its step.
      if (machine === undefined || value === undefined || this.#actors.has(actor) || isOver(snapshot))
        continue;
      const watched = this.#met(actor, machine, value, pathWithin(actor, within));
      watched.isTold = true;
      actors.push({ path: watched.path, machine: machine.id, value });
    }
    if (actors.length === 0) return;
    this.#tell({ kind: 'actors', timeMs: this.#options.nowMs(), all: false, actors });
    if (this.#isSmall) for (const { path } of actors) this.#lookInto(path);
  }

  get #isSmall(): boolean {
    return this.#actors.size <= this.#options.smallNode;
  }

  #lookInto(path: string): WatchedActor | undefined {
    const actor = this.#byPath.get(path)?.actor;
    if (actor === undefined) return undefined;
    const values = this.#lookedInto.look(actor, path, this.#options.nowMs());
    if (values !== undefined) this.#tell(values);
    return actor;
  }

  // Viewers

  #introduce(viewer: TellersViewer): void {
    const timeMs = this.#options.nowMs();
    const actors = [...this.#actors.values()].map(({ path, machine, value }) => ({ path, machine, value }));
    const picture: LiveMessage[] = [
      { kind: 'actors', timeMs, all: true, actors },
      ...this.#facts.whole(timeMs),
      ...this.#lookedInto.whole(),
    ];
    viewer.awaitsWhole =
      this.#unseen.length > 0 || picture.reduce((sum, message) => sum + factsIn(message), 0) > mostFacts;
    const { hello } = this.#options;
    const inParts = viewer.awaitsWhole ? ({ inParts: true } as const) : {};
    viewer.tell({ kind: 'hello', version: LIVE_VERSION, timeMs, ...hello, ...inParts });
    for (const { chart } of this.#machines.values()) viewer.tell({ kind: 'machine', chart });
    for (const message of picture) for (const part of partsOf(message)) viewer.tell(part);
    for (const said of viewer.hasHeardStory ? [] : this.#said) viewer.tell(said);
    viewer.hasHeardStory = true;
    if (this.#unseen.length === 0) this.#complete(viewer);
  }

  #complete(viewer: TellersViewer): void {
    if (!viewer.awaitsWhole) return;
    viewer.awaitsWhole = false;
    viewer.tell({ kind: 'whole', timeMs: this.#options.nowMs() });
  }

  #asked(viewer: TellersViewer, request: ViewerRequest): ActorLooked | undefined {
    if (request.ask === 'look') return this.#look(request.id, request.path);
    viewer.machines = request.machines === 'all' ? 'all' : new Set(request.machines);
    // Of steps that were not told to it, it has not heard what has changed.
    for (const values of this.#lookedInto.whole()) viewer.tell(values);
    return undefined;
  }

  #look(id: number, path: string): ActorLooked {
    return lookAt(this.#lookInto(path), id, path);
  }

  #tell(message: LiveMessage): void {
    for (const part of partsOf(message)) for (const viewer of this.#viewers) viewer.tell(part);
  }
}
