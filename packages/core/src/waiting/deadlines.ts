// Every deadline of a node on one timer: ten thousand parked requests cost one timer of the platform, not ten thousand.

import type { Clock, TimerHandle } from '@odradek/model';

/** How late a deadline may be noticed. */
const GRANULARITY_MS = 10;
/** Nobody waits longer: whoever asked may be long gone, and every tick of its own costs a bucket (W2). */
const LONGEST_MS = 300_000;

/** A deadline that can be given up. */
export interface Deadline {
  cancel(): void;
}

/** Deadlines in buckets of {@link GRANULARITY_MS}; a callback is called once, not before its time. */
export class Deadlines {
  private readonly clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>;
  private readonly buckets = new Map<number, Set<() => void>>();
  private armed: { readonly tick: number; readonly timer: TimerHandle } | undefined;

  constructor(clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>) {
    this.clock = clock;
  }

  /** How many deadlines are pending. */
  get size(): number {
    let size = 0;
    for (const bucket of this.buckets.values()) size += bucket.size;
    return size;
  }

  /** Calls `callback` after `delayMs`, and after five minutes at the latest, unless it is cancelled. */
  after(delayMs: number, callback: () => void): Deadline {
    const waitMs = delayMs > 0 ? Math.min(delayMs, LONGEST_MS) : 0;
    const tick = Math.ceil((this.clock.nowMs() + waitMs) / GRANULARITY_MS);
    const bucket = this.buckets.get(tick) ?? new Set();
    // A callback given twice is two deadlines.
    const entry = (): void => callback();
    bucket.add(entry);
    this.buckets.set(tick, bucket);
    if (this.armed === undefined || tick < this.armed.tick) this.arm(tick);
    return {
      cancel: () => {
        if (bucket.delete(entry) && bucket.size === 0) this.buckets.delete(tick);
      },
    };
  }

  /** Gives up all deadlines: the node ends. */
  close(): void {
    this.buckets.clear();
    if (this.armed !== undefined) this.clock.clearTimeout(this.armed.timer);
    this.armed = undefined;
  }

  private arm(tick: number): void {
    if (this.armed !== undefined) this.clock.clearTimeout(this.armed.timer);
    const delayMs = Math.max(0, tick * GRANULARITY_MS - this.clock.nowMs());
    this.armed = { tick, timer: this.clock.setTimeout(() => this.fire(), delayMs) };
  }

  private fire(): void {
    this.armed = undefined;
    const now = this.clock.nowMs() / GRANULARITY_MS;
    const due = [...this.buckets.keys()].filter((tick) => tick <= now).sort((one, other) => one - other);
    for (const tick of due) this.fireBucket(tick);
    const next = Math.min(...this.buckets.keys());
    if (Number.isFinite(next)) this.arm(next);
  }

  private fireBucket(tick: number): void {
    const bucket = this.buckets.get(tick);
    if (bucket === undefined) return;
    this.buckets.delete(tick);
    for (const entry of bucket) {
      // Deleted while firing: an earlier callback cancelled it.
      if (bucket.delete(entry)) entry();
    }
  }
}
