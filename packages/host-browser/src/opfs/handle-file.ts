// An open file of the disk, over its access handle.

import { type DiskDone, DiskError, type DiskFile, type DiskReadDone } from '@odradek/model';
import { ordered, readAt, type SyncFile, writeAll } from './sync-file.ts';
import type { Turns } from './turns.ts';

export class HandleFile implements DiskFile {
  readonly path: string;
  readonly #file: SyncFile;
  readonly #turns: Turns;
  readonly #closed: () => void;
  #isClosed = false;

  constructor(path: string, file: SyncFile, turns: Turns, closed: () => void) {
    this.path = path;
    this.#file = file;
    this.#turns = turns;
    this.#closed = closed;
  }

  get size(): number {
    return this.#file.getSize();
  }

  append(chunks: readonly Uint8Array[]): void {
    ordered('append', this.path, () => {
      let end = this.#file.getSize();
      for (const chunk of chunks) {
        writeAll(this.#file, chunk, end);
        end += chunk.length;
      }
    });
  }

  write(position: number, bytes: Uint8Array): void {
    ordered('write', this.path, () => writeAll(this.#file, bytes, position));
  }

  read(position: number, target: Uint8Array): number {
    return ordered('read', this.path, () => readAt(this.#file, position, target));
  }

  readLater(position: number, length: number, done: DiskReadDone): void {
    this.#turns.later(() => {
      let target = new Uint8Array();
      const problem = problemOf(() => {
        target = new Uint8Array(Math.max(0, Math.min(length, this.size - position)));
        this.read(position, target);
      });
      done(problem ?? target);
    });
  }

  truncate(size: number): void {
    ordered('truncate', this.path, () => this.#file.truncate(size));
  }

  sync(done: DiskDone): void {
    this.#turns.later(() => done(problemOf(() => ordered('sync', this.path, () => this.#file.flush()))));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed();
  }
}

/** What the disk said against it. */
export function problemOf(act: () => void): DiskError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof DiskError) return error;
    throw error;
  }
}
