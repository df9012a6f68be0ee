// A log that nobody has read or written since a clean end, or that never had a record: it answers for its ends, and is opened, or made, by
// the first who needs more. A broker has thousands of them, and most stay asleep until it stops (D7).

import {
  DiskError,
  type EpochHistory,
  type FollowerAppend,
  isPassing,
  type LeaderAppend,
  type LeaderAppendOptions,
  type LeaderEpoch,
  type LogRead,
  type LogReadDone,
  NO_EPOCH,
  type Offset,
  type ReadLimits,
  type RecordBytes,
  type ReplicatedLog,
  truncatedFromEnd,
  withEpoch,
} from '@odradek/model';
import type { FoundTimestamp, RestingLog } from '@odradek/storage';
import type { PartitionLog } from '../partition/partition-log.ts';

export interface SleepingLogNeeds {
  /** Opens the log; throws a {@link DiskError} when the disk would not give it. */
  open(): PartitionLog;
  /**
   * It is over: the disk refused for good (D3), or for now what cannot wait (`isPassing`): then it is to be opened anew (D11). Called within
   * calls of the owner.
   */
  failed(error: DiskError): void;
  /** The disk did not take records for now: perhaps another broker's does (D11). Called within calls of the owner. */
  refused(error: string): void;
  /** Runs something in a later turn. */
  later(callback: () => void): void;
}

export class SleepingLog implements PartitionLog {
  private readonly resting: RestingLog;
  private readonly needs: SleepingLogNeeds;
  private history: EpochHistory;
  private awake: PartitionLog | undefined;
  private failure: string | undefined;

  constructor(resting: RestingLog, needs: SleepingLogNeeds) {
    this.resting = resting;
    this.needs = needs;
    this.history = resting.epochs;
  }

  get isAsleep(): boolean {
    return this.awake === undefined;
  }

  get logStartOffset(): Offset {
    return this.awake?.logStartOffset ?? this.resting.logStartOffset;
  }

  get logEndOffset(): Offset {
    return this.awake?.logEndOffset ?? this.resting.logEndOffset;
  }

  /** A clean end has flushed everything. */
  get flushedEndOffset(): Offset {
    return this.awake?.flushedEndOffset ?? this.resting.logEndOffset;
  }

  get lastEpoch(): LeaderEpoch {
    if (this.awake !== undefined) return this.awake.lastEpoch;
    return (
      this.history.findLast(({ startOffset }) => startOffset < this.resting.logEndOffset)?.epoch ?? NO_EPOCH
    );
  }

  get epochs(): EpochHistory {
    return this.awake?.epochs ?? this.history;
  }

  get sizeInBytes(): number {
    return this.awake?.sizeInBytes ?? this.resting.sizeInBytes;
  }

  /** L2: an epoch that has no record yet is in no file either. */
  startEpoch(epoch: LeaderEpoch): void {
    if (this.awake !== undefined) this.awake.startEpoch(epoch);
    else this.history = withEpoch(this.history, epoch, this.resting.logEndOffset);
  }

  /** Whoever waits at the end of a log does not wake it. */
  read(fromOffset: Offset, limits: ReadLimits): LogRead {
    if (this.awake !== undefined) return this.awake.read(fromOffset, limits);
    const { logStartOffset, logEndOffset } = this.resting;
    if (fromOffset < logStartOffset || fromOffset > logEndOffset) return { outcome: 'out of range' };
    if (fromOffset >= Math.min(limits.upToOffset, logEndOffset))
      return { outcome: 'records', records: [], nextOffset: fromOffset };
    return { outcome: 'cold' };
  }

  readLater(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    const log = this.woken();
    if (log instanceof DiskError) this.needs.later(() => done({ outcome: 'failed' }));
    else log.readLater(fromOffset, limits, done);
  }

  offsetForTimestamp(timestampMs: number, done: (found: FoundTimestamp) => void): void {
    const log = this.woken();
    if (log instanceof DiskError) this.needs.later(() => done({ error: log.message }));
    else log.offsetForTimestamp(timestampMs, done);
  }

  appendAsLeader(batch: Uint8Array, options: LeaderAppendOptions): LeaderAppend {
    const log = this.woken();
    return log instanceof DiskError ? this.refusal(log) : log.appendAsLeader(batch, options);
  }

  appendTogetherAsLeader(
    batches: readonly Uint8Array[],
    options: LeaderAppendOptions,
  ): readonly LeaderAppend[] {
    const log = this.woken();
    if (!(log instanceof DiskError)) return log.appendTogetherAsLeader(batches, options);
    const refusal = this.refusal(log);
    return batches.map(() => refusal);
  }

  appendAsFollower(records: RecordBytes): FollowerAppend {
    const log = this.woken();
    if (!(log instanceof DiskError)) return log.appendAsFollower(records);
    return { outcome: 'corrupt', message: this.refusal(log).message };
  }

  /** Epochs at its end have no records and are in no file: they go without one being opened (F5, KAFKA-10706). */
  truncateTo(endOffset: Offset): void {
    const { logEndOffset } = this.resting;
    if (endOffset < logEndOffset || !this.isAsleep) this.wake((log) => log.truncateTo(endOffset));
    else this.history = truncatedFromEnd(this.history, logEndOffset);
  }

  truncateFullyAndStartAt(startOffset: Offset, producers?: Uint8Array): void {
    this.wake((log) => log.truncateFullyAndStartAt(startOffset, producers));
  }

  producersAtStart(maxBytes: number): Uint8Array | undefined {
    if (this.isAsleep && !this.resting.hasProducers) return new Uint8Array(0);
    const log = this.woken();
    return log instanceof DiskError ? undefined : log.producersAtStart(maxBytes);
  }

  advanceLogStart(startOffset: Offset, highWatermark: Offset): void {
    this.wake((log) => log.advanceLogStart(startOffset, highWatermark));
  }

  flush(done: Parameters<ReplicatedLog['flush']>[0]): void {
    if (this.awake !== undefined) this.awake.flush(done);
    else this.needs.later(() => done({ flushedEndOffset: this.resting.logEndOffset }));
  }

  /** Opens it, if the disk would give it now. */
  wakeUp(): void {
    this.woken();
  }

  /** It is given up, deleted or closed: nobody opens it any more. */
  end(): void {
    this.failure ??= 'the log is closed';
  }

  /** What cannot wait: without a file to spare nobody may go on as if it were done (D11). */
  private wake(work: (log: PartitionLog) => void): void {
    const log = this.woken();
    if (log instanceof DiskError) this.fail(log);
    else work(log);
  }

  /** The log, open; or why it cannot be. Without a file to spare it may be the next time (D11). */
  private woken(): PartitionLog | DiskError {
    if (this.awake !== undefined) return this.awake;
    if (this.failure !== undefined) return new DiskError('EIO', 'open', this.failure);
    try {
      const log = this.needs.open();
      this.awake = log;
      for (const { epoch, startOffset } of this.history)
        if (startOffset >= this.resting.logEndOffset) log.startEpoch(epoch);
      return log;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      if (!isPassing(error)) this.fail(error);
      return error;
    }
  }

  private fail(error: DiskError): void {
    if (this.failure !== undefined) return;
    this.failure = error.message;
    this.needs.failed(error);
  }

  private refusal(error: DiskError): Extract<LeaderAppend, { outcome: 'refused' }> {
    const { message } = error;
    const mayPass = isPassing(error);
    if (mayPass) this.needs.refused(message);
    return { outcome: 'refused', error: 'KAFKA_STORAGE_ERROR', message, mayPass };
  }
}
