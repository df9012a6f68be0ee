import * as fs from 'node:fs';
import { type DiskDone, DiskError, type DiskFile, type DiskReadDone } from '@odradek/model';
import { diskError, laterError, ordered, readAll, writeAll, writeAllChunks } from './disk-system.ts';

/** A file that is open. */
export function createDiskFile(path: string, fd: number): DiskFile {
  return new NodeDiskFile(path, fd);
}

class NodeDiskFile implements DiskFile {
  readonly path: string;
  readonly #fd: number;
  #size: number;
  /** What made the file dead: after a failed fsync the pages may be gone though marked clean (D3). */
  #dead: DiskError | undefined;
  /** Orders under way in the thread pool. The number of a closed file may be another file's: it is closed after them. */
  #pending = 0;
  #isClosed = false;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    this.#size = ordered('stat', path, () => fs.fstatSync(fd).size);
  }

  get size(): number {
    return this.#size;
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#order('append', () => {
      this.#size += writeAllChunks(this.#fd, chunks, this.#size);
    });
  }

  write(position: number, bytes: Uint8Array): void {
    this.#order('write', () => {
      writeAll(this.#fd, bytes, position);
      this.#size = Math.max(this.#size, position + bytes.length);
    });
  }

  read(position: number, target: Uint8Array): number {
    return this.#order('read', () => readAll(this.#fd, position, target));
  }

  readLater(position: number, length: number, done: DiskReadDone): void {
    if (this.#isClosed) {
      laterError(new DiskError('EBADF', 'read', this.path), done);
      return;
    }
    this.#pending += 1;
    const target = new Uint8Array(length);
    const readOn = (read: number): void => {
      fs.read(this.#fd, target, read, length - read, position + read, (error, count) => {
        if (error?.code === 'EINTR') readOn(read);
        else if (error !== null) this.#finish(() => done(diskError(error, 'read', this.path)));
        else if (count > 0 && read + count < length) readOn(read + count);
        else this.#finish(() => done(target.subarray(0, read + count)));
      });
    };
    readOn(0);
  }

  truncate(size: number): void {
    this.#order('truncate', () => {
      fs.ftruncateSync(this.#fd, size);
      this.#size = size;
    });
  }

  sync(done: DiskDone): void {
    const dead = this.#isClosed ? new DiskError('EBADF', 'sync', this.path) : this.#dead;
    if (dead !== undefined) {
      laterError(dead, done);
      return;
    }
    this.#pending += 1;
    fs.fdatasync(this.#fd, (error) => {
      if (error !== null) this.#dead ??= diskError(error, 'sync', this.path);
      this.#finish(() => done(this.#dead));
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pending === 0) ordered('close', this.path, () => fs.closeSync(this.#fd));
  }

  #order<T>(operation: string, call: () => T): T {
    if (this.#isClosed) throw new DiskError('EBADF', operation, this.path);
    return ordered(operation, this.path, call);
  }

  #finish(report: () => void): void {
    this.#pending -= 1;
    if (this.#isClosed && this.#pending === 0) fs.closeSync(this.#fd);
    report();
  }
}
