// Makes a batch record by record, in one buffer that becomes the batch: what a producer needs. Twin of buildBatch.

import { textBytes } from '../bytes.ts';
import { crc32c } from '../crc32c.ts';
import { FormatError } from '../errors.ts';
import { BATCH_HEADER_BYTES, CODECS, type Codec, CRC_COVERS_FROM, LOG_OVERHEAD } from './batch-view.ts';
import type { Checksum } from './check-batch.ts';
import type { Header } from './records.ts';

/** Who produced a batch and which it is; all -1 where the producer is not idempotent (P1). */
export interface ProducerStamp {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

const NO_HEADERS: readonly Header[] = [];
const MAX_INT32 = 2 ** 31 - 1;

/** A batch that grows. After {@link finish} it takes no more. */
export class BatchBuilder {
  #bytes: Uint8Array;
  #position = BATCH_HEADER_BYTES;
  #count = 0;
  #baseTimestamp = -1;
  #maxTimestamp = -1;
  #isFinished = false;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(Math.max(capacity, BATCH_HEADER_BYTES));
  }

  get recordCount(): number {
    return this.#count;
  }

  /** The batch so far, uncompressed. */
  get sizeInBytes(): number {
    return this.#position;
  }

  /** The records so far, as they lie there: what a codec compresses. */
  get section(): Uint8Array {
    return this.#bytes.subarray(BATCH_HEADER_BYTES, this.#position);
  }

  /** Adds a record; its offset delta is its place. `timestamp` is a safe integer, in ms since 1970, or -1. */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[] = NO_HEADERS,
  ): void {
    if (this.#isFinished) throw new FormatError('OUT_OF_RANGE', 'a finished batch takes no more records');
    if (!Number.isSafeInteger(timestamp))
      throw new FormatError('OUT_OF_RANGE', `${timestamp} is no timestamp: an integer within ±(2^53 - 1)`);
    const base = this.#count === 0 ? timestamp : this.#baseTimestamp;
    const names = headers.map((header) => textBytes(header.name));
    const length = bodySize(timestamp - base, this.#count, key, value, headers, names);
    this.#reserve(varintSize(length) + length);
    this.#baseTimestamp = base;
    this.#varint(length);
    this.#byte(0); // attributes, of which none are in use
    this.#varlong(timestamp - base);
    this.#varint(this.#count);
    this.#nullable(key);
    this.#nullable(value);
    this.#varint(headers.length);
    headers.forEach((header, index) => {
      this.#nullable(names[index] ?? null);
      this.#nullable(header.value);
    });
    this.#count += 1;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
  }

  /**
   * The batch, without checksum and producer until {@link stampProducer} sets them. Uncompressed it is the buffer that the
   * records were written into, not a copy.
   */
  finish(compressed?: { readonly codec: Codec; readonly section: Uint8Array }): Uint8Array {
    this.#isFinished = true;
    const batch =
      compressed === undefined ? this.#bytes.subarray(0, this.#position) : around(compressed.section);
    const view = new DataView(batch.buffer, batch.byteOffset, BATCH_HEADER_BYTES);
    setInt64(view, 0, 0);
    view.setInt32(8, batch.length - LOG_OVERHEAD);
    view.setInt32(12, -1);
    view.setInt8(16, 2);
    view.setInt16(21, compressed === undefined ? 0 : CODECS.indexOf(compressed.codec));
    view.setInt32(23, Math.max(this.#count - 1, 0));
    setInt64(view, 27, this.#baseTimestamp);
    setInt64(view, 35, this.#maxTimestamp);
    view.setInt32(57, this.#count);
    return batch;
  }

  #reserve(size: number): void {
    const needed = this.#position + size;
    if (needed > MAX_INT32)
      throw new FormatError('OUT_OF_RANGE', `a batch of ${needed} bytes: at most ${MAX_INT32}`);
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = larger;
  }

  #byte(value: number): void {
    this.#bytes[this.#position] = value;
    this.#position += 1;
  }

  #varint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  /** Zigzag in two parts: the lowest bit is the sign, the others the magnitude, so that no number exceeds 2^53. */
  #varlong(value: number): void {
    const isNegative = value < 0;
    const magnitude = isNegative ? -(value + 1) : value;
    let rest = Math.floor(magnitude / 64);
    const first = (magnitude % 64) * 2 + (isNegative ? 1 : 0);
    this.#byte(rest > 0 ? first | 0x80 : first);
    while (rest > 0) {
      const low = rest % 128;
      rest = Math.floor(rest / 128);
      this.#byte(rest > 0 ? low | 0x80 : low);
    }
  }

  #nullable(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#varint(-1);
      return;
    }
    this.#varint(bytes.length);
    this.#bytes.set(bytes, this.#position);
    this.#position += bytes.length;
  }
}

/** Says in a batch's header who produced it, and sets the checksum, which covers that. */
export function stampProducer(batch: Uint8Array, stamp: ProducerStamp, checksum: Checksum = crc32c): void {
  const view = new DataView(batch.buffer, batch.byteOffset, BATCH_HEADER_BYTES);
  setInt64(view, 43, stamp.producerId);
  view.setInt16(51, stamp.producerEpoch);
  view.setInt32(53, stamp.baseSequence);
  view.setUint32(17, checksum(batch, CRC_COVERS_FROM, batch.length));
}

/** The most bytes that a record can take in a batch, so that a limit is known before it is written. */
export function mostRecordBytes(
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly Header[] = NO_HEADERS,
): number {
  // Length, attributes, timestamp, offset delta, two lengths and the number of headers, each at its longest.
  let size = 5 + 1 + 8 + 5 + 5 + 5 + 5 + (key?.length ?? 0) + (value?.length ?? 0);
  // A character of UTF-16 has at most three bytes in UTF-8.
  for (const header of headers) size += 10 + 3 * header.name.length + (header.value?.length ?? 0);
  return size;
}

function around(section: Uint8Array): Uint8Array {
  const batch = new Uint8Array(BATCH_HEADER_BYTES + section.length);
  batch.set(section, BATCH_HEADER_BYTES);
  return batch;
}

function bodySize(
  timestampDelta: number,
  offsetDelta: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly Header[],
  names: readonly Uint8Array[],
): number {
  let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + varintSize(headers.length);
  size += nullableSize(key) + nullableSize(value);
  for (const name of names) size += nullableSize(name);
  for (const header of headers) size += nullableSize(header.value);
  return size;
}

function nullableSize(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 2 ** 7) return 1;
  if (zigzag < 2 ** 14) return 2;
  if (zigzag < 2 ** 21) return 3;
  return zigzag < 2 ** 28 ? 4 : 5;
}

function varlongSize(value: number): number {
  let size = 1;
  for (
    let rest = Math.floor((value < 0 ? -(value + 1) : value) / 64);
    rest > 0;
    rest = Math.floor(rest / 128)
  )
    size += 1;
  return size;
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value >>> 0);
}
