// W5: nobody talks without end. So many messages in a second of virtual time are no work any more.

export class MessageRate {
  readonly #most: number;
  #second = { sinceMs: 0, count: 0 };

  /** `most` in a second; a cluster under load exchanges some hundreds. */
  constructor(most = 20_000) {
    this.#most = most;
  }

  /** `count`: how many there have been since the beginning. */
  look(nowMs: number, count: number): string | undefined {
    if (nowMs - this.#second.sinceMs >= 1000) this.#second = { sinceMs: nowMs, count };
    if (count - this.#second.count <= this.#most) return undefined;
    return `W5: more than ${this.#most} messages within a second of virtual time`;
  }
}
