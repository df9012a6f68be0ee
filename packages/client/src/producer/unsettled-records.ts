// How many records are neither acknowledged nor failed, and which flushes wait for them.

export class UnsettledRecords {
  /** By the number of flushes before them; ascending. */
  readonly #after = new Map<number, number>();
  readonly #waiting: { readonly before: number; readonly done: () => void }[] = [];
  #flushes = 0;
  count = 0;

  /** Counts a record; returns what {@link remove} needs to know of it. */
  add(): number {
    this.count += 1;
    this.#after.set(this.#flushes, (this.#after.get(this.#flushes) ?? 0) + 1);
    return this.#flushes;
  }

  /** A record is settled; returns whether a flush may be over. */
  remove(after: number): boolean {
    this.count -= 1;
    const left = (this.#after.get(after) ?? 1) - 1;
    if (left > 0) this.#after.set(after, left);
    else this.#after.delete(after);
    return left <= 0;
  }

  /** `done` when everything that was added so far is removed: by {@link tellFlushed}. */
  whenSettled(done: () => void): void {
    this.#flushes += 1;
    this.#waiting.push({ before: this.#flushes, done });
  }

  /** Tells the flushes that are over; returns whether none is left. */
  tellFlushed(): boolean {
    const [oldest = Number.POSITIVE_INFINITY] = this.#after.keys();
    while (this.#waiting[0] !== undefined && this.#waiting[0].before <= oldest) this.#waiting.shift()?.done();
    return this.#waiting.length === 0 && oldest >= this.#flushes;
  }
}
