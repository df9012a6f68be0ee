// Virtual time: callbacks run in the order of their due times, when a test says that time passes.

import type { TimerHandle } from '@odradek/model';
import type { ActorOptions, AnyActorLogic } from 'xstate';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class TestClock {
  #nowMs = 1_000;
  #timers: Timer[] = [];
  /** How much too early timers fire, as those of real platforms do. */
  earlyMs = 0;

  readonly nowMs = (): number => this.#nowMs;

  readonly setTimeout = (callback: () => void, delayMs: number): TimerHandle => {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs - this.earlyMs), callback };
    const after = this.#timers.findIndex((other) => other.dueMs > timer.dueMs);
    this.#timers.splice(after < 0 ? this.#timers.length : after, 0, timer);
    return timer;
  };

  readonly clearTimeout = (handle: TimerHandle): void => {
    this.#timers = this.#timers.filter((timer) => timer !== handle);
  };

  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass, timer by timer. */
  pass(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#timers;
      if (next === undefined || next.dueMs > end) break;
      this.#timers.shift();
      this.#nowMs = next.dueMs;
      next.callback();
    }
    this.#nowMs = end;
  }
}

/** The same clock, as xstate wants it of a root actor. It never looks into a handle. */
export function actorClock(clock: TestClock): NonNullable<ActorOptions<AnyActorLogic>['clock']> {
  return clock as NonNullable<ActorOptions<AnyActorLogic>['clock']> & TestClock;
}
