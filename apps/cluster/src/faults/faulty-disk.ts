// The disk port with slow flushes, with flushes that fail, and with no room left.

import { type Clock, type Disk, type DiskDone, DiskError, type DiskFile } from '@odradek/model';
import type { CurrentFaults } from './faults.ts';

/** The disk with the faults of the moment. */
export function faultyDisk(disk: Disk, clock: Clock, faults: CurrentFaults): Disk {
  const slowly = slowing(clock, faults);
  const room = (operation: string, path: string): void => {
    if (faults().isDiskFull) throw new DiskError('ENOSPC', operation, path);
  };
  return {
    bootId: disk.bootId,
    freeBytes: () => (faults().isDiskFull ? 0 : disk.freeBytes()),
    open(path, options) {
      if (options.create && !disk.exists(path)) room('open', path);
      return faultyFile(disk.open(path, options), clock, slowly, room, faults);
    },
    exists: (path) => disk.exists(path),
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

function faultyFile(
  file: DiskFile,
  clock: Clock,
  slowly: (done: DiskDone) => DiskDone,
  room: (operation: string, path: string) => void,
  faults: CurrentFaults,
): DiskFile {
  const isOfMetadata = file.path.startsWith('__cluster_metadata');
  return {
    path: file.path,
    get size() {
      return file.size;
    },
    append(chunks) {
      room('append', file.path);
      file.append(chunks);
    },
    // Within the file there is room already.
    write: (position, bytes) => file.write(position, bytes),
    read: (position, target) => file.read(position, target),
    readLater: (position, length, done) => file.readLater(position, length, done),
    truncate: (size) => file.truncate(size),
    sync(done) {
      if (!faults().failsFlushes || isOfMetadata) file.sync(slowly(done));
      else clock.setTimeout(() => done(new DiskError('EIO', 'sync', file.path)), 0);
    },
    close: () => file.close(),
  };
}
