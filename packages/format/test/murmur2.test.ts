import fc from 'fast-check';
import { expect, it } from 'vitest';
import { murmur2, partitionOfKey } from '../src/index.ts';

// The values of Apache Kafka's own test of its murmur2 (UtilsTest.testMurmur2).
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('hashes %s as Kafka does', (key, hash) => {
  expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
});

it('chooses a partition that exists', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 10_000 }), (key, count) => {
      const partition = partitionOfKey(key, count);
      return partition >= 0 && partition < count;
    }),
  );
});
