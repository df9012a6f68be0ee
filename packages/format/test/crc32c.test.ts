import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32c } from '../src/index.ts';

/** The definition: a bit at a time. */
function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

it('has the check value of CRC-32C', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4
  expect(crc32c(new Uint8Array(0))).toBe(0);
});

it('is what the bitwise definition gives, for any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => crc32c(bytes) === bitByBit(bytes)));
});

it('reads a range, and goes on from the checksum of what came before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, one, other) => {
      const start = Math.min(one, other, bytes.length);
      const end = Math.min(Math.max(one, other), bytes.length);
      expect(crc32c(bytes, start, end)).toBe(bitByBit(bytes.subarray(start, end)));
      expect(crc32c(bytes, start, bytes.length, crc32c(bytes, 0, start))).toBe(bitByBit(bytes));
    }),
  );
});
