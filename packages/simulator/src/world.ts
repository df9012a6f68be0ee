// A made-up world: one timeline, one network, nodes that are started, killed, paused and cut off. What a node is, a subclass says.

import { uuidText } from '@odradek/format';
import { type Channel, type NodeId, type PeerApi, peerMessages } from '@odradek/model';
import { type TraceWriter, type WatchedRoot, watch } from '@odradek/trace';
import type { Hold, MessageMatch } from './network-faults.ts';
import type { NetworkPort } from './network-port.ts';
import type { FaultyNode } from './random-faults.ts';
import { play, ScheduleError, type ScheduleTarget } from './schedule.ts';
import { SeededRandom } from './seeded-random.ts';
import { TraceHash } from './trace-hash.ts';
import { VirtualClock, VirtualTime } from './virtual-clock.ts';
import { calmNetwork, type NetworkBehaviour, VirtualNetwork } from './virtual-network.ts';
import { VirtualProcess } from './virtual-process.ts';

/** A broken promise, or a condition that did not come to hold; the message says how to see it again. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';
}

export interface WorldOptions {
  readonly seed: number;
  /** The one command that repeats this run, for the message of a failure. */
  readonly repeat?: string;
  readonly network?: Partial<NetworkBehaviour>;
  /** Where the steps of all machines are written, if anybody wants them; without it nothing is paid. */
  readonly frames?: TraceWriter;
}

/** What one life of a node stands on. */
export interface NodeLife {
  readonly process: VirtualProcess;
  readonly network: NetworkPort;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
}

/** A node: what outlives its processes, and the process it runs as now. */
export interface WorldNode<Running> {
  readonly id: NodeId;
  /** Of the disk it has now. */
  directoryId: string;
  readonly host: string;
  readonly port: number;
  lives: number;
  process: VirtualProcess | undefined;
  running: Running | undefined;
}

export abstract class World<Running> implements ScheduleTarget {
  readonly time = new VirtualTime();
  readonly trace = new TraceHash();
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly #nodes = new Map<NodeId, WorldNode<Running>>();
  readonly #options: WorldOptions;
  readonly #nevers: { readonly text: string; readonly condition: () => boolean }[] = [];
  readonly #holds = new Map<string, Hold>();
  readonly #names = new Map<string, NodeId>();
  #reported: string | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new SeededRandom(options.seed);
    this.network = new VirtualNetwork(this.time, this.random.fork(), {
      behaviour: { ...calmNetwork, ...options.network },
      trace: this.trace,
    });
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
    hasLostPower: boolean,
  ): void;

  /** The oracles: looked at after every event. Calls {@link fail} when something must not be. */
  protected abstract check(): void;

  /** Writes every step of a node's machines to the trace, under the node's name. */
  protected watchMachines(id: NodeId, root: WatchedRoot): void {
    const { frames } = this.#options;
    if (frames === undefined) return;
    watch(root, {
      nowMs: () => this.time.nowMs,
      onMachine: (machine) => frames.machine(machine),
      onFrame: (frame) => frames.frame({ ...frame, actor: `node-${id}/${frame.actor}` }),
      onFailure: (error) => this.report(`watching node ${id} failed: ${String(error)}`),
    });
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
    const process = new VirtualProcess(identity);
    node.process = process;
    const network = this.network.attach(process, node.host, node.port);
    for (const { id: other, host, port } of this.nodes) network.address(other, host, port);
    const clock = new VirtualClock(this.time, process, { originMs: random.below(1_000_000) });
    node.running = this.boot(node, { process, network, clock, random });
    this.#look();
  }

  /** kill -9: what was written stays in the page cache. */
  crash(id: NodeId): void {
    this.#note(`crash ${id}`);
    this.#kill(id, false);
  }

  /** The host loses its power: what was not synced is lost, and it does not even refuse. */
  power(id: NodeId): void {
    this.#note(`power ${id}`);
    const { host, port } = this.#kill(id, true);
    this.network.silence(host, port);
  }

  stop(id: NodeId): void {
    this.#note(`stop ${id}`);
    this.#processOf(id).pause();
    this.network.look();
  }

  cont(id: NodeId): void {
    this.#note(`cont ${id}`);
    this.#processOf(id).resume((callback) => this.time.after(0, callback));
    this.network.look();
    this.#look();
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
      this.#guarded(() => this.time.step());
      this.#look();
    }
  }

  never(text: string, condition: () => boolean): void {
    this.#nevers.push({ text, condition });
  }

  play(schedule: string): void {
    play(this, schedule);
  }

  fail(message: string, cause?: unknown): never {
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
    this.network.behaviour = { ...this.network.behaviour, breakPercent: 0 };
    for (const node of this.nodes) {
      if (node.process?.isPaused === true) this.cont(node.id);
      if (node.process === undefined) this.start(node.id);
    }
  }

  get verbs(): Readonly<Record<string, (words: readonly string[]) => void>> {
    const forNodes = (act: (id: NodeId) => void) => (words: readonly string[]) => {
      for (const word of words) act(this.nodeNamed(word));
    };
    return {
      start: forNodes((id) => this.start(id)),
      crash: forNodes((id) => this.crash(id)),
      power: forNodes((id) => this.power(id)),
      stop: forNodes((id) => this.stop(id)),
      cont: forNodes((id) => this.cont(id)),
      cut: (words) => this.#ways(words, (from, to) => this.network.cut(from, to)),
      heal: (words) =>
        words.length === 0
          ? this.network.healAll()
          : this.#ways(words, (from, to) => this.network.heal(from, to)),
      hold: ([name = '', ...match]) => {
        this.#holds.set(name, this.network.hold(this.#match(match)));
      },
      release: ([name = '']) => {
        const hold = this.#holds.get(name);
        if (hold === undefined) throw new ScheduleError(`Nothing is held as "${name}"`);
        this.network.release(hold);
      },
      lose: (match) => this.network.loseNext(this.#match(match)),
      let: ([name = '', , word = '']) => {
        this.#names.set(name, this.nodeNamed(word));
      },
    };
  }

  abstract get conditions(): Readonly<Record<string, (words: readonly string[]) => boolean>>;

  #kill(id: NodeId, hasLostPower: boolean): WorldNode<Running> {
    const node = this.node(id);
    const { running } = node;
    const process = this.#processOf(id);
    node.process = undefined;
    node.running = undefined;
    process.end();
    this.died(node, running, hasLostPower);
    this.network.look();
    return node;
  }

  #processOf(id: NodeId): VirtualProcess {
    const { process } = this.node(id);
    if (process === undefined) throw new ScheduleError(`Node ${id} does not run`);
    return process;
  }

  #ways(words: readonly string[], act: (from: NodeId, to: NodeId) => void): void {
    for (const word of words) {
      const [one = '', sign, other = ''] = word.split(/([>|])/);
      for (const from of this.#someNodes(one))
        for (const to of this.#someNodes(other)) {
          if (from === to) continue;
          act(from, to);
          if (sign === '|') act(to, from);
        }
    }
  }

  /** `*` is everybody. */
  #someNodes(word: string): NodeId[] {
    return word === '*' ? this.nodes.map(({ id }) => id) : [this.nodeNamed(word)];
  }

  #match(words: readonly string[]): MessageMatch {
    const match: { -readonly [K in keyof MessageMatch]: MessageMatch[K] } = {};
    for (const word of words) {
      const [key = '', value = ''] = word.split('=');
      if (key === 'from' || key === 'to') match[key] = this.nodeNamed(value);
      else if (key === 'api' && isPeerApi(value)) match.api = value;
      else if (key === 'kind' && (value === 'request' || value === 'answer')) match.kind = value;
      else if (key === 'channel' && isChannel(value)) match.channel = value;
      else throw new ScheduleError(`"${word}" names no message: api=, kind=, channel=, from=, to=`);
    }
    return match;
  }

  #note(what: string): void {
    this.trace.note(this.time.nowMs, what);
  }

  #look(): void {
    if (this.#reported !== undefined) this.fail(this.#reported);
    this.#guarded(() => this.check());
    for (const { text, condition } of this.#nevers) if (condition()) this.fail(`must never be: ${text}`);
  }

  /** What a node throws fails the run, and is told with the run. */
  #guarded(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      if (error instanceof SimulationFailure) throw error;
      this.fail(error instanceof Error ? `${error.name}: ${error.message}` : String(error), error);
    }
  }
}

function isPeerApi(word: string): word is PeerApi {
  return Object.hasOwn(peerMessages, word);
}

function isChannel(word: string): word is Channel {
  return word === 'control' || word === 'data';
}
