// A disk in memory that can lose what was not synced: the simulator's disk, and that of the policy `memory`. It keeps the rules of
// the port (completions come later, by the caller's `later`), and breaks as real ones do: see D1, D3, D5, D12.

import {
  type Disk,
  type DiskDone,
  DiskError,
  type DiskFile,
  type DiskReadDone,
  type Random,
} from '@odradek/model';
import { MemoryInode } from './memory-inode.ts';
import { MemoryDirectory, MemoryNames, type MemoryNode, parentOf } from './memory-names.ts';
import { byChance, type Survival } from './survival.ts';

export type DiskOperation =
  | 'open'
  | 'append'
  | 'write'
  | 'read'
  | 'readLater'
  | 'truncate'
  | 'sync'
  | 'makeDirectory'
  | 'readFile'
  | 'writeFile'
  | 'replaceFile'
  | 'syncDirectory'
  | 'rename'
  | 'remove';

/** An operation fails with the system's `code`. Of an append, `keptBytes` are written before (a short write, D4). */
export interface DiskFault {
  readonly code: string;
  readonly keptBytes?: number;
}

export interface MemoryDiskOptions {
  /** Where completions wait until their time: the simulator's clock, a queue of a test. Never calls back at once. */
  readonly later: (callback: () => void) => void;
  /** Asked before each operation; a fault makes it fail. */
  readonly fault?: (operation: DiskOperation, path: string) => DiskFault | undefined;
  readonly bootId?: string;
  /** The room that is said to be left; without it, nothing is said. */
  readonly freeBytes?: () => number;
  /** What is written whole or not at all. */
  readonly sectorBytes?: number;
}

/** What lay on a disk at one time: each file's bytes by path; a directory has none. */
export type DiskCopy = ReadonlyMap<string, Uint8Array | undefined>;

export class MemoryDisk implements Disk {
  #names = new MemoryNames();
  readonly #options: MemoryDiskOptions;
  readonly #sectorBytes: number;
  readonly #replacing = new Set<() => void>();
  /** Raised by each crash: orders and open files of an earlier life are dead. */
  #life = 0;
  #boots = 1;

  constructor(options: MemoryDiskOptions) {
    this.#options = options;
    this.#sectorBytes = options.sectorBytes ?? 512;
  }

  get bootId(): string | undefined {
    return this.#options.bootId === undefined ? undefined : `${this.#options.bootId}-${this.#boots}`;
  }

  /** `kill -9`: every completed write stays (page cache); orders under way are never answered; open files are dead. */
  crash(): void {
    this.#life++;
    this.#replacing.clear();
    for (const inode of this.#names.inodes()) inode.abandonSyncs();
  }

  /** Power loss: of what was not synced, any subset of sectors and of names stays (D1, D12). */
  power(random: Random): void {
    this.losePower(byChance(random));
  }

  /** The same, where somebody says what stays. */
  losePower(left: Survival): void {
    for (const finish of this.#replacing) if (left.keeps()) finish();
    this.crash();
    this.#boots++;
    this.#names.losePower(left);
    for (const inode of this.#names.inodes()) inode.losePower(left);
  }

  /** All that was written becomes durable, names too. */
  syncAll(): void {
    this.#names.syncAll();
    for (const inode of this.#names.inodes()) inode.saveAll();
  }

  /** A copy of everything, as somebody makes a backup. */
  copy(): DiskCopy {
    const copied = ([path, node]: readonly [string, MemoryNode]) =>
      [path, node instanceof MemoryDirectory ? undefined : node.view(0, node.size).slice()] as const;
    return new Map(this.#names.entries().map(copied));
  }

  /** Puts a copy in the place of what is there; nobody may have the disk open (D11). */
  putBack(copy: DiskCopy): void {
    this.#names = new MemoryNames();
    for (const [path, bytes] of copy)
      this.#names.add(path, bytes === undefined ? new MemoryDirectory() : this.#fileOf(bytes));
    this.syncAll();
  }

  /** Breaks stored bytes where they lie: bit rot (D12). */
  corrupt(path: string, position: number, bytes: Uint8Array): void {
    const inode = this.#inode('corrupt', path);
    inode.write(position, bytes);
    inode.saveAll();
  }

  /** As {@link MemoryDiskOptions.freeBytes} says. */
  freeBytes(): number | undefined {
    return this.#options.freeBytes?.();
  }

  open(path: string, options: { readonly create: boolean }): DiskFile {
    this.check('open', path);
    if (this.#names.get(path) === undefined && options.create) {
      this.#needDirectory('open', path);
      this.#names.add(path, new MemoryInode(this.#sectorBytes));
    }
    return new MemoryFile(this, path, this.#inode('open', path));
  }

  exists(path: string): boolean {
    return this.#names.get(path) !== undefined;
  }

  sizeOf(path: string): number | undefined {
    const node = this.#names.get(path);
    return node instanceof MemoryDirectory ? undefined : node?.size;
  }

  list(path: string): readonly string[] {
    return this.#names.list(path);
  }

  makeDirectory(path: string): void {
    this.check('makeDirectory', path);
    if (this.#names.directory(path) !== undefined) return;
    if (this.exists(path)) throw new DiskError('EEXIST', 'makeDirectory', path);
    if (this.#names.directory(parentOf(path)) === undefined) this.makeDirectory(parentOf(path));
    this.#names.add(path, new MemoryDirectory());
  }

  readFile(path: string): Uint8Array | undefined {
    this.check('readFile', path);
    const node = this.#names.get(path);
    if (node instanceof MemoryDirectory) throw new DiskError('EISDIR', 'readFile', path);
    return node?.view(0, node.size).slice();
  }

  writeFile(path: string, bytes: Uint8Array): void {
    this.check('writeFile', path);
    this.#needDirectory('writeFile', path);
    this.#names.add(path, this.#fileOf(bytes));
  }

  replaceFile(path: string, bytes: Uint8Array, done: DiskDone): void {
    const fault = this.#options.fault?.('replaceFile', path);
    const directory = this.#needDirectory('replaceFile', path);
    const inode = this.#fileOf(bytes);
    inode.saveAll();
    const finish = (): void => {
      // What was written beside it went with its directory.
      if (this.#names.directory(parentOf(path)) !== directory) return;
      this.#names.add(path, inode);
      directory.beginSync()();
    };
    if (fault === undefined) this.#replacing.add(finish);
    this.later(() => {
      if (fault !== undefined) return done(new DiskError(fault.code, 'replaceFile', path));
      this.#replacing.delete(finish);
      finish();
      done();
    });
  }

  syncDirectory(path: string, done: DiskDone): void {
    const fault = this.#options.fault?.('syncDirectory', path);
    const end = this.#names.directory(path)?.beginSync();
    this.later(() => {
      if (fault !== undefined) return done(new DiskError(fault.code, 'syncDirectory', path));
      end?.();
      done();
    });
  }

  rename(from: string, to: string): void {
    this.check('rename', from);
    this.#names.rename(from, to);
  }

  remove(path: string): void {
    this.check('remove', path);
    this.#names.remove(path);
  }

  /** One name after the other: whoever is killed meanwhile leaves some. */
  removeLater(path: string, done: DiskDone): void {
    const fault = this.#options.fault?.('remove', path);
    this.later(() => {
      if (fault !== undefined) return done(new DiskError(fault.code, 'remove', path));
      const [inside] = this.#names.list(path);
      this.#names.remove(inside === undefined ? path : `${path}/${inside}`);
      if (inside === undefined) done();
      else this.removeLater(path, done);
    });
  }

  /** Throws the fault that is due for an operation. */
  check(operation: DiskOperation, path: string): void {
    const fault = this.#options.fault?.(operation, path);
    if (fault !== undefined) throw new DiskError(fault.code, operation, path);
  }

  fault(operation: DiskOperation, path: string): DiskFault | undefined {
    return this.#options.fault?.(operation, path);
  }

  get life(): number {
    return this.#life;
  }

  /** Answers later, unless the process is dead by then. */
  later(callback: () => void): void {
    const life = this.#life;
    this.#options.later(() => {
      if (life === this.#life) callback();
    });
  }

  #fileOf(bytes: Uint8Array): MemoryInode {
    const inode = new MemoryInode(this.#sectorBytes);
    inode.write(0, bytes);
    return inode;
  }

  #inode(operation: string, path: string): MemoryInode {
    const node = this.#names.get(path);
    if (node === undefined) throw new DiskError('ENOENT', operation, path);
    if (node instanceof MemoryDirectory) throw new DiskError('EISDIR', operation, path);
    return node;
  }

  #needDirectory(operation: string, path: string): MemoryDirectory {
    const directory = this.#names.directory(parentOf(path));
    if (directory === undefined) throw new DiskError('ENOENT', operation, path);
    return directory;
  }
}

class MemoryFile implements DiskFile {
  readonly path: string;
  readonly #disk: MemoryDisk;
  readonly #inode: MemoryInode;
  readonly #life: number;
  #isClosed = false;

  constructor(disk: MemoryDisk, path: string, inode: MemoryInode) {
    this.path = path;
    this.#disk = disk;
    this.#inode = inode;
    this.#life = disk.life;
  }

  get size(): number {
    return this.#inode.size;
  }

  append(chunks: readonly Uint8Array[]): void {
    this.#needOpen('append');
    const fault = this.#disk.fault('append', this.path);
    let room = fault === undefined ? Number.POSITIVE_INFINITY : (fault.keptBytes ?? 0);
    for (const chunk of chunks) {
      const written = room >= chunk.length ? chunk : chunk.subarray(0, room);
      this.#inode.write(this.#inode.size, written);
      room -= written.length;
    }
    if (fault !== undefined) throw new DiskError(fault.code, 'append', this.path);
  }

  write(position: number, bytes: Uint8Array): void {
    this.#needOpen('write');
    this.#disk.check('write', this.path);
    if (position + bytes.length > this.size) throw new DiskError('EINVAL', 'write', this.path);
    this.#inode.write(position, bytes);
  }

  read(position: number, target: Uint8Array): number {
    this.#needOpen('read');
    this.#disk.check('read', this.path);
    const found = this.#inode.view(position, target.length);
    target.set(found);
    return found.length;
  }

  readLater(position: number, length: number, done: DiskReadDone): void {
    const fault = this.#isDead() ? { code: 'EBADF' } : this.#disk.fault('readLater', this.path);
    const found = fault === undefined ? this.#inode.view(position, length).slice() : new Uint8Array(0);
    this.#disk.later(() => {
      done(fault === undefined ? found : new DiskError(fault.code, 'readLater', this.path));
    });
  }

  truncate(size: number): void {
    this.#needOpen('truncate');
    this.#disk.check('truncate', this.path);
    this.#inode.truncate(size);
  }

  sync(done: DiskDone): void {
    const fault = this.#isDead() ? { code: 'EBADF' } : this.#disk.fault('sync', this.path);
    const image = this.#inode.beginSync();
    this.#disk.later(() => {
      this.#inode.endSync(image, fault !== undefined);
      if (fault === undefined) done();
      else done(new DiskError(fault.code, 'sync', this.path));
    });
  }

  close(): void {
    this.#isClosed = true;
  }

  #isDead(): boolean {
    return this.#isClosed || this.#life !== this.#disk.life;
  }

  #needOpen(operation: string): void {
    if (this.#isDead()) throw new DiskError('EBADF', operation, this.path);
  }
}
