// One life of a node: whatever the world does to it (a timer, a message, a finished fsync) passes through here, so that a killed
// node is never called again and a paused one (SIGSTOP) is called late.

import { Few, type Peer } from '@odradek/model';

export class VirtualProcess {
  /** Who this process proves to be. */
  readonly identity: Peer;
  readonly #ran: () => void;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #held: (() => void)[] = [];
  readonly #endings = new Few<() => void>();
  /** How often it was paused. */
  pauses = 0;

  /** `ran` hears whenever it does anything. */
  constructor(identity: Peer, ran: () => void = () => {}) {
    this.identity = identity;
    this.#ran = ran;
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
    if (this.#state === 'ended') return;
    if (this.#state === 'paused' || this.#held.length > 0) this.#held.push(callback);
    else {
      this.#ran();
      callback();
    }
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.pauses++;
  }

  /**
   * SIGCONT: everything held happens soon, in its order and before anything newer, unless one of it ends or pauses the process.
   * `later` lets each be an event of its own, so that oracles look in between.
   */
  resume(later: (callback: () => void) => void): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#catchUp(later);
  }

  #catchUp(later: (callback: () => void) => void): void {
    const [next] = this.#held;
    if (next === undefined || this.#state !== 'running') return;
    later(() => {
      if (this.#state !== 'running' || this.#held[0] !== next) return;
      this.#ran();
      next();
      this.#held.shift();
      this.#catchUp(later);
    });
  }

  /** SIGKILL. */
  end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#held = [];
    for (const ending of this.#endings.take()) ending();
  }

  /** The answer takes it back. */
  whenEnded(callback: () => void): () => void {
    this.#endings.add(callback);
    return () => void this.#endings.delete(callback);
  }
}
