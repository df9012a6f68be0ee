// The disk port with slow flushes, with flushes that fail, and with no room left.

import {
  type Clock,
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskReadDone,
} from '@odradek/model';
import type { CurrentFaults } from './faults.ts';

const METADATA = '__cluster_metadata';

/** The disk with the faults of the moment. */
export function faultyDisk(disk: Disk, clock: Clock, faults: CurrentFaults): Disk {
  const slowly = slowing(clock, faults);
  const room = (operation: string, path: string): void => {
    if (faults().isDiskFull) throw new DiskError('ENOSPC', operation, path);
  };
  const ofFile: Faulty = { clock, faults, slowly, room };
  return {
    bootId: disk.bootId,
    freeBytes: () => (faults().isDiskFull ? 0 : disk.freeBytes()),
    open(path, options) {
      if (options.create && !disk.exists(path)) room('open', path);
      return new FaultyFile(disk.open(path, options), ofFile);
    },
    exists: (path) => disk.exists(path),
    sizeOf: (path) => disk.sizeOf(path),
    list: (path) => disk.list(path),
    makeDirectory(path) {
      room('mkdir', path);
      disk.makeDirectory(path);
    },
    readFile: (path) => disk.readFile(path),
    writeFile(path, bytes) {
      room('write', path);
      disk.writeFile(path, bytes);
    },
    replaceFile(path, bytes, done) {
      if (faults().isDiskFull) clock.setTimeout(() => done(new DiskError('ENOSPC', 'replace', path)), 0);
      else disk.replaceFile(path, bytes, slowly(done));
    },
    syncDirectory: (path, done) => disk.syncDirectory(path, slowly(done)),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    removeLater: (path, done) => disk.removeLater(path, slowly(done)),
  };
}

/** Puts off a completion by what the disk is slower. */
function slowing(clock: Clock, faults: CurrentFaults): (done: DiskDone) => DiskDone {
  return (done) => (error) => {
    const { diskDelayMs } = faults();
    if (diskDelayMs === 0) done(error);
    else clock.setTimeout(() => done(error), diskDelayMs);
  };
}

/** What the files of a disk have in common. */
interface Faulty {
  readonly clock: Clock;
  readonly faults: CurrentFaults;
  slowly(done: DiskDone): DiskDone;
  /** Throws where no room is left. */
  room(operation: string, path: string): void;
}

/** A class, since a broker has one for each of thousands of partitions. */
class FaultyFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #disk: Faulty;

  constructor(file: DiskFile, disk: Faulty) {
    this.#file = file;
    this.#disk = disk;
  }

  get path(): string {
    return this.#file.path;
  }

  get size(): number {
    return this.#file.size;
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#disk.room('append', this.path);
    this.#file.append(chunks);
  }

  /** Within the file there is room already. */
  write(position: number, bytes: Uint8Array): void {
    this.#file.write(position, bytes);
  }

  read(position: number, target: Uint8Array): number {
    return this.#file.read(position, target);
  }

  readLater(position: number, length: number, done: DiskReadDone): void {
    this.#file.readLater(position, length, done);
  }

  truncate(size: number): void {
    this.#file.truncate(size);
  }

  sync(done: DiskDone): void {
    const { clock, faults, slowly } = this.#disk;
    if (!faults().failsFlushes || this.path.startsWith(METADATA)) this.#file.sync(slowly(done));
    else clock.setTimeout(() => done(new DiskError('EIO', 'sync', this.path)), 0);
  }

  close(): void {
    this.#file.close();
  }
}
