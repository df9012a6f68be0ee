// Turns a batch that grew into one that can be sent, compressed if that is wanted; and one that was too large into two.

import {
  BATCH_HEADER_BYTES,
  BatchView,
  incrementSequence,
  mostRecordBytes,
  readRecords,
} from '@odradek/format';
import { type Compute, invariant } from '@odradek/model';
import { type Batch, OpenBatch, sealed } from './batch.ts';

export interface PressOptions {
  readonly compression: 'none' | 'gzip';
  readonly deflate: Compute['deflate'];
  /** A batch that was being compressed can be sent. */
  readonly ready: () => void;
}

export class BatchPress {
  readonly #options: PressOptions;

  constructor(options: PressOptions) {
    this.#options = options;
  }

  seal(open: OpenBatch, deadlineMs: number): Batch {
    const { compression, deflate, ready } = this.#options;
    if (compression === 'none') return sealed(open, deadlineMs, open.builder.finish());
    const batch = sealed(open, deadlineMs, undefined);
    deflate(compression, batch.section, (section) => {
      batch.bytes = open.builder.finish({ codec: compression, section });
      // One with a sequence is a part of one that was sent.
      batch.state = batch.stamp === undefined ? 'waiting' : 'to send again';
      ready();
    });
    return batch;
  }

  /**
   * Two batches of about the same size, with the records of one in their order. A sequence that it had is shared out among them,
   * so that what follows it still follows (P1; Kafka's ProducerBatch.split).
   */
  split(batch: Batch): readonly [Batch, Batch] {
    const records = readRecords(new BatchView(batch.bytes), batch.section);
    const half = Math.ceil(batch.section.length / 2);
    const first = new OpenBatch(0, BATCH_HEADER_BYTES + half);
    const second = new OpenBatch(0, BATCH_HEADER_BYTES + half);
    for (const [index, completion] of batch.completions.entries()) {
      const record = records[index];
      invariant(record !== undefined, 'a batch has as many records as are told of it');
      const isFull = first.builder.sizeInBytes >= half || index === records.length - 1;
      const part = index === 0 || (!isFull && second.builder.recordCount === 0) ? first : second;
      part.add(record, mostRecordBytes(record.key, record.value, record.headers), completion);
    }
    return [this.#part(batch, first, 0), this.#part(batch, second, first.builder.recordCount)];
  }

  #part(whole: Batch, open: OpenBatch, before: number): Batch {
    const part = this.seal(open, whole.deadlineMs);
    const { stamp } = whole;
    if (stamp === undefined) return part;
    part.stamp =
      stamp.baseSequence < 0
        ? stamp
        : { ...stamp, baseSequence: incrementSequence(stamp.baseSequence, before) };
    if (part.state === 'waiting') part.state = 'to send again';
    return part;
  }
}
