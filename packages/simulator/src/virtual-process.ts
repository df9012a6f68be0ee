// One life of a node: whatever the world does to it (a timer, a message, a finished fsync) passes through here, so that a killed
// node is never called again and a paused one (SIGSTOP) is called late.

import type { Peer } from '@odradek/model';

export class VirtualProcess {
  /** Who this process proves to be. */
  readonly identity: Peer;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #held: (() => void)[] = [];
  readonly #endings: (() => void)[] = [];

  constructor(identity: Peer) {
    this.identity = identity;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Does it now, later if the process is paused, never if it has ended. */
  run(callback: () => void): void {
    if (this.#state === 'running') callback();
    else if (this.#state === 'paused') this.#held.push(callback);
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** SIGCONT: everything held happens now, in its order, unless one of it ends or pauses the process. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    while (this.isRunning) {
      const next = this.#held.shift();
      if (next === undefined) return;
      next();
    }
  }

  /** SIGKILL. */
  end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#held = [];
    for (const ending of this.#endings) ending();
  }

  whenEnded(callback: () => void): void {
    this.#endings.push(callback);
  }
}
