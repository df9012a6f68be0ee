import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FormatError, uuidBytes, uuidText, ZERO_UUID } from '../src/index.ts';

it('writes what base64url writes, and reads it back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = uuidText(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(uuidBytes(text)).toEqual(bytes);
    }),
  );
});

it('writes zero as Kafka does', () => {
  expect(uuidText(new Uint8Array(16))).toBe('AAAAAAAAAAAAAAAAAAAAAA');
  expect(uuidBytes(ZERO_UUID)).toEqual(new Uint8Array(16));
});

it.each(['', 'AAAA', `${'A'.repeat(21)}!`, `${'A'.repeat(21)}B`])('refuses "%s" by name', (text) => {
  expect(() => uuidBytes(text)).toThrow(FormatError);
});

it('refuses fewer than sixteen bytes', () => {
  expect(() => uuidText(new Uint8Array(15))).toThrow(FormatError);
});

it('tells those apart whose words make the same sum, however often they take turns', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
  const turned = Uint8Array.of(...bytes.subarray(4), ...bytes.subarray(0, 4));
  for (let turn = 0; turn < 2; turn++)
    for (const one of [bytes, turned, turned, bytes, bytes])
      expect(uuidText(one)).toBe(Buffer.from(one).toString('base64url'));
});
