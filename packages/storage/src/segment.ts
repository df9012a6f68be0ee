// One segment of a log: a run of batches in a `.log` file, and its two indexes. Which segment is appended to, rolled or deleted is
// decided by the log.

import { BATCH_HEADER_BYTES, BatchView } from '@odradek/format';
import { type Disk, type DiskDone, DiskError, type DiskFile, isPassing, type Offset } from '@odradek/model';
import { fileName } from './file-names.ts';
import { IndexFile } from './index-file.ts';
import { OffsetIndex, type TimeEntry, TimeIndex } from './indexes.ts';
import { ReadEnds } from './read-ends.ts';

/** Where a segment lies and how dense its indexes are. */
export interface SegmentPlace {
  readonly disk: Disk;
  /** The log's directory. */
  readonly directory: string;
  readonly indexIntervalBytes: number;
}

/** An index has 31 bits for an offset relative to the segment's base. */
export const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;

export class Segment {
  readonly baseOffset: Offset;
  readonly path: string;
  readonly #place: SegmentPlace;
  readonly #offsetIndex: OffsetIndex;
  readonly #timeIndex: TimeIndex;
  readonly #offsetFile: IndexFile;
  readonly #timeFile: IndexFile;
  #file: DiskFile | undefined;
  #size: number;
  #nextOffset: Offset;
  #latest: TimeEntry;
  #firstTimestamp: number | undefined;
  #bytesSinceEntry = 0;
  /** Most segments are never read but from memory. */
  #readEnds: ReadEnds | undefined;
  /** Up to where a sync, or a journal, has the file; undefined where that is not known, or the file was cut since. */
  #durableSize: number | undefined;
  /** Whether the file has what no sync has covered yet. */
  isDirty = false;
  isSealed = false;
  /** Made by this run: nobody else has left files of its name. */
  #isNew = false;
  #cuts = 0;
  /** On the monotonic clock. */
  createdMs: number;

  private constructor(
    place: SegmentPlace,
    baseOffset: Offset,
    size: number,
    createdMs: number,
    indexes: { readonly offsets: OffsetIndex; readonly times: TimeIndex; readonly areOnDisk: boolean },
  ) {
    this.#place = place;
    this.baseOffset = baseOffset;
    this.path = `${place.directory}/${fileName(baseOffset, '.log')}`;
    this.#size = size;
    this.#nextOffset = baseOffset;
    this.createdMs = createdMs;
    this.#offsetIndex = indexes.offsets;
    this.#timeIndex = indexes.times;
    const at = { place, baseOffset };
    const file = (extension: string, index: OffsetIndex | TimeIndex): IndexFile =>
      new IndexFile(at, extension, index, indexes.areOnDisk);
    this.#offsetFile = file('.index', indexes.offsets);
    this.#timeFile = file('.timeindex', indexes.times);
    this.#latest = indexes.times.last;
  }

  /** A new, empty segment; its name becomes durable with the next sync of the directory. */
  static create(place: SegmentPlace, baseOffset: Offset, createdMs: number): Segment {
    const indexes = {
      offsets: new OffsetIndex(baseOffset),
      times: new TimeIndex(baseOffset),
      areOnDisk: false,
    };
    const segment = new Segment(place, baseOffset, 0, createdMs, indexes);
    segment.#isNew = true;
    segment.#file = place.disk.open(segment.path, { create: true });
    if (segment.#file.size > 0) segment.#file.truncate(0);
    segment.isDirty = true;
    return segment;
  }

  /** A segment that is there, its indexes yet to be made: call {@link note} for each of its batches. */
  static rebuild(place: SegmentPlace, baseOffset: Offset, createdMs: number): Segment {
    const indexes = {
      offsets: new OffsetIndex(baseOffset),
      times: new TimeIndex(baseOffset),
      areOnDisk: false,
    };
    const segment = new Segment(place, baseOffset, 0, createdMs, indexes);
    segment.isDirty = true;
    return segment;
  }

  /** A segment that is there, with the indexes that are there; undefined when they cannot be right. */
  static load(place: SegmentPlace, baseOffset: Offset, createdMs: number): Segment | undefined {
    const name = (extension: string): string => `${place.directory}/${fileName(baseOffset, extension)}`;
    const offsetBytes = place.disk.readFile(name('.index'));
    const timeBytes = place.disk.readFile(name('.timeindex'));
    if (offsetBytes === undefined || timeBytes === undefined) return undefined;
    const file = place.disk.open(name('.log'), { create: false });
    const indexes = {
      offsets: new OffsetIndex(baseOffset, offsetBytes),
      times: new TimeIndex(baseOffset, timeBytes),
      areOnDisk: true,
    };
    const isSane =
      indexes.offsets.sizeInBytes === offsetBytes.length &&
      indexes.times.sizeInBytes === timeBytes.length &&
      indexes.offsets.fault(file.size) === undefined &&
      indexes.times.fault() === undefined;
    if (!isSane) {
      file.close();
      return undefined;
    }
    const segment = new Segment(place, baseOffset, file.size, createdMs, indexes);
    segment.#file = file;
    return segment;
  }

  get sizeInBytes(): number {
    return this.#size;
  }

  /** The end of the last batch. */
  get nextOffset(): Offset {
    return this.#nextOffset;
  }

  /** The largest timestamp, and the last offset of the batch that has it; -1 when there is none. */
  get latest(): TimeEntry {
    return this.#latest;
  }

  /** The largest timestamp of the first batch, by which a segment's age is reckoned. */
  get firstTimestamp(): number | undefined {
    if (this.#firstTimestamp === undefined && this.#size > 0) {
      this.#firstTimestamp = this.headerAt(0)?.maxTimestamp;
    }
    return this.#firstTimestamp;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get indexBytes(): number {
    return Math.max(this.#offsetIndex.sizeInBytes, this.#timeIndex.sizeInBytes);
  }

  /** Whether an offset can be told relative to the base in 31 bits. */
  fits(offset: Offset): boolean {
    return offset - this.baseOffset <= MAX_RELATIVE_OFFSET;
  }

  get file(): DiskFile {
    this.#file ??= this.#place.disk.open(this.path, { create: false });
    return this.#file;
  }

  /** Opens the file, which may fail for want of a descriptor: what follows does not (D11). */
  open(): void {
    this.#file ??= this.file;
  }

  /**
   * Writes batches at the end; then tell each one by {@link note}. If the disk has no room for all of them, what it took is cut off
   * again, and the error thrown (D6).
   */
  write(chunks: readonly Uint8Array[]): void {
    const { file } = this;
    this.isDirty = true;
    try {
      file.append(chunks);
    } catch (error) {
      if (error instanceof DiskError && isPassing(error)) file.truncate(this.#size);
      throw error;
    }
  }

  /** The batch that begins where those before it end: it enters the indexes as Kafka enters it, an entry for each interval. */
  note(batch: BatchView): void {
    const { lastOffset, maxTimestamp, sizeInBytes } = batch;
    if (this.#size === 0) this.#firstTimestamp = maxTimestamp;
    if (maxTimestamp > this.#latest.timestamp) this.#latest = { timestamp: maxTimestamp, offset: lastOffset };
    if (this.#bytesSinceEntry > this.#place.indexIntervalBytes) {
      this.#offsetIndex.append(lastOffset, this.#size);
      this.#timeIndex.appendIfLater(this.#latest.timestamp, this.#latest.offset);
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += sizeInBytes;
    this.#size += sizeInBytes;
    this.#nextOffset = batch.nextOffset;
  }

  /** Goes back to the last index entry, to note again what comes after it. Of a loaded segment. */
  rewindToLastEntry(): OffsetPosition {
    const { offset, position } = this.#offsetIndex.last;
    this.#size = position;
    this.#bytesSinceEntry = 0;
    return { offset, position };
  }

  /** Of a loaded segment that needs no reading: where its batches end. */
  endsAt(nextOffset: Offset): void {
    this.#nextOffset = nextOffset;
    this.isSealed = true;
  }

  /** Of a loaded segment that needs no reading: where its batches end, and the next is appended. */
  goesOnAt(nextOffset: Offset): void {
    this.#nextOffset = nextOffset;
    this.#bytesSinceEntry = this.#size - this.#offsetIndex.last.position;
  }

  /** From where a reader reads that wants this offset, or what comes next. */
  readPosition(offset: Offset): number {
    return this.#readEnds?.positionOf(offset) ?? this.floorPosition(offset);
  }

  /** A read begins; returns what to tell where it has ended, and its reader will go on. */
  reading(): (nextOffset: Offset, position: number) => void {
    const cuts = this.#cuts;
    return (nextOffset, position) => {
      if (cuts !== this.#cuts) return;
      this.#readEnds ??= new ReadEnds();
      this.#readEnds.note(nextOffset, position);
    };
  }

  /** From where a search for the batch of an offset must read on. */
  floorPosition(offset: Offset): number {
    return this.#offsetIndex.lookup(offset).position;
  }

  /** From where a search for a timestamp must read on. */
  floorOfTimestamp(timestamp: number): number {
    return this.floorPosition(this.#timeIndex.lookup(timestamp).offset);
  }

  /** The header of the batch at a position, read at once; undefined at the end. */
  headerAt(position: number): BatchView | undefined {
    if (position + BATCH_HEADER_BYTES > this.#size) return undefined;
    const header = new Uint8Array(BATCH_HEADER_BYTES);
    const got = this.file.read(position, header);
    return got < BATCH_HEADER_BYTES ? undefined : new BatchView(header);
  }

  /** The first batch that ends above `offset`, by its header, and where it begins. */
  find(offset: Offset): { readonly position: number; readonly header: BatchView } | undefined {
    for (let position = this.floorPosition(offset); ; ) {
      const header = this.headerAt(position);
      if (header === undefined) return undefined;
      if (header.nextOffset > offset) return { position, header };
      position += header.sizeInBytes;
    }
  }

  /** Cuts the file at a position where a batch begins; `nextOffset` is the end of what stays. */
  cut(position: number, nextOffset: Offset): void {
    this.file.truncate(position);
    this.isDirty = true;
    this.#durableSize = undefined;
    this.#readEnds = undefined;
    this.#cuts++;
    this.#size = position;
    this.#nextOffset = nextOffset;
    this.#offsetIndex.truncateTo(nextOffset);
    this.#timeIndex.truncateTo(nextOffset);
    this.#offsetFile.truncated();
    this.#timeFile.truncated();
    this.#bytesSinceEntry = 0;
    this.isSealed = false;
    if (position === 0) this.#firstTimestamp = undefined;
    this.#latest = this.#latestOfHeaders();
  }

  /**
   * Nothing is appended any more: the time index gets its last entry, as Kafka does it. With the next flush the indexes are on the disk,
   * or a start after a crash would read the whole segment to make them again.
   */
  seal(): void {
    this.isDirty = true;
    if (this.#latest.timestamp >= 0)
      this.#timeIndex.appendIfLater(this.#latest.timestamp, this.#latest.offset);
    this.isSealed = true;
  }

  /** Syncs the data and, of a sealed segment, the indexes. */
  sync(done: DiskDone): void {
    // What may still lack room comes first: then nothing has begun (D6).
    if (this.isSealed) this.saveIndexes();
    const { file } = this;
    this.isDirty = false;
    const size = this.#size;
    const cuts = this.#cuts;
    const synced: DiskDone = (error) => {
      if (error === undefined && cuts === this.#cuts) this.#durableSize = size;
      done(error);
    };
    if (!this.isSealed) {
      file.sync(synced);
      return;
    }
    let waiting = 3;
    let failure: Parameters<DiskDone>[0];
    const finished: DiskDone = (error) => {
      failure ??= error;
      if (--waiting > 0) return;
      // Nothing is added to them any more: an open file less for each segment.
      this.#offsetFile.close();
      this.#timeFile.close();
      synced(failure);
    };
    file.sync(finished);
    this.#offsetFile.sync(finished);
    this.#timeFile.sync(finished);
  }

  /** What the file has behind all that is durable of it, read from the page cache; undefined where that is not known. */
  durableTail(): { readonly position: number; readonly bytes: Uint8Array } | undefined {
    const position = this.#durableSize;
    if (position === undefined || this.isSealed || this.#size <= position) return undefined;
    const bytes = new Uint8Array(this.#size - position);
    return this.file.read(position, bytes) === bytes.length ? { position, bytes } : undefined;
  }

  /** A journal has everything up to the end; returns what to do when that is durable. */
  committing(): () => void {
    const size = this.#size;
    const cuts = this.#cuts;
    return () => {
      if (cuts === this.#cuts) this.#durableSize = Math.max(size, this.#durableSize ?? 0);
    };
  }

  /** Writes the indexes, so that the next start need not make them again. */
  saveIndexes(): void {
    this.#offsetFile.save();
    this.#timeFile.save();
  }

  /** Whether files of its indexes were kept so far: else the next start makes the indexes again, of all batches. */
  get hasIndexFiles(): boolean {
    return this.#offsetFile.isThere || this.#timeFile.isThere;
  }

  /** Leaves its indexes to the next start. */
  leaveOutIndexes(): void {
    if (this.#isNew) return;
    this.#offsetFile.leaveOut();
    this.#timeFile.leaveOut();
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#offsetFile.close();
    this.#timeFile.close();
  }

  /** Closes, then deletes: an open file is never deleted (Windows). */
  remove(): void {
    this.close();
    for (const extension of ['.log', '.index', '.timeindex', '.txnindex']) {
      this.#place.disk.remove(`${this.#place.directory}/${fileName(this.baseOffset, extension)}`);
    }
  }

  /** After a cut: the last entry of the time index may lie below later batches with later timestamps. */
  #latestOfHeaders(): TimeEntry {
    let latest = this.#timeIndex.last;
    for (let position = this.floorPosition(latest.offset); ; ) {
      const header = this.headerAt(position);
      if (header === undefined) return latest;
      if (header.maxTimestamp > latest.timestamp)
        latest = { timestamp: header.maxTimestamp, offset: header.lastOffset };
      position += header.sizeInBytes;
    }
  }
}

interface OffsetPosition {
  readonly offset: Offset;
  readonly position: number;
}
