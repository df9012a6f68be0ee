// A made-up world: one timeline, one network, nodes that are started, killed, paused and cut off. What a node is, a subclass says.

import { uuidText } from '@odradek/format';
import type { Clock, NodeId } from '@odradek/model';
import type { Survival } from '@odradek/storage';
import type { WatchedRoot } from '@odradek/trace';
import type { DiskDelay } from './disk-pace.ts';
import { EnvelopeTrip } from './envelope-trip.ts';
import type { Mutant } from './mutant.ts';
import type { FaultyNode } from './random-faults.ts';
import { play, ScheduleError, type ScheduleTarget } from './schedule.ts';
import { SeededRandom } from './seeded-random.ts';
import { statementWords } from './statement-words.ts';
import { Telling } from './telling.ts';
import { TraceHash } from './trace-hash.ts';
import { VirtualClock, VirtualTime, worldClock } from './virtual-clock.ts';
import { calmNetwork, VirtualNetwork } from './virtual-network.ts';
import { VirtualProcess } from './virtual-process.ts';
import type { NodeLife, PowerLoss, WorldNode, WorldOptions } from './world-node.ts';
import { worldWords } from './world-words.ts';

export type { NodeLife, PowerLoss, WorldNode, WorldOptions } from './world-node.ts';

/** A broken promise, or a condition that did not come to hold; the message says how to see it again. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';
}

export abstract class World<Running> implements ScheduleTarget {
  readonly time: VirtualTime;
  readonly trace = new TraceHash();
  readonly random: SeededRandom;
  /** The way of all messages, between nodes and to clients. */
  readonly trip: EnvelopeTrip;
  readonly network: VirtualNetwork;
  /** Who tells what happens, where somebody wants to know. */
  readonly telling: Telling | undefined;
  readonly #nodes = new Map<NodeId, WorldNode<Running>>();
  readonly #options: WorldOptions;
  readonly #oracles: (() => string | undefined)[] = [];
  readonly #nevers: { readonly text: string; readonly condition: () => boolean }[] = [];
  readonly #names = new Map<string, NodeId>();
  readonly #words = worldWords(this);
  readonly #clock: ReturnType<typeof worldClock>;
  #reported: string | undefined;
  /** Whose processes did anything, or died, since oracles looked last. */
  readonly #ran: NodeId[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.time = new VirtualTime(options.shuffles === true ? options.seed : undefined);
    this.#clock = worldClock(this.time);
    this.random = new SeededRandom(options.seed);
    this.trip = new EnvelopeTrip(options.seed);
    this.network = new VirtualNetwork(this.time, this.random.fork(), {
      behaviour: { ...calmNetwork, ...options.network },
      trace: this.trace,
      trip: this.trip,
    });
    const { telling, repeat = `seed ${options.seed}` } = options;
    this.telling =
      telling === undefined ? undefined : new Telling({ about: repeat, ...telling }, () => this.time.nowMs);
    this.network.observer = this.telling;
  }

  get nodes(): readonly WorldNode<Running>[] {
    return [...this.#nodes.values()];
  }

  /** The nodes that have a process, paused ones too. */
  get livingNodes(): readonly (WorldNode<Running> & { readonly running: Running })[] {
    return this.nodes.flatMap((node) => {
      const { running } = node;
      return running === undefined ? [] : [{ ...node, running }];
    });
  }

  /** What faults want to know of the nodes. */
  get nodeStates(): readonly FaultyNode[] {
    return this.nodes.map(({ id, process: life }) => {
      if (life === undefined) return { id, state: 'dead' };
      return { id, state: life.isPaused ? 'paused' : 'running' };
    });
  }

  /** Whether a node runs and is not paused. */
  isAwake(id: NodeId): boolean {
    return this.node(id).process?.isRunning === true;
  }

  node(id: NodeId): WorldNode<Running> {
    const node = this.#nodes.get(id);
    if (node === undefined)
      throw new ScheduleError(`No node ${id}; there are ${[...this.#nodes.keys()].join(', ')}`);
    return node;
  }

  /** Adds a node that does not run yet. */
  protected addNode(id: NodeId): WorldNode<Running> {
    const node: WorldNode<Running> = {
      id,
      directoryId: uuidText(this.random.bytes(16)),
      host: `node${id}`,
      port: 9092,
      lives: 0,
      process: undefined,
      clock: undefined,
      wallSkewMs: 0,
      running: undefined,
    };
    this.#nodes.set(id, node);
    return node;
  }

  /** Starts a node on what its directory holds. */
  protected abstract boot(node: WorldNode<Running>, life: NodeLife): Running;

  /** The process of a node has just died; with the power, what was not synced is gone too. */
  protected abstract died(
    node: WorldNode<Running>,
    running: Running | undefined,
    powerLoss: PowerLoss | undefined,
  ): void;

  /** All that a node has written is durable. */
  abstract sync(id: NodeId): void;

  /** How long each order takes at a node's disk from now on. */
  abstract slowDisk(id: NodeId, delay: DiskDelay): void;

  abstract timerMs(name: string): number | undefined;

  /**
   * The oracles: asked after every event. Calls {@link fail} when something must not be. `ran`: whose processes did anything, or died,
   * since they were asked last; nothing of the others has changed.
   */
  protected abstract check(ran: readonly NodeId[]): void;

  /** What the nodes are made of instead of what ships. */
  protected get mutant(): Mutant | undefined {
    return this.#options.mutant;
  }

  /** Tells every step of a node's machines, and counts it. `prefix` stands before the paths of its actors. */
  protected watchMachines(id: NodeId, root: WatchedRoot, prefix = ''): void {
    this.#options.coverage?.watch(root);
    this.telling?.watch(id, root, prefix, (error) =>
      this.report(`watching node ${id} failed: ${String(error)}`),
    );
  }

  /** Whom a word of a schedule means: a number, a name given by `let`, or what the world makes of it. */
  protected nodeMeant(word: string): NodeId | undefined {
    return this.#names.get(word) ?? (/^\d+$/.test(word) ? Number(word) : undefined);
  }

  nodeNamed(word: string): NodeId {
    const id = this.nodeMeant(word);
    if (id === undefined) throw new ScheduleError(`"${word}" is no node`);
    return this.node(id).id;
  }

  /** From now on a word means a node. */
  name(word: string, id: NodeId): void {
    this.#names.set(word, id);
  }

  start(id: NodeId): void {
    const node = this.node(id);
    if (node.process !== undefined) throw new ScheduleError(`Node ${id} runs already`);
    this.#note(`start ${id}`);
    node.lives++;
    const random = this.random.fork();
    const identity = {
      id,
      directoryId: node.directoryId,
      incarnation: uuidText(random.bytes(16)),
    };
    const process = new VirtualProcess(identity, () => this.#noteRun(id));
    this.#noteRun(id);
    node.process = process;
    const network = this.network.attach(process, node.host, node.port);
    for (const { id: other, host, port } of this.nodes) network.address(other, host, port);
    const clock = new VirtualClock(this.time, process, {
      originMs: random.below(1_000_000),
      wallSkewMs: () => node.wallSkewMs,
    });
    node.clock = clock;
    node.running = this.boot(node, { process, network, clock, random });
    this.#look();
  }

  /** kill -9: what was written stays in the page cache. */
  crash(id: NodeId): void {
    this.#kill(id, undefined, 'crash');
  }

  /** The host loses its power: what was not synced is lost, or what `survival` says of it, and it does not even refuse. */
  power(id: NodeId, survival?: Survival): void {
    const { host, port } = this.#kill(id, survival ?? 'by chance', 'power');
    this.network.silence(host, port);
  }

  stop(id: NodeId): void {
    const process = this.#processOf(id);
    this.#note(`stop ${id}`);
    process.pause();
    this.network.look();
    this.telling?.flush();
  }

  cont(id: NodeId): void {
    const process = this.#processOf(id);
    this.#note(`cont ${id}`);
    process.resume((callback) => this.time.after(0, callback));
    this.network.look();
    this.#look();
  }

  /** Starts a node if it is dead. */
  revive(id: NodeId): void {
    if (this.node(id).process === undefined) this.start(id);
  }

  /** Lets a node go on if it is paused. */
  resume(id: NodeId): void {
    if (this.node(id).process?.isPaused === true) this.cont(id);
  }

  /** The clock of a node runs ahead: its timers come sooner than anybody else's. */
  expire(id: NodeId, ms: number): void {
    this.#processOf(id);
    this.#note(`expire ${id} ${ms} ms`);
    this.node(id).clock?.advance(ms);
  }

  /** The wall clock of a host jumps (E7). */
  jumpWall(id: NodeId, ms: number): void {
    const node = this.node(id);
    this.#note(`wall ${id} ${ms} ms`);
    node.wallSkewMs += ms;
  }

  run(ms: number): void {
    const endMs = this.time.nowMs + ms;
    this.runUntil(() => this.time.nowMs >= endMs, ms);
  }

  runUntil(condition: () => boolean, capMs: number): boolean {
    const endMs = this.time.nowMs + capMs;
    for (;;) {
      if (condition()) return true;
      const due = this.time.nextDueMs;
      if (due === undefined || due > endMs) {
        this.time.advance(endMs - this.time.nowMs);
        return condition();
      }
      this.#guarded(this.#step);
      this.#look();
    }
  }

  /** The clock of the world, for actors beside the nodes: an xstate clock, and monotonic time. */
  get clock(): Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'> {
    return this.#clock;
  }

  /** Somebody else's promise: looked at after every event, like ours. Says in words what is broken. */
  addOracle(look: () => string | undefined): void {
    this.#oracles.push(look);
  }

  never(text: string, condition: () => boolean): void {
    this.#nevers.push({ text, condition });
  }

  play(schedule: string): void {
    play(this, schedule);
  }

  /** Somebody outside does something to the world: told before it happens. */
  heard(verb: string, words: readonly string[]): void {
    if (this.telling === undefined) return;
    const text = statementWords(verb, words, (word) => this.nodeMeant(word));
    if (text !== undefined) this.telling.say({ level: 'info', actor: 'world', event: verb, text });
  }

  fail(message: string, cause?: unknown): never {
    const [rule] = /^[A-Z]{1,2}\d+(?=:)/.exec(message) ?? [];
    this.telling?.say({
      level: 'error',
      actor: 'world',
      event: 'promise broken',
      text: message,
      ...(rule === undefined ? {} : { rule }),
    });
    const repeat = this.#options.repeat ?? `seed ${this.#options.seed}`;
    const lines = this.trace.lastLines.slice(-40).join('\n  ');
    throw new SimulationFailure(
      `${message}\n  at ${this.time.nowMs} ms of virtual time, trace ${this.trace.value}\n  again with: ${repeat}\n  ${lines}`,
      cause === undefined ? {} : { cause },
    );
  }

  /** Fails the run after the present event. For whoever is called from inside a node, where an exception would be the node's. */
  protected report(message: string): void {
    this.#reported ??= message;
  }

  /** Everything is healed: no cut, no hold, everybody runs. */
  healAll(): void {
    this.#note('heal');
    this.network.releaseAll();
    this.network.healAll();
    for (const node of this.nodes) node.wallSkewMs = 0;
    this.network.behaviour = { ...this.network.behaviour, breakPercent: 0 };
    for (const node of this.nodes) {
      if (node.process?.isPaused === true) this.cont(node.id);
      if (node.process === undefined) this.start(node.id);
    }
  }

  get verbs(): Readonly<Record<string, (words: readonly string[]) => void>> {
    return this.#words.verbs;
  }

  get conditions(): Readonly<Record<string, (words: readonly string[]) => boolean>> {
    return this.#words.conditions;
  }

  #kill(id: NodeId, powerLoss: PowerLoss | undefined, how: string): WorldNode<Running> {
    const node = this.node(id);
    const { running } = node;
    const process = this.#processOf(id);
    this.#note(`${how} ${id}`);
    this.#noteRun(id);
    node.process = undefined;
    node.running = undefined;
    process.end();
    this.telling?.died(id);
    this.died(node, running, powerLoss);
    this.network.look();
    this.telling?.flush();
    return node;
  }

  #processOf(id: NodeId): VirtualProcess {
    const { process } = this.node(id);
    if (process === undefined) throw new ScheduleError(`Node ${id} does not run`);
    return process;
  }

  readonly #check = (): void => {
    this.check(this.#ran);
    this.#ran.length = 0;
  };

  #noteRun(id: NodeId): void {
    if (!this.#ran.includes(id)) this.#ran.push(id);
  }

  readonly #step = (): unknown => this.time.step();

  #note(what: string): void {
    this.trace.note(this.time.nowMs, what);
  }

  #look(): void {
    if (this.#reported !== undefined) this.fail(this.#reported);
    if (this.#ran.length > 0) this.#guarded(this.#check);
    this.telling?.flush();
    for (const look of this.#oracles) {
      const broken = look();
      if (broken !== undefined) this.fail(broken);
    }
    for (const { text, condition } of this.#nevers) if (condition()) this.fail(`must never be: ${text}`);
  }

  /** What a node throws fails the run, and is told with the run. */
  #guarded(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      if (error instanceof SimulationFailure) throw error;
      this.fail(wordsOf(error), error);
    }
  }
}

/** An error as a report tells it. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
