// A partition's log on a disk: what replication and election ask of a log, in Kafka's files. Appends and truncations take effect at
// once; when they become durable is decided by the log's machine, which is told when the log becomes dirty.

import { type BatchView, type Checksum, checkBatch, crc32c, joinedBytes, stampBatch } from '@odradek/format';
import {
  type Compute,
  DiskError,
  type EpochHistory,
  type FlushPolicy,
  type FollowerAppend,
  invariant,
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
  withEpoch,
} from '@odradek/model';
import { readSegment } from './cold-read.ts';
import { type LogContents, LogStore, type LogStoreOptions } from './log-store.ts';
import type { ProducerEntry } from './producer-state.ts';
import { countBelow, countExpired } from './segments.ts';
import { type FoundTimestamp, findTimestamp } from './timestamp-search.ts';
import { stampAppendTime, validateBatch } from './validate-batch.ts';

export interface PartitionLogOptions extends LogStoreOptions {
  readonly flushPolicy: FlushPolicy;
  /** The platform's checksum, and what inflates; without, JavaScript's own, and compressed batches are not looked into. */
  readonly compute?: Partial<Pick<Compute, 'crc32c' | 'inflate'>> | undefined;
  /** Tells the log's machine. Called inside calls of the owner: they only send an event, or remember. */
  readonly hooks: LogHooks;
}

export interface LogHooks {
  /** Something is not on the disk yet; told once until a sync has ended, and again when somebody waits for it. */
  becameDirty(): void;
  /** The flushed end has moved at once, because the policy does not wait for the disk. */
  countedAtOnce(): void;
  /** The log ends lower than before: no checkpoint may say more. */
  truncated(endOffset: Offset): void;
  failed(error: string): void;
}

type FlushDone = Parameters<ReplicatedLog['flush']>[0];

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
    this.#store = new LogStore(options, contents);
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
    if (fromOffset >= tail.startOffset) return { outcome: 'records', ...tail.read(fromOffset, limits) };
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
    this.#store.setEpochs(withEpoch(this.#store.epochs, epoch, this.#store.end));
    this.#dirtied();
  }

  appendAsLeader(bytes: Uint8Array, options: LeaderAppendOptions): LeaderAppend {
    if (this.#failure !== undefined) return this.#refusal();
    const configuration = this.#options.configuration();
    const valid = validateBatch(bytes, options, configuration, this.#checksum);
    if (!valid.ok) return { outcome: 'refused', error: valid.error, message: valid.message };
    const { batch } = valid;
    const judged = this.#store.producers.judge(batch);
    if (judged.verdict === 'duplicate')
      return { outcome: 'duplicate', firstOffset: judged.firstOffset, lastOffset: judged.lastOffset };
    if (judged.verdict === 'refused')
      return { outcome: 'refused', error: judged.error, message: judged.message };
    const firstOffset = this.#store.end;
    stampBatch(bytes, 0, firstOffset, options.leaderEpoch);
    if (configuration['message.timestamp.type'] === 'LogAppendTime' && !batch.isControl)
      stampAppendTime(bytes, options.wallMs, this.#checksum);
    if (!this.#append([batch])) return this.#refusal();
    return { outcome: 'appended', firstOffset, lastOffset: this.#store.end - 1 };
  }

  appendAsFollower(records: RecordBytes): FollowerAppend {
    if (this.#failure !== undefined) return { outcome: 'corrupt', message: this.#failure };
    const batches: BatchView[] = [];
    const wrong = this.#take(records, batches);
    if (!this.#append(batches)) return { outcome: 'corrupt', message: this.#failure ?? 'the disk failed' };
    if (wrong !== undefined) return { outcome: 'corrupt', message: wrong };
    return { outcome: 'appended', logEndOffset: this.#store.end };
  }

  truncateTo(endOffset: Offset): void {
    const { start, end } = this.#store;
    invariant(
      endOffset >= start,
      () => `truncation of ${this.directory} to ${endOffset}, but the log begins at ${start}`,
    );
    if (endOffset < end) {
      this.#guarded(() => this.#store.cut(endOffset));
      this.#options.hooks.truncated(this.#store.end);
    }
    // Even when nothing is cut, epochs that begin at the end or later are gone (F5, KAFKA-10706).
    const epochs = truncatedFromEnd(this.epochs, Math.min(endOffset, this.#store.end));
    if (epochs.length !== this.epochs.length) this.#store.setEpochs(epochs);
    this.#dirtied();
  }

  truncateFullyAndStartAt(startOffset: Offset): void {
    this.#guarded(() => this.#store.restart(startOffset));
    this.#options.hooks.truncated(startOffset);
    this.#dirtied();
  }

  advanceLogStart(startOffset: Offset, highWatermark: Offset): void {
    const { start, end, segments } = this.#store;
    invariant(
      startOffset <= highWatermark && highWatermark <= end,
      () => `log start ${startOffset} past the high watermark ${highWatermark} or the end ${end} (L10)`,
    );
    if (startOffset <= start) return;
    this.#guarded(() => this.#store.moveStart(startOffset, countBelow(segments.all, startOffset)));
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
      this.#store.moveStart(segments.at(count).baseOffset, count);
    });
    this.#dirtied();
  }

  flush(done: FlushDone): void {
    const { failure } = this;
    if (failure !== undefined) {
      this.#later(() => done({ error: failure }));
      return;
    }
    this.#store.durability.waitFor(done);
    this.#dirtied(true);
  }

  /** Whether something is to be synced, or somebody waits for it. */
  get isDirty(): boolean {
    return this.#store.durability.hasWaiting || this.#store.isDirty;
  }

  get isAwaited(): boolean {
    return this.#store.durability.hasWaiting;
  }

  /** Makes durable what is there now; ordered by the log's machine, one at a time. */
  sync(done: (error?: DiskError) => void): void {
    try {
      this.#store.durability.sync(this.#store.segments.all, this.#store.end, done);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#later(() => done(error));
    }
  }

  /** A sync has ended well: answers who waited for it. From now on the machine is told when something more becomes dirty. */
  syncEnded(): void {
    this.#store.durability.answer();
    this.#isKnownDirty = this.isDirty;
  }

  /** The disk has failed for good: everything is refused from now on (D3). */
  fail(error: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#store.invalidate();
    this.#later(() => this.#store.durability.refuse(error));
    this.#options.hooks.failed(error);
  }

  /** Writes what makes the next start short, and closes the files. The owner has flushed before. */
  close(): void {
    this.#guarded(() => this.#store.close(this.#failure === undefined));
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

  #refusal(): LeaderAppend {
    return { outcome: 'refused', error: 'KAFKA_STORAGE_ERROR', message: this.#failure ?? 'the disk failed' };
  }

  /** Collects the whole and sound batches; says what is wrong with the first that is not. */
  #take(records: RecordBytes, batches: BatchView[]): string | undefined {
    let end = this.#store.end;
    let epoch = this.#store.lastEpoch;
    let rest: Uint8Array = new Uint8Array(0);
    for (const piece of records) {
      // A batch that straddles two pieces is put together; whole pieces stay as they are.
      const bytes = rest.length === 0 ? piece : joinedBytes([rest, piece]);
      let position = 0;
      while (position < bytes.length) {
        const check = checkBatch(bytes, position, this.#checksum);
        if (!check.ok && check.fault === 'INCOMPLETE') break;
        const wrong = check.ok ? misplaced(check.batch, end, epoch) : check.message;
        if (!check.ok || wrong !== undefined) return wrong ?? 'not a batch';
        batches.push(check.batch);
        end = check.batch.nextOffset;
        epoch = check.batch.leaderEpoch;
        position += check.batch.sizeInBytes;
      }
      rest = bytes.subarray(position);
    }
    return undefined;
  }

  /** Appends batches that have their offsets. False when the disk failed. */
  #append(batches: readonly BatchView[]): boolean {
    if (batches.length === 0) return true;
    if (!this.#guarded(() => this.#store.append(batches))) return false;
    if (this.#options.flushPolicy !== 'commit') {
      this.#store.durability.countsAppended(this.#store.end);
      this.#options.hooks.countedAtOnce();
    }
    this.#dirtied();
    return true;
  }

  #readCold(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    const { generation, segments: list } = this.#store;
    const segments = list.all.slice(list.indexOf(fromOffset));
    const interval = this.#options.configuration()['index.interval.bytes'];
    const readNext = (at: number): void => {
      const segment = segments[at];
      if (segment === undefined) {
        done({ outcome: 'failed' });
        return;
      }
      readSegment({ segment, fromOffset, limits, checksum: this.#checksum }, interval, (result) => {
        if (this.#failure !== undefined) done({ outcome: 'failed' });
        // The log has been cut, or segments are gone: what was read may no longer be true.
        else if (generation !== this.#store.generation) this.readLater(fromOffset, limits, done);
        else if (result.outcome === 'beyond') readNext(at + 1);
        else done(result);
      });
    };
    readNext(0);
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

/** Why a leader's batch cannot come next (L1). */
function misplaced(batch: BatchView, end: Offset, lastEpoch: LeaderEpoch): string | undefined {
  if (batch.baseOffset < end) return `a batch at ${batch.baseOffset}, but the log already ends at ${end}`;
  if (batch.leaderEpoch < lastEpoch)
    return `a batch of epoch ${batch.leaderEpoch} after one of epoch ${lastEpoch}`;
  return undefined;
}
