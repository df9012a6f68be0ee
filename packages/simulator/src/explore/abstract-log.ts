// A replicated log without bytes: a record is its epoch and a number. The protocols see the same ends and epochs as of a log on a disk.

import {
  type EpochHistory,
  type FollowerAppend,
  invariant,
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

/** One record. Value 0 is a leader's first record of its epoch in the metadata log. */
export interface Entry {
  readonly epoch: LeaderEpoch;
  readonly value: number;
}

/** What a log is at one moment. Immutable, so that an explorer may come back to it. */
export interface LogContent {
  readonly entries: readonly Entry[];
  readonly epochs: EpochHistory;
  readonly flushedEnd: Offset;
}

export const emptyLog: LogContent = { entries: [], epochs: [], flushedEnd: 0 };

/** What the power leaves of it. */
export function afterPowerLoss({ entries, epochs, flushedEnd }: LogContent): LogContent {
  return { entries: entries.slice(0, flushedEnd), epochs: truncatedFromEnd(epochs, flushedEnd), flushedEnd };
}

/** A record on its way, in three bytes. */
function bytesOf({ epoch, value }: Entry, offset: Offset): Uint8Array {
  return Uint8Array.of(offset, epoch, value);
}

/** The bytes of a record that has no place yet. */
export function unplaced(value: number): Uint8Array {
  return Uint8Array.of(0, 0, value);
}

/** The log of one replica for as long as one step takes. */
export class AbstractLog implements ReplicatedLog {
  readonly logStartOffset: Offset = 0;
  /** What it has become. */
  content: LogContent;

  constructor(content: LogContent) {
    this.content = content;
  }

  get logEndOffset(): Offset {
    return this.content.entries.length;
  }

  get flushedEndOffset(): Offset {
    return this.content.flushedEnd;
  }

  get lastEpoch(): LeaderEpoch {
    return this.content.entries.at(-1)?.epoch ?? NO_EPOCH;
  }

  get epochs(): EpochHistory {
    return this.content.epochs;
  }

  /** A record counts as one byte. */
  read(fromOffset: Offset, { upToOffset, maxBytes }: ReadLimits): LogRead & LogReadDone {
    const { entries } = this.content;
    if (fromOffset < 0 || fromOffset > entries.length) return { outcome: 'out of range' };
    const records = entries
      .slice(fromOffset, Math.min(upToOffset, fromOffset + maxBytes))
      .map((entry, index) => bytesOf(entry, fromOffset + index));
    return { outcome: 'records', records, nextOffset: fromOffset + records.length };
  }

  readLater(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    done(this.read(fromOffset, limits));
  }

  startEpoch(epoch: LeaderEpoch): void {
    this.change({ epochs: withEpoch(this.epochs, epoch, this.logEndOffset) });
  }

  appendAsLeader(batch: Uint8Array, { leaderEpoch }: LeaderAppendOptions): LeaderAppend {
    const offset = this.logEndOffset;
    this.append({ epoch: leaderEpoch, value: batch[2] ?? 0 });
    return { outcome: 'appended', firstOffset: offset, lastOffset: offset };
  }

  appendTogetherAsLeader(
    batches: readonly Uint8Array[],
    options: LeaderAppendOptions,
  ): readonly LeaderAppend[] {
    return batches.map((batch) => this.appendAsLeader(batch, options));
  }

  /** Refuses what does not come next, as a log of bytes does (L1). */
  appendAsFollower(records: RecordBytes): FollowerAppend {
    for (const [offset = 0, epoch = 0, value = 0] of records) {
      if (offset < this.logEndOffset || epoch < this.lastEpoch)
        return { outcome: 'corrupt', message: `a record at ${offset} of epoch ${epoch} does not come next` };
      this.append({ epoch, value });
    }
    return { outcome: 'appended', logEndOffset: this.logEndOffset };
  }

  truncateTo(endOffset: Offset): void {
    const entries = this.content.entries.slice(0, endOffset);
    const flushedEnd = Math.min(this.flushedEndOffset, entries.length);
    this.content = { entries, flushedEnd, epochs: truncatedFromEnd(this.epochs, endOffset) };
  }

  truncateFullyAndStartAt(startOffset: Offset): void {
    invariant(startOffset === 0, 'an explored log begins at 0: nothing is deleted from it');
    this.content = emptyLog;
  }

  /** Nobody numbers what is explored. */
  producersAtStart(): Uint8Array {
    return new Uint8Array(0);
  }

  advanceLogStart(): void {}

  flush(done: (result: { readonly flushedEndOffset: Offset }) => void): void {
    this.change({ flushedEnd: this.logEndOffset });
    done({ flushedEndOffset: this.flushedEndOffset });
  }

  private append(entry: Entry): void {
    const epochs = withEpoch(this.epochs, entry.epoch, this.logEndOffset);
    this.change({ entries: [...this.content.entries, entry], epochs });
  }

  private change(part: Partial<LogContent>): void {
    this.content = { ...this.content, ...part };
  }
}
