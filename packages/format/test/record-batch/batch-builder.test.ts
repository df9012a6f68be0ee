import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  BATCH_HEADER_BYTES,
  BatchBuilder,
  BatchView,
  buildBatch,
  checkBatch,
  FormatError,
  mostRecordBytes,
  type RecordToWrite,
  readRecords,
  stampProducer,
  walkRecords,
} from '../../src/index.ts';

const content = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null });
const timestamp = fc.oneof(
  fc.integer({ min: -1, max: 5 }),
  fc.maxSafeInteger().map((value) => Math.abs(value) % 2 ** 52),
);
const record: fc.Arbitrary<RecordToWrite> = fc.record({
  timestamp,
  key: content,
  value: content,
  headers: fc.array(fc.record({ name: fc.string({ unit: 'binary', maxLength: 20 }), value: content }), {
    maxLength: 3,
  }),
});

const stamp = { producerId: 5000, producerEpoch: 3, baseSequence: 77 };

function built(records: readonly RecordToWrite[], capacity: number): Uint8Array {
  const builder = new BatchBuilder(capacity);
  for (const one of records) builder.append(one.timestamp, one.key, one.value, one.headers);
  const bytes = builder.finish();
  stampProducer(bytes, stamp);
  return bytes;
}

it('builds the same bytes record by record as the obvious builder does at once (twin)', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.nat(5000), (records, capacity) => {
      expect(built(records, capacity)).toEqual(buildBatch({ records, ...stamp }));
    }),
  );
});

it('builds many records, whose offset deltas take several bytes', () => {
  const records = Array.from({ length: 20_000 }, (_, index) => ({
    timestamp: 1_000 + index * 70,
    key: null,
    value: new Uint8Array([index & 0xff]),
  }));
  expect(built(records, 64)).toEqual(buildBatch({ records, ...stamp }));
});

it('wraps a compressed section with the same header, and a sequence can be stamped anew', () => {
  const builder = new BatchBuilder();
  builder.append(7, null, new Uint8Array([1]));
  const bytes = builder.finish({ codec: 'gzip', section: new Uint8Array([9, 9, 9]) });
  for (const baseSequence of [5, 2 ** 31 - 1, 0]) {
    stampProducer(bytes, { ...stamp, baseSequence });
    const check = checkBatch(bytes);
    expect(check.ok && [check.batch.codec, check.batch.baseSequence, check.batch.producerId]).toEqual([
      'gzip',
      baseSequence,
      5000,
    ]);
  }
});

it('knows beforehand how many bytes a record takes at most', () => {
  fc.assert(
    fc.property(record, (one) => {
      const size = built([one], 64).length - BATCH_HEADER_BYTES;
      expect(size).toBeLessThanOrEqual(mostRecordBytes(one.key, one.value, one.headers));
    }),
  );
});

it('refuses what is no timestamp, and records after the end', () => {
  const builder = new BatchBuilder();
  expect(() => builder.append(1.5, null, null)).toThrow(FormatError);
  builder.finish();
  expect(() => builder.append(1, null, null)).toThrow(FormatError);
});

it('X4 walks to the same verdict and timestamps as reading every record (twin)', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), (records) => {
      const batch = new BatchView(built(records, 64));
      const times = readRecords(batch).map((one) => one.timestamp);
      expect(walkRecords(batch)).toEqual({
        ok: true,
        maxTimestamp: Math.max(...times),
        minTimestamp: Math.min(...times),
        allKeyed: records.every((one) => one.key !== null),
      });
    }),
  );
});

it('X4 refuses bytes that reading refuses, and never throws (twin)', () => {
  const records = fc.array(record, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, place, change) => {
      const bytes = built(list, 64);
      const at = BATCH_HEADER_BYTES + (place % (bytes.length - BATCH_HEADER_BYTES));
      bytes[at] = (bytes[at] ?? 0) ^ change;
      const batch = new BatchView(bytes);
      const walked = walkRecords(batch);
      if (walked.ok) return;
      // Reading allows gaps, and does not look at sums of timestamps; it refuses everything else that walking refuses.
      const isStricter = /offset delta|timestamp|header/.test(walked.message);
      if (!isStricter) expect(() => readRecords(batch)).toThrow(FormatError);
    }),
  );
});

it('X4 refuses offset deltas with a gap, and records that the header does not count', () => {
  const records = [0, 2].map((offsetDelta) => ({ offsetDelta, timestamp: 1, key: null, value: null }));
  const gap = walkRecords(new BatchView(buildBatch({ records })));
  expect(gap).toEqual({ ok: false, message: 'record 1 of 2: offset delta 2, and should be 1' });
  const bytes = buildBatch({
    records: records.map(({ timestamp }) => ({ timestamp, key: null, value: null })),
  });
  new DataView(bytes.buffer).setInt32(57, 1);
  expect(walkRecords(new BatchView(bytes))).toEqual({
    ok: false,
    message: '7 bytes are left over after the records',
  });
  new DataView(bytes.buffer).setInt32(57, 3);
  expect(walkRecords(new BatchView(bytes)).ok).toBe(false);
});
