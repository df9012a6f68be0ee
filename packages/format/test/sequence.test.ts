import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decrementSequence, incrementSequence } from '../src/index.ts';

it('P1: a sequence wraps from 2^31 - 1 to 0 (S47)', () => {
  expect(incrementSequence(2 ** 31 - 1, 1)).toBe(0);
  expect(decrementSequence(0, 1)).toBe(2 ** 31 - 1);
});

it('P1: going back undoes going forward', () => {
  const sequence = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(
      sequence,
      fc.nat(1_000_000),
      (from, by) => decrementSequence(incrementSequence(from, by), by) === from,
    ),
  );
});
