// Disks that do not keep what their port promises, and readers that do not look at what a disk gives them.

import { crc32c } from '@odradek/format';
import type { Disk, DiskFile } from '@odradek/model';
import { JOURNAL_FILES } from '@odradek/storage';
import type { Mutant } from '../mutant.ts';

/** A disk that is another's but for some of its orders. */
function diskLike(disk: Disk, changed: Partial<Disk>): Disk {
  return {
    open: (...order) => disk.open(...order),
    exists: (path) => disk.exists(path),
    sizeOf: (path) => disk.sizeOf(path),
    list: (path) => disk.list(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    readFile: (path) => disk.readFile(path),
    writeFile: (...order) => disk.writeFile(...order),
    replaceFile: (...order) => disk.replaceFile(...order),
    syncDirectory: (...order) => disk.syncDirectory(...order),
    rename: (...order) => disk.rename(...order),
    remove: (path) => disk.remove(path),
    removeLater: (...order) => disk.removeLater(...order),
    freeBytes: () => disk.freeBytes(),
    get bootId() {
      return disk.bootId;
    },
    ...changed,
  };
}

function fileLike(file: DiskFile, changed: Partial<DiskFile>): DiskFile {
  return {
    path: file.path,
    get size() {
      return file.size;
    },
    append: (chunks) => file.append(chunks),
    write: (...order) => file.write(...order),
    read: (...order) => file.read(...order),
    readLater: (...order) => file.readLater(...order),
    truncate: (size) => file.truncate(size),
    sync: (done) => file.sync(done),
    close: () => file.close(),
    ...changed,
  };
}

/** A mutant whose nodes have another disk than the world gave them. */
function withDisk(change: (disk: Disk) => Disk): NonNullable<Mutant['ports']> {
  return (ports) => (ports.disk === undefined ? ports : { ...ports, disk: change(ports.disk) });
}

const m21: Mutant = {
  name: 'M21',
  what: 'a sync that has failed is asked for again, and believed (D3)',
  ports: withDisk((disk) =>
    diskLike(disk, {
      open: (path, options) => {
        const file = disk.open(path, options);
        return fileLike(file, {
          sync: (done) => file.sync((error) => (error === undefined ? done() : file.sync(done))),
        });
      },
    }),
  ),
};

/** A batch has its checksum right before the bytes of which it is; what begins earlier in a file is no batch. */
const CHECKED_FROM = 21;

function storedChecksum(bytes: Uint8Array, start: number, end: number): number {
  if (start < CHECKED_FROM) return crc32c(bytes, start, end);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(start - 4);
}

const m22: Mutant = {
  name: 'M22',
  what: 'no batch is compared with its checksum (D7)',
  ports: (ports) =>
    ports.compute === undefined ? ports : { ...ports, compute: { ...ports.compute, crc32c: storedChecksum } },
};

/** No directory has this name. */
const NOWHERE = 'no-such-directory';

const m27: Mutant = {
  name: 'M27',
  what: 'a directory that was to be synced is not, also where a file was to be replaced for good (D5)',
  ports: withDisk((disk) =>
    diskLike(disk, {
      syncDirectory: (_, done) => disk.syncDirectory(NOWHERE, done),
      replaceFile: (path, bytes, done) => {
        disk.writeFile(path, bytes);
        disk.syncDirectory(NOWHERE, done);
      },
    }),
  ),
};

const md3: Mutant = {
  name: 'MD3',
  what: 'the commit journal is emptied of a log whose own sync has failed, as if it had been synced (D3)',
  ports: withDisk((disk) =>
    diskLike(disk, {
      open: (path, options) => {
        const file = disk.open(path, options);
        if (!path.endsWith('.log')) return file;
        return fileLike(file, {
          sync: (done) =>
            file.sync((error) => {
              if (error !== undefined) emptyJournals(disk);
              done(error);
            }),
        });
      },
    }),
  ),
};

function emptyJournals(disk: Disk): void {
  for (const path of JOURNAL_FILES.filter((journal) => disk.exists(journal))) {
    const journal = disk.open(path, { create: false });
    journal.truncate(0);
    journal.sync(() => journal.close());
  }
}

const md12: Mutant = {
  name: 'MD12',
  what: 'a log that begins anew does not say so: what it had is taken for what it has (D12)',
  ports: withDisk((disk) =>
    diskLike(disk, {
      writeFile: (path, bytes) => {
        if (!path.endsWith('.anew')) disk.writeFile(path, bytes);
      },
    }),
  ),
};

export const diskMutants: readonly Mutant[] = [m21, m22, m27, md3, md12];
