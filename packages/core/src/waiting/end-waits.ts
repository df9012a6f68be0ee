// Those who wait for an end of a partition to pass an offset: a producer for the high watermark (acks=all) or for the leader's
// own flush (acks=1). Released in the order of their offsets; all fail together when the leadership is lost (L6).

import type { KafkaErrorName, Offset } from '@odradek/model';

/** What a waiter is told: NONE once the end has passed its offset, or why it never will here. */
export type EndReached = (error: KafkaErrorName) => void;

interface Wait {
  readonly endOffset: Offset;
  readonly reached: EndReached;
}

/** Waits for one end of one partition. */
export class EndWaits {
  /** Ascending by `endOffset`: batches are appended in order, so almost always pushed at the tail. */
  private waits: Wait[] = [];

  get size(): number {
    return this.waits.length;
  }

  /** Calls `reached` once the end is at least `endOffset`. Returns how to give up. */
  add(endOffset: Offset, reached: EndReached): () => void {
    const wait = { endOffset, reached };
    let place = this.waits.length;
    while (place > 0 && (this.waits[place - 1]?.endOffset ?? 0) > endOffset) place -= 1;
    if (place === this.waits.length) this.waits.push(wait);
    else this.waits.splice(place, 0, wait);
    return () => {
      this.waits = this.waits.filter((other) => other !== wait);
    };
  }

  /** The end is now `endOffset`: releases those that waited for no more. `error` is what they are told (L6). */
  reach(endOffset: Offset, error: KafkaErrorName = 'NONE'): void {
    const first = this.waits[0];
    if (first === undefined || first.endOffset > endOffset) return;
    const later = this.waits.findIndex((wait) => wait.endOffset > endOffset);
    const released = this.waits.splice(0, later === -1 ? this.waits.length : later);
    for (const wait of released) wait.reached(error);
  }

  /** Nobody's offset will be reached here: the records stay or go with the next leader, the outcome is not known (L6). */
  fail(error: KafkaErrorName): void {
    const failed = this.waits;
    this.waits = [];
    for (const wait of failed) wait.reached(error);
  }
}
