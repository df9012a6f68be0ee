// The disk port on Node: files below one directory.

import * as fs from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { type Disk, type DiskDone, DiskError } from '@odradek/model';
import { readBootId } from './boot-id.ts';
import { createDiskFile } from './disk-file.ts';
import { codeOf, diskError, isMissing, laterError, ordered, writeAll } from './disk-system.ts';
import { type Ended, replaceDurably, syncDirectory, temporary } from './durable.ts';
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
  readonly #replacing = new Map<string, (() => void)[]>();

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
    const report = reportOf('replace', path, done);
    const replace = (): void =>
      replaceDurably(full, bytes, (error) => {
        report(error);
        const next = this.#replacing.get(full)?.shift();
        if (next === undefined) this.#replacing.delete(full);
        else next();
      });
    const waiting = this.#replacing.get(full);
    if (waiting === undefined) {
      this.#replacing.set(full, []);
      replace();
    } else waiting.push(replace);
  }

  syncDirectory(path: string, done: DiskDone): void {
    syncDirectory(this.#at(path), reportOf('sync', path, done));
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
    fs.rm(this.#at(path), { recursive: true, force: true }, reportOf('remove', path, done));
  }

  /** A path never leaves the directory: names come from topics, and those from clients (X6). */
  #at(path: string): string {
    const full = join(this.#root, path);
    if (full !== this.#root && !full.startsWith(this.#root + sep))
      throw new DiskError('EINVAL', 'resolve', path);
    return full;
  }
}

/** Tells how an order ended, after it: also where the system answered at once. */
function reportOf(operation: string, path: string, done: DiskDone): Ended {
  return (error) => {
    if (error === undefined || error === null) setImmediate(done);
    else laterError(diskError(error, operation, path), done);
  };
}
