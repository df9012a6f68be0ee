// The processes of nodes. One can be started ahead: loading its program takes longer than all that is to be written, asked and decided before it may begin.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ToNode } from './node-messages.ts';

export interface NodeProcessesOptions {
  /** The file that a process runs (`start-broker.ts`). */
  readonly program: string;
  readonly words: (id: number) => readonly string[];
}

export class NodeProcesses {
  readonly #options: NodeProcessesOptions;
  /** Started, and told nothing yet: they have looked at nothing but their program. */
  readonly #ahead = new Map<number, ChildProcess>();

  constructor(options: NodeProcessesOptions) {
    this.#options = options;
  }

  /** Starts the processes of these nodes before they may begin. One that ends before is started anew when it is asked for. */
  startAhead(ids: readonly number[]): void {
    for (const id of ids) {
      const child = this.#spawn(id);
      this.#ahead.set(id, child);
      const forget = (): void => {
        if (this.#ahead.get(id) === child) this.#ahead.delete(id);
      };
      child.once('exit', forget).once('error', forget);
    }
  }

  /** Nobody will ask for those that wait. */
  abandon(): void {
    for (const child of this.#ahead.values()) child.kill('SIGKILL');
    this.#ahead.clear();
  }

  /** The process of a node, which begins now. `say` is told each line of its output. */
  begin(id: number, say: (line: string) => void): ChildProcess {
    const child = this.#ahead.get(id) ?? this.#spawn(id);
    this.#ahead.delete(id);
    for (const input of [child.stdout, child.stderr])
      if (input !== null) createInterface({ input }).on('line', say);
    const begin: ToNode = { type: 'begin' };
    // One that is just ending cannot be told anything; that it ended is heard as such.
    child.send(begin, () => {});
    return child;
  }

  /** A process group of its own: Ctrl-C in the terminal is ours to hand on, in the right order. */
  #spawn(id: number): ChildProcess {
    const { program, words } = this.#options;
    // A node speaks no TLS, and need not read the certificates that the user's other programs trust: a twentieth of its start.
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    return spawn(process.execPath, [program, ...words(id)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
  }
}
