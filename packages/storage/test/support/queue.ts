// A disk whose completions, and a clock whose timers, wait until the test says so.

import type { Clock, Random } from '@odradek/model';
import { MemoryDisk, type MemoryDiskOptions } from '../../src/memory-disk.ts';

/** Callbacks in order; `run` runs them and those they add. */
export class Queue {
  readonly #waiting: (() => void)[] = [];

  readonly later = (callback: () => void): void => {
    this.#waiting.push(callback);
  };

  get length(): number {
    return this.#waiting.length;
  }

  /** Runs one. */
  step(): void {
    this.#waiting.shift()?.();
  }

  run(): void {
    while (this.#waiting.length > 0) this.step();
  }
}

/** A disk and the queue of its completions. */
export function diskWithQueue(options: Omit<MemoryDiskOptions, 'later'> = {}): {
  disk: MemoryDisk;
  queue: Queue;
} {
  const queue = new Queue();
  return { disk: new MemoryDisk({ later: queue.later, ...options }), queue };
}

/** Chance from a seed: splitmix32, so that seeds that are near to each other have nothing in common. */
export function seeded(seed: number): Random {
  let state = seed | 0;
  const below = (bound: number): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * bound);
  };
  return { below, bytes: (length) => Uint8Array.from({ length }, () => below(256)) };
}

/** A clock that stands until `advance`; timers of 0 ms also wait for it. */
export class ManualClock implements Clock {
  #now = 0;
  #next = 1;
  readonly #timers = new Map<number, { readonly dueMs: number; readonly callback: () => void }>();
  wallStartMs = 1_700_000_000_000;

  nowMs(): number {
    return this.#now;
  }

  wallMs(): number {
    return this.wallStartMs + this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    const handle = this.#next++;
    this.#timers.set(handle, { dueMs: this.#now + delayMs, callback });
    return handle;
  }

  clearTimeout(handle: number | object): void {
    if (typeof handle === 'number') this.#timers.delete(handle);
  }

  advance(byMs: number): void {
    const end = this.#now + byMs;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.dueMs <= end);
      const [first] = due.sort(([, a], [, b]) => a.dueMs - b.dueMs);
      if (first === undefined) break;
      this.#timers.delete(first[0]);
      this.#now = Math.max(this.#now, first[1].dueMs);
      first[1].callback();
    }
    this.#now = end;
  }
}

/** Lets everything end that is under way: completions, and timers that are due now. */
export function settle(queue: Queue, clock: ManualClock): void {
  do {
    clock.advance(0);
    queue.run();
    clock.advance(0);
  } while (queue.length > 0);
}
