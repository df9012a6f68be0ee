// What a process holds on to: to see whether it gives everything back.

import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Measurement {
  /** Of the heap, after everything that can be collected was. */
  readonly heapBytes: number;
  /** Timers that are running. */
  readonly timers: number;
  /** Open files and sockets; -1 where the system does not tell. */
  readonly handles: number;
}

/** Collects all garbage first, which stops the process for some milliseconds. */
export function measure(): Measurement {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const active = process.getActiveResourcesInfo();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    timers: active.filter((kind) => kind === 'Timeout' || kind === 'Immediate').length,
    handles: openHandles(),
  };
}

function openHandles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : -1;
}
