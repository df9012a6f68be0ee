import { crc32c, textBytes } from '@odradek/format';
import { expect, it } from 'vitest';
import { decodeRecords, encodeRecord, type JournalRecord } from '../src/journal-format.ts';

const entry = (log: string, bytes: string) => ({
  ...{ log, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', baseOffset: 2 ** 40, position: 77 },
  bytes: textBytes(bytes),
});

const records: readonly JournalRecord[] = [
  { sequence: 0, entries: [entry('orders-0', 'one'), entry('größer-12', '')] },
  { sequence: 1, entries: [] },
  { sequence: 2, entries: [entry('orders-0', 'two')] },
];

const file = Uint8Array.from(records.flatMap((record) => [...encodeRecord(record, crc32c)]));
const ends = records.map((_, index) =>
  records.slice(0, index + 1).reduce((sum, record) => sum + encodeRecord(record, crc32c).length, 0),
);

it('D10: gives back the records that were written', () => {
  expect(decodeRecords(file, crc32c)).toEqual(records);
});

it('D1: of a file that ends anywhere, the records that are whole', () => {
  for (let length = 0; length <= file.length; length++) {
    const whole = ends.filter((end) => end <= length).length;
    expect(decodeRecords(file.subarray(0, length), crc32c)).toEqual(records.slice(0, whole));
  }
});

it('D1: a file with a broken byte gives no record from there on, and one that ends in zeros none of these', () => {
  for (let at = 0; at < file.length; at++) {
    const broken = file.slice();
    broken[at] = (broken[at] ?? 0) ^ 1;
    const sound = ends.filter((end) => end <= at).length;
    expect(decodeRecords(broken, crc32c)).toEqual(records.slice(0, sound));
  }
  const longer = new Uint8Array(file.length + 600);
  longer.set(file);
  expect(decodeRecords(longer, crc32c)).toEqual(records);
});
