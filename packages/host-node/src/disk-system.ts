// How the system's calls and errors become the port's.

import * as fs from 'node:fs';
import { DiskError } from '@odradek/model';

/** The port's error for whatever a call of the system threw. */
export function diskError(error: unknown, operation: string, path: string): DiskError {
  if (error instanceof DiskError) return error;
  return new DiskError(codeOf(error) ?? 'UNKNOWN', operation, path);
}

/** Runs a synchronous call; what it throws becomes a {@link DiskError}. */
export function ordered<T>(operation: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw diskError(error, operation, path);
  }
}

export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Reports an error later, never from within the call. */
export function laterError<T>(error: T, done: (error: T) => void): void {
  setImmediate(done, error);
}

/** Writes all of the bytes: short writes go on, interrupted ones are repeated (D4). */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length)
    written += uninterrupted(() =>
      fs.writeSync(fd, bytes, written, bytes.length - written, position + written),
    );
}

/** The same for several chunks at once, without joining them. Returns how many bytes that were. */
export function writeAllChunks(fd: number, chunks: readonly Uint8Array[], position: number): number {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) {
    writeAll(fd, only, position);
    return only.length;
  }
  let at = position;
  for (let i = 0; i < chunks.length; i += maxChunksPerCall) {
    const group = chunks.slice(i, i + maxChunksPerCall);
    const size = group.reduce((sum, chunk) => sum + chunk.length, 0);
    const written = uninterrupted(() => fs.writevSync(fd, group, at));
    if (written < size) writeRest(fd, group, at, written);
    at += size;
  }
  return at - position;
}

/** IOV_MAX of Linux and macOS. */
const maxChunksPerCall = 1024;

function writeRest(fd: number, group: readonly Uint8Array[], position: number, written: number): void {
  let start = 0;
  for (const chunk of group) {
    const skip = Math.max(0, Math.min(chunk.length, written - start));
    writeAll(fd, chunk.subarray(skip), position + start + skip);
    start += chunk.length;
  }
}

/** Reads until the target is full or the file ends. */
export function readAll(fd: number, position: number, target: Uint8Array): number {
  let read = 0;
  while (read < target.length) {
    const count = uninterrupted(() => fs.readSync(fd, target, read, target.length - read, position + read));
    if (count === 0) break;
    read += count;
  }
  return read;
}

function uninterrupted<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (codeOf(error) !== 'EINTR') throw error;
    }
  }
}
