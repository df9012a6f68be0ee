// Replays the committed metadata log into the image, batch by batch, and tells the node what has changed (C1, V16). Reading may
// wait for the disk; only one read is under way at a time, and a snapshot begins everything anew.

import { type BatchView, walkBatches } from '@odradek/format';
import {
  type Clock,
  emptyImage,
  imageAt,
  imageOfSnapshot,
  invariant,
  type LogView,
  type MetadataImage,
  type Offset,
  type RecordBytes,
  recordsOfBatch,
  replayAll,
} from '@odradek/model';

const READ_BYTES = 1024 * 1024;

/** Told after each replayed batch; `batch` is undefined after a snapshot. */
export type MetadataListener = (
  before: MetadataImage,
  after: MetadataImage,
  batch: BatchView | undefined,
) => void;

/** What this node knows of the cluster. */
export class MetadataReplay {
  private readonly clock: Pick<Clock, 'setTimeout'>;
  private readonly log: LogView;
  private readonly listener: MetadataListener;
  private readonly onFailure: (error: string) => void;
  private current: MetadataImage = emptyImage;
  private nextOffset: Offset = 0;
  private committedEnd: Offset = 0;
  private isScheduled = false;
  private isReading = false;
  private generation = 0;

  constructor(
    clock: Pick<Clock, 'setTimeout'>,
    log: LogView,
    listener: MetadataListener,
    onFailure: (error: string) => void,
  ) {
    this.clock = clock;
    this.log = log;
    this.listener = listener;
    this.onFailure = onFailure;
  }

  get image(): MetadataImage {
    return this.current;
  }

  /** Everything below is replayed. */
  get replayedEnd(): Offset {
    return this.nextOffset;
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
    const before = this.current;
    const records = batchesOf([snapshot]).flatMap((batch) => [...recordsOfBatch(batch)]);
    this.current = imageOfSnapshot(records, endOffset - 1);
    this.nextOffset = endOffset;
    this.committedEnd = Math.max(this.committedEnd, endOffset);
    this.listener(before, this.current, undefined);
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
        if (!this.replay(read.records, read.nextOffset)) return;
      } else if (read.outcome === 'cold') this.readLater();
      else {
        this.onFailure(
          `the metadata log has no offset ${this.nextOffset}: it begins at ${this.log.logStartOffset}`,
        );
        return;
      }
    }
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
    });
  }

  /** Whether there was something: a high watermark within a batch yields nothing until it moves. */
  private replay(records: RecordBytes, nextOffset: Offset): boolean {
    if (nextOffset <= this.nextOffset) return false;
    for (const batch of batchesOf(records)) {
      const before = this.current;
      const decoded = recordsOfBatch(batch);
      const lastOffset = batch.lastOffset;
      this.current = imageAt(replayAll(before, decoded, batch.baseOffset), lastOffset);
      this.nextOffset = lastOffset + 1;
      this.listener(before, this.current, batch);
    }
    return true;
  }
}

/** The batches of a run of bytes; the log has checked them when they were appended or recovered. */
function batchesOf(records: RecordBytes): readonly BatchView[] {
  const batches: BatchView[] = [];
  for (const piece of records) {
    const { fault } = walkBatches(piece, (batch) => {
      batches.push(batch);
    });
    invariant(fault === undefined, () => `a committed metadata batch is bad: ${fault?.message}`);
  }
  return batches;
}
