// The file of an index: only what was added since the last time is written.

import type { Disk, DiskDone, DiskFile } from '@odradek/model';

/** What a file must know of its index. */
interface Entries {
  readonly count: number;
  readonly sizeInBytes: number;
  bytesFrom(entry: number): Uint8Array;
}

export class IndexFile {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #entries: Entries;
  #written: number;
  /** The file has these entries and nothing else. */
  #isWhole: boolean;
  #file: DiskFile | undefined;

  /** `isOnDisk`: the file has all of the entries already; else it is not there, or nothing that it has counts. */
  constructor(disk: Disk, path: string, entries: Entries, isOnDisk: boolean) {
    this.#disk = disk;
    this.#path = path;
    this.#entries = entries;
    this.#written = isOnDisk ? entries.count : 0;
    this.#isWhole = isOnDisk;
  }

  /** Cuts what the index no longer has, appends what the file does not have yet. */
  save(): void {
    // Most of a broker's segments are old: their files are not even opened.
    if (this.#isWhole && this.#written === this.#entries.count) return;
    this.#isWhole = false;
    this.#file ??= this.#disk.open(this.#path, { create: true });
    const entryBytes = this.#entries.count === 0 ? 0 : this.#entries.sizeInBytes / this.#entries.count;
    const keptBytes = this.#written * entryBytes;
    if (this.#file.size !== keptBytes) this.#file.truncate(keptBytes);
    if (this.#written < this.#entries.count) this.#file.append([this.#entries.bytesFrom(this.#written)]);
    this.#written = this.#entries.count;
    this.#isWhole = true;
  }

  /** Whether something of the index was ever written, or was there when the segment was loaded. */
  get isThere(): boolean {
    return this.#isWhole || this.#written > 0 || this.#file !== undefined;
  }

  /** Nothing that an earlier run has left is to be taken for this index. */
  leaveOut(): void {
    this.#disk.remove(this.#path);
  }

  /** The index has been cut: entries from its present end on are not those in the file. */
  truncated(): void {
    this.#written = Math.min(this.#written, this.#entries.count);
    this.#isWhole = false;
  }

  sync(done: DiskDone): void {
    this.save();
    this.#file ??= this.#disk.open(this.#path, { create: true });
    this.#file.sync(done);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
