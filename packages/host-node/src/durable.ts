// What must survive the power: files that are replaced whole, and the names in a directory. What may wait for the disk is left to the thread
// pool: syncs, and new names, which wait where the file system's own journal is being written. The rest takes microseconds, and handed to
// another thread and back ten times as much; of the first record of a log these were twenty turns.

import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { writeAll } from './disk-system.ts';

/** With the system's error, or without one. */
export type Ended = (error?: unknown) => void;

/** From this size on, writing is left to the thread pool too. */
const LARGE_BYTES = 64 * 1024;

/** A name beside a file, for its next content. */
export function temporary(full: string): string {
  return `${full}.tmp`;
}

/** Writes the file under another name, syncs it, gives it its own, and syncs that. `ended` comes later. */
export function replaceDurably(full: string, bytes: Uint8Array, ended: Ended): void {
  fs.open(temporary(full), 'w', (error, fd) => {
    if (error !== null) ended(error);
    else
      written(fd, bytes, (failure) => {
        if (failure) closed(fd, failure, ended);
        else synced(fd, ended, () => renamed(full, ended));
      });
  });
}

/** Makes the names in a directory durable. Windows cannot open one to sync it; there the rename itself is journalled. */
export function syncDirectory(full: string, ended: Ended): void {
  if (process.platform === 'win32') {
    ended();
    return;
  }
  let fd: number;
  try {
    fd = fs.openSync(full, 'r');
  } catch (error) {
    ended(error);
    return;
  }
  synced(fd, ended, ended);
}

function renamed(full: string, ended: Ended): void {
  fs.rename(temporary(full), full, (error) => {
    if (error === null) syncDirectory(dirname(full), ended);
    else ended(error);
  });
}

function written(fd: number, bytes: Uint8Array, ended: Ended): void {
  if (bytes.length >= LARGE_BYTES) {
    writtenLater(fd, bytes, 0, ended);
    return;
  }
  try {
    writeAll(fd, bytes, 0);
  } catch (error) {
    ended(error);
    return;
  }
  ended();
}

function writtenLater(fd: number, bytes: Uint8Array, from: number, ended: Ended): void {
  fs.write(fd, bytes, from, bytes.length - from, from, (error, count) => {
    if (error !== null) ended(error);
    else if (from + count < bytes.length) writtenLater(fd, bytes, from + count, ended);
    else ended();
  });
}

/** Syncs the file and closes it; an error of either is the end. */
function synced(fd: number, ended: Ended, done: () => void): void {
  fs.fsync(fd, (failure) => closed(fd, failure, (error) => (error ? ended(error) : done())));
}

/** Closes the file; of two errors the first says what was wrong. */
function closed(fd: number, failure: unknown, ended: Ended): void {
  try {
    fs.closeSync(fd);
  } catch (error) {
    ended(failure ?? error);
    return;
  }
  ended(failure);
}
