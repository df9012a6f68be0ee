// What one partition has fetched and not handed out: batches in order, and the epochs they were written in.

import { type BatchView, type LogRecord, readRecords } from '@odradek/format';
import {
  type EpochEnd,
  type EpochHistory,
  latestEpoch,
  NO_EPOCH,
  truncatedFromEnd,
  truncationTarget,
  withEpoch,
} from '@odradek/model';
import { OdradekError } from '../errors.ts';

export interface FetchedBatch {
  readonly view: BatchView;
  /** The records, inflated; undefined while they are being inflated. */
  section: Uint8Array | undefined;
  /** Why they could not be. */
  fault: BatchFault | undefined;
}

/** Either the batch is damaged, or nothing that this client was given inflates it. */
export interface BatchFault {
  readonly code: 'CORRUPT_MESSAGE' | 'UNSUPPORTED_COMPRESSION_TYPE';
  readonly message: string;
}

export class ReadAhead {
  readonly #batches: FetchedBatch[] = [];
  #history: EpochHistory = [];
  /** The next record to hand out. */
  position: number;
  /** The next record to fetch. */
  fetchOffset: number;
  bufferedBytes = 0;

  /** `epoch`: of the record before `position`, -1 when not known. */
  constructor(position: number, epoch: number) {
    this.position = position;
    this.fetchOffset = position;
    if (epoch >= 0) this.#history = withEpoch([], epoch, position);
  }

  /** What a fetch tells the leader, so that it can say where the logs part (KIP-320). */
  get lastFetchedEpoch(): number {
    return latestEpoch(this.#history) ?? NO_EPOCH;
  }

  add(batch: FetchedBatch): void {
    const { view } = batch;
    this.#batches.push(batch);
    this.bufferedBytes += view.sizeInBytes;
    this.fetchOffset = view.nextOffset;
    if (view.leaderEpoch >= 0)
      this.#history = withEpoch(this.#history, view.leaderEpoch, Math.max(view.baseOffset, this.position));
  }

  /** Whether records can be handed out now. */
  get isReady(): boolean {
    const [first] = this.#batches;
    return first !== undefined && (first.section !== undefined || first.fault !== undefined);
  }

  /** The records of the next batch that are due; none of a control batch, or of one that compaction emptied. */
  take(): readonly LogRecord[] {
    const [first] = this.#batches;
    if (first === undefined || !this.isReady) return [];
    const { view, section, fault } = first;
    if (fault !== undefined)
      throw new OdradekError(fault.code, `the batch at offset ${view.baseOffset}: ${fault.message}`, {
        hint: `offset ${view.nextOffset} is the first behind it: from there one can read on`,
      });
    const records = view.isControl ? [] : readRecords(view, section);
    this.#batches.shift();
    this.bufferedBytes -= view.sizeInBytes;
    const from = this.position;
    this.position = view.nextOffset;
    // The first batch of a fetch is the one that holds the offset: what is before it was not asked for.
    return view.baseOffset >= from ? records : records.filter((record) => record.offset >= from);
  }

  /** Where the leader's log parts from what was fetched (F3). */
  divergesAt(diverging: EpochEnd): number {
    return truncationTarget(this.#history, this.fetchOffset, diverging).offset;
  }

  /** Forgets what was fetched from `offset` on; nothing of it was handed out. */
  dropFrom(offset: number): void {
    const kept = this.#batches.findIndex((batch) => batch.view.nextOffset > offset);
    const dropped = kept < 0 ? [] : this.#batches.splice(kept);
    for (const { view } of dropped) this.bufferedBytes -= view.sizeInBytes;
    this.fetchOffset = this.#batches.at(-1)?.view.nextOffset ?? this.position;
    this.#history = truncatedFromEnd(this.#history, Math.max(offset, this.fetchOffset));
  }
}
