import type { Clock, TimerHandle } from '@odradek/model';

/** Timers take 32 bits: what is longer would fire at once. It is cut to some 24.8 days here. */
const longestDelayMs = 2 ** 31 - 1;

/** The browser's clock. A tab in the background has slow timers: a second, later a minute. */
export const browserClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimeout: (callback, delayMs): TimerHandle => setTimeout(callback, Math.min(delayMs, longestDelayMs)),
  clearTimeout(handle) {
    // What was given out came from setTimeout above.
    clearTimeout(handle as ReturnType<typeof setTimeout>);
  },
};
