// Where reads of a segment's file have ended. Who reads on from there begins with the batch that it wants: the index points at the batch before
// it, which would be read once more each time, and checked, for nothing.

import type { Offset } from '@odradek/model';

/** Of so many readers at a time. */
const MOST_ENDS = 16;

export class ReadEnds {
  /** By the offset at which a reader goes on, the latest last. */
  readonly #positions = new Map<Offset, number>();

  note(nextOffset: Offset, position: number): void {
    this.#positions.delete(nextOffset);
    this.#positions.set(nextOffset, position);
    const [oldest] = this.#positions.keys();
    if (this.#positions.size > MOST_ENDS && oldest !== undefined) this.#positions.delete(oldest);
  }

  /** Where the batch lies that has the offset, or is the next one; undefined: no read has ended there lately. */
  positionOf(offset: Offset): number | undefined {
    return this.#positions.get(offset);
  }
}
