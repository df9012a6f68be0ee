// The two indexes of a segment, sparse, in Kafka's formats: `.index` (offset to position) and `.timeindex` (timestamp to offset).
// Offsets in the files are relative to the segment's base offset.

import type { Offset } from '@odradek/model';
import { EntryTable } from './entry-table.ts';

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

export interface OffsetEntry {
  readonly offset: Offset;
  readonly position: number;
}

export interface TimeEntry {
  readonly timestamp: number;
  readonly offset: Offset;
}

/** Where the batch that ends with an offset begins in the segment. */
export class OffsetIndex {
  readonly #baseOffset: Offset;
  readonly #table: EntryTable;
  readonly #offsetAt = (at: number): Offset => this.#baseOffset + this.#table.view.getInt32(at);

  constructor(baseOffset: Offset, bytes?: Uint8Array) {
    this.#baseOffset = baseOffset;
    this.#table = new EntryTable(OFFSET_ENTRY_BYTES, bytes);
  }

  get count(): number {
    return this.#table.count;
  }

  get sizeInBytes(): number {
    return this.#table.sizeInBytes;
  }

  append(offset: Offset, position: number): void {
    const at = this.#table.push();
    this.#table.view.setInt32(at, offset - this.#baseOffset);
    this.#table.view.setInt32(at + 4, position);
  }

  /** The last entry not above `offset`; the start of the segment when there is none. */
  lookup(offset: Offset): OffsetEntry {
    return this.entry(this.#table.countUpTo(offset, this.#offsetAt) - 1);
  }

  entry(index: number): OffsetEntry {
    if (index < 0) return { offset: this.#baseOffset, position: 0 };
    const at = index * OFFSET_ENTRY_BYTES;
    return { offset: this.#offsetAt(at), position: this.#table.view.getInt32(at + 4) };
  }

  get last(): OffsetEntry {
    return this.entry(this.count - 1);
  }

  /** Drops the entries of `offset` and above. */
  truncateTo(offset: Offset): void {
    this.#table.truncate(this.#table.countUpTo(offset - 1, this.#offsetAt));
  }

  bytesFrom(entry: number): Uint8Array {
    return this.#table.bytesFrom(entry);
  }

  /** What is wrong with an index as it was found, for a segment of this size. */
  fault(segmentBytes: number): string | undefined {
    let [lastOffset, lastPosition] = [this.#baseOffset - 1, -1];
    for (let index = 0; index < this.count; index++) {
      const { offset, position } = this.entry(index);
      if (offset <= lastOffset || position <= lastPosition || position >= segmentBytes)
        return `entry ${index} (offset ${offset}, position ${position}) after (${lastOffset}, ${lastPosition})`;
      [lastOffset, lastPosition] = [offset, position];
    }
    return undefined;
  }
}

/** The largest timestamp up to an offset. */
export class TimeIndex {
  readonly #baseOffset: Offset;
  readonly #table: EntryTable;
  readonly #timestampAt = (at: number): number =>
    this.#table.view.getInt32(at) * 2 ** 32 + this.#table.view.getUint32(at + 4);
  readonly #offsetAt = (at: number): Offset => this.#baseOffset + this.#table.view.getInt32(at + 8);

  constructor(baseOffset: Offset, bytes?: Uint8Array) {
    this.#baseOffset = baseOffset;
    this.#table = new EntryTable(TIME_ENTRY_BYTES, bytes);
  }

  get count(): number {
    return this.#table.count;
  }

  get sizeInBytes(): number {
    return this.#table.sizeInBytes;
  }

  get last(): TimeEntry {
    return this.entry(this.count - 1);
  }

  entry(index: number): TimeEntry {
    if (index < 0) return { timestamp: -1, offset: this.#baseOffset };
    const at = index * TIME_ENTRY_BYTES;
    return { timestamp: this.#timestampAt(at), offset: this.#offsetAt(at) };
  }

  /** Enters a timestamp that is above all before; others say nothing new. */
  appendIfLater(timestamp: number, offset: Offset): void {
    if (timestamp <= this.last.timestamp) return;
    const at = this.#table.push();
    this.#table.view.setInt32(at, Math.floor(timestamp / 2 ** 32));
    this.#table.view.setUint32(at + 4, timestamp >>> 0);
    this.#table.view.setInt32(at + 8, offset - this.#baseOffset);
  }

  /** The last entry not above `timestamp`. */
  lookup(timestamp: number): TimeEntry {
    return this.entry(this.#table.countUpTo(timestamp, this.#timestampAt) - 1);
  }

  truncateTo(offset: Offset): void {
    this.#table.truncate(this.#table.countUpTo(offset - 1, this.#offsetAt));
  }

  bytesFrom(entry: number): Uint8Array {
    return this.#table.bytesFrom(entry);
  }

  fault(): string | undefined {
    let last: TimeEntry = { timestamp: -1, offset: this.#baseOffset - 1 };
    for (let index = 0; index < this.count; index++) {
      const entry = this.entry(index);
      if (entry.timestamp <= last.timestamp || entry.offset < last.offset)
        return `entry ${index} (timestamp ${entry.timestamp}, offset ${entry.offset}) after (${last.timestamp}, ${last.offset})`;
      last = entry;
    }
    return undefined;
  }
}
