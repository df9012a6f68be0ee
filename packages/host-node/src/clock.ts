import type { Clock, TimerHandle } from '@odradek/model';

/** Node's clock. Timers keep the process alive. */
export const nodeClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimeout: (callback, delayMs): TimerHandle => setTimeout(callback, delayMs),
  clearTimeout(handle) {
    // What was given out came from setTimeout above.
    clearTimeout(handle as NodeJS.Timeout);
  },
};
