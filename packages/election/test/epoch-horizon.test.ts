import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  horizonAfter,
  horizonAt,
  horizonAtStart,
  horizonWhenHeard,
  isCredibleEpoch,
  MISSED_EPOCHS,
  MS_PER_EPOCH,
} from '../src/index.ts';

describe('X9: what one voter alone tells of an epoch', () => {
  it('is believed as far as elections may have been missed, and farther as time passes', () => {
    const horizon = horizonAtStart(5, 1000);
    expect(horizonAt(horizon, 1000)).toBe(5 + MISSED_EPOCHS);
    expect(horizonAt(horizon, 1000 + 30 * MS_PER_EPOCH)).toBe(5 + MISSED_EPOCHS + 30);
    expect(isCredibleEpoch(5 + MISSED_EPOCHS, 5 + MISSED_EPOCHS, [5, -1, 5 + MISSED_EPOCHS])).toBe(true);
    expect(isCredibleEpoch(6 + MISSED_EPOCHS, 5 + MISSED_EPOCHS, [5, -1, 6 + MISSED_EPOCHS])).toBe(false);
  });
  it('is believed no farther than at a start once a leader is heard; and what a lie has used up comes back slowly', () => {
    const horizon = horizonAtStart(5, 0);
    const heard = horizonWhenHeard(horizon, 5, 3_600_000);
    expect(horizonAt(heard, 3_600_000)).toBe(5 + MISSED_EPOCHS);
    const lied = horizonWhenHeard(heard, 5 + MISSED_EPOCHS, 3_600_001);
    expect(horizonAt(lied, 3_600_000 + 50 * MS_PER_EPOCH)).toBe(5 + MISSED_EPOCHS + 50);
  });
  it('is believed no farther for what a majority has told', () => {
    const horizon = horizonAfter(horizonAtStart(5, 0), 1_000_000_000, 1000);
    expect(horizonAt(horizon, 1000)).toBe(1_000_000_000);
    expect(horizonAfter(horizon, 1_000_000_001, 1000 + MS_PER_EPOCH)).toBe(horizon);
  });
});

describe('X9: what a majority of voters tells of an epoch', () => {
  it('is believed wherever it is; the own epoch counts for the own vote', () => {
    expect(isCredibleEpoch(2 ** 30, 70_000, [5, 2 ** 30, -1])).toBe(false);
    expect(isCredibleEpoch(2 ** 30, 70_000, [5, 2 ** 30, 2 ** 30])).toBe(true);
    expect(isCredibleEpoch(2 ** 30, 70_000, [5, 2 ** 30, 2 ** 31 - 2])).toBe(true);
    expect(isCredibleEpoch(2 ** 30, 70_000, [5, 5, 2 ** 30, 2 ** 30, -1])).toBe(false);
    expect(isCredibleEpoch(2 ** 30, 70_000, [5, 5, 2 ** 30, 2 ** 30, 2 ** 30])).toBe(true);
  });
  it('of which fewer than a majority lie is believed beyond the horizon only up to what an honest one has told', () => {
    const epoch = fc.integer({ min: 0, max: 2 ** 31 - 2 });
    const honest = fc.array(epoch, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(honest, fc.array(epoch, { maxLength: 3 }), epoch, (told, lies, horizon) => {
        fc.pre(lies.length < told.length);
        const voters = [...told, ...lies];
        for (const lie of voters)
          if (isCredibleEpoch(lie, horizon, voters))
            expect(lie).toBeLessThanOrEqual(Math.max(horizon, ...told));
      }),
    );
  });
  it('is never the last epoch, nor one below none', () => {
    for (const told of [2 ** 31 - 1, 2 ** 40, -2])
      expect(isCredibleEpoch(told, told, [told, told])).toBe(false);
    expect(isCredibleEpoch(-1, 5, [])).toBe(true);
    expect(isCredibleEpoch(2 ** 31 - 2, 2 ** 31 - 2, [])).toBe(true);
  });
});
