// A partition's log on a disk: what replication and election ask of a log, in Kafka's files. Appends and truncations take effect at
// once; when they become durable is decided by the log's machine, which is told when the log becomes dirty.

import { type BatchView, type Checksum, crc32c } from '@odradek/format';
import {
  type Compute,
  DiskError,
  type EpochHistory,
  type FlushPolicy,
  type FollowerAppend,
  invariant,
  isPassing,
  type LeaderAppend,
  type LeaderAppendOptions,
  type LeaderEpoch,
  type LogRead,
  type LogReadDone,
  type Offset,
  type ReadLimits,
  type RecordBytes,
  type ReplicatedLog,
  truncatedFromEnd,
} from '@odradek/model';
import { type ColdRead, readSegment, type SegmentRead } from './cold-read.ts';
import { takeBatches } from './follower-batches.ts';
import type { FreeSpace } from './free-space.ts';
import { handOnProducers, takeOverProducers } from './handed-on-producers.ts';
import { type TakingLog, takeTogether } from './leader-batches.ts';
import type { SyncEnd } from './log-durability.ts';
import { type LogContents, LogStore, type LogStoreOptions } from './log-store.ts';
import type { ProducerEntry } from './producer-state.ts';
import { countExpired } from './segments.ts';
import { type FoundTimestamp, findTimestamp } from './timestamp-search.ts';

export interface PartitionLogOptions extends Omit<LogStoreOptions, 'failed'> {
  readonly flushPolicy: FlushPolicy;
  /** The platform's checksum, and what inflates; without, JavaScript's own, and compressed batches are not looked into. */
  readonly compute?: Partial<Pick<Compute, 'crc32c' | 'inflate'>> | undefined;
  /** Asked before a client's batch is taken (D6); without it there is always room. */
  readonly freeSpace?: FreeSpace | undefined;
  /** Tells the log's machine. Called inside calls of the owner: they only send an event, or remember. */
  readonly hooks: LogHooks;
}

export interface LogHooks {
  /** Something is not on the disk yet; told once until a sync has ended, and again when somebody waits for it. */
  becameDirty(): void;
  /** The log ends lower than before: no checkpoint may say more. */
  truncated(endOffset: Offset): void;
  failed(error: string): void;
  /** A read found bytes that are no sound batch where records should be (D9): the log goes on until its owner gives it up. */
  readFoundDamage(error: string): void;
}

export class PartitionLog implements ReplicatedLog {
  readonly directory: string;
  readonly #options: PartitionLogOptions;
  readonly #checksum: Checksum;
  readonly #store: LogStore;
  #isKnownDirty = false;
  #failure: string | undefined;

  constructor(options: PartitionLogOptions, contents: LogContents) {
    this.#options = options;
    this.directory = options.directory;
    this.#checksum = options.compute?.crc32c ?? crc32c;
    this.#store = new LogStore({ ...options, failed: ({ message }) => this.fail(message) }, contents);
    // What a run before had no time to delete.
    this.#guarded(() => this.#store.removeBelowStart());
    if (options.flushPolicy !== 'commit') this.#store.durability.countsAppended(this.#store.end);
  }

  get logStartOffset(): Offset {
    return this.#store.start;
  }

  get logEndOffset(): Offset {
    return this.#store.end;
  }

  get flushedEndOffset(): Offset {
    return this.#store.durability.flushedEnd;
  }

  /** Up to where the disk itself has everything, whatever the policy counts: the recovery point. */
  get syncedEndOffset(): Offset {
    return this.#store.durability.syncedEnd;
  }

  get lastEpoch(): LeaderEpoch {
    return this.#store.lastEpoch;
  }

  get epochs(): EpochHistory {
    return this.#store.epochs;
  }

  /** Why the log has failed, if it has (D3). */
  get failure(): string | undefined {
    return this.#failure;
  }

  get sizeInBytes(): number {
    return this.#store.segments.all.reduce((bytes, segment) => bytes + segment.sizeInBytes, 0);
  }

  get segmentBaseOffsets(): readonly Offset[] {
    return this.#store.segments.all.map((segment) => segment.baseOffset);
  }

  /** What the log remembers of its producers (P1). */
  get producers(): readonly ProducerEntry[] {
    return this.#store.producers.entries;
  }

  /** The end of what is decided: the first offset of an open transaction, else the high watermark (L7). */
  lastStableOffset(highWatermark: Offset): Offset {
    return Math.min(this.#store.producers.firstUndecidedOffset ?? highWatermark, highWatermark);
  }

  read(fromOffset: Offset, limits: ReadLimits): LogRead {
    const { start, end, tail } = this.#store;
    if (fromOffset < start || fromOffset > end) return { outcome: 'out of range' };
    if (fromOffset >= tail.startOffset) {
      const { records, nextOffset } = tail.read(fromOffset, limits);
      return { outcome: 'records', records, nextOffset };
    }
    // Nothing could be given: that is no reason to ask the disk.
    if (fromOffset >= limits.upToOffset) return { outcome: 'records', records: [], nextOffset: fromOffset };
    return { outcome: 'cold' };
  }

  readLater(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    const answer = this.read(fromOffset, limits);
    if (answer.outcome === 'cold') this.#readCold(fromOffset, limits, done);
    else this.#later(() => done(answer));
  }

  /** The first record at or after `timestampMs` (ListOffsets). */
  offsetForTimestamp(timestampMs: number, done: (found: FoundTimestamp) => void): void {
    const { generation } = this.#store;
    const search = {
      segments: this.#store.segments.all,
      fromOffset: this.#store.start,
      timestampMs,
      inflate: this.#options.compute?.inflate,
      checksum: this.#checksum,
      later: this.#later,
    };
    findTimestamp(search, (found) => {
      if (generation === this.#store.generation) done(found);
      else this.offsetForTimestamp(timestampMs, done);
    });
  }

  startEpoch(epoch: LeaderEpoch): void {
    this.#store.startEpoch(epoch);
  }

  appendAsLeader(bytes: Uint8Array, options: LeaderAppendOptions): LeaderAppend {
    const [result] = this.appendTogetherAsLeader([bytes], options);
    invariant(result !== undefined, () => `${this.directory} has not answered for a batch`);
    return result;
  }

  appendTogetherAsLeader(
    batches: readonly Uint8Array[],
    options: LeaderAppendOptions,
  ): readonly LeaderAppend[] {
    const { configuration, freeSpace } = this.#options;
    const room = options.origin === 'client' ? freeSpace : undefined;
    const log: TakingLog = {
      end: () => this.#store.end,
      configuration: configuration(),
      checksum: this.#checksum,
      producers: this.#store.producers,
      failure: () => this.#failure,
      lackOfRoom: (sizeInBytes) => room?.refusal(sizeInBytes),
      write: (run) => this.#append(run),
    };
    return takeTogether(log, batches, options);
  }

  appendAsFollower(records: RecordBytes): FollowerAppend {
    if (this.#failure !== undefined) return { outcome: 'corrupt', message: this.#failure };
    const batches: BatchView[] = [];
    const { end: offset, lastEpoch: epoch } = this.#store;
    const wrong = takeBatches(records, { offset, epoch }, this.#checksum, batches);
    const failed = this.#append(batches) ?? wrong;
    if (failed !== undefined) return { outcome: 'corrupt', message: failed };
    return { outcome: 'appended', logEndOffset: this.#store.end };
  }

  truncateTo(endOffset: Offset): void {
    const { start, end } = this.#store;
    invariant(endOffset >= start, () => `${this.directory} cut at ${endOffset}, but it begins at ${start}`);
    if (endOffset < end) {
      this.#guarded(() => this.#store.cut(endOffset));
      this.#options.hooks.truncated(this.#store.end);
    }
    // Even when nothing is cut, epochs that begin at the end or later are gone (F5, KAFKA-10706).
    const epochs = truncatedFromEnd(this.epochs, Math.min(endOffset, this.#store.end));
    if (epochs.length !== this.epochs.length) this.#store.setEpochs(epochs);
    this.#dirtied();
  }

  truncateFullyAndStartAt(startOffset: Offset, producers?: Uint8Array): void {
    this.#guarded(() => this.#store.restart(startOffset, takeOverProducers(producers)));
    if (this.#options.flushPolicy !== 'commit') this.#store.durability.countsAppended(this.#store.end);
    this.#options.hooks.truncated(startOffset);
    this.#dirtied();
  }

  producersAtStart(maxBytes: number): Uint8Array | undefined {
    return handOnProducers(() => this.#store.producersAtStart(), maxBytes);
  }

  advanceLogStart(startOffset: Offset, highWatermark: Offset): void {
    const { start, end } = this.#store;
    invariant(
      startOffset <= highWatermark && highWatermark <= end,
      () => `log start ${startOffset} past the high watermark ${highWatermark} or the end ${end} (L10)`,
    );
    if (startOffset <= start) return;
    this.#guarded(() => this.#store.moveStart(startOffset));
    this.#dirtied();
  }

  /** Retention by time and size: deletes whole segments, none with a record at or above the high watermark (L10). */
  applyRetention(wallMs: number, highWatermark: Offset): void {
    const configuration = this.#options.configuration();
    const { segments } = this.#store;
    if (this.#failure !== undefined || !configuration['cleanup.policy'].includes('delete')) return;
    const count = countExpired(segments.all, configuration, wallMs, highWatermark);
    if (count === 0) return;
    this.#guarded(() => {
      // The active segment is never deleted: it is ended first.
      if (count === segments.all.length) this.#store.roll();
      this.#store.moveStart(segments.at(count).baseOffset);
    });
    this.#dirtied();
  }

  flush(done: Parameters<ReplicatedLog['flush']>[0]): void {
    const { failure } = this;
    if (failure !== undefined) {
      this.#later(() => done({ error: failure }));
      return;
    }
    this.#store.durability.waitFor(done);
    this.#dirtied(true);
  }

  /** Whether a close has to wait for the disk: its own files lack records, or a sync is under way. */
  get isUnsettled(): boolean {
    return this.isDirty || this.#store.isBehind || this.#store.durability.isSyncing;
  }

  /** Whether something is to be synced, or somebody waits for it. */
  get isDirty(): boolean {
    return this.#store.durability.hasWaiting || this.#store.isDirty;
  }

  get isAwaited(): boolean {
    return this.#store.durability.hasWaiting;
  }

  /** Makes durable what is there now; ordered by the log's machine, one at a time. */
  sync(done: (end: SyncEnd) => void): void {
    this.#store.durability.sync(this.#store.segments.all, this.#store.end, done);
  }

  /** What a commit journal asks of the log, and a clean end; undefined once it has failed. */
  get sound(): Pick<LogStore, 'durableTail' | 'commit' | 'resting'> | undefined {
    return this.#failure === undefined ? this.#store : undefined;
  }

  /** Tells who waits for a flush that it is not to be had: the disk has no room, and the log closes. */
  refuseFlushes(error: string): void {
    this.#store.durability.refuse(error);
  }

  /** A sync has ended well: answers who waited, and may append at once; what the machine has decided by was dirty before that. */
  syncEnded(): void {
    this.#isKnownDirty = this.isDirty;
    this.#store.durability.answer();
  }

  /** The disk has failed for good: everything is refused from now on (D3). */
  fail(error: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#store.invalidate();
    this.#later(() => this.#store.durability.refuse(error));
    this.#options.hooks.failed(error);
  }

  /** Writes what makes the next start short, and closes the files. The owner has flushed before; `mayBeBare`: as for a log that was opened. */
  close(mayBeBare = false): void {
    this.#guarded(() => this.#store.close(this.#failure === undefined, mayBeBare));
  }

  /** Closes the files of a log that will be removed. Whoever waits is told. */
  abandon(): void {
    this.#failure ??= `${this.directory} is closed`;
    const failure = this.#failure;
    this.#later(() => this.#store.durability.refuse(failure));
    this.close();
  }

  readonly #later = (callback: () => void): void => {
    this.#options.clock.setTimeout(callback, 0);
  };

  /** Appends batches that have their offsets; returns why the disk did not take all of them. */
  #append(batches: readonly BatchView[]): string | undefined {
    if (batches.length === 0) return undefined;
    const failed = this.#attempted(() => this.#store.append(batches));
    if (this.#options.flushPolicy !== 'commit' && this.#failure === undefined)
      this.#store.durability.countsAppended(this.#store.end);
    this.#dirtied();
    return failed;
  }

  /** An append that the disk refused because of room or open files has left no trace: the next one may succeed (D6, D11). */
  #attempted(append: () => void): string | undefined {
    try {
      append();
      return undefined;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (!isPassing(error)) this.fail(error.message);
      return error.message;
    }
  }

  #readCold(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    const { generation, segments: list } = this.#store;
    const segments = list.all.slice(list.indexOf(fromOffset));
    const configuration = this.#options.configuration();
    const interval = configuration['index.interval.bytes'];
    // Only compaction leaves offsets out at the end of a segment; else a segment is gone, and to read on would pass over its records.
    const mayHaveGaps = configuration['cleanup.policy'].includes('compact');
    const readNext = (at: number): void => {
      const segment = segments[at];
      if (segment === undefined) {
        done({ outcome: 'failed' });
        return;
      }
      const read = { segment, fromOffset, limits, checksum: this.#checksum, mayHaveGaps };
      this.#reading(read, interval, (result) => {
        if (this.#failure !== undefined) done({ outcome: 'failed' });
        // The log has been cut, or segments are gone: what was read may no longer be true.
        else if (generation !== this.#store.generation) this.readLater(fromOffset, limits, done);
        else if (result.outcome === 'damaged')
          this.#foundDamage(`${segment.path} at ${result.position}: ${result.message}`, done);
        else if (result.outcome !== 'beyond') done(result);
        else if (mayHaveGaps) readNext(at + 1);
        else this.#foundDamage(`${segment.path}: it ends before offset ${fromOffset}`, done);
      });
    };
    readNext(0);
  }

  #foundDamage(error: string, done: (result: LogReadDone) => void): void {
    this.#options.hooks.readFoundDamage(error);
    done({ outcome: 'failed' });
  }

  /** A file may not even open (EMFILE): that costs the read, no more. */
  #reading(read: ColdRead, intervalBytes: number, done: (result: SegmentRead) => void): void {
    try {
      readSegment(read, intervalBytes, done);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#later(() => done({ outcome: 'failed' }));
    }
  }

  #dirtied(isUrgent = false): void {
    if (this.#options.flushPolicy === 'memory' && !isUrgent) return;
    if ((this.#isKnownDirty && !isUrgent) || this.#failure !== undefined || !this.isDirty) return;
    this.#isKnownDirty = true;
    this.#options.hooks.becameDirty();
  }

  /** Runs what touches the disk. An error is final for the log: how much of it was written is not known (D3, D4). */
  #guarded(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.fail(error.message);
      return false;
    }
  }
}
