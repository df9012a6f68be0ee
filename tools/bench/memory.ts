import { execFileSync } from 'node:child_process';

/** Resident memory of a process; what processes share is counted in each. */
export function memoryMegabytes(pid: number): number {
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6;
}
