const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the next signal that asks this process to end. It then no longer ends it by itself. */
export function untilSignalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const listener = (signal: NodeJS.Signals): void => {
      for (const name of ending) process.off(name, listener);
      resolve(signal);
    };
    for (const name of ending) process.on(name, listener);
  });
}

/** Aborted with the next signal that asks this process to end; the one after it ends it. */
export function abortedBySignal(): AbortSignal {
  const controller = new AbortController();
  void untilSignalled().then(() => controller.abort());
  return controller.signal;
}
