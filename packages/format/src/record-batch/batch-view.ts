// A record batch of format v2 where it lies: its header is read in place, nothing is copied.

import { FormatError } from '../errors.ts';
import { incrementSequence } from '../sequence.ts';

/** Bytes before the batch length counts: base offset and the length itself. */
export const LOG_OVERHEAD = 12;
/** The header of a v2 batch, up to its first record. */
export const BATCH_HEADER_BYTES = 61;
/** From here on the checksum covers the bytes: not base offset, length, leader epoch, magic and itself (L1). */
export const CRC_COVERS_FROM = 21;

/** The codecs by the number that stands in a batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];
export type TimestampType = 'CreateTime' | 'LogAppendTime';

/** The header of one batch, whose bytes must not move while it is looked at. */
export class BatchView {
  readonly bytes: Uint8Array;
  readonly position: number;
  readonly #view: DataView;

  /** Expects a whole header of magic 2 at `position`; {@link checkBatch} tells whether there is one. */
  constructor(bytes: Uint8Array, position = 0) {
    if (position < 0 || position + BATCH_HEADER_BYTES > bytes.length) {
      throw new FormatError(
        'TRUNCATED',
        `a batch header has ${BATCH_HEADER_BYTES} bytes, from ${position} there are ${bytes.length - position}`,
      );
    }
    this.bytes = bytes;
    this.position = position;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset + position, BATCH_HEADER_BYTES);
  }

  get baseOffset(): number {
    return this.#int64(0, 'base offset');
  }

  /** As stored: without the first twelve bytes. */
  get batchLength(): number {
    return this.#view.getInt32(8);
  }

  get sizeInBytes(): number {
    return LOG_OVERHEAD + this.batchLength;
  }

  get leaderEpoch(): number {
    return this.#view.getInt32(12);
  }

  get magic(): number {
    return this.#view.getInt8(16);
  }

  /** CRC-32C of all from {@link CRC_COVERS_FROM}, unsigned. */
  get crc(): number {
    return this.#view.getUint32(17);
  }

  get attributes(): number {
    return this.#view.getInt16(21);
  }

  get codec(): Codec {
    const number = this.attributes & 0b111;
    const codec = CODECS[number];
    if (codec === undefined)
      throw new FormatError('UNSUPPORTED', `codec ${number}: known are 0 to ${CODECS.length - 1}`);
    return codec;
  }

  get timestampType(): TimestampType {
    return this.attributes & 0b1000 ? 'LogAppendTime' : 'CreateTime';
  }

  get isTransactional(): boolean {
    return (this.attributes & 0b1_0000) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & 0b10_0000) !== 0;
  }

  /** Set by the cleaner: the base timestamp is then the time from which tombstones may go. */
  get hasDeleteHorizon(): boolean {
    return (this.attributes & 0b100_0000) !== 0;
  }

  get lastOffsetDelta(): number {
    return this.#view.getInt32(23);
  }

  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }

  /** The end of this batch: where the next one may begin. */
  get nextOffset(): number {
    return this.lastOffset + 1;
  }

  get baseTimestamp(): number {
    return this.#int64(27, 'base timestamp');
  }

  get maxTimestamp(): number {
    return this.#int64(35, 'max timestamp');
  }

  /** -1 where the producer is not idempotent. */
  get producerId(): number {
    return this.#int64(43, 'producer id');
  }

  get producerEpoch(): number {
    return this.#view.getInt16(51);
  }

  get baseSequence(): number {
    return this.#view.getInt32(53);
  }

  /** The sequence of the last record, -1 when there are no sequences (P1). */
  get lastSequence(): number {
    return this.baseSequence < 0 ? -1 : incrementSequence(this.baseSequence, this.lastOffsetDelta);
  }

  get recordCount(): number {
    return this.#view.getInt32(57);
  }

  /** The records as they lie there, compressed by {@link codec}. */
  get recordsSection(): Uint8Array {
    return this.bytes.subarray(this.position + BATCH_HEADER_BYTES, this.position + this.sizeInBytes);
  }

  #int64(at: number, what: string): number {
    const value = this.#view.getInt32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
    if (Number.isSafeInteger(value)) return value;
    throw new FormatError(
      'OUT_OF_RANGE',
      `the ${what} of the batch at ${this.position} is outside ±(2^53 - 1)`,
    );
  }
}

/** Gives a batch its place: base offset and leader epoch, in the bytes themselves. The checksum does not cover them (L1). */
export function stampBatch(
  bytes: Uint8Array,
  position: number,
  baseOffset: number,
  leaderEpoch: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + position, BATCH_HEADER_BYTES);
  view.setInt32(0, Math.floor(baseOffset / 2 ** 32));
  view.setUint32(4, baseOffset >>> 0);
  view.setInt32(12, leaderEpoch);
}
