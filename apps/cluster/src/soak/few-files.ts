// A process that may open no more files and sockets than it has open now (D11). Linux alone lets somebody else say so.

import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Whether it can be done here. */
export const canLimitFiles: boolean =
  process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

/** From now on it may open nothing more, or again as much as the system allows. Returns what was done. */
export function limitFiles(pid: number, isShort: boolean): string {
  const limit = isShort ? openFiles(pid) : mostFiles(pid);
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:`]);
  return `process ${pid} may open ${limit} files`;
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The hard limit, which nobody has changed. */
function mostFiles(pid: number): string {
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  return /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1] ?? 'unlimited';
}
