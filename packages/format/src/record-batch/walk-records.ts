// Whether the records inside a batch are what its header says: walked once, with nothing allocated for a record (X4). Twin of
// readRecords, but stricter: what a producer sends has no gaps.

import type { BatchView } from './batch-view.ts';

/** What a walk has found out about the records of a batch. */
export type RecordsCheck =
  | {
      readonly ok: true;
      /** Of the records themselves; -1 when none has one. */
      readonly maxTimestamp: number;
      readonly minTimestamp: number;
      /** Whether every record has a key, as a compacted topic demands. */
      readonly allKeyed: boolean;
    }
  | { readonly ok: false; readonly message: string };

/**
 * Checks the records of a produced batch: offset deltas 0, 1, 2 …, every length within its bounds, nothing left over (X2, X4).
 * A compressed batch needs its section inflated.
 */
export function walkRecords(batch: BatchView, section: Uint8Array = batch.recordsSection): RecordsCheck {
  const cursor = new RecordCursor(section);
  const { recordCount, baseTimestamp } = batch;
  let maxDelta = Number.NEGATIVE_INFINITY;
  let minDelta = Number.POSITIVE_INFINITY;
  let allKeyed = true;
  for (let index = 0; index < recordCount; index++) {
    const fault = cursor.record(index);
    if (fault !== undefined) return { ok: false, message: `record ${index} of ${recordCount}: ${fault}` };
    if (cursor.timestampDelta > maxDelta) maxDelta = cursor.timestampDelta;
    if (cursor.timestampDelta < minDelta) minDelta = cursor.timestampDelta;
    allKeyed &&= cursor.isKeyed;
  }
  if (cursor.position !== section.length)
    return {
      ok: false,
      message: `${section.length - cursor.position} bytes are left over after the records`,
    };
  if (recordCount === 0) return { ok: true, maxTimestamp: -1, minTimestamp: -1, allKeyed };
  const [minTimestamp, maxTimestamp] = [baseTimestamp + minDelta, baseTimestamp + maxDelta];
  if (!Number.isSafeInteger(minTimestamp) || !Number.isSafeInteger(maxTimestamp))
    return { ok: false, message: 'a timestamp is outside ±(2^53 - 1)' };
  return { ok: true, maxTimestamp, minTimestamp, allKeyed };
}

/** Steps over records. A varint that is not there, or too long, reads as NaN, which no bound admits. */
class RecordCursor {
  readonly #bytes: Uint8Array;
  position = 0;
  timestampDelta = 0;
  isKeyed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Steps over one record; returns what is wrong with it. */
  record(expectedDelta: number): string | undefined {
    const length = this.#varint();
    const end = this.position + length;
    if (!(length >= 0 && end <= this.#bytes.length)) return `a length of ${length} does not fit`;
    this.position += 1; // attributes, of which none are in use
    this.timestampDelta = this.#varlong();
    if (!Number.isSafeInteger(this.timestampDelta)) return 'its timestamp is outside ±(2^53 - 1)';
    const delta = this.#varint();
    if (delta !== expectedDelta) return `offset delta ${delta}, and should be ${expectedDelta}`;
    const keyLength = this.#nullable(end);
    this.isKeyed = keyLength >= 0;
    if (Number.isNaN(keyLength) || Number.isNaN(this.#nullable(end))) return 'its key or value does not fit';
    const headers = this.#varint();
    if (!(headers >= 0 && headers * 2 <= end - this.position)) return `${headers} headers do not fit`;
    for (let index = 0; index < headers; index++)
      if (!this.#skipHeader(end)) return `header ${index} does not fit`;
    return this.position === end ? undefined : 'it does not end where its length says';
  }

  /** Steps over bytes that may be null; returns their length, -1 for null, NaN when they do not fit. */
  #nullable(end: number): number {
    const length = this.#varint();
    if (length === -1) return length;
    if (!(length >= 0 && length <= end - this.position)) return Number.NaN;
    this.position += length;
    return length;
  }

  #skipHeader(end: number): boolean {
    const nameLength = this.#varint();
    if (!(nameLength >= 0 && nameLength <= end - this.position)) return false;
    this.position += nameLength;
    return !Number.isNaN(this.#nullable(end));
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.position];
      if (byte === undefined) return Number.NaN;
      this.position += 1;
      // The fifth byte has room for four bits.
      if (shift === 28 && byte > 0x0f) return Number.NaN;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    return Number.NaN;
  }

  /** Zigzag in two parts: the lowest bit is the sign, the others the magnitude; beyond 2^53 not exact, and not safe either. */
  #varlong(): number {
    let magnitude = 0;
    let isNegative = false;
    let factor = 0.5;
    for (let place = 0; place < 10; place++, factor *= 128) {
      const byte = this.#bytes[this.position];
      if (byte === undefined) return Number.NaN;
      this.position += 1;
      if (place === 0) isNegative = (byte & 1) === 1;
      magnitude += (byte & (place === 0 ? 0x7e : 0x7f)) * factor;
      if (byte < 0x80) return isNegative ? -magnitude - 1 : magnitude;
    }
    return Number.NaN;
  }
}
