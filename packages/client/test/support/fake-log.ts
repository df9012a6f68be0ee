// A partition's log as its leader keeps it, with the producers' state (P1) derived from it: obvious lines, no speed.

import { gunzipSync } from 'node:zlib';
import { BatchView, incrementSequence, readRecords, stampBatch } from '@odradek/format';
import { divergence, type EpochEnd, type EpochHistory, withEpoch } from '@odradek/model';

interface Remembered {
  readonly epoch: number;
  readonly batches: readonly { readonly first: number; readonly last: number; readonly baseOffset: number }[];
}

export class FakeLog {
  readonly batches: Uint8Array[] = [];
  history: EpochHistory = [];
  leaderEpoch = 0;
  logStartOffset = 0;

  get end(): number {
    const last = this.batches.at(-1);
    return last === undefined ? this.logStartOffset : new BatchView(last).nextOffset;
  }

  /** A new leader, with everything (clean) or without what follows `end` (unclean). */
  elect(end = this.end): void {
    while (this.end > end && this.batches.length > 0) this.batches.pop();
    this.leaderEpoch += 1;
    this.history = withEpoch(
      this.history.filter((entry) => entry.startOffset < this.end),
      this.leaderEpoch,
      this.end,
    );
  }

  append(bytes: Uint8Array): { readonly error: string; readonly baseOffset: number } {
    const view = new BatchView(bytes);
    const known = view.producerId < 0 ? undefined : this.#producer(view.producerId);
    const problem = known === undefined ? undefined : sequenceProblem(known, view);
    if (typeof problem === 'number') return { error: 'NONE', baseOffset: problem };
    if (problem !== undefined) return { error: problem, baseOffset: -1 };
    const baseOffset = this.end;
    const copy = bytes.slice();
    stampBatch(copy, 0, baseOffset, this.leaderEpoch);
    this.batches.push(copy);
    return { error: 'NONE', baseOffset };
  }

  divergence(fetchOffset: number, lastFetchedEpoch: number): EpochEnd | undefined {
    return lastFetchedEpoch < 0
      ? undefined
      : divergence(this.history, this.end, fetchOffset, lastFetchedEpoch);
  }

  from(offset: number, maxBytes: number): Uint8Array {
    const found = this.batches.filter((batch) => new BatchView(batch).nextOffset > offset);
    const taken: Uint8Array[] = [];
    let size = 0;
    for (const batch of found) {
      if (taken.length > 0 && size + batch.length > maxBytes) break;
      taken.push(batch);
      size += batch.length;
    }
    return new Uint8Array(Buffer.concat(taken));
  }

  /** Offset and text of every record. */
  texts(): { readonly offset: number; readonly text: string }[] {
    return this.batches.flatMap((batch) => {
      const view = new BatchView(batch);
      const section = view.codec === 'gzip' ? gunzipSync(view.recordsSection) : view.recordsSection;
      return readRecords(view, section).map((record) => ({
        offset: record.offset,
        text: Buffer.from(record.value ?? []).toString(),
      }));
    });
  }

  /** P2: a function of the log alone. */
  #producer(producerId: number): Remembered | undefined {
    let known: Remembered | undefined;
    for (const batch of this.batches) {
      const view = new BatchView(batch);
      if (view.producerId !== producerId) continue;
      const own = { first: view.baseSequence, last: view.lastSequence, baseOffset: view.baseOffset };
      const before = known?.epoch === view.producerEpoch ? known.batches : [];
      known = { epoch: view.producerEpoch, batches: [...before, own].slice(-5) };
    }
    return known;
  }
}

/** P1. A number: it is there already, at that offset. */
function sequenceProblem(known: Remembered, view: BatchView): string | number | undefined {
  if (view.producerEpoch < known.epoch) return 'INVALID_PRODUCER_EPOCH';
  if (view.producerEpoch > known.epoch)
    return view.baseSequence === 0 ? undefined : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
  const again = known.batches.find(
    ({ first, last }) => first === view.baseSequence && last === view.lastSequence,
  );
  if (again !== undefined) return again.baseOffset;
  const next = incrementSequence(known.batches.at(-1)?.last ?? -1, 1);
  return view.baseSequence === next ? undefined : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
}
