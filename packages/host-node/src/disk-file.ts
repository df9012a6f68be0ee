import * as fs from 'node:fs';
import { type DiskDone, DiskError, type DiskFile, type DiskReadDone } from '@odradek/model';
import { diskError, laterError, ordered, readAll, writeAll, writeAllChunks } from './disk-system.ts';
import type { IdleFile, OpenFiles } from './open-files.ts';

/** What a file needs of its disk. */
export interface FilePlace {
  /** Opens a file that is there; throws a {@link DiskError}. */
  open(path: string): number;
  readonly openFiles: OpenFiles;
}

/** A file that is open. */
export function createDiskFile(path: string, fd: number, place: FilePlace): DiskFile {
  return new NodeDiskFile(path, fd, place);
}

class NodeDiskFile implements DiskFile, IdleFile {
  readonly path: string;
  readonly #place: FilePlace;
  /** Undefined while it is closed for a while. */
  #open: number | undefined;
  /** Counts changes; what was changed since the last sync keeps the file open: its error must reach the one who asks for it (D3). */
  #changes = 0;
  #syncedChanges = 0;
  #size: number;
  /** What made the file dead: after a failed fsync the pages may be gone though marked clean (D3). */
  #dead: DiskError | undefined;
  /** Orders under way in the thread pool. The number of a closed file may be another file's: it is closed after them. */
  #pending = 0;
  #isClosed = false;

  constructor(path: string, fd: number, place: FilePlace) {
    this.path = path;
    this.#place = place;
    this.#open = fd;
    this.#size = ordered('stat', path, () => fs.fstatSync(fd).size);
    place.openFiles.used(this);
  }

  release(): boolean {
    if (this.#open === undefined || this.#pending > 0 || this.#changes !== this.#syncedChanges) return false;
    fs.closeSync(this.#open);
    this.#open = undefined;
    return true;
  }

  /** The file, opened again if it was closed for a while. */
  #ready(): number {
    this.#open ??= this.#place.open(this.path);
    this.#place.openFiles.used(this);
    return this.#open;
  }

  get size(): number {
    return this.#size;
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#changes += 1;
    this.#order('append', () => {
      this.#size += writeAllChunks(this.#ready(), chunks, this.#size);
    });
  }

  write(position: number, bytes: Uint8Array): void {
    this.#changes += 1;
    this.#order('write', () => {
      writeAll(this.#ready(), bytes, position);
      this.#size = Math.max(this.#size, position + bytes.length);
    });
  }

  read(position: number, target: Uint8Array): number {
    return this.#order('read', () => readAll(this.#ready(), position, target));
  }

  readLater(position: number, length: number, done: DiskReadDone): void {
    if (this.#isClosed) {
      laterError(new DiskError('EBADF', 'read', this.path), done);
      return;
    }
    const fd = this.#opened();
    if (fd instanceof DiskError) {
      laterError(fd, done);
      return;
    }
    this.#pending += 1;
    const target = new Uint8Array(length);
    const readOn = (read: number): void => {
      fs.read(fd, target, read, length - read, position + read, (error, count) => {
        if (error?.code === 'EINTR') readOn(read);
        else if (error !== null) this.#finish(() => done(diskError(error, 'read', this.path)));
        else if (count > 0 && read + count < length) readOn(read + count);
        else this.#finish(() => done(target.subarray(0, read + count)));
      });
    };
    readOn(0);
  }

  truncate(size: number): void {
    this.#changes += 1;
    this.#order('truncate', () => {
      fs.ftruncateSync(this.#ready(), size);
      this.#size = size;
    });
  }

  sync(done: DiskDone): void {
    const dead = this.#isClosed ? new DiskError('EBADF', 'sync', this.path) : this.#dead;
    if (dead !== undefined) {
      laterError(dead, done);
      return;
    }
    const fd = this.#opened();
    if (fd instanceof DiskError) {
      laterError(fd, done);
      return;
    }
    this.#pending += 1;
    const changes = this.#changes;
    fs.fdatasync(fd, (error) => {
      if (error !== null) this.#dead ??= diskError(error, 'sync', this.path);
      else this.#syncedChanges = Math.max(this.#syncedChanges, changes);
      this.#finish(() => done(this.#dead));
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pending === 0) ordered('close', this.path, () => this.#closeNow());
  }

  #closeNow(): void {
    this.#place.openFiles.closed(this);
    if (this.#open !== undefined) fs.closeSync(this.#open);
    this.#open = undefined;
  }

  /** Where an error is an answer, not an exception. */
  #opened(): number | DiskError {
    try {
      return this.#ready();
    } catch (error) {
      return diskError(error, 'open', this.path);
    }
  }

  #order<T>(operation: string, call: () => T): T {
    if (this.#isClosed) throw new DiskError('EBADF', operation, this.path);
    return ordered(operation, this.path, call);
  }

  #finish(report: () => void): void {
    this.#pending -= 1;
    if (this.#isClosed && this.#pending === 0) this.#closeNow();
    else if (this.#pending === 0 && this.#changes === this.#syncedChanges)
      this.#place.openFiles.settled(this);
    report();
  }
}
