import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  BatchView,
  buildBatch,
  checkBatch,
  inflateLz4,
  inflateSnappy,
  readRecords,
  stampBatch,
} from '../../src/index.ts';
import { inflated } from '../compression/run.ts';

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly json: {
    readonly baseOffset: number;
    readonly partitionLeaderEpoch: number;
    readonly crc: number;
    readonly attributes: number;
    readonly lastOffsetDelta: number;
    readonly maxTimestamp: number;
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly baseSequence: number;
    readonly count: number;
    readonly records: readonly {
      readonly offset: number;
      readonly timestamp: number;
      readonly keyHex: string | null;
      readonly valueHex: string | null;
      readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[];
    }[];
  };
  readonly derived: {
    readonly compression: string;
    readonly timestampType: string;
    readonly transactional: boolean;
    readonly control: boolean;
    readonly lastOffset: number;
    readonly lastSequence: number;
    readonly nextOffset: number;
  };
}

const file = gunzipSync(
  readFileSync(join(import.meta.dirname, '../vectors/record-batches.json.gz')),
).toString();
const { batches } = JSON.parse(file) as { readonly batches: readonly Vector[] };

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array | null): string | null =>
  bytes ? Buffer.from(bytes).toString('hex') : null;

const MOST_BYTES = 2 ** 20;

/** The records' bytes, inflated with what Node has, and what is here. */
function section(batch: BatchView): Uint8Array {
  const bytes = batch.recordsSection;
  switch (batch.codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return new Uint8Array(gunzipSync(bytes));
    case 'zstd':
      return new Uint8Array(zstdDecompressSync(bytes));
    case 'snappy':
      return inflated(inflateSnappy(bytes, MOST_BYTES));
    case 'lz4':
      return inflated(inflateLz4(bytes, MOST_BYTES));
  }
}

describe.each(batches)('vectors: $name', ({ hex, json, derived }) => {
  const bytes = bytesOf(hex);

  it('its header says what Kafka reads', () => {
    const check = checkBatch(bytes);
    if (!check.ok) throw new Error(check.message);
    const { batch } = check;
    expect(batch.sizeInBytes).toBe(bytes.length);
    expect(batch.leaderEpoch).toBe(json.partitionLeaderEpoch);
    expect({
      baseOffset: batch.baseOffset,
      crc: batch.crc,
      attributes: batch.attributes,
      lastOffsetDelta: batch.lastOffsetDelta,
      maxTimestamp: batch.maxTimestamp,
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      count: batch.recordCount,
    }).toEqual({
      baseOffset: json.baseOffset,
      crc: json.crc,
      attributes: json.attributes,
      lastOffsetDelta: json.lastOffsetDelta,
      maxTimestamp: json.maxTimestamp,
      producerId: json.producerId,
      producerEpoch: json.producerEpoch,
      baseSequence: json.baseSequence,
      count: json.count,
    });
    expect({
      compression: batch.codec,
      timestampType: batch.timestampType,
      transactional: batch.isTransactional,
      control: batch.isControl,
      lastOffset: batch.lastOffset,
      lastSequence: batch.lastSequence,
      nextOffset: batch.nextOffset,
    }).toEqual(derived);
  });

  it('its records are what Kafka reads', () => {
    const batch = new BatchView(bytes);
    const read = readRecords(batch, section(batch)).map((record) => ({
      offset: record.offset,
      timestamp: record.timestamp,
      keyHex: hexOf(record.key),
      valueHex: hexOf(record.value),
      headers: record.headers.map((header) => ({ key: header.name, valueHex: hexOf(header.value) })),
    }));
    expect(read).toEqual(
      json.records.map(({ offset, timestamp, keyHex, valueHex, headers }) => ({
        offset,
        timestamp,
        keyHex,
        valueHex,
        headers: headers.map(({ key, valueHex: value }) => ({ key, valueHex: value })),
      })),
    );
  });

  it('L1: its place can be changed, and the checksum still holds', () => {
    const copy = bytes.slice();
    stampBatch(copy, 0, 2 ** 40 + 7, 99);
    const check = checkBatch(copy);
    expect(check.ok && [check.batch.baseOffset, check.batch.leaderEpoch]).toEqual([2 ** 40 + 7, 99]);
  });

  it('every cut and every flipped byte under the checksum is found', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(checkBatch(bytes.subarray(0, length))).toMatchObject({ ok: false, fault: 'INCOMPLETE' });
    }
    const at = 21 + (json.crc % (bytes.length - 21));
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    expect(checkBatch(damaged)).toMatchObject({ ok: false, fault: 'BAD_CRC' });
  });
});

const plainBatches = batches.filter(
  ({ name, json }) => name.startsWith('none-') && json.records.length > 0 && (json.attributes & 0b1000) === 0,
);

it.each(plainBatches)('vectors: $name is built to the same bytes', ({ hex, json, derived }) => {
  const built = buildBatch({
    baseOffset: json.baseOffset,
    leaderEpoch: json.partitionLeaderEpoch,
    isTransactional: derived.transactional,
    isControl: derived.control,
    producerId: json.producerId,
    producerEpoch: json.producerEpoch,
    baseSequence: json.baseSequence,
    records: json.records.map((record) => ({
      offsetDelta: record.offset - json.baseOffset,
      timestamp: record.timestamp,
      key: record.keyHex === null ? null : bytesOf(record.keyHex),
      value: record.valueHex === null ? null : bytesOf(record.valueHex),
      headers: record.headers.map(({ key, valueHex }) => ({
        name: key,
        value: valueHex === null ? null : bytesOf(valueHex),
      })),
    })),
  });
  expect(hexOf(built)).toBe(hex);
});
