// What is told of an attack, and how much memory the attacked have.

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const SETTLE_MS = 3000;

export interface Attacked {
  readonly id: number;
  readonly pid: number;
}

/** The memory of each process once it has had a moment of rest. */
export async function settledBytes(processes: readonly Attacked[]): Promise<ReadonlyMap<number, number>> {
  await pause(SETTLE_MS);
  return new Map(processes.map(({ id, pid }) => [id, residentBytes(pid)]));
}

/** What the system says that a process has in memory; 0 where it has no such file. */
function residentBytes(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}

export function passed(frames: number, startedMs: number): string {
  const seconds = (performance.now() - startedMs) / 1000;
  return `${frames} frames in ${seconds.toFixed(0)} s`;
}
