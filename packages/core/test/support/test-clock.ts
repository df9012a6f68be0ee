/** Time that moves when told: the timers of a test, fired in order of their due time. */
export class TestClock {
  private now = 0;
  private sequence = 0;
  private readonly timers = new Map<number, { readonly dueMs: number; readonly callback: () => void }>();

  nowMs(): number {
    return this.now;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.now;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.sequence += 1;
    this.timers.set(this.sequence, { dueMs: this.now + delayMs, callback });
    return this.sequence;
  }

  clearTimeout(handle: number | object): void {
    if (typeof handle === 'number') this.timers.delete(handle);
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      const [handle, timer] = next;
      this.timers.delete(handle);
      this.now = timer.dueMs;
      timer.callback();
    }
    this.now = end;
  }

  /** Fires the timer that is due next, if there is one. */
  fireNext(): void {
    const next = this.next(Number.POSITIVE_INFINITY);
    if (next === undefined) return;
    const [handle, timer] = next;
    this.timers.delete(handle);
    this.now = timer.dueMs;
    timer.callback();
  }

  private next(end: number) {
    return [...this.timers]
      .filter(([, timer]) => timer.dueMs <= end)
      .toSorted(([a, one], [b, other]) => one.dueMs - other.dueMs || a - b)[0];
  }
}
