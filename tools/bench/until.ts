// Waiting for a condition, with a cap.

import { setTimeout as pause } from 'node:timers/promises';

const CAP_MS = 30_000;
const INTERVAL_MS = 10;

/** Resolves once `holds` says so; it is asked again and again. A rejection counts as no. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { capMs = CAP_MS, intervalMs = INTERVAL_MS } = {},
): Promise<void> {
  const end = performance.now() + capMs;
  let failure: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > end) throw new Error(`not within ${capMs / 1000} s: ${what}`, { cause: failure });
    await pause(intervalMs);
  }
}
