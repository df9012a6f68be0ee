import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram, latencyBoundsMs } from '../src/histogram.ts';

it('a value counts under the first bound that is not below it, and above all bounds in the last place', () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0, 1, 1.5, 10, 11, 1000]) histogram.note(value);
  expect(histogram.counts).toEqual([2, 2, 2]);
  expect(histogram.count).toBe(6);
  expect(histogram.sum).toBe(1023.5);
});

it('agrees with counting by hand', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true })), (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.note(value);
      const byHand = [...latencyBoundsMs, Number.POSITIVE_INFINITY].map((bound, at, bounds) => {
        const below = at === 0 ? Number.NEGATIVE_INFINITY : (bounds[at - 1] ?? 0);
        return values.filter((value) => value <= bound && value > below).length;
      });
      expect(histogram.counts).toEqual(byHand);
    }),
  );
});
