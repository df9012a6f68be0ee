// A disk in the browser's own file system (OPFS): what is kept is there again after a reload. Files are written and flushed at once by
// sync access handles, which only a dedicated worker has. To open one takes time, which `open` has not: so some lie ready.

import { type Disk, type DiskDone, DiskError, type DiskFile } from '@odradek/model';
import { HandleFile, problemOf } from './handle-file.ts';
import { NameJournal } from './name-journal.ts';
import { Folder, type NameChange } from './names.ts';
import { type OpfsDirectory, openSyncFile, ordered, readAt, type SyncFile, writeAll } from './sync-file.ts';
import { Turns } from './turns.ts';

export interface OpfsDiskOptions {
  /** So many files lie ready to be named. When all are taken a new one is refused (EMFILE), until more have been opened. */
  readonly spareFiles?: number;
}

export interface OpfsDisk extends Disk {
  /** Gives the files free, for the next worker. */
  close(): void;
}

const defaultSpares = 64;
const prefix = 'data-';

/** Opens the disk that a directory holds. Throws a {@link DiskError}: EBUSY when another tab or worker has it. */
export async function openOpfsDisk(
  directory: OpfsDirectory,
  options: OpfsDiskOptions = {},
): Promise<OpfsDisk> {
  const journals = [
    await openSyncFile(directory, 'names-0'),
    await openSyncFile(directory, 'names-1'),
  ] as const;
  const pool = new FilePool(directory, options.spareFiles ?? defaultSpares);
  const names: string[] = [];
  for await (const name of directory.keys()) if (name.startsWith(prefix)) names.push(name);
  await pool.open(names.length);
  const journal = NameJournal.open(journals);
  pool.settle(new Set(journal.names.numbers()));
  await pool.refill();
  return new HandleDisk(pool, journal, journals);
}

/** All files of a disk by their numbers, and those that have no name. */
class FilePool {
  readonly #directory: OpfsDirectory;
  readonly #least: number;
  readonly #files: SyncFile[] = [];
  #spares: number[] = [];
  #isFilling = false;
  #isClosed = false;

  constructor(directory: OpfsDirectory, least: number) {
    this.#directory = directory;
    this.#least = least;
  }

  /** Opens more of them, up to so many. */
  async open(count: number): Promise<void> {
    while (this.#files.length < count && !this.#isClosed)
      this.#files.push(await openSyncFile(this.#directory, `${prefix}${this.#files.length}`));
  }

  /** What has no name is spare: it may have had one. */
  settle(named: ReadonlySet<number>): void {
    for (const number of named)
      if (this.#files[number] === undefined) throw new DiskError('EIO', 'open', `${prefix}${number}`);
    this.giveBack([...this.#files.keys()].filter((number) => !named.has(number)));
  }

  async refill(): Promise<void> {
    if (this.#isFilling || this.#isClosed) return;
    this.#isFilling = true;
    try {
      while (this.#spares.length < this.#least && !this.#isClosed) {
        const number = this.#files.length;
        await this.open(number + 1);
        if (!this.#isClosed) this.#spares.push(number);
      }
    } finally {
      this.#isFilling = false;
    }
  }

  file(number: number): SyncFile {
    const file = this.#files[number];
    if (file === undefined) throw new DiskError('EBADF', 'open', `${prefix}${number}`);
    return file;
  }

  /** An empty file without a name. */
  take(path: string): number {
    const number = this.#spares.pop();
    // If it fails, whoever asks in vain (EMFILE) asks again, and so it is tried again.
    if (this.#spares.length < this.#least / 2) this.refill().catch(() => undefined);
    if (number === undefined) throw new DiskError('EMFILE', 'open', path);
    return number;
  }

  /** They have no name any more, durably. */
  giveBack(numbers: readonly number[]): void {
    for (const number of numbers) {
      const file = this.file(number);
      if (file.getSize() > 0) ordered('truncate', `${prefix}${number}`, () => file.truncate(0));
      this.#spares.push(number);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const file of this.#files) file.close();
  }
}

class HandleDisk implements OpfsDisk {
  readonly bootId = undefined;
  readonly #pool: FilePool;
  readonly #journal: NameJournal;
  readonly #journals: readonly SyncFile[];
  readonly #turns = new Turns();
  /** By number, how often each file is open. */
  readonly #open = new Map<number, number>();
  /** Files without a name that are open still. */
  readonly #nameless = new Set<number>();

  constructor(pool: FilePool, journal: NameJournal, journals: readonly SyncFile[]) {
    this.#pool = pool;
    this.#journal = journal;
    this.#journals = journals;
  }

  close(): void {
    this.#turns.close();
    this.#pool.close();
    for (const file of this.#journals) file.close();
  }

  open(path: string, { create }: { readonly create: boolean }): DiskFile {
    const known = this.#journal.names.get(path);
    if (known instanceof Folder) throw new DiskError('EISDIR', 'open', path);
    if (known === undefined && !create) throw new DiskError('ENOENT', 'open', path);
    const number = known ?? this.#create(path);
    this.#open.set(number, (this.#open.get(number) ?? 0) + 1);
    return new HandleFile(path, this.#pool.file(number), this.#turns, () => this.#closed(number));
  }

  exists(path: string): boolean {
    return this.#journal.names.get(path) !== undefined;
  }

  sizeOf(path: string): number | undefined {
    const known = this.#journal.names.get(path);
    return known === undefined || known instanceof Folder ? undefined : this.#pool.file(known).getSize();
  }

  list(path: string): readonly string[] {
    return this.#journal.names.list(path);
  }

  makeDirectory(path: string): void {
    if (!(this.#journal.names.get(path) instanceof Folder)) this.#change(['directory', path]);
  }

  readFile(path: string): Uint8Array | undefined {
    const known = this.#journal.names.get(path);
    if (known === undefined) return undefined;
    if (known instanceof Folder) throw new DiskError('EISDIR', 'read', path);
    const file = this.#pool.file(known);
    const bytes = new Uint8Array(file.getSize());
    ordered('read', path, () => readAt(file, 0, bytes));
    return bytes;
  }

  /** Its content is durable before its name is. */
  writeFile(path: string, bytes: Uint8Array): void {
    const number = this.#pool.take(path);
    try {
      const file = this.#pool.file(number);
      ordered('write', path, () => {
        writeAll(file, bytes, 0);
        file.flush();
      });
      this.#change(['file', path, number]);
    } catch (error) {
      if (this.#journal.names.get(path) !== number) this.#pool.giveBack([number]);
      throw error;
    }
  }

  replaceFile(path: string, bytes: Uint8Array, done: DiskDone): void {
    const content = bytes.slice();
    this.#later(done, () => {
      this.writeFile(path, content);
      this.#journal.flush();
    });
  }

  syncDirectory(_path: string, done: DiskDone): void {
    this.#later(done, () => this.#journal.flush());
  }

  rename(from: string, to: string): void {
    this.#change(['rename', from, to]);
  }

  remove(path: string): void {
    if (this.#journal.names.get(path) !== undefined) this.#change(['remove', path]);
  }

  removeLater(path: string, done: DiskDone): void {
    this.#later(done, () => this.remove(path));
  }

  /** Browsers have no promise to give: what is refused has had no room (ENOSPC). */
  freeBytes(): undefined {
    return undefined;
  }

  #create(path: string): number {
    this.#journal.names.check(['file', path, -1]);
    const number = this.#pool.take(path);
    try {
      this.#change(['file', path, number]);
    } catch (error) {
      this.#pool.giveBack([number]);
      throw error;
    }
    return number;
  }

  /** What has lost its name may be taken again once that is durable: or power that fails would give it to its old name. */
  #change(change: NameChange): void {
    const gone = this.#journal.change(change);
    if (gone.length === 0) return;
    this.#journal.flush();
    const isOpen = (number: number): boolean => this.#open.has(number);
    for (const number of gone.filter(isOpen)) this.#nameless.add(number);
    this.#pool.giveBack(gone.filter((number) => !isOpen(number)));
  }

  #closed(number: number): void {
    const left = (this.#open.get(number) ?? 1) - 1;
    if (left > 0) this.#open.set(number, left);
    else {
      this.#open.delete(number);
      if (this.#nameless.delete(number)) this.#pool.giveBack([number]);
    }
  }

  /** In the order of orders, and never before one has returned. */
  #later(done: DiskDone, act: () => void): void {
    this.#turns.later(() => done(problemOf(act)));
  }
}
