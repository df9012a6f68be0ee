// Replays the committed metadata log into the image, and tells the node what has changed (C1, V16). All that is known to be
// committed is replayed before anybody is told: a leader that heard of an older record alone could act on it in an epoch that the
// next one has ended. Reading may wait for the disk; only one read is under way at a time, and a snapshot begins everything anew.

import { type BatchView, type Checksum, FormatError, walkBatches } from '@odradek/format';
import {
  type Clock,
  type Compute,
  emptyImage,
  InvariantError,
  imageOfSnapshot,
  invariant,
  type LeaderEpoch,
  type LogView,
  type MetadataImage,
  type MetadataRecord,
  MetadataVersionError,
  type Offset,
  type RecordBytes,
  recordsOfBatch,
  replayRuns,
} from '@odradek/model';
import { BrokerTimes } from './broker-times.ts';

const READ_BYTES = 1024 * 1024;

export interface MetadataReplayPorts {
  readonly clock: Pick<Clock, 'setTimeout'>;
  readonly compute: Pick<Compute, 'crc32c'>;
}

/** What was read of the log for one step of the image. */
export interface ReplayedBatches {
  readonly sizeInBytes: number;
  /** The epoch of the last batch. */
  readonly lastEpoch: LeaderEpoch;
}

/** Told after each step of the image; `batches` is undefined after a snapshot. */
export type MetadataListener = (
  before: MetadataImage,
  after: MetadataImage,
  batches: ReplayedBatches | undefined,
) => void;

/** What this node knows of the cluster. */
export class MetadataReplay {
  private readonly clock: Pick<Clock, 'setTimeout'>;
  private readonly checksum: Checksum;
  private readonly log: LogView;
  private readonly listener: MetadataListener;
  private readonly onFailure: (error: string) => void;
  /** Since when brokers are fenced, or serve. */
  readonly brokerTimes = new BrokerTimes();
  /** What the listener was told last. */
  private current: MetadataImage = emptyImage;
  private toldEnd: Offset = 0;
  /** What is replayed beyond that, until all that is committed is. */
  private ahead: MetadataImage = emptyImage;
  private nextOffset: Offset = 0;
  private batches: ReplayedBatches | undefined;
  private committedEnd: Offset = 0;
  private isScheduled = false;
  private isReading = false;
  /** Nothing is replayed any more: the node is over. */
  private hasFailed = false;
  private generation = 0;

  constructor(
    { clock, compute }: MetadataReplayPorts,
    log: LogView,
    listener: MetadataListener,
    onFailure: (error: string) => void,
  ) {
    this.clock = clock;
    this.checksum = (bytes, start, end) => compute.crc32c(bytes, start, end);
    this.log = log;
    this.listener = listener;
    this.onFailure = onFailure;
  }

  get image(): MetadataImage {
    return this.current;
  }

  /** Everything below is in the image. */
  get replayedEnd(): Offset {
    return this.toldEnd;
  }

  /** Everything below `highWatermark` is committed: replays it soon, never within this call. */
  commit(highWatermark: Offset): void {
    this.committedEnd = Math.max(this.committedEnd, highWatermark);
    this.schedule();
  }

  /** The log begins anew at the end of a snapshot (Q7, Q11). */
  load(endOffset: Offset, snapshot: Uint8Array): void {
    this.generation += 1;
    this.isReading = false;
    const image = this.decoded(`the snapshot of the metadata up to offset ${endOffset}`, () => {
      const records = this.batchesOf([snapshot]).flatMap((batch) => [...recordsOfBatch(batch)]);
      return imageOfSnapshot(records, endOffset - 1);
    });
    if (image === undefined) return;
    this.brokerTimes.clear();
    this.ahead = image;
    this.nextOffset = endOffset;
    this.batches = undefined;
    this.committedEnd = Math.max(this.committedEnd, endOffset);
    this.tell();
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled || this.isReading || this.nextOffset >= this.committedEnd) return;
    this.isScheduled = true;
    this.clock.setTimeout(() => {
      this.isScheduled = false;
      this.read();
    }, 0);
  }

  private read(): void {
    while (this.nextOffset < this.committedEnd && !this.isReading) {
      const limits = { upToOffset: this.committedEnd, maxBytes: READ_BYTES };
      const read = this.log.read(this.nextOffset, limits);
      if (read.outcome === 'records') {
        if (!this.replay(read.records, read.nextOffset)) break;
      } else if (read.outcome === 'cold') this.readLater();
      else {
        this.onFailure(
          `the metadata log has no offset ${this.nextOffset}: it begins at ${this.log.logStartOffset}`,
        );
        return;
      }
    }
    if (!this.isReading) this.tell();
  }

  private tell(): void {
    if (this.ahead === this.current) return;
    const { current: before, batches } = this;
    this.current = this.ahead;
    this.toldEnd = this.nextOffset;
    this.batches = undefined;
    this.listener(before, this.current, batches);
  }

  private readLater(): void {
    this.isReading = true;
    const generation = this.generation;
    const limits = { upToOffset: this.committedEnd, maxBytes: READ_BYTES };
    this.log.readLater(this.nextOffset, limits, (read) => {
      // A snapshot was loaded meanwhile: these records are in it (S71).
      if (generation !== this.generation) return;
      this.isReading = false;
      if (read.outcome !== 'records') this.onFailure(`the metadata log could not be read: ${read.outcome}`);
      else if (this.replay(read.records, read.nextOffset)) this.read();
      else this.tell();
    });
  }

  /** The records of a batch, each noted. */
  private noted(batch: BatchView): readonly MetadataRecord[] {
    const records = recordsOfBatch(batch);
    for (const record of records) this.brokerTimes.note(record, batch.maxTimestamp);
    return records;
  }

  /** X13: what a disk, or a newer version, has made of the records ends the node with a reason, not with an exception nobody hears. */
  private decoded<Result>(what: string, decode: () => Result): Result | undefined {
    if (this.hasFailed) return undefined;
    try {
      return decode();
    } catch (error) {
      if (!isOfTheRecords(error)) throw error;
      this.hasFailed = true;
      this.onFailure(`${what} cannot be read: ${error.message}`);
      return undefined;
    }
  }

  /** Whether there was something: a high watermark within a batch yields nothing until it moves. */
  private replay(records: RecordBytes, nextOffset: Offset): boolean {
    if (nextOffset <= this.nextOffset) return false;
    const batches = this.batchesOf(records);
    const image = this.decoded(`the metadata log at offset ${this.nextOffset}`, () => {
      const runs = batches.map((batch) => ({
        records: this.noted(batch),
        firstOffset: batch.baseOffset,
        lastOffset: batch.lastOffset,
      }));
      return replayRuns(this.ahead, runs);
    });
    if (image === undefined) return false;
    this.ahead = image;
    const last = batches.at(-1);
    this.nextOffset = (last?.lastOffset ?? this.nextOffset - 1) + 1;
    const sizeInBytes = batches.reduce((sum, batch) => sum + batch.sizeInBytes, 0);
    if (last !== undefined)
      this.batches = {
        sizeInBytes: (this.batches?.sizeInBytes ?? 0) + sizeInBytes,
        lastEpoch: last.leaderEpoch,
      };
    return true;
  }

  /** The batches of a run of bytes; the log has checked them when they were appended or recovered. */
  private batchesOf(records: RecordBytes): readonly BatchView[] {
    const batches: BatchView[] = [];
    for (const piece of records) {
      const { fault } = walkBatches(piece, (batch) => batches.push(batch), 0, this.checksum);
      invariant(fault === undefined, () => `a committed metadata batch is bad: ${fault?.message}`);
    }
    return batches;
  }
}

/** They have no form, one of another version, or one that does not go on from what was before. */
function isOfTheRecords(error: unknown): error is Error {
  return (
    error instanceof FormatError || error instanceof MetadataVersionError || error instanceof InvariantError
  );
}
