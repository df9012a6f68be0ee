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
