// The file of an index: only what was added since the last time is written.

import type { Disk, DiskDone, DiskFile, Offset } from '@odradek/model';
import { fileName } from './file-names.ts';

/** What a file must know of its index. */
interface Entries {
  readonly count: number;
  readonly sizeInBytes: number;
  bytesFrom(entry: number): Uint8Array;
}

/** Where the file lies: a path of its own for each would be kept for every segment, and is asked for hardly ever. */
export interface IndexPlace {
  readonly place: { readonly disk: Disk; readonly directory: string };
  readonly baseOffset: Offset;
}

export class IndexFile {
  readonly #at: IndexPlace;
  readonly #extension: string;
  readonly #entries: Entries;
  #written: number;
  /** The file has these entries and nothing else. */
  #isWhole: boolean;
  #file: DiskFile | undefined;

  /** `isOnDisk`: the file has all of the entries already; else it is not there, or nothing that it has counts. */
  constructor(at: IndexPlace, extension: string, entries: Entries, isOnDisk: boolean) {
    this.#at = at;
    this.#extension = extension;
    this.#entries = entries;
    this.#written = isOnDisk ? entries.count : 0;
    this.#isWhole = isOnDisk;
  }

  /** Cuts what the index no longer has, appends what the file does not have yet. */
  save(): void {
    // Most of a broker's segments are old: their files are not even opened.
    if (this.#isWhole && this.#written === this.#entries.count) return;
    this.#isWhole = false;
    this.#file ??= this.#open();
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
    this.#at.place.disk.remove(this.#path);
  }

  /** The index has been cut: entries from its present end on are not those in the file. */
  truncated(): void {
    this.#written = Math.min(this.#written, this.#entries.count);
    this.#isWhole = false;
  }

  sync(done: DiskDone): void {
    this.save();
    this.#file ??= this.#open();
    this.#file.sync(done);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): DiskFile {
    return this.#at.place.disk.open(this.#path, { create: true });
  }

  get #path(): string {
    return `${this.#at.place.directory}/${fileName(this.#at.baseOffset, this.#extension)}`;
  }
}
