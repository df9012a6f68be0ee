// One timer for whatever is due next: the platform's cost as much as the work that many requests are.

import type { Clock, TimerHandle } from './ports.ts';

/** Fires once at the earliest time it was set to. What moves later finds it firing in vain once, and sets it anew. */
export class DueTimer {
  private readonly clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>;
  private readonly fire: () => void;
  private armed: { readonly handle: TimerHandle; readonly dueMs: number } | undefined;

  constructor(clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>, fire: () => void) {
    this.clock = clock;
    this.fire = fire;
  }

  get isArmed(): boolean {
    return this.armed !== undefined;
  }

  /** Fires at `dueMs`, unless it does so earlier anyway. */
  setBy(dueMs: number | undefined): void {
    if (dueMs === undefined || (this.armed !== undefined && this.armed.dueMs <= dueMs)) return;
    this.cancel();
    const handle = this.clock.setTimeout(this.fire, Math.max(0, dueMs - this.clock.nowMs()));
    this.armed = { handle, dueMs };
  }

  /** It has fired: by how much later than it should have. */
  takeLatenessMs(): number {
    const latenessMs = this.armed === undefined ? 0 : this.clock.nowMs() - this.armed.dueMs;
    this.armed = undefined;
    return latenessMs;
  }

  cancel(): void {
    if (this.armed !== undefined) this.clock.clearTimeout(this.armed.handle);
    this.armed = undefined;
  }
}
