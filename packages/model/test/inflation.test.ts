import { expect, it } from 'vitest';
import { mostInflatedBytes } from '../src/inflation.ts';

it('X5 what may be inflated is capped by its ratio and in all, but small batches are free', () => {
  expect(mostInflatedBytes(0)).toBe(16 * 2 ** 20);
  expect(mostInflatedBytes(1000)).toBe(16 * 2 ** 20);
  expect(mostInflatedBytes(200_000)).toBe(40_000_000);
  expect(mostInflatedBytes(2 ** 20)).toBe(128 * 2 ** 20);
  expect(mostInflatedBytes(2 ** 30)).toBe(128 * 2 ** 20);
});
