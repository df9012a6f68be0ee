// The latest batches of a log, kept in memory so that followers and consumers at the tail cost no disk. Slices, never copies, but of
// small batches: those would keep the whole chunk alive in which they came from a socket.

import type { Offset, ReadLimits } from '@odradek/model';
import { type KeptTail, keptBytes, type TailBudget } from './tail-budget.ts';

interface KeptBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: Offset;
  readonly nextOffset: Offset;
}

/** Of one log, with what batches take beside their bytes: who is further behind reads from the disk. */
const CAP_BYTES = 4 * 2 ** 20;
const COPY_BELOW_BYTES = 4096;
/** Stands where a batch was, so that its bytes are free before the array is shortened. */
const FORGOTTEN: KeptBatch = { bytes: new Uint8Array(0), baseOffset: -1, nextOffset: -1 };

export class TailMemory implements KeptTail {
  readonly #budget: TailBudget;
  #batches: KeptBatch[] = [];
  /** Batches before it are forgotten; the array is shortened now and then. */
  #first = 0;
  #bytes = 0;
  #startOffset: Offset;

  constructor(budget: TailBudget, startOffset: Offset) {
    this.#budget = budget;
    this.#startOffset = startOffset;
  }

  /** From here to the log's end everything is in memory. */
  get startOffset(): Offset {
    return this.#startOffset;
  }

  push(bytes: Uint8Array, baseOffset: Offset, nextOffset: Offset): void {
    const isSmallPart = bytes.length < COPY_BELOW_BYTES && bytes.buffer.byteLength > 2 * bytes.length;
    this.#batches.push({ bytes: isSmallPart ? bytes.slice() : bytes, baseOffset, nextOffset });
    this.#bytes += keptBytes(bytes);
    this.#budget.kept(this, keptBytes(bytes));
    while (this.#bytes > CAP_BYTES) this.forgetFirst();
  }

  /** Whole batches from the one that has `fromOffset`, which must not lie below {@link startOffset}. */
  read(fromOffset: Offset, limits: ReadLimits): { records: Uint8Array[]; nextOffset: Offset } {
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
    return { records, nextOffset };
  }

  /** Forgets batches that end above `endOffset`. */
  truncateTo(endOffset: Offset): void {
    for (;;) {
      const last = this.#batches.at(-1);
      if (last === undefined || this.#batches.length === this.#first || last.nextOffset <= endOffset) break;
      this.#batches.pop();
      this.#gaveUp(last);
    }
    this.#startOffset = Math.min(this.#startOffset, endOffset);
  }

  /** Begins again, empty, at an offset. */
  restart(startOffset: Offset): void {
    while (this.forgetFirst());
    this.#startOffset = startOffset;
  }

  /** Nothing is kept any more: the log is closed. */
  close(): void {
    while (this.forgetFirst());
    this.#budget.left(this);
  }

  /** The oldest batch: it is read from the disk from now on. False when there is none. */
  forgetFirst(): boolean {
    const forgotten = this.#batches[this.#first];
    if (forgotten === undefined) return false;
    this.#batches[this.#first++] = FORGOTTEN;
    this.#gaveUp(forgotten);
    this.#startOffset = forgotten.nextOffset;
    if (
      this.#first === this.#batches.length ||
      (this.#first >= 64 && this.#first * 2 >= this.#batches.length)
    ) {
      this.#batches.splice(0, this.#first);
      this.#first = 0;
    }
    return true;
  }

  #gaveUp({ bytes }: KeptBatch): void {
    this.#bytes -= keptBytes(bytes);
    this.#budget.gaveUp(keptBytes(bytes));
  }

  #indexOf(offset: Offset): number {
    let low = this.#first;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle]?.nextOffset ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
