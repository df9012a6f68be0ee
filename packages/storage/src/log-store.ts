// What a log consists of, and how it changes on the disk: segments, the tail in memory, epochs, producer state, moved together. No
// policy here: what may be appended, cut or deleted, and what a disk error means, is decided by its owner, the partition's log.

import type { BatchView } from '@odradek/format';
import {
  type Clock,
  type Disk,
  type DiskDone,
  DiskError,
  type EpochHistory,
  type LeaderEpoch,
  NO_EPOCH,
  type Offset,
  truncatedFromEnd,
  truncatedFromStart,
  withEpoch,
} from '@odradek/model';
import { bytesOf, piecesOf } from './batch-bytes.ts';
import { encodeEpochs } from './checkpoint-files.ts';
import { EPOCH_FILE } from './file-names.ts';
import type { JournalEntry } from './journal-format.ts';
import type { LogConfiguration } from './log-configuration.ts';
import { LogDurability } from './log-durability.ts';
import { latestSnapshot, removeSnapshots, replayProducers, writeSnapshot } from './producer-replay.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerEntry, ProducerState } from './producer-state.ts';
import type { RestingLog } from './resting-logs.ts';
import { MAX_RELATIVE_OFFSET, Segment } from './segment.ts';
import { SegmentRemoval } from './segment-removal.ts';
import { mayHaveToRoll, mustRoll } from './segment-roll.ts';
import { countBelow, Segments } from './segments.ts';
import { TailBudget } from './tail-budget.ts';
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
  /** Whether the directory itself may not be durable yet: no record of the log ever was. */
  readonly isDirectoryNew: boolean;
  /** Which topic it is of, as bytes, where the file that says so may not be durable yet. */
  readonly topicFile?: Uint8Array | undefined;
  /** Whether indexes, epochs and producers are on the disk as they are here: the log is as a clean end has left it. */
  readonly isSaved: boolean;
  /** Whether the log is as a clean end has left it though they are not on the disk: see {@link RestingLog}. */
  readonly isBare?: boolean | undefined;
}

export interface LogStoreOptions {
  readonly disk: Disk;
  /** The log's own directory, `orders-0`. */
  readonly directory: string;
  readonly configuration: () => LogConfiguration;
  readonly clock: Clock;
  /** See {@link LogDurability}. */
  readonly whenForgotten?: ((done: DiskDone) => void) | undefined;
  /** The disk failed outside of any call (D3). */
  readonly failed: (error: DiskError) => void;
  /** What all logs of a broker keep of their tails. */
  readonly tails?: TailBudget | undefined;
}

/** Bytes of a segment's file that are not durable, and where they lie. */
export type UnsyncedTail = Pick<JournalEntry, 'baseOffset' | 'position' | 'bytes'>;

/**
 * A log up to this size is closed without its small files: four files for each of ten thousand logs were 15 s of a clean end, and to read so
 * much again is less than to read them.
 */
const BARE_BYTES = 16 * 1024;

export class LogStore {
  readonly segments: Segments;
  readonly tail: TailMemory;
  readonly durability: LogDurability;
  readonly #removal: SegmentRemoval;
  readonly #options: LogStoreOptions;
  #epochs: EpochHistory;
  #producers: ProducerState;
  #start: Offset;
  #end: Offset;
  #generation = 0;
  /** The small files say all that a start would want to know. */
  #isSaved: boolean;
  #isBare: boolean;

  constructor(options: LogStoreOptions, contents: LogContents) {
    this.#options = options;
    this.segments = new Segments(contents.segments);
    this.#epochs = contents.epochs;
    this.#producers = contents.producers;
    this.#start = contents.logStartOffset;
    this.#end = contents.logEndOffset;
    this.#isSaved = contents.isSaved;
    this.#isBare = contents.isBare ?? false;
    this.tail = new TailMemory(options.tails ?? new TailBudget(), this.#end);
    const later = (callback: () => void): void => void options.clock.setTimeout(callback, 0);
    this.durability = new LogDurability({ ...options, later }, contents.durableEndOffset);
    this.durability.areNamesDirty = contents.areNamesNew;
    this.durability.isDirectoryNew = contents.isDirectoryNew;
    this.durability.topicFile = contents.topicFile;
    this.#removal = new SegmentRemoval(options);
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

  /** Whether the disk lacks what was appended, or has what was taken away. */
  get isDirty(): boolean {
    return this.durability.lacks(this.#end);
  }

  /** Whether its own files lack something, though a journal may have it. */
  get isBehind(): boolean {
    return this.durability.isBehind(this.#end);
  }

  /** What a clean end leaves, once the log is closed; undefined of a log that the next start has to look at. */
  get resting(): Omit<RestingLog, 'topicId'> | undefined {
    const { all, active } = this.segments;
    if (all.length > 1 || this.#removal.isBusy) return undefined;
    return {
      logStartOffset: this.#start,
      logEndOffset: this.#end,
      baseOffset: active.baseOffset,
      sizeInBytes: active.sizeInBytes,
      latestTimestamp: active.latest.timestamp,
      hasProducers: this.#producers.entries.length > 0,
      epochs: truncatedFromEnd(this.#epochs, this.#end),
      isBare: this.#isBare,
    };
  }

  setEpochs(epochs: EpochHistory): void {
    if (epochs === this.#epochs) return;
    this.#isSaved = false;
    this.#enterEpochs(epochs);
  }

  /** An epoch begins at the end, which has no record yet: until it has, nobody misses it after a restart. */
  startEpoch(epoch: LeaderEpoch): void {
    const epochs = withEpoch(this.#epochs, epoch, this.#end);
    if (epochs !== this.#epochs) this.#enterEpochs(epochs);
  }

  #enterEpochs(epochs: EpochHistory): void {
    this.#epochs = epochs;
    this.durability.epochFile = () => ({
      path: `${this.#options.directory}/${EPOCH_FILE}`,
      bytes: encodeEpochs(this.#epochs),
    });
  }

  /**
   * Appends batches that have their offsets, rolling where a segment is full. Nothing but the file knows of a batch before it is
   * written: when the disk refuses one, those before it are appended and it has left no trace (D6).
   */
  append(batches: readonly BatchView[]): void {
    const { configuration, clock } = this.#options;
    let run: BatchView[] = [];
    let runBytes = 0;
    for (const batch of batches) {
      if (run.length > 0 && mayHaveToRoll(this.segments.active, configuration(), batch, run, runBytes)) {
        this.#write(run);
        run = [];
        runBytes = 0;
      }
      if (run.length === 0 && mustRoll(this.segments.active, configuration(), batch, clock.nowMs()))
        this.roll(Math.max(this.#end, batch.lastOffset - MAX_RELATIVE_OFFSET));
      run.push(batch);
      runBytes += batch.sizeInBytes;
    }
    this.#write(run);
  }

  #write(run: readonly BatchView[]): void {
    if (run.length === 0) return;
    this.segments.active.write(piecesOf(run));
    for (const batch of run) this.#enter(batch);
  }

  /** Ends the active segment and begins the next. */
  roll(baseOffset = this.#end): void {
    const { active } = this.segments;
    // First of all, for it may fail: then the log is as it was (D6, D11).
    const next = this.#newSegment(baseOffset);
    if (active.isEmpty)
      for (const empty of this.segments.takeFrom(this.segments.all.length - 1)) empty.remove();
    else active.seal();
    this.segments.add(next);
    this.durability.areNamesDirty = true;
    if (!active.isEmpty) this.#writeSnapshot();
  }

  /** Cuts at an offset, in the middle of a batch at its start. */
  cut(endOffset: Offset): void {
    const { disk, directory } = this.#options;
    this.#generation++;
    this.#isSaved = false;
    const at = this.segments.indexOf(endOffset);
    const segment = this.segments.at(at);
    // Opens its file, which may fail: then the log is on the disk as it was (D11).
    const found = segment.find(endOffset);
    const removed = this.segments.takeFrom(at + 1);
    for (const later of removed) later.remove();
    if (removed.length > 0) this.durability.areNamesDirty = true;
    const newEnd = Math.min(endOffset, found?.header.baseOffset ?? endOffset);
    // The batch has the log start in its middle: nothing that is still there stays.
    if (newEnd < this.#start) {
      this.restart(this.#start, this.#producersAt(newEnd));
      return;
    }
    segment.cut(found?.position ?? segment.sizeInBytes, newEnd);
    this.#end = newEnd;
    this.tail.truncateTo(newEnd);
    this.durability.truncatedTo(newEnd);
    removeSnapshots(disk, directory, (offset) => offset > newEnd);
    if (!this.#producers.knowsFrom(newEnd)) return;
    this.#producers = this.#producersAt(newEnd);
  }

  /** Producers as they are known at the log start (P2). Reads what lies around it. */
  producersAtStart(): readonly ProducerEntry[] {
    const { entries } = this.#producers;
    return entries.length === 0 || this.#start === this.#end
      ? entries
      : this.#producersAt(this.#start).entries;
  }

  #producersAt(offset: Offset): ProducerState {
    const { disk, directory } = this.#options;
    const snapshot = latestSnapshot(disk, directory, offset, this.segments.first.baseOffset);
    return replayProducers(snapshot, this.segments.all, offset);
  }

  /** Drops everything and begins anew, empty; `producers`: as they are known there. */
  restart(startOffset: Offset, producers: ProducerState): void {
    const { disk, directory } = this.#options;
    this.#generation++;
    this.#isSaved = false;
    // Whatever becomes of it on the disk: its owner believes what it has ordered (V22).
    this.#start = startOffset;
    this.#end = startOffset;
    // Before anything is dropped, for it may fail: then the next start finds what was there (D11).
    const known = this.segments.all.find((segment) => segment.baseOffset === startOffset);
    known?.open();
    const snapshot = producers.entries.length > 0 ? encodeProducerSnapshot(producers.entries) : undefined;
    if (snapshot !== undefined) writeSnapshot(disk, directory, { offset: startOffset, state: producers });
    this.#removal.sayAnew(startOffset, snapshot);
    known?.cut(0, startOffset);
    const next = known ?? this.#newSegment(startOffset);
    const dropped = this.segments.takeFrom(0).filter((segment) => segment !== next);
    this.#removal.orderAll(dropped, startOffset);
    removeSnapshots(disk, directory, (offset) => offset !== startOffset || snapshot === undefined);
    this.segments.add(next);
    this.durability.areNamesDirty = true;
    this.tail.restart(startOffset);
    this.#producers = producers;
    this.setEpochs([]);
    this.durability.restartedAt(startOffset);
    this.durability.beginning = snapshot && ((done) => this.#removal.whenKnown(done));
  }

  /** Moves the log start, and lets go of the segments below it. */
  moveStart(startOffset: Offset): void {
    this.#isSaved = false;
    this.durability.hasReceded = true;
    this.#start = Math.max(this.#start, startOffset);
    this.setEpochs(truncatedFromStart(this.#epochs, this.#start));
    this.removeBelowStart();
  }

  /** Lets go of the segments below the log start; their files are deleted one after the other (D10). */
  removeBelowStart(): void {
    const count = countBelow(this.segments.all, this.#start);
    if (count === 0) return;
    this.#generation++;
    const below = this.segments.takeFirst(count);
    this.#removal.order(below, this.segments.first.baseOffset);
  }

  /** What the disk lacks, where that is nothing but bytes at the end of the last segment: a journal may take it. */
  durableTail(): UnsyncedTail | undefined {
    const { active } = this.segments;
    const isOnlyOne = this.segments.all.every((segment) => segment === active || !segment.isDirty);
    if (!isOnlyOne || !this.durability.lacksOnlyBytes) return undefined;
    try {
      const tail = active.durableTail();
      return tail && { baseOffset: active.baseOffset, ...tail };
    } catch (error) {
      // What cannot be read here is left to a sync.
      if (!(error instanceof DiskError)) throw error;
      return undefined;
    }
  }

  /** A journal is being written that has everything; returns what to call when that is durable. */
  commit(): () => void {
    this.durability.beginCommit(this.#end);
    const committed = this.segments.active.committing();
    return () => {
      committed();
      this.durability.endCommit();
    };
  }

  /** Nothing may be read or written any more. */
  invalidate(): void {
    this.#generation++;
    this.#removal.stop();
    this.tail.close();
  }

  /** Writes what makes the next start short, and closes the files. `mayBeBare`: whether it is kept what is {@link resting}. */
  close(isSound: boolean, mayBeBare: boolean): void {
    this.invalidate();
    if (isSound && !this.#isSaved) this.#save(mayBeBare);
    for (const segment of this.segments.all) segment.close();
  }

  #save(mayBeBare: boolean): void {
    const { all, active } = this.segments;
    const isSmall = active.sizeInBytes <= BARE_BYTES && !active.hasIndexFiles;
    this.#isBare = mayBeBare && isSmall && this.resting !== undefined;
    if (this.#isBare) {
      active.leaveOutIndexes();
      return;
    }
    active.seal();
    for (const segment of all) segment.saveIndexes();
    this.#writeSnapshot();
    const path = `${this.#options.directory}/${EPOCH_FILE}`;
    this.#options.disk.writeFile(path, encodeEpochs(this.#epochs));
  }

  /** Makes everything but the file know of a batch. */
  #enter(batch: BatchView): void {
    this.#isSaved = false;
    const { baseOffset, nextOffset, leaderEpoch } = batch;
    if (this.#epochs.at(-1)?.epoch !== leaderEpoch) {
      // An epoch that began here without a record says nothing about this batch.
      this.setEpochs(withEpoch(truncatedFromEnd(this.#epochs, baseOffset), leaderEpoch, baseOffset));
    }
    this.segments.active.note(batch);
    this.#producers.appended(batch);
    this.tail.push(bytesOf(batch), baseOffset, nextOffset);
    this.#end = nextOffset;
  }

  #newSegment(baseOffset: Offset): Segment {
    const { disk, directory, clock, configuration } = this.#options;
    const place = { disk, directory, indexIntervalBytes: configuration()['index.interval.bytes'] };
    return Segment.create(place, baseOffset, clock.nowMs());
  }

  #writeSnapshot(): void {
    const { disk, directory } = this.#options;
    writeSnapshot(disk, directory, { offset: this.#end, state: this.#producers });
  }
}
