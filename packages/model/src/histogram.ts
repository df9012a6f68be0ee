// Counting by size, in plain numbers that whoever owns them keeps, and that are read when somebody looks. Noting a value costs a
// search over a few bounds: no allocation, no label, no library.

/** Upper bounds for latencies, in milliseconds. */
export const latencyBoundsMs: readonly number[] = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000,
];

export class Histogram {
  /** Upper bounds, both of them and the counts in rising order. */
  readonly bounds: readonly number[];
  /** How many values were at most as large as the bound of the same place, and larger than the one before; the last: than all. */
  readonly counts: number[];
  /** Of all values. */
  sum = 0;

  constructor(bounds: readonly number[] = latencyBoundsMs) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  note(value: number): void {
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    this.sum += value;
  }

  /** How many values were noted. */
  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}
