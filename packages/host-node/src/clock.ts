import type { Clock, TimerHandle } from '@odradek/model';

/** Node's timers take 32 bits: what is longer they fire after 1 ms. It is cut to some 24.8 days here. */
const longestDelayMs = 2 ** 31 - 1;

/** Node's clock. Timers keep the process alive. */
export const nodeClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimeout: (callback, delayMs): TimerHandle => setTimeout(callback, Math.min(delayMs, longestDelayMs)),
  clearTimeout(handle) {
    // What was given out came from setTimeout above.
    clearTimeout(handle as NodeJS.Timeout);
  },
};
