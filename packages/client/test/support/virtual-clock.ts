import type { Clock } from '@odradek/model';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that moves when told: timers fire in order of their due time, then of their arming. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Map<number, Timer>();

  get pendingTimers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + Math.floor(this.#nowMs);
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.#order += 1;
    this.#timers.set(this.#order, { dueMs: this.#nowMs + delayMs, order: this.#order, callback });
    return this.#order;
  }

  clearTimeout(handle: number | object): void {
    if (typeof handle === 'number') this.#timers.delete(handle);
  }

  /** Fires everything that is due within `ms`, at once. For what needs no promise to go on. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) this.#fire(timer);
    this.#nowMs = endMs;
  }

  /** Lets time pass until `condition` holds, with the promises' turns between timers. Fails after `limitMs` of virtual time. */
  async until(condition: () => boolean, limitMs = 600_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (condition()) return;
      const timer = this.#next(endMs);
      if (timer === undefined) throw new Error(`the condition does not hold after ${limitMs} ms`);
      this.#fire(timer);
    }
  }

  /** What a promise gives, once enough virtual time has passed. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const done = (): void => {
      isSettled = true;
    };
    promise.then(done, done);
    await this.until(() => isSettled);
    return promise;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer.order);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.callback();
  }

  #next(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.dueMs > endMs) continue;
      if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    }
    return first;
  }
}
