// An honest client beside the attack: writes all the while, remembers what was acknowledged, and holds the log against it.

import type { Client } from '@odradek/client';

const PAUSE_MS = 20;

export class Ledger {
  readonly #client: Client;
  readonly #topic: string;
  /** Every acknowledged record by its offset. */
  readonly #acknowledged = new Map<number, string>();
  #isOver = false;
  #refused = 0;

  constructor(client: Client, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Records that were not taken in time, with an error for each. */
  get refused(): number {
    return this.#refused;
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Writes one record after the other until it is stopped. */
  async write(): Promise<void> {
    const producer = this.#client.producer();
    for (let count = 0; !this.#isOver; count += 1) {
      const value = `record ${count}`;
      try {
        const { offset } = await producer.send({ topic: this.#topic, partition: 0, value });
        this.#acknowledged.set(offset, value);
      } catch {
        // It may be in the log or not: nothing is owed for it.
        this.#refused += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await producer.close();
  }

  /** The first acknowledged record that is not there as it was; undefined: all are. */
  async missing(): Promise<string | undefined> {
    const last = Math.max(...this.#acknowledged.keys());
    const there = new Map<number, string>();
    const consumer = this.#client.consumer();
    consumer.assign([{ topic: this.#topic, partition: 0, from: 'earliest' }]);
    for await (const { offset, value } of consumer) {
      there.set(offset, value === null ? '' : new TextDecoder().decode(value));
      if (offset >= last) break;
    }
    await consumer.close();
    for (const [offset, value] of this.#acknowledged)
      if (there.get(offset) !== value) return `${value} at offset ${offset}, where ${there.get(offset)} is`;
    return undefined;
  }
}
