const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Whoever ends a group of processes (systemd, `timeout`) also signals the small program that started this one, and that hands it on: one
 * wish to end arrives twice. A person's second Ctrl-C takes longer.
 */
const echoMs = 250;
let heardAtMs = Number.NEGATIVE_INFINITY;

/** Resolves with the next signal that asks this process to end. It then no longer ends it by itself. */
export function untilSignalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const listener = (signal: NodeJS.Signals): void => {
      const nowMs = performance.now();
      if (nowMs - heardAtMs < echoMs) return;
      heardAtMs = nowMs;
      // Without a listener an echo would end the process.
      const forget = (): void => {
        for (const name of ending) process.off(name, listener);
      };
      setTimeout(forget, echoMs).unref();
      resolve(signal);
    };
    for (const name of ending) process.on(name, listener);
  });
}

/** Ends this process as the signal would have, had nobody listened. */
export function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Resolves when it is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
