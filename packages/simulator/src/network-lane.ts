// One direction of a connection: what is sent arrives in its order, each after a delay of its own. While the way is cut, what is
// under way waits, as TCP would send it again; when the connection breaks, it is lost.

import type { VirtualTime } from './virtual-clock.ts';

interface Parcel {
  readonly dueMs: number;
  /** Asked when it is due; a parcel that stays holds up what is behind it. */
  readonly mayPass: () => boolean;
  readonly arrive: () => void;
}

export class NetworkLane {
  readonly #time: VirtualTime;
  readonly #delayMs: () => number;
  readonly #parcels: Parcel[] = [];
  #cancelTimer: (() => void) | undefined;
  #lastDueMs = 0;

  constructor(time: VirtualTime, delayMs: () => number) {
    this.#time = time;
    this.#delayMs = delayMs;
  }

  send(mayPass: () => boolean, arrive: () => void): void {
    const dueMs = Math.max(this.#lastDueMs, this.#time.nowMs + this.#delayMs());
    this.#lastDueMs = dueMs;
    this.#parcels.push({ dueMs, mayPass, arrive });
    this.pump();
  }

  /** Looks again whether the first parcel may pass: after a heal, after a release. */
  pump(): void {
    const head = this.#parcels[0];
    if (head === undefined || this.#cancelTimer !== undefined) return;
    const waitMs = Math.max(0, head.dueMs - this.#time.nowMs);
    this.#cancelTimer = this.#time.after(waitMs, () => {
      this.#cancelTimer = undefined;
      if (this.#parcels[0] !== head || !head.mayPass()) return;
      this.#parcels.shift();
      head.arrive();
      this.pump();
    });
  }

  /** Loses everything under way. */
  close(): void {
    this.#parcels.length = 0;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  get size(): number {
    return this.#parcels.length;
  }
}
