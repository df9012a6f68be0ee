// How fast a disk answers: each order after a while of its own, or not at all while it is stuck.

import type { SeededRandom } from './seeded-random.ts';
import type { VirtualTime } from './virtual-clock.ts';

/** How long an order takes; `stuck`: none is answered until there is another pace. */
export type DiskDelay = { readonly minMs: number; readonly maxMs: number } | 'stuck';

export class DiskPace {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  #delay: DiskDelay;
  #waiting: (() => void)[] = [];

  constructor(time: VirtualTime, random: SeededRandom, delay: DiskDelay) {
    this.#time = time;
    this.#random = random;
    this.#delay = delay;
  }

  get delay(): DiskDelay {
    return this.#delay;
  }

  set delay(delay: DiskDelay) {
    this.#delay = delay;
    for (const callback of this.#waiting.splice(0)) this.later(callback);
  }

  later(callback: () => void): void {
    if (this.#delay === 'stuck') this.#waiting.push(callback);
    else this.#time.after(this.#random.between(this.#delay.minMs, this.#delay.maxMs), callback);
  }
}
