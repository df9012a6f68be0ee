// One direction of a connection: what is sent arrives in its order, each after a delay of its own. While the way is cut, what is
// under way waits, as TCP would send it again; when the connection breaks, it is lost.

import type { VirtualTime } from './virtual-clock.ts';

interface Parcel {
  readonly dueMs: number;
  /** Asked when it is due; a parcel that stays holds up what is behind it. */
  readonly mayPass: () => boolean;
  readonly arrive: () => void;
  readonly watched: WatchedParcel | undefined;
  isLate: boolean;
}

/** Hears what becomes of a parcel. */
export interface WatchedParcel {
  /** When it will arrive; `isBlocked`: its way is cut as it leaves. */
  left(dueMs: number, isBlocked: boolean): void;
  /** It should have arrived and waits, or it is lost for good. */
  lost(): void;
  /** It has arrived after all. */
  late(): void;
}

export class NetworkLane {
  readonly #time: VirtualTime;
  readonly #delayMs: () => number;
  readonly #parcels: Parcel[] = [];
  #cancelTimer: (() => void) | undefined;
  #lastDueMs = 0;
  /** Lanes are owners of their own: which of two messages comes first, nobody knows. */
  readonly #owner: number;

  constructor(time: VirtualTime, delayMs: () => number, owner = 0) {
    this.#owner = owner;
    this.#time = time;
    this.#delayMs = delayMs;
  }

  send(mayPass: () => boolean, arrive: () => void, watched?: WatchedParcel): void {
    const dueMs = Math.max(this.#lastDueMs, this.#time.nowMs + this.#delayMs());
    this.#lastDueMs = dueMs;
    this.#parcels.push({ dueMs, mayPass, arrive, watched, isLate: false });
    watched?.left(dueMs, !mayPass());
    this.pump();
  }

  /** Looks again whether the first parcel may pass: after a heal, after a release. */
  pump(): void {
    const head = this.#parcels[0];
    if (head === undefined || this.#cancelTimer !== undefined) return;
    const waitMs = Math.max(0, head.dueMs - this.#time.nowMs);
    const arrive = (): void => {
      this.#cancelTimer = undefined;
      if (this.#parcels[0] !== head) return;
      if (!head.mayPass()) {
        if (!head.isLate) head.watched?.lost();
        head.isLate = true;
        return;
      }
      this.#parcels.shift();
      if (head.isLate) head.watched?.late();
      head.arrive();
      this.pump();
    };
    this.#cancelTimer = this.#time.after(waitMs, arrive, this.#owner);
  }

  /** Loses everything under way. */
  close(): void {
    for (const { watched, isLate } of this.#parcels.splice(0)) if (!isLate) watched?.lost();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  get size(): number {
    return this.#parcels.length;
  }
}
