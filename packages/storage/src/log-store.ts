// What a log consists of, and how it changes on the disk: segments, the tail in memory, epochs, producer state, moved together. No
// policy here: what may be appended, cut or deleted, and what a disk error means, is decided by its owner, the partition's log.

import type { BatchView } from '@odradek/format';
import {
  type Clock,
  type Disk,
  type EpochHistory,
  type LeaderEpoch,
  NO_EPOCH,
  type Offset,
  truncatedFromEnd,
  truncatedFromStart,
  withEpoch,
} from '@odradek/model';
import { encodeEpochs } from './checkpoint-files.ts';
import { EPOCH_FILE } from './file-names.ts';
import type { LogConfiguration } from './log-configuration.ts';
import { LogDurability } from './log-durability.ts';
import { latestSnapshot, removeSnapshots, replayProducers, snapshotPath } from './producer-replay.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerState } from './producer-state.ts';
import { MAX_RELATIVE_OFFSET, Segment } from './segment.ts';
import { Segments } from './segments.ts';
import { TailMemory } from './tail-memory.ts';

/** What recovery found, or what a new log begins with. */
export interface LogContents {
  readonly segments: readonly Segment[];
  readonly epochs: EpochHistory;
  readonly producers: ProducerState;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  /** Below it everything is on the disk already. */
  readonly durableEndOffset: Offset;
  /** Whether the directory's names may not be durable yet. */
  readonly areNamesNew: boolean;
  /** Which topic it is of, as bytes, where the file that says so may not be durable yet. */
  readonly topicFile?: Uint8Array | undefined;
}

export interface LogStoreOptions {
  readonly disk: Disk;
  /** The log's own directory, `orders-0`. */
  readonly directory: string;
  readonly configuration: () => LogConfiguration;
  readonly clock: Clock;
  /** How much of the tail is kept in memory. */
  readonly tailBytes?: number;
}

const DEFAULT_TAIL_BYTES = 4 * 2 ** 20;
/** Of the larger of the two entries. */
const INDEX_ENTRY_BYTES = 12;

export class LogStore {
  readonly segments: Segments;
  readonly tail: TailMemory;
  readonly durability: LogDurability;
  readonly #options: LogStoreOptions;
  #epochs: EpochHistory;
  #producers: ProducerState;
  #start: Offset;
  #end: Offset;
  #generation = 0;

  constructor(options: LogStoreOptions, contents: LogContents) {
    this.#options = options;
    this.segments = new Segments(contents.segments);
    this.#epochs = contents.epochs;
    this.#producers = contents.producers;
    this.#start = contents.logStartOffset;
    this.#end = contents.logEndOffset;
    this.tail = new TailMemory(options.tailBytes ?? DEFAULT_TAIL_BYTES, this.#end);
    this.durability = new LogDurability(options.disk, options.directory, contents.durableEndOffset);
    this.durability.areNamesDirty = contents.areNamesNew;
    this.durability.isDirectoryNew = contents.areNamesNew;
    this.durability.topicFile = contents.topicFile;
  }

  get start(): Offset {
    return this.#start;
  }

  get end(): Offset {
    return this.#end;
  }

  get epochs(): EpochHistory {
    return this.#epochs;
  }

  get producers(): ProducerState {
    return this.#producers;
  }

  /** Raised by whatever may move or remove what a cold read is looking at. */
  get generation(): number {
    return this.#generation;
  }

  /** Of the last record: an epoch that begins at the end has none yet. */
  get lastEpoch(): LeaderEpoch {
    return this.#epochs.findLast((entry) => entry.startOffset < this.#end)?.epoch ?? NO_EPOCH;
  }

  get isDirty(): boolean {
    return this.durability.isDirty(this.segments.all);
  }

  setEpochs(epochs: EpochHistory): void {
    if (epochs === this.#epochs) return;
    this.#epochs = epochs;
    this.durability.epochFile = () => ({
      path: `${this.#options.directory}/${EPOCH_FILE}`,
      bytes: encodeEpochs(this.#epochs),
    });
  }

  /** Appends batches that have their offsets, rolling where a segment is full. */
  append(batches: readonly BatchView[]): void {
    let chunks: Uint8Array[] = [];
    for (const batch of batches) {
      if (this.#mustRoll(batch)) {
        if (chunks.length > 0) this.segments.active.write(chunks);
        chunks = [];
        this.roll(Math.max(this.#end, batch.lastOffset - MAX_RELATIVE_OFFSET));
      }
      chunks.push(this.#enter(batch));
    }
    this.segments.active.write(chunks);
  }

  /** Ends the active segment and begins the next. */
  roll(baseOffset = this.#end): void {
    const { active } = this.segments;
    if (active.isEmpty) {
      for (const empty of this.segments.takeFrom(this.segments.all.length - 1)) empty.remove();
      this.#addSegment(baseOffset);
      return;
    }
    active.seal();
    this.#addSegment(baseOffset);
    this.#writeSnapshot();
  }

  /** Cuts at an offset, in the middle of a batch at its start. */
  cut(endOffset: Offset): void {
    const { disk, directory } = this.#options;
    this.#generation++;
    const removed = this.segments.takeFrom(this.segments.indexOf(endOffset) + 1);
    for (const segment of removed) segment.remove();
    if (removed.length > 0) this.durability.areNamesDirty = true;
    const segment = this.segments.active;
    const found = segment.find(endOffset);
    const newEnd = Math.min(endOffset, found?.header.baseOffset ?? endOffset);
    // The batch has the log start in its middle: nothing that is still there stays.
    if (newEnd < this.#start) {
      this.restart(this.#start);
      return;
    }
    segment.cut(found?.position ?? segment.sizeInBytes, newEnd);
    this.#end = newEnd;
    this.tail.truncateTo(newEnd);
    this.durability.truncatedTo(newEnd);
    removeSnapshots(disk, directory, (offset) => offset > newEnd);
    if (!this.#producers.knowsFrom(newEnd)) return;
    const snapshot = latestSnapshot(disk, directory, newEnd, this.#start);
    this.#producers = replayProducers(snapshot, this.segments.all);
  }

  /** Drops everything and begins again, empty. */
  restart(startOffset: Offset): void {
    this.#generation++;
    for (const segment of this.segments.takeFrom(0)) segment.remove();
    removeSnapshots(this.#options.disk, this.#options.directory, () => true);
    this.#start = startOffset;
    this.#end = startOffset;
    this.#addSegment(startOffset);
    this.tail.restart(startOffset);
    this.#producers = new ProducerState();
    this.setEpochs([]);
    this.durability.restartedAt(startOffset);
  }

  /** Moves the log start, and deletes the first `count` segments, which lie below it. */
  moveStart(startOffset: Offset, count: number): void {
    this.#start = Math.max(this.#start, startOffset);
    this.setEpochs(truncatedFromStart(this.#epochs, this.#start));
    if (count === 0) return;
    this.#generation++;
    this.durability.areNamesDirty = true;
    for (const segment of this.segments.takeFirst(count)) segment.remove();
    const { baseOffset } = this.segments.first;
    removeSnapshots(this.#options.disk, this.#options.directory, (offset) => offset < baseOffset);
  }

  /** Nothing may be read or written any more. */
  invalidate(): void {
    this.#generation++;
  }

  /** Writes what makes the next start short, and closes the files. */
  close(isSound: boolean): void {
    this.#generation++;
    if (isSound) {
      this.segments.active.seal();
      for (const segment of this.segments.all) segment.saveIndexes();
      this.#writeSnapshot();
      const path = `${this.#options.directory}/${EPOCH_FILE}`;
      this.#options.disk.writeFile(path, encodeEpochs(this.#epochs));
    }
    for (const segment of this.segments.all) segment.close();
  }

  /** Makes everything but the file know of a batch. */
  #enter(batch: BatchView): Uint8Array {
    const { baseOffset, nextOffset, leaderEpoch, position } = batch;
    const bytes = batch.bytes.subarray(position, position + batch.sizeInBytes);
    if (this.#epochs.at(-1)?.epoch !== leaderEpoch) {
      // An epoch that began here without a record says nothing about this batch.
      this.setEpochs(withEpoch(truncatedFromEnd(this.#epochs, baseOffset), leaderEpoch, baseOffset));
    }
    this.segments.active.note(batch);
    this.#producers.appended(batch);
    this.tail.push(bytes, baseOffset, nextOffset);
    this.#end = nextOffset;
    return bytes;
  }

  #mustRoll(batch: BatchView): boolean {
    const { active } = this.segments;
    if (active.isSealed || !active.fits(batch.lastOffset)) return true;
    if (active.isEmpty) return false;
    const configuration = this.#options.configuration();
    if (active.sizeInBytes + batch.sizeInBytes > configuration['segment.bytes']) return true;
    if (active.indexBytes + INDEX_ENTRY_BYTES > configuration['segment.index.bytes']) return true;
    const first = active.firstTimestamp ?? -1;
    const ageMs = first >= 0 ? batch.maxTimestamp - first : this.#options.clock.nowMs() - active.createdMs;
    return ageMs > configuration['segment.ms'];
  }

  #addSegment(baseOffset: Offset): void {
    const { disk, directory, clock, configuration } = this.#options;
    const place = { disk, directory, indexIntervalBytes: configuration()['index.interval.bytes'] };
    this.segments.add(Segment.create(place, baseOffset, clock.nowMs()));
    this.durability.areNamesDirty = true;
  }

  #writeSnapshot(): void {
    const bytes = encodeProducerSnapshot(this.#producers.entries);
    this.#options.disk.writeFile(snapshotPath(this.#options.directory, this.#end), bytes);
  }
}
