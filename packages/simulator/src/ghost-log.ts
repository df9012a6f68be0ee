// What the oracles remember of a log that is in no node's memory: every batch that was ever committed, at its offset (O1), and
// every (offset, epoch) that was ever written by anybody (V6).

import { type BatchView, walkBatches } from '@odradek/format';
import { invariant, type LeaderEpoch, type LogView, type Offset } from '@odradek/model';
import { storedChecksum } from './stored-checksum.ts';

/** A batch as oracles know it: its place, its epoch, its checksum and its producer's number. */
export interface GhostBatch {
  readonly baseOffset: Offset;
  readonly nextOffset: Offset;
  readonly leaderEpoch: LeaderEpoch;
  readonly crc: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** The batches of a log from an offset up to an end (exclusive). The log must not answer `cold`: oracles do not wait. */
export function batchesOf(log: LogView, from: Offset, to: Offset): GhostBatch[] {
  const batches: GhostBatch[] = [];
  const take = (batch: BatchView): void => {
    const { baseOffset, nextOffset, leaderEpoch, crc, producerId, producerEpoch, baseSequence } = batch;
    batches.push({ baseOffset, nextOffset, leaderEpoch, crc, producerId, producerEpoch, baseSequence });
  };
  let at = Math.max(from, log.logStartOffset);
  while (at < to) {
    const read = log.read(at, { upToOffset: to, maxBytes: 1 << 20 });
    invariant(read.outcome !== 'cold', 'an oracle was given a log that is on the disk alone');
    if (read.outcome !== 'records' || read.nextOffset <= at) break;
    for (const piece of read.records) walkBatches(piece, take, 0, storedChecksum);
    at = read.nextOffset;
  }
  return batches;
}

function inWords(batch: GhostBatch | undefined): string {
  if (batch === undefined) return 'nothing';
  return `[${batch.baseOffset}, ${batch.nextOffset}) of epoch ${batch.leaderEpoch} with checksum ${batch.crc}`;
}

/** The committed log. It only grows; what is declared lost is cut off by {@link declareLost}. */
export class GhostLog {
  #batches: GhostBatch[] = [];

  /** One past the highest offset ever correctly committed: the true high watermark. */
  get endOffset(): Offset {
    return this.#batches.at(-1)?.nextOffset ?? 0;
  }

  get batches(): readonly GhostBatch[] {
    return this.#batches;
  }

  /** A high watermark has moved in this log: takes in what is newly committed, and says how the log differs from what was before. */
  commit(log: LogView, highWatermark: Offset, from: Offset = 0): string | undefined {
    const difference = this.difference(log, Math.min(highWatermark, this.endOffset), from);
    if (difference !== undefined || highWatermark <= this.endOffset) return difference;
    for (const batch of batchesOf(log, this.endOffset, highWatermark))
      if (batch.baseOffset >= this.endOffset) this.#batches.push(batch);
    return undefined;
  }

  /** How a log differs from what is committed below `end`, in words; undefined when it holds all of it. */
  difference(log: LogView, end: Offset, from: Offset = 0): string | undefined {
    const pair = this.#firstDifferent(log, end, from);
    if (pair === undefined) return undefined;
    const { committed, held } = pair;
    return `committed is ${inWords(committed)}, the log has ${inWords(held)} (it ends at ${log.logEndOffset})`;
  }

  /** Whether a batch is committed, the same bytes in the same epoch. */
  has({ baseOffset, crc, leaderEpoch }: GhostBatch): boolean {
    const found = this.#batches[this.#indexOf(baseOffset)];
    return found?.baseOffset === baseOffset && found.crc === crc && found.leaderEpoch === leaderEpoch;
  }

  /** The batch that begins at an offset. */
  batchAt(baseOffset: Offset): GhostBatch | undefined {
    const found = this.#batches[this.#indexOf(baseOffset)];
    return found?.baseOffset === baseOffset ? found : undefined;
  }

  /** The end of the last batch that ends at or below an offset. */
  batchEndBelow(offset: Offset): Offset {
    const batch = this.#batches[this.#indexOf(offset) - 1];
    if (batch === undefined) return 0;
    return batch.nextOffset <= offset ? batch.nextOffset : batch.baseOffset;
  }

  /** The first committed offset that a log does not hold; undefined when it holds all. */
  firstDifference(log: LogView): Offset | undefined {
    return this.#firstDifferent(log, this.endOffset, 0)?.committed.baseOffset;
  }

  #firstDifferent(
    log: LogView,
    end: Offset,
    from: Offset,
  ): { readonly committed: GhostBatch; readonly held: GhostBatch | undefined } | undefined {
    const begin = Math.max(from, log.logStartOffset);
    const found = batchesOf(log, begin, Math.min(end, log.logEndOffset));
    let next = 0;
    for (let at = this.#indexOf(begin); at < this.#batches.length; at++) {
      const committed = this.#batches[at];
      if (committed === undefined || committed.nextOffset > end) return undefined;
      // Batch after batch, as both go on; only where they part, or a log is not in order, is there anything to look for.
      const held =
        found[next]?.baseOffset === committed.baseOffset
          ? found[next++]
          : found.findLast(({ baseOffset }) => baseOffset === committed.baseOffset);
      if (held?.crc !== committed.crc || held.leaderEpoch !== committed.leaderEpoch)
        return { committed, held };
    }
    return undefined;
  }

  /** The first batch that begins at or above an offset. */
  #indexOf(offset: Offset): number {
    let [low, high] = [0, this.#batches.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle]?.baseOffset ?? 0) >= offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Lawful loss, declared by the system: everything from this offset on counts as never committed. */
  declareLost(fromOffset: Offset): GhostBatch[] {
    const lost = this.#batches.filter((batch) => batch.nextOffset > fromOffset);
    this.#batches = this.#batches.filter((batch) => batch.nextOffset <= fromOffset);
    return lost;
  }
}

/** Every batch that any replica ever held, by offset and epoch: none is ever used again for other bytes (V5, V6). */
export class AppendGhost {
  /** Checksums by epoch and offset. */
  readonly #seen = new Map<LeaderEpoch, Map<Offset, number>>();
  readonly #scanned = new Map<string, Offset>();

  /** Looks at what is new in a replica's log, and says what was used twice. */
  scan(replica: string, log: LogView): string | undefined {
    const scanned = Math.min(this.#scanned.get(replica) ?? 0, log.logEndOffset);
    const batches = batchesOf(log, scanned, log.logEndOffset);
    this.#scanned.set(replica, log.logEndOffset);
    for (const batch of batches) {
      const ofEpoch = this.#seenIn(batch.leaderEpoch);
      const crc = ofEpoch.get(batch.baseOffset);
      if (crc !== undefined && crc !== batch.crc)
        return `${replica} has ${inWords(batch)}, but checksum ${crc} was seen there before`;
      ofEpoch.set(batch.baseOffset, batch.crc);
    }
    return undefined;
  }

  #seenIn(epoch: LeaderEpoch): Map<Offset, number> {
    const known = this.#seen.get(epoch);
    if (known !== undefined) return known;
    const made = new Map<Offset, number>();
    this.#seen.set(epoch, made);
    return made;
  }

  /** A replica's process ended: the next scan looks at all of its log. */
  forget(replica: string): void {
    this.#scanned.delete(replica);
  }
}
