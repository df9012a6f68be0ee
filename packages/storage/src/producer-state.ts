// What a log remembers of each idempotent producer: its epoch and its last five batches (P1). A pure function of the log's prefix
// (P2): every replica that has the same batches has the same state.

import {
  type BatchView,
  ByteReader,
  decrementSequence,
  incrementSequence,
  readRecords,
} from '@odradek/format';
import type { KafkaErrorName, Offset } from '@odradek/model';

export const REMEMBERED_BATCHES = 5;

export interface ProducerBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
  readonly timestamp: number;
}

export interface ProducerEntry {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The latest last; at most {@link REMEMBERED_BATCHES}. */
  readonly batches: readonly ProducerBatch[];
  readonly lastTimestamp: number;
  /** Of the coordinator that wrote the last marker, -1 when there was none. */
  readonly coordinatorEpoch: number;
  /** Where the producer's open transaction began; -1 when none is open. */
  readonly transactionFirstOffset: Offset;
}

/** Whether a batch may be appended (P1). */
export type ProducerVerdict =
  | { readonly verdict: 'next' }
  | { readonly verdict: 'duplicate'; readonly firstOffset: Offset; readonly lastOffset: Offset }
  | { readonly verdict: 'refused'; readonly error: KafkaErrorName; readonly message: string };

const NEXT: ProducerVerdict = { verdict: 'next' };
const MAX_SEQUENCE = 2 ** 31 - 1;
/** The types of the two markers that end a transaction; other control records concern no producer. */
const MARKER_TYPES = [0, 1];

export class ProducerState {
  readonly #entries = new Map<number, ProducerEntry>();

  constructor(entries: Iterable<ProducerEntry> = []) {
    for (const entry of entries) this.#entries.set(entry.producerId, entry);
  }

  get entries(): readonly ProducerEntry[] {
    return [...this.#entries.values()];
  }

  get(producerId: number): ProducerEntry | undefined {
    return this.#entries.get(producerId);
  }

  /** Where the first undecided transaction begins, or undefined when none is open (L7). */
  get firstUndecidedOffset(): Offset | undefined {
    let first: Offset | undefined;
    for (const { transactionFirstOffset: offset } of this.#entries.values()) {
      if (offset >= 0 && (first === undefined || offset < first)) first = offset;
    }
    return first;
  }

  /** Judges a producer's batch before it is appended (P1). A batch without producer id is always next. */
  judge(batch: BatchView): ProducerVerdict {
    const entry = batch.producerId < 0 ? undefined : this.#entries.get(batch.producerId);
    // An unknown producer may begin anywhere: what was known of it may have been deleted with its records.
    if (entry === undefined) return NEXT;
    const { producerEpoch, baseSequence, lastSequence } = batch;
    if (producerEpoch < entry.producerEpoch) {
      const message = `epoch ${producerEpoch} of producer ${entry.producerId} is fenced by ${entry.producerEpoch}`;
      return { verdict: 'refused', error: 'INVALID_PRODUCER_EPOCH', message };
    }
    if (batch.isControl) return NEXT;
    if (producerEpoch > entry.producerEpoch)
      return baseSequence === 0 ? NEXT : outOfOrder(batch, 'a new epoch begins with sequence 0');
    const same = entry.batches.find(
      (one) => one.firstSequence === baseSequence && one.lastSequence === lastSequence,
    );
    if (same !== undefined)
      return { verdict: 'duplicate', firstOffset: same.firstOffset, lastOffset: same.lastOffset };
    const last = entry.batches.at(-1)?.lastSequence ?? -1;
    const expected = last === MAX_SEQUENCE ? 0 : last + 1;
    return baseSequence === expected ? NEXT : outOfOrder(batch, `sequence ${expected} is next`);
  }

  /** Enters a batch that has been appended, by whomever. */
  appended(batch: BatchView): void {
    if (batch.producerId < 0) return;
    if (batch.isControl) this.#marked(batch);
    else this.#produced(batch);
  }

  /** Whether a truncation to `endOffset` takes away something that is remembered. */
  knowsFrom(endOffset: Offset): boolean {
    for (const { batches, transactionFirstOffset } of this.#entries.values()) {
      if ((batches.at(-1)?.lastOffset ?? -1) >= endOffset || transactionFirstOffset >= endOffset) return true;
    }
    return false;
  }

  #produced(batch: BatchView): void {
    const { producerId, producerEpoch, baseSequence, lastSequence, baseOffset, lastOffset } = batch;
    const before = this.#entries.get(producerId);
    const isSameEpoch = before?.producerEpoch === producerEpoch;
    const added: ProducerBatch = {
      firstSequence: baseSequence,
      lastSequence,
      firstOffset: baseOffset,
      lastOffset,
      timestamp: batch.maxTimestamp,
    };
    const kept = isSameEpoch ? before.batches.slice(1 - REMEMBERED_BATCHES) : [];
    const openFrom = before?.transactionFirstOffset ?? -1;
    this.#entries.set(producerId, {
      producerId,
      producerEpoch,
      batches: [...kept, added],
      lastTimestamp: batch.maxTimestamp,
      coordinatorEpoch: before?.coordinatorEpoch ?? -1,
      transactionFirstOffset: openFrom < 0 && batch.isTransactional ? baseOffset : openFrom,
    });
  }

  #marked(batch: BatchView): void {
    const marker = markerOf(batch);
    if (marker === undefined) return;
    const before = this.#entries.get(batch.producerId);
    const isSameEpoch = before?.producerEpoch === batch.producerEpoch;
    this.#entries.set(batch.producerId, {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      batches: isSameEpoch ? before.batches : [],
      lastTimestamp: batch.maxTimestamp,
      coordinatorEpoch: marker.coordinatorEpoch,
      transactionFirstOffset: -1,
    });
  }
}

/** Whether a batch is a producer's next after one that is about to be appended (P1). */
export function goesOn(before: BatchView, batch: BatchView): boolean {
  if (before.isControl || batch.isControl || batch.producerEpoch !== before.producerEpoch) return false;
  return batch.baseSequence === incrementSequence(before.lastSequence, 1);
}

function outOfOrder(batch: BatchView, expected: string): ProducerVerdict {
  const message = `sequence ${batch.baseSequence} of producer ${batch.producerId}: ${expected}`;
  return { verdict: 'refused', error: 'OUT_OF_ORDER_SEQUENCE_NUMBER', message };
}

/** The marker in a control batch, or undefined when it is another control record, or none that can be read. */
function markerOf(batch: BatchView): { readonly coordinatorEpoch: number } | undefined {
  // A cleaned batch has kept its header alone.
  if (batch.recordCount !== 1 || batch.codec !== 'none') return undefined;
  const [record] = readRecords(batch);
  if (record === undefined || record.key === null || record.value === null) return undefined;
  if (record.key.length < 4 || record.value.length < 6) return undefined;
  const key = new ByteReader(record.key);
  key.int16();
  if (!MARKER_TYPES.includes(key.int16())) return undefined;
  const value = new ByteReader(record.value);
  value.int16();
  return { coordinatorEpoch: value.int32() };
}

/** A batch as a snapshot tells it: the first sequence is not stored, but follows from the number of offsets. */
export function batchOfSnapshot(
  lastSequence: number,
  lastOffset: Offset,
  offsetDelta: number,
  timestamp: number,
): readonly ProducerBatch[] {
  if (lastOffset < 0) return [];
  const firstSequence = lastSequence < 0 ? lastSequence : decrementSequence(lastSequence, offsetDelta);
  return [{ firstSequence, lastSequence, firstOffset: lastOffset - offsetDelta, lastOffset, timestamp }];
}
