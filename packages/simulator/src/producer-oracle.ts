// What must hold of idempotent producers in a committed log (V30): each sequence number once, in order, and none left out.

import type { Offset } from '@odradek/model';
import type { GhostBatch } from './ghost-log.ts';

/** Sequence numbers begin again at 0 after the highest int32. */
const SEQUENCES = 2 ** 31;

export class ProducerOracle {
  /** The last committed batch of each producer. */
  readonly #last = new Map<number, GhostBatch>();

  /**
   * Batches that were just committed, in their order. What is known of a producer outlives its records, at every replica (P2);
   * `mayForgetBelow`: but not where every copy of that may be gone, and with it what lay below an offset.
   */
  committed(batches: readonly GhostBatch[], mayForgetBelow: Offset = 0): string | undefined {
    for (const batch of batches) {
      const { producerId, producerEpoch, baseSequence, baseOffset } = batch;
      if (producerId < 0) continue;
      const before = this.#last.get(producerId);
      this.#last.set(producerId, batch);
      if (before === undefined || before.baseOffset < mayForgetBelow) continue;
      if (producerEpoch < before.producerEpoch)
        return `V30: producer ${producerId} of epoch ${producerEpoch} at ${baseOffset}, behind its epoch ${before.producerEpoch}`;
      const expected = producerEpoch > before.producerEpoch ? 0 : nextSequence(before);
      if (baseSequence !== expected)
        return `V30: producer ${producerId} has sequence ${baseSequence} at ${baseOffset}, where ${expected} comes next`;
    }
    return undefined;
  }

  /** An unclean election has taken these: nobody knows them any more. */
  lost(batches: readonly GhostBatch[]): void {
    for (const { producerId } of batches) this.#last.delete(producerId);
  }
}

function nextSequence({ baseSequence, baseOffset, nextOffset }: GhostBatch): number {
  return (baseSequence + nextOffset - baseOffset) % SEQUENCES;
}
