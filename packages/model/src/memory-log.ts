// A replicated log that lives in memory: for whoever wants an election or a replica without a disk, and the plain twin against
// which the log on the disk is tested. Of producers it only hands on what it was told: what P1 asks of a partition's log is storage's work.

import { type BatchView, checkBatch, joinedBytes, stampBatch } from '@odradek/format';
import { type EpochHistory, truncatedFromEnd, truncatedFromStart, withEpoch } from './epoch-history.ts';
import { invariant } from './invariant.ts';
import { type LeaderEpoch, NO_EPOCH, type Offset } from './nouns.ts';
import type {
  FollowerAppend,
  LeaderAppend,
  LeaderAppendOptions,
  LogListener,
  LogRead,
  LogReadDone,
  ReadLimits,
  ReplicatedLog,
} from './replicated-log.ts';
import type { RecordBytes } from './schema.ts';

export interface MemoryLogOptions {
  /** Runs something after the present call has returned: `queueMicrotask`, or a clock's `setTimeout` with no delay. */
  readonly later: (callback: () => void) => void;
  readonly listener?: LogListener;
  /** What is appended counts as flushed only after {@link MemoryLog.flushNow}: so that a test may lose it with the power. */
  readonly holdsFlushes?: boolean;
}

type FlushDone = Parameters<ReplicatedLog['flush']>[0];

interface Batch {
  readonly bytes: Uint8Array;
  readonly baseOffset: Offset;
  readonly nextOffset: Offset;
  readonly leaderEpoch: LeaderEpoch;
}

export function memoryLog(options: MemoryLogOptions): MemoryLog {
  return new MemoryLog(options);
}

export class MemoryLog implements ReplicatedLog {
  readonly #options: MemoryLogOptions;
  #batches: Batch[] = [];
  #epochs: EpochHistory = [];
  #start: Offset = 0;
  #end: Offset = 0;
  #flushedEnd: Offset = 0;
  #producers: Uint8Array = new Uint8Array(0);
  #isFlushAsked = false;
  #waiting: FlushDone[] = [];

  constructor(options: MemoryLogOptions) {
    this.#options = options;
  }

  get logStartOffset(): Offset {
    return this.#start;
  }

  get logEndOffset(): Offset {
    return this.#end;
  }

  get flushedEndOffset(): Offset {
    return this.#flushedEnd;
  }

  get lastEpoch(): LeaderEpoch {
    return this.#batches.at(-1)?.leaderEpoch ?? NO_EPOCH;
  }

  get epochs(): EpochHistory {
    return this.#epochs;
  }

  read(fromOffset: Offset, limits: ReadLimits): LogRead & LogReadDone {
    if (fromOffset < this.#start || fromOffset > this.#end) return { outcome: 'out of range' };
    const records: Uint8Array[] = [];
    let bytes = 0;
    let nextOffset = fromOffset;
    for (let at = this.#indexOf(fromOffset); at < this.#batches.length; at++) {
      const batch = this.#batches[at];
      if (batch === undefined || batch.nextOffset > limits.upToOffset) break;
      if (bytes > 0 && bytes + batch.bytes.length > limits.maxBytes) break;
      records.push(batch.bytes);
      bytes += batch.bytes.length;
      nextOffset = batch.nextOffset;
    }
    return { outcome: 'records', records, nextOffset };
  }

  readLater(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    this.#options.later(() => done(this.read(fromOffset, limits)));
  }

  startEpoch(epoch: LeaderEpoch): void {
    this.#epochs = withEpoch(this.#epochs, epoch, this.#end);
  }

  appendAsLeader(batch: Uint8Array, { leaderEpoch, origin }: LeaderAppendOptions): LeaderAppend {
    const check = checkBatch(batch);
    if (!check.ok) return { outcome: 'refused', error: 'CORRUPT_MESSAGE', message: check.message };
    if (check.batch.sizeInBytes !== batch.length) {
      const message = `${batch.length} bytes, but the batch has ${check.batch.sizeInBytes}: exactly one batch is taken`;
      return { outcome: 'refused', error: 'INVALID_RECORD', message };
    }
    if (origin === 'client' && check.batch.isControl) {
      const message = 'control records are written by the log itself, never by clients';
      return { outcome: 'refused', error: 'INVALID_RECORD', message };
    }
    stampBatch(batch, 0, this.#end, leaderEpoch);
    const { baseOffset: firstOffset, lastOffset } = check.batch;
    this.#append(batch, check.batch);
    this.#appended();
    return { outcome: 'appended', firstOffset, lastOffset };
  }

  appendTogetherAsLeader(
    batches: readonly Uint8Array[],
    options: LeaderAppendOptions,
  ): readonly LeaderAppend[] {
    return batches.map((batch) => this.appendAsLeader(batch, options));
  }

  appendAsFollower(records: RecordBytes): FollowerAppend {
    const endBefore = this.#end;
    let bytes: Uint8Array = new Uint8Array(0);
    for (const piece of records) {
      // A batch that straddles two pieces is put together; whole pieces stay as they are.
      bytes = bytes.length === 0 ? piece : joinedBytes([bytes, piece]);
      while (bytes.length > 0) {
        const check = checkBatch(bytes);
        if (!check.ok && check.fault === 'INCOMPLETE') break;
        const wrong = check.ok ? this.#misplaced(check.batch) : check.message;
        if (!check.ok || wrong !== undefined) {
          if (this.#end > endBefore) this.#appended();
          return { outcome: 'corrupt', message: wrong ?? 'not a batch' };
        }
        const size = check.batch.sizeInBytes;
        this.#append(bytes.subarray(0, size), check.batch);
        bytes = bytes.subarray(size);
      }
    }
    if (this.#end > endBefore) this.#appended();
    return { outcome: 'appended', logEndOffset: this.#end };
  }

  truncateTo(endOffset: Offset): void {
    invariant(
      endOffset >= this.#start,
      () => `truncation to ${endOffset}, but the log begins at ${this.#start}`,
    );
    const whole = this.#batches.filter((batch) => batch.nextOffset <= endOffset);
    // Cut in the middle of a batch: the batch goes whole.
    const torn = this.#batches[whole.length];
    this.#batches = whole;
    this.#end = Math.min(this.#end, torn?.baseOffset ?? endOffset);
    this.#flushedEnd = Math.min(this.#flushedEnd, this.#end);
    this.#epochs = truncatedFromEnd(this.#epochs, endOffset);
  }

  producersAtStart(): Uint8Array {
    return this.#producers;
  }

  truncateFullyAndStartAt(startOffset: Offset, producers: Uint8Array = new Uint8Array(0)): void {
    this.#producers = producers;
    this.#batches = [];
    this.#epochs = [];
    this.#start = startOffset;
    this.#end = startOffset;
    this.#flushedEnd = startOffset;
  }

  advanceLogStart(startOffset: Offset, highWatermark: Offset): void {
    invariant(
      startOffset <= highWatermark && highWatermark <= this.#end,
      () => `log start ${startOffset} past the high watermark ${highWatermark} or the end ${this.#end} (L10)`,
    );
    if (startOffset <= this.#start) return;
    this.#start = startOffset;
    this.#batches = this.#batches.filter((batch) => batch.nextOffset > startOffset);
    this.#epochs = truncatedFromStart(this.#epochs, startOffset);
  }

  flush(done: FlushDone): void {
    this.#waiting.push(done);
    this.#appended();
  }

  /** Flushes what was held back. */
  flushNow(): void {
    this.#flushedEnd = this.#end;
    this.#tell();
  }

  /** What the next start finds after the power has failed: all that was flushed, and nothing else. */
  afterPowerLoss(options: MemoryLogOptions): MemoryLog {
    const survivor = new MemoryLog(options);
    survivor.#batches = this.#batches.filter((batch) => batch.nextOffset <= this.#flushedEnd);
    survivor.#epochs = truncatedFromEnd(this.#epochs, this.#flushedEnd);
    survivor.#start = this.#start;
    survivor.#end = this.#flushedEnd;
    survivor.#flushedEnd = this.#flushedEnd;
    return survivor;
  }

  #append(bytes: Uint8Array, { baseOffset, nextOffset, leaderEpoch }: BatchView): void {
    this.#epochs = withEpoch(this.#epochs, leaderEpoch, baseOffset);
    this.#batches.push({ bytes, baseOffset, nextOffset, leaderEpoch });
    this.#end = nextOffset;
  }

  /** Why a leader's batch cannot come next (L1). */
  #misplaced(batch: BatchView): string | undefined {
    if (batch.baseOffset < this.#end)
      return `a batch at ${batch.baseOffset}, but the log already ends at ${this.#end}`;
    if (batch.leaderEpoch < this.lastEpoch)
      return `a batch of epoch ${batch.leaderEpoch} after one of epoch ${this.lastEpoch}`;
    return undefined;
  }

  #appended(): void {
    if (this.#options.holdsFlushes) return;
    this.#flushedEnd = this.#end;
    this.#tell();
  }

  /** One call for all that was flushed until then; the listener is never told inside a call of its own. */
  #tell(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    this.#options.later(() => {
      this.#isFlushAsked = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#options.listener?.flushed(this.#flushedEnd);
      for (const done of waiting) done({ flushedEndOffset: this.#flushedEnd });
    });
  }

  /** The first batch that has an offset at or above `offset`. */
  #indexOf(offset: Offset): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle]?.nextOffset ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
