// What the machine gives a broker: room on the disk, how long a flush takes, whether the disk is one, how many files may be open.

import { closeSync, existsSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeDisk } from '@odradek/host-node';
import type { Configuration } from '@odradek/model';
import { findLogs } from '@odradek/storage';
import { openFileLimit } from '../open-file-limit.ts';
import type { Finding } from './finding.ts';

/** `f_type` of statfs: file systems that live in memory. */
const inMemory: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);
const littleBytes = 1024 ** 3;
const slowFlushMs = 20;
const syncs = 9;
/** Of an open segment: the log and its two indexes. */
const filesPerLog = 3;
/** Beside logs: sockets of peers, the metadata log, the program itself. */
const otherFiles = 200;

/** `directory` exists; `isDurable`: records are promised to survive a loss of power. */
export function diskFindings(directory: string, isDurable: boolean): Finding[] {
  return [space(directory), medium(directory, statfsSync(directory).type, isDurable), flush(directory)];
}

function space(directory: string): Finding {
  const { bavail, blocks, bsize } = statfsSync(directory);
  const [freeBytes, allBytes] = [bavail * bsize, blocks * bsize];
  const found = `${sizeText(freeBytes)} of ${sizeText(allBytes)} free on the disk of ${directory}`;
  if (freeBytes >= littleBytes) return { check: 'disk space', ok: true, found };
  return { check: 'disk space', ok: false, found: `${found}: a full disk makes its logs fail` };
}

/** `type`: of the file system, as statfs tells it. */
export function medium(directory: string, type: number, isDurable: boolean): Finding {
  const kind = inMemory.get(type);
  const check = 'disk';
  if (kind === undefined) return { check, ok: true, found: `${directory} is on a disk` };
  const found = `${directory} is on ${kind}: it is gone when the machine restarts`;
  return isDurable ? { check, ok: true, isNote: true, found } : { check, ok: true, found };
}

/** As group commit does it: a small append, then fdatasync. */
function flush(directory: string): Finding {
  const path = join(directory, `.odradek-doctor-${process.pid}`);
  const file = openSync(path, 'wx', 0o600);
  try {
    const times = Array.from({ length: syncs }, () => {
      writeSync(file, Buffer.alloc(4096));
      const beganMs = performance.now();
      fdatasyncSync(file);
      return performance.now() - beganMs;
    }).toSorted((one, other) => one - other);
    const medianMs = times[(syncs - 1) / 2] ?? 0;
    const found = `${medianMs.toFixed(2)} ms in the middle, ${(times.at(-1) ?? 0).toFixed(2)} ms at worst, of ${syncs}`;
    if (medianMs <= slowFlushMs) return { check: 'flush', ok: true, found };
    return { check: 'flush', ok: true, isNote: true, found: `${found}: each acks=all waits for it` };
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

/** Files that may be open, against the logs that are there. */
export function limitFindings(directory: string, { values }: Configuration): Finding[] {
  const limit = openFileLimit();
  if (limit === undefined) return [];
  const logs = existsSync(directory) ? findLogs(createNodeDisk(directory)).length : 0;
  return [openFiles(limit, logs, values['max.connections'])];
}

export function openFiles(limit: number, logs: number, maxConnections: number): Finding {
  const needed = logs * filesPerLog + otherFiles;
  const found = `${limit} may be open; ${logs} logs want ${needed}`;
  const check = 'open files';
  if (limit < needed) return { check, ok: false, found: `${found}: raise it, ulimit -n ${needed * 2}` };
  const left = limit - needed;
  if (left >= maxConnections) return { check, ok: true, found };
  const rest = `which leaves ${left} connections of max.connections=${maxConnections}`;
  return { check, ok: true, isNote: true, found: `${found}, ${rest}` };
}

function sizeText(bytes: number): string {
  const giga = bytes / 1024 ** 3;
  return giga >= 10 ? `${giga.toFixed(0)} GiB` : `${giga.toFixed(1)} GiB`;
}
