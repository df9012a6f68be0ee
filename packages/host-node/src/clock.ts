import type { Clock, TimerHandle } from '@odradek/model';

/** Node's timers take 32 bits: what is longer they fire after 1 ms. It is cut to some 24.8 days here. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * Node's clock. Timers keep the process alive. What is due at once is an immediate: Node's shortest timer is a millisecond, in which
 * the whole process sleeps, and costs more.
 */
export const nodeClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimeout: (callback, delayMs): TimerHandle =>
    delayMs <= 0 ? setImmediate(callback) : setTimeout(callback, Math.min(delayMs, longestDelayMs)),
  clearTimeout(handle) {
    // What was given out came from setTimeout above.
    const timer = handle as NodeJS.Timeout | NodeJS.Immediate;
    if ('refresh' in timer) clearTimeout(timer);
    else clearImmediate(timer);
  },
};
