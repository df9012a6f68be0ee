import { describe, expect, it } from 'vitest';
import { backoffBoundMs, isLost, isWon, newRound, withGrant, withRefusal } from '../src/ballot.ts';

describe('a ballot', () => {
  it('Q2: is won with a majority, each voter counted once', () => {
    const round = newRound(1, 0);
    expect(isWon(round, 1)).toBe(true);
    expect(isWon(withGrant(round, 1), 3)).toBe(false);
    expect(isWon(withGrant(round, 2), 3)).toBe(true);
  });
  it('Q10: is lost as soon as those left are too few', () => {
    const once = withRefusal(newRound(1, 0), 2);
    expect(isLost(once, 3)).toBe(false);
    expect(isLost(withRefusal(once, 2), 3)).toBe(false);
    expect(isLost(withRefusal(once, 3), 3)).toBe(true);
  });
  it('Q10: each loss doubles the wait, up to a limit', () => {
    expect([1, 2, 3, 4].map((lost) => backoffBoundMs(lost, 150, 500))).toEqual([75, 150, 300, 500]);
  });
});
