// How fast logs grow, from their ends at different times.

interface Seen {
  readonly end: number;
  readonly timeMs: number;
  readonly perSecond: number;
}

/** Over at least so long: ends are told in leaps. */
const leastMs = 400;

export class Rates {
  private readonly seen = new Map<string, Seen>();

  /** Takes in where a log ends now, and gives the records it got in a second. A time that goes back begins anew. */
  perSecond(name: string, end: number, timeMs: number): number {
    const before = this.seen.get(name);
    if (before === undefined || timeMs < before.timeMs || end < before.end) {
      this.seen.set(name, { end, timeMs, perSecond: 0 });
      return 0;
    }
    const passedMs = timeMs - before.timeMs;
    if (passedMs < leastMs) return before.perSecond;
    const perSecond = ((end - before.end) * 1000) / passedMs;
    this.seen.set(name, { end, timeMs, perSecond });
    return perSecond;
  }
}
