// Runs the processes of a cluster, one for each node, with real signals. It decides nothing about the cluster: a node that has
// died is down until somebody says start.

import type { Frame } from '@odradek/trace';
import { failureOf, localFailure } from '../failure.ts';
import { type Faults, noFaults } from '../faults/faults.ts';
import type { Measurement } from '../measure.ts';
import { fromNode, type ToNode } from './node-messages.ts';
import type { NodeState, Obeyed } from './orders.ts';
import { missingVoters, noQuorumText } from './voters.ts';

/** A process as the supervisor needs it; Node's ChildProcess is one. */
export interface NodeProcess {
  readonly pid?: number | undefined;
  send(message: ToNode, done: (error: Error | null) => void): unknown;
  kill(signal: NodeJS.Signals): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What the supervisor tells. */
export interface SupervisorListener {
  /** A line about a node: what happened to its process, or what it says itself. */
  news(id: number, text: string): void;
  frame(id: number, frame: Frame): void;
  /** A node hands on an order that was given to it. */
  ordered(order: unknown): Promise<Obeyed>;
  /** A process has come or gone: what is written down about it is to be renewed. */
  changed(): void;
}

export interface SupervisorOptions {
  readonly ids: readonly number[];
  readonly isController: (id: number) => boolean;
  readonly spawn: (id: number) => NodeProcess;
  readonly listener: SupervisorListener;
  readonly startTimeoutMs: number;
  /** A process that has not ended by itself after this time is killed. */
  readonly stopTimeoutMs: number;
}

interface Supervised {
  readonly id: number;
  state: NodeState;
  process: NodeProcess | undefined;
  faults: Faults;
  /** Why the process is ending, when somebody here has asked for it. */
  expected: 'kill' | 'stop' | undefined;
  isListening: boolean;
  isServing: boolean;
  /** It was said of it that it runs and cannot serve. */
  waitsForQuorum: boolean;
  hasStoppedDeciding: boolean;
  measurement: Measurement | undefined;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #nodes: ReadonlyMap<number, Supervised>;
  /** Who waits for something about a node looks at it again when anything has happened to any. */
  readonly #waiting = new Set<() => void>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#nodes = new Map(
      options.ids.map((id) => [
        id,
        {
          id,
          state: 'down',
          process: undefined,
          faults: noFaults,
          expected: undefined,
          isListening: false,
          isServing: false,
          waitsForQuorum: false,
          hasStoppedDeciding: false,
          measurement: undefined,
        },
      ]),
    );
  }

  /** All nodes with their states and processes. */
  nodes(): readonly { readonly id: number; readonly state: NodeState; readonly pid: number | null }[] {
    return [...this.#nodes.values()].map(({ id, state, process }) => ({
      id,
      state,
      pid: process?.pid ?? null,
    }));
  }

  /**
   * Starts a node that is down, and waits until it serves; or, while so many voters are missing that none can, until it listens: then
   * what it waits for is returned, in words.
   */
  async start(id: number): Promise<string | undefined> {
    const node = this.#node(id);
    if (node.state !== 'down')
      throw localFailure(
        'INVALID_REQUEST',
        `node ${id} is ${node.state} (pid ${node.process?.pid})`,
        '`odradek chaos restart` stops it first.',
      );
    this.#spawn(node);
    const isAlone = (): boolean => node.isListening && this.#noQuorum() !== undefined;
    const isUp = await this.#until(
      () => node.state !== 'starting' || isAlone(),
      this.#options.startTimeoutMs,
    );
    if (!isUp)
      throw localFailure(
        'BROKER_NOT_AVAILABLE',
        `node ${id} was not ready after ${this.#options.startTimeoutMs} ms`,
      );
    if (this.#isDown(node))
      throw localFailure(
        'BROKER_NOT_AVAILABLE',
        `node ${id} ended before it was ready`,
        'What it said is above, where `odradek up` runs.',
      );
    if (node.isServing) return undefined;
    const problem = this.#noQuorum();
    if (problem === undefined) return undefined;
    node.waitsForQuorum = true;
    this.#options.listener.news(id, `runs, and does not serve yet: ${problem}`);
    return problem;
  }

  /** Why no quorum can form; undefined: one can. */
  #noQuorum(): string | undefined {
    const voters = [...this.#nodes.values()].filter(({ id }) => this.#options.isController(id));
    const missing = missingVoters(voters);
    return missing === undefined ? undefined : noQuorumText(missing);
  }

  /** SIGKILL, and waits until the process is gone. */
  async kill(id: number): Promise<void> {
    const node = this.#node(id);
    const process = this.#running(node);
    node.expected = 'kill';
    process.kill('SIGKILL');
    await this.#until(() => this.#isDown(node), this.#options.stopTimeoutMs);
  }

  /** Stops one node as an operator would, its leaderships moved first, and starts it again. */
  async restart(id: number): Promise<string | undefined> {
    const node = this.#node(id);
    if (!this.#isDown(node)) await this.#stopOne(node, true);
    return this.start(id);
  }

  /** SIGSTOP: the process is there and silent. */
  pause(id: number): void {
    const node = this.#node(id);
    if (node.state === 'paused') throw localFailure('INVALID_REQUEST', `node ${id} is paused already`);
    this.#running(node).kill('SIGSTOP');
    node.state = 'paused';
    this.#options.listener.news(id, 'paused (SIGSTOP)');
    this.#announce();
  }

  /** SIGCONT. */
  resume(id: number): void {
    const node = this.#node(id);
    if (node.state !== 'paused')
      throw localFailure('INVALID_REQUEST', `node ${id} is not paused but ${node.state}`);
    this.#wake(node);
    this.#options.listener.news(id, 'goes on (SIGCONT)');
  }

  /** What a node's process holds on to, its garbage collected. */
  async measure(id: number): Promise<Measurement> {
    const node = this.#node(id);
    this.#running(node);
    node.measurement = undefined;
    this.#send(node, { type: 'measure' });
    await this.#until(() => node.measurement !== undefined, this.#options.startTimeoutMs);
    if (node.measurement === undefined)
      throw localFailure('BROKER_NOT_AVAILABLE', `node ${id} does not tell what it holds`);
    return node.measurement;
  }

  /** What is wrong with a node's ports, and how that is told; kept over its restarts. */
  changeFaults(id: number, text: string, change: (faults: Faults) => Faults): void {
    const node = this.#node(id);
    node.faults = change(node.faults);
    if (node.process !== undefined) this.#send(node, { type: 'faults', faults: node.faults });
    this.#options.listener.news(id, text);
  }

  healAll(): void {
    for (const { id, faults } of this.#nodes.values())
      if (faults !== noFaults)
        this.changeFaults(id, 'is whole again: no cut, no delay, room on its disk', () => noFaults);
  }

  /** Stops all together: controllers stop deciding first, so that no leadership moves. Then each flushes and leaves its marker. */
  async stopAll(): Promise<void> {
    const nodes = [...this.#nodes.values()].filter((node) => !this.#isDown(node));
    for (const node of nodes) this.#wake(node);
    const controllers = nodes.filter((node) => this.#options.isController(node.id));
    for (const node of controllers) this.#send(node, { type: 'stop deciding' });
    await Promise.all(
      controllers.map((node) =>
        this.#until(() => node.hasStoppedDeciding || this.#isDown(node), this.#options.stopTimeoutMs / 4),
      ),
    );
    await Promise.all(nodes.map((node) => this.#stopOne(node, false)));
  }

  /** SIGKILL to all that is left. */
  killAll(): void {
    for (const node of this.#nodes.values()) {
      node.expected = 'kill';
      node.process?.kill('SIGKILL');
    }
  }

  async #stopOne(node: Supervised, movesLeaderships: boolean): Promise<void> {
    this.#wake(node);
    node.state = 'stopping';
    node.expected = 'stop';
    this.#send(node, { type: 'stop', movesLeaderships });
    if (await this.#until(() => this.#isDown(node), this.#options.stopTimeoutMs)) return;
    this.#options.listener.news(node.id, `did not end within ${this.#options.stopTimeoutMs} ms, killed`);
    node.process?.kill('SIGKILL');
    await this.#until(() => this.#isDown(node), this.#options.stopTimeoutMs);
  }

  /** A paused process hears nothing. */
  #wake(node: Supervised): void {
    if (node.state !== 'paused') return;
    node.process?.kill('SIGCONT');
    node.state = node.isServing ? 'running' : 'starting';
    this.#announce();
  }

  #spawn(node: Supervised): void {
    const process = this.#options.spawn(node.id);
    node.process = process;
    node.state = 'starting';
    node.expected = undefined;
    node.isListening = false;
    node.isServing = false;
    node.waitsForQuorum = false;
    node.hasStoppedDeciding = false;
    process.on('message', (message) => this.#heard(node, process, message));
    process.on('exit', (code, signal) => this.#ended(node, process, code, signal));
    process.on('error', (error) => this.#options.listener.news(node.id, `its process: ${error.message}`));
    if (node.faults !== noFaults) this.#send(node, { type: 'faults', faults: node.faults });
    this.#options.listener.changed();
  }

  #heard(node: Supervised, process: NodeProcess, raw: unknown): void {
    const message = fromNode(raw);
    // What an earlier process of this node still had on its way is no news.
    if (message === undefined || node.process !== process) return;
    switch (message.type) {
      case 'listening':
        node.isListening = true;
        break;
      case 'ready':
        node.isServing = true;
        if (node.state === 'starting') node.state = 'running';
        if (node.waitsForQuorum) this.#options.listener.news(node.id, 'serves now');
        node.waitsForQuorum = false;
        break;
      case 'stopped deciding':
        node.hasStoppedDeciding = true;
        break;
      case 'measured':
        node.measurement = message.measurement;
        break;
      case 'news':
        this.#options.listener.news(node.id, message.text);
        break;
      case 'frame':
        this.#options.listener.frame(node.id, message.frame);
        break;
      case 'order':
        void this.#obey(node, message.id, message.order);
        break;
    }
    this.#announce();
  }

  /** A node that its own order has ended hears nothing of it. */
  async #obey(node: Supervised, id: number, order: unknown): Promise<void> {
    try {
      this.#send(node, { type: 'obeyed', id, data: await this.#options.listener.ordered(order) });
    } catch (error) {
      const { code, exitCode, message, hint } = failureOf(error);
      const failure = { code, exitCode, message, ...(hint === undefined ? {} : { hint }) };
      this.#send(node, { type: 'disobeyed', id, failure });
    }
  }

  #ended(node: Supervised, process: NodeProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (node.process !== process) return;
    const how = signal === null ? `exit code ${code}` : signal;
    if (node.expected === 'stop' && code === 0) this.#options.listener.news(node.id, 'stopped');
    else if (node.expected === 'kill') this.#options.listener.news(node.id, `killed (${how})`);
    else this.#options.listener.news(node.id, `died (${how}); odradek chaos start ${node.id} brings it back`);
    node.process = undefined;
    node.state = 'down';
    this.#options.listener.changed();
    this.#announce();
  }

  #send(node: Supervised, message: ToNode): void {
    // A process that is just ending cannot be told anything; that it ended is heard as such.
    node.process?.send(message, () => {});
  }

  #node(id: number): Supervised {
    const node = this.#nodes.get(id);
    if (node !== undefined) return node;
    throw localFailure(
      'INVALID_REQUEST',
      `there is no node ${id}`,
      `There are: ${[...this.#nodes.keys()].join(', ')}.`,
    );
  }

  #running(node: Supervised): NodeProcess {
    if (node.process !== undefined) return node.process;
    throw localFailure(
      'INVALID_REQUEST',
      `node ${node.id} is down`,
      `\`odradek chaos start ${node.id}\` brings it back.`,
    );
  }

  /** Asked again after each await, so never narrowed by the compiler. */
  #isDown(node: Supervised): boolean {
    return node.state === 'down';
  }

  #announce(): void {
    for (const listener of [...this.#waiting]) listener();
  }

  /** Waits for a condition of the nodes. False when the time is over. */
  #until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(result);
      };
      const look = (): void => {
        if (holds()) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#waiting.add(look);
    });
  }
}
