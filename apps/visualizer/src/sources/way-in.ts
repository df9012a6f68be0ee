// Through which broker a page speaks with its cluster: where it was served, at first. When that one dies, and it may be the one that was just
// killed by a click, the next one that was last seen to run.

import type { BrokerFacts } from '@odradek/trace';
import type { Place } from './place.ts';

/** Brokers that live have something to tell more often. */
const silentMs = 5000;

export class WayIn {
  #place: Place;
  #node: number | undefined;
  #brokers: readonly BrokerFacts[] = [];
  #heardMs = 0;

  constructor(served: Place) {
    this.#place = served;
  }

  get place(): Place {
    return this.#place;
  }

  /** The broker there; undefined before it has said who it is. */
  get node(): number | undefined {
    return this.#node;
  }

  /** The broker at the way in has said who it is. */
  met(node: number | undefined): void {
    this.#node ??= node;
  }

  /** Who else there is. */
  learn(brokers: readonly BrokerFacts[]): void {
    this.#brokers = brokers;
  }

  /** Something was told through it. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** A connection to `node` that was dialled at `host` is over. Returns whether there is another way now. */
  lost(node: number | undefined, host: string, nowMs: number): boolean {
    // Connections to others that broke with an earlier way say nothing of this one.
    return host === this.#place.host && node === this.#node && this.#takeAnother(nowMs);
  }

  /** A broker that is paused closes no connection: all that goes through it is silent. Returns whether there is another way now. */
  look(nowMs: number): boolean {
    return nowMs - this.#heardMs >= silentMs && this.#takeAnother(nowMs);
  }

  #takeAnother(nowMs: number): boolean {
    const known = this.#brokers.filter(({ state, id }) => state === 'running' || id === this.#node);
    const next = known[(known.findIndex(({ id }) => id === this.#node) + 1) % known.length];
    if (next === undefined || next.id === this.#node) return false;
    this.#node = next.id;
    const host = `${next.host.includes(':') ? `[${next.host}]` : next.host}:${next.port}`;
    this.#place = { href: `http://${host}/`, host };
    this.#heardMs = nowMs;
    return true;
  }
}
