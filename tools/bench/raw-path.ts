// Runs the raw path's brokers, as many processes as the cluster has.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import type { Target } from './load.ts';
import { dialRaw, type RawRole, word, words } from './raw-socket.ts';
import type { FlushPolicy, Placement } from './setting.ts';

export class RawPath {
  readonly #directory: string;
  readonly #processes: readonly ChildProcess[];
  readonly #ports: readonly number[];

  private constructor(directory: string, processes: readonly ChildProcess[], ports: readonly number[]) {
    this.#directory = directory;
    this.#processes = processes;
    this.#ports = ports;
  }

  static async start(directory: string, brokers: number): Promise<RawPath> {
    // Sessions of their own, as the nodes of `up` are: Linux may share out processors by session.
    const processes = Array.from({ length: brokers }, () =>
      fork(join(import.meta.dirname, 'raw-broker.ts'), { detached: true }),
    );
    const ports = await Promise.all(processes.map((process) => answerOf(process)));
    return new RawPath(directory, processes, ports);
  }

  /** Of the leader first, then of those that follow. */
  get pids(): readonly number[] {
    return this.#processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** A turn of its own: empty files, a leader and its followers, a connection for each producer. */
  async turn<Result>(
    flush: FlushPolicy,
    placement: Placement,
    measure: (targets: readonly RawTarget[]) => Promise<Result>,
  ): Promise<Result> {
    const { partitions, replicas, producers } = placement;
    const [leader, ...others] = this.#processes;
    const [leaderPort] = this.#ports;
    if (leader === undefined || leaderPort === undefined) throw new Error('there is no broker');
    const common = (index: number) => ({
      directory: join(this.#directory, `raw-${index}`),
      partitions,
      flush,
    });
    await order(leader, { ...common(0), role: 'leader', replicas });
    const followers = others.slice(0, replicas - 1);
    await Promise.all(
      followers.map((follower, index) =>
        order(follower, { ...common(index + 1), role: 'follower', leaderPort }),
      ),
    );
    const sockets = Array.from({ length: producers }, () => dialRaw(leaderPort));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    try {
      return await measure(sockets.map((socket) => new RawTarget(socket)));
    } finally {
      for (const socket of sockets) socket.terminate();
      await Promise.all(this.#processes.map((process) => order(process, 'end')));
      for (let index = 0; index < replicas; index++)
        rmSync(common(index).directory, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#processes.map((process) => {
        const exit = once(process, 'exit');
        process.disconnect();
        return exit;
      }),
    );
  }
}

/** Answers come in the order of what was asked. */
export class RawTarget implements Target {
  readonly #socket: WebSocket;
  readonly #waiting: ((error: string | undefined, answer: Buffer) => void)[] = [];
  readonly #batches = new Map<number, Uint8Array>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (answer: Buffer) => this.#waiting.shift()?.(undefined, answer));
    socket.on('close', () => {
      for (const done of this.#waiting.splice(0)) done('the raw path closed the connection', Buffer.alloc(0));
    });
  }

  send(batch: Uint8Array, partition: number, acknowledged: (error?: string) => void): void {
    this.#waiting.push((error) => acknowledged(error));
    this.#socket.send(this.#batchFor(batch, partition));
  }

  /** Bytes of partition 0 from a position. */
  read(position: number, maxBytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((error, answer) =>
        error === undefined ? resolve(answer) : reject(new Error(error)),
      );
      this.#socket.send(word(words.read, position, maxBytes));
    });
  }

  /** What is on its way must not change, so each partition has bytes of its own. */
  #batchFor(batch: Uint8Array, partition: number): Uint8Array {
    const known = this.#batches.get(partition);
    if (known?.length === batch.length) return known;
    const made = Buffer.from(batch);
    made.writeUInt32BE(partition, 12);
    this.#batches.set(partition, made);
    return made;
  }
}

async function order(process: ChildProcess, role: RawRole | 'end'): Promise<void> {
  const answer = answerOf(process);
  process.send(role);
  await answer;
}

/** The next message of a process: the port on which it listens. */
function answerOf(process: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a broker of the raw path ended'));
    process.once('exit', ended);
    process.once('message', (port) => {
      process.off('exit', ended);
      resolve(Number(port));
    });
  });
}
