import type { Clock } from '@odradek/model';

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** Virtual time: what is due next fires next, ties in the order in which they were set. */
export class Timeline implements Clock {
  #now = 0;
  #sequence = 0;
  readonly #timers = new Map<number, Timer>();
  /** The longest delay that anybody has asked for. */
  longestDelayMs = 0;

  nowMs(): number {
    return this.#now;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.#sequence += 1;
    this.longestDelayMs = Math.max(this.longestDelayMs, delayMs);
    const dueMs = this.#now + Math.max(0, delayMs);
    this.#timers.set(this.#sequence, { dueMs, sequence: this.#sequence, callback });
    return this.#sequence;
  }

  clearTimeout(handle: number | object): void {
    if (typeof handle === 'number') this.#timers.delete(handle);
  }

  /** Fires what is due until `ms` have passed or `isDone` holds; returns whether it held. */
  run(ms: number, isDone: () => boolean = () => false): boolean {
    const endMs = this.#now + ms;
    while (!isDone()) {
      const next = this.#next();
      if (next === undefined || next.dueMs > endMs) {
        this.#now = endMs;
        return isDone();
      }
      this.#timers.delete(next.sequence);
      this.#now = Math.max(this.#now, next.dueMs);
      next.callback();
    }
    return true;
  }

  /** A process that was paused goes on: time has passed, and nothing that fell due has fired yet. */
  oversleep(ms: number): void {
    this.#now += ms;
  }

  #next(): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.#timers.values())
      if (best === undefined || timer.dueMs < best.dueMs) best = timer;
    return best;
  }
}

/** A small seeded generator (xorshift), so that a story is the same at every telling. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761 + 88_172_645) >>> 0 || 1;
  }

  below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
