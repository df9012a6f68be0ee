import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedText, numberText } from '../src/number-text.ts';

test('numbers are written as the platform writes them in English', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(numberText(value)).toBe(value.toLocaleString('en'));
    }),
  );
  for (const value of [0, -1, 999, 1000, 12.5, 1234.5, -1234567.25])
    expect(numberText(value)).toBe(value.toLocaleString('en'));
});

test('one is one, and all others are many', () => {
  expect([0, 1, 10_000].map((count) => countedText(count, 'record'))).toEqual([
    '0 records',
    '1 record',
    '10,000 records',
  ]);
});
