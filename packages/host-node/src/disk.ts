// The disk port on Node: files below one directory.

import * as fs from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { type Disk, type DiskDone, DiskError } from '@odradek/model';
import { readBootId } from './boot-id.ts';
import { createDiskFile } from './disk-file.ts';
import { codeOf, diskError, isMissing, laterError, ordered, writeAll } from './disk-system.ts';
import { OpenFiles } from './open-files.ts';
import { Removal } from './removal.ts';

let bootId: string | undefined;
let isBootIdRead = false;

export interface NodeDiskOptions {
  /** Only looks: what must not be written to is enough. */
  readonly isReadOnly?: boolean;
  /** How many files are kept open, besides those with unsynced data; 4096. */
  readonly maxOpenFiles?: number;
}

const MAX_OPEN_FILES = 4096;

/** Opens the directory as a disk, and makes it if it does not exist. */
export function createNodeDisk(directory: string, options: NodeDiskOptions = {}): Disk {
  const { isReadOnly = false, maxOpenFiles = MAX_OPEN_FILES } = options;
  const root = resolve(directory);
  if (!isReadOnly) ordered('mkdir', root, () => fs.mkdirSync(root, { recursive: true }));
  if (!isBootIdRead) bootId = readBootId();
  isBootIdRead = true;
  return new NodeDisk(root, bootId, isReadOnly, new OpenFiles(maxOpenFiles));
}

class NodeDisk implements Disk {
  readonly bootId: string | undefined;
  readonly #root: string;
  readonly #isReadOnly: boolean;
  readonly #openFiles: OpenFiles;
  readonly #removal = new Removal();
  /** Of each file the replacement that was ordered last: the next begins after it, or an older one could end last. */
  readonly #replacing = new Map<string, Promise<void>>();

  constructor(root: string, boot: string | undefined, isReadOnly: boolean, openFiles: OpenFiles) {
    this.#root = root;
    this.bootId = boot;
    this.#isReadOnly = isReadOnly;
    this.#openFiles = openFiles;
  }

  open(path: string, options: { readonly create: boolean }) {
    return createDiskFile(path, this.#openFile(path, options.create), {
      openFiles: this.#openFiles,
      open: (again) => this.#openFile(again, false),
    });
  }

  #openFile(path: string, create: boolean): number {
    const full = this.#at(path);
    const { O_RDONLY, O_RDWR, O_CREAT } = fs.constants;
    const access = this.#isReadOnly ? O_RDONLY : O_RDWR;
    const open = (): number => fs.openSync(full, create ? access | O_CREAT : access);
    return ordered('open', path, () => {
      try {
        return open();
      } catch (error) {
        const isTooMany = codeOf(error) === 'EMFILE' || codeOf(error) === 'ENFILE';
        if (!isTooMany || !this.#openFiles.makeRoom()) throw error;
        return open();
      }
    });
  }

  exists(path: string): boolean {
    return fs.existsSync(this.#at(path));
  }

  sizeOf(path: string): number | undefined {
    return ordered('stat', path, () => {
      const found = fs.statSync(this.#at(path), { throwIfNoEntry: false });
      return found?.isFile() ? found.size : undefined;
    });
  }

  list(path: string): readonly string[] {
    return ordered('list', path, () => {
      try {
        return fs.readdirSync(this.#at(path)).sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
  }

  makeDirectory(path: string): void {
    ordered('mkdir', path, () => fs.mkdirSync(this.#at(path), { recursive: true }));
  }

  readFile(path: string): Uint8Array | undefined {
    return ordered('read', path, () => {
      try {
        return new Uint8Array(fs.readFileSync(this.#at(path)));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  writeFile(path: string, bytes: Uint8Array): void {
    const full = this.#at(path);
    ordered('write', path, () => {
      const fd = fs.openSync(temporary(full), 'w');
      try {
        writeAll(fd, bytes, 0);
      } finally {
        fs.closeSync(fd);
      }
      fs.renameSync(temporary(full), full);
    });
  }

  replaceFile(path: string, bytes: Uint8Array, done: DiskDone): void {
    const full = this.#at(path);
    const replace = async (): Promise<void> => {
      const file = await fs.promises.open(temporary(full), 'w');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await fs.promises.rename(temporary(full), full);
      await syncDirectory(dirname(full));
    };
    const before = this.#replacing.get(full);
    const work = before === undefined ? replace() : before.then(replace, replace);
    this.#replacing.set(full, work);
    const forget = (): void => {
      if (this.#replacing.get(full) === work) this.#replacing.delete(full);
    };
    work.then(forget, forget);
    report(work, 'replace', path, done);
  }

  syncDirectory(path: string, done: DiskDone): void {
    report(syncDirectory(this.#at(path)), 'sync', path, done);
  }

  freeBytes(): number | undefined {
    try {
      const { bavail, bsize } = fs.statfsSync(this.#root);
      return bavail * bsize;
    } catch {
      // A file system that does not tell: unknown is a true answer.
      return undefined;
    }
  }

  rename(from: string, to: string): void {
    ordered('rename', from, () => fs.renameSync(this.#at(from), this.#at(to)));
  }

  remove(path: string): void {
    ordered('remove', path, () => this.#removal.remove(this.#at(path)));
  }

  removeLater(path: string, done: DiskDone): void {
    report(fs.promises.rm(this.#at(path), { recursive: true, force: true }), 'remove', path, done);
  }

  /** A path never leaves the directory: names come from topics, and those from clients (X6). */
  #at(path: string): string {
    const full = join(this.#root, path);
    if (full !== this.#root && !full.startsWith(this.#root + sep))
      throw new DiskError('EINVAL', 'resolve', path);
    return full;
  }
}

function temporary(full: string): string {
  return `${full}.tmp`;
}

/** Windows can not open a directory to sync it; there the rename itself is journalled. */
async function syncDirectory(full: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await fs.promises.open(full, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Calls `done` outside of the promise, so that what it throws stops the process instead of being a rejection. */
function report(work: Promise<void>, operation: string, path: string, done: DiskDone): void {
  work.then(
    () => setImmediate(done),
    (error: unknown) => laterError(diskError(error, operation, path), done),
  );
}
