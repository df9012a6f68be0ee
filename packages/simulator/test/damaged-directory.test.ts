import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../src/seeded-random.ts';
import { damaged, leftBehind, startOn } from './damaged-directory.ts';

/** What a broken invariant or a missing check shows itself as: no reason that helps anybody. */
const notAReason = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

describe.each(['clean', 'killed'] as const)('a directory that was left %s and damaged since', (end) => {
  it('D7 D8 D9 X13 is refused by a reason or served, and no record is another than it was (property)', () => {
    const left = leftBehind(end);
    const outcomes = { refused: 0, whole: 0, partly: 0, unreadable: 0 };
    fc.assert(
      fc.property(fc.noShrink(fc.noBias(fc.nat())), (seed) => {
        const { files, what } = damaged(left.files, new SeededRandom(seed));
        const outcome = startOn(left, files);
        if (outcome.type === 'refused') {
          outcomes.refused += 1;
          expect(outcome.reason, what).toBeInstanceOf(Error);
          expect(notAReason, what).not.toContain((outcome.reason as Error).name);
        } else if (typeof outcome.contents === 'string') outcomes.unreadable += 1;
        else {
          const { contents } = outcome;
          for (const [offset, value] of contents)
            expect(left.contents.get(offset), `${what}: offset ${offset}`).toBe(value);
          // What is missing is missing at the end: nobody reads over a hole.
          expect([...contents.keys()], what).toEqual([...left.contents.keys()].slice(0, contents.size));
          outcomes[contents.size === left.contents.size ? 'whole' : 'partly'] += 1;
        }
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(outcomes.refused).toBeGreaterThan(10);
    expect(outcomes.whole).toBeGreaterThan(100);
    expect(outcomes.unreadable).toBeGreaterThan(5);
  }, 300_000);
});
