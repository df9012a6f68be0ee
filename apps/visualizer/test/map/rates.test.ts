import { expect, test } from 'vitest';
import { Rates } from '../../src/map/rates.ts';

test('a rate is over some time, and begins anew when time or the log goes back', () => {
  const rates = new Rates();
  expect(rates.perSecond('t-0', 100, 1000)).toBe(0);
  expect(rates.perSecond('t-0', 150, 1100)).toBe(0);
  expect(rates.perSecond('t-0', 600, 1500)).toBe(1000);
  expect(rates.perSecond('t-0', 600, 1600)).toBe(1000);
  expect(rates.perSecond('t-0', 600, 2600)).toBe(0);
  expect(rates.perSecond('t-0', 700, 2000)).toBe(0);
  expect(rates.perSecond('t-0', 10, 9000)).toBe(0);
});
