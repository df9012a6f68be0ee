// What a node does again and again while it lives: checkpoints, retention.

import type { Clock, TimerHandle } from '@odradek/model';

export class Rounds {
  private readonly clock: Clock;
  private readonly timers = new Map<() => void, TimerHandle>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  every(intervalMs: number, action: () => void): void {
    const next = (): void => {
      action();
      this.every(intervalMs, action);
    };
    this.timers.set(action, this.clock.setTimeout(next, intervalMs));
  }

  close(): void {
    for (const timer of this.timers.values()) this.clock.clearTimeout(timer);
    this.timers.clear();
  }
}
