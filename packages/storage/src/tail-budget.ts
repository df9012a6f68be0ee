// What all logs of a broker keep of their tails together. A few megabytes of each are little; of thousands of logs they would be more than
// the machine has. What is given up first is of the log that was appended to the longest ago.

/** A tail that can give up its oldest batch; false when it has none. */
export interface KeptTail {
  forgetFirst(): boolean;
}

const DEFAULT_CAP_BYTES = 64 * 2 ** 20;
/**
 * What a batch takes beside its bytes: two objects of the heap, some 260 bytes, and 340 of the allocator for a buffer of its own (measured,
 * Node 24). Small batches are mostly that: counted as their bytes alone, a log of theirs would grow for minutes before it is bounded.
 */
const BESIDE_BYTES = 600;

/** What is counted of a kept batch. */
export function keptBytes(batch: Uint8Array): number {
  return batch.length + BESIDE_BYTES;
}

export class TailBudget {
  readonly #capBytes: number;
  /** The one that was appended to last is the last. */
  readonly #tails = new Set<KeptTail>();
  #last: KeptTail | undefined;
  #bytes = 0;

  constructor(capBytes = DEFAULT_CAP_BYTES) {
    this.#capBytes = capBytes;
  }

  /** Of all tails, with what batches take beside their bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A tail has one batch more, of so many {@link keptBytes}; for it others give up theirs, or it its own. */
  kept(tail: KeptTail, bytes: number): void {
    if (tail !== this.#last) {
      this.#tails.delete(tail);
      this.#tails.add(tail);
      this.#last = tail;
    }
    this.#bytes += bytes;
    for (const first of this.#tails) {
      while (this.#bytes > this.#capBytes && first.forgetFirst());
      if (this.#bytes <= this.#capBytes) return;
      this.left(first);
    }
  }

  /** A tail has given up a batch of so many {@link keptBytes}. */
  gaveUp(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** A log was closed: its tail is empty. */
  left(tail: KeptTail): void {
    this.#tails.delete(tail);
    if (tail === this.#last) this.#last = undefined;
  }
}
