// Which partitions a broker leads whose followers lack something: they alone are looked at, every half of the time that a replica may
// lag (I4, L3), on one timer. Where everybody has everything no timer runs, whatever the number of partitions.

import type { Clock, TimerHandle } from '@odradek/model';
import type { LeaderReplica } from './faces.ts';

export interface LagWatchPorts {
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  /** The role that leads a partition here, by its key. */
  readonly leaderOf: (key: string) => LeaderReplica | undefined;
  /** `replica.lag.time.max.ms`. */
  readonly lagTimeMaxMs: number;
}

/** Leaders with followers that lack something. */
export class LagWatch {
  readonly #ports: LagWatchPorts;
  readonly #watched = new Set<string>();
  #timer: TimerHandle | undefined;

  constructor(ports: LagWatchPorts) {
    this.#ports = ports;
  }

  /** Something was appended, or a leadership has begun: from now on a follower may lag. */
  watch(key: string): void {
    this.#watched.add(key);
    this.#timer ??= this.#later();
  }

  close(): void {
    this.#watched.clear();
    if (this.#timer !== undefined) this.#ports.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(): TimerHandle {
    const { clock, lagTimeMaxMs } = this.#ports;
    return clock.setTimeout(() => this.#check(), Math.max(1, Math.floor(lagTimeMaxMs / 2)));
  }

  #check(): void {
    this.#timer = undefined;
    for (const key of [...this.#watched])
      if (this.#ports.leaderOf(key)?.checkLag() !== true) this.#watched.delete(key);
    if (this.#watched.size > 0) this.#timer ??= this.#later();
  }
}
