// Group commit: one group for all logs of a broker. A log that asks while it is being synced is synced again when that has ended, so
// that one sync serves all appends made meanwhile; logs are synced in parallel.

import { type Clock, type FlushPolicy, Histogram, type TimerHandle } from '@odradek/model';

export interface FlushGroupOptions {
  readonly policy: FlushPolicy;
  readonly clock: Clock;
  /**
   * Runs something after the present call has returned (`setImmediate`), so that appends of the same turn share a sync. Without it
   * syncs begin at once.
   */
  readonly soon?: (callback: () => void) => void;
  /** How long after it became dirty a log is synced where nobody waits for it (`os`); 10 s. */
  readonly lazyMs?: number;
  /** From how long on a sync is told as slow, and to whom. */
  readonly slow?: { fromMs(): number; tell(latencyMs: number): void };
  /** How many logs are synced at once; the platform's threads are few. */
  readonly maxParallel?: number;
}

/** A log that wants to be synced: begins, and calls `ended` when it has ended, well or not. */
export type SyncOrder = (ended: () => void) => void;

const LAZY_MS = 10_000;
const MAX_PARALLEL = 16;

export class FlushGroup {
  readonly policy: FlushPolicy;
  /** How long syncs took, in milliseconds. */
  readonly latencies = new Histogram();
  readonly #options: FlushGroupOptions;
  readonly #waiting = new Set<SyncOrder>();
  readonly #lazy = new Set<SyncOrder>();
  /** When each sync under way began, the oldest first. */
  readonly #running = new Set<{ readonly beganMs: number }>();
  #isStarting = false;
  #timer: TimerHandle | undefined;

  constructor(options: FlushGroupOptions) {
    this.policy = options.policy;
    this.#options = options;
  }

  /** Asks for a sync: at once under `commit` or when somebody waits, else now and then. The same order again is one. */
  request(order: SyncOrder, isUrgent: boolean): void {
    if (isUrgent || this.policy === 'commit') {
      this.#lazy.delete(order);
      this.#waiting.add(order);
      this.#startSoon();
      return;
    }
    this.#lazy.add(order);
    this.#timer ??= this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.flushNow();
    }, this.#options.lazyMs ?? LAZY_MS);
  }

  /** Starts what waits for its time. */
  flushNow(): void {
    for (const order of this.#lazy) this.#waiting.add(order);
    this.#lazy.clear();
    this.#startSoon();
  }

  /** Every log is closed: nothing waits for its time any more. */
  close(): void {
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lazy.clear();
  }

  /** For how long the oldest sync under way has been going on; 0 when there is none. */
  get underWayMs(): number {
    const [oldest] = this.#running;
    return oldest === undefined ? 0 : this.#options.clock.nowMs() - oldest.beganMs;
  }

  #startSoon(): void {
    const { soon } = this.#options;
    if (soon === undefined) {
      this.#start();
      return;
    }
    if (this.#isStarting) return;
    this.#isStarting = true;
    soon(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    for (const order of this.#waiting) {
      if (this.#running.size >= (this.#options.maxParallel ?? MAX_PARALLEL)) return;
      this.#waiting.delete(order);
      const sync = { beganMs: this.#options.clock.nowMs() };
      this.#running.add(sync);
      order(() => {
        this.#running.delete(sync);
        this.#measure(this.#options.clock.nowMs() - sync.beganMs);
        this.#start();
      });
    }
  }

  #measure(latencyMs: number): void {
    this.latencies.note(latencyMs);
    const { slow } = this.#options;
    if (slow !== undefined && latencyMs >= slow.fromMs()) slow.tell(latencyMs);
  }
}
