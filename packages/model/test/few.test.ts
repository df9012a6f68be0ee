import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Few } from '../src/few.ts';

describe('a few things', () => {
  it('are those of a set, in the order in which they came', () => {
    const steps = fc.array(fc.record({ does: fc.constantFrom('add', 'delete', 'take'), what: fc.nat(5) }));
    fc.assert(
      fc.property(steps, (taken) => {
        const few = new Few<number>();
        const set = new Set<number>();
        for (const { does, what } of taken) {
          if (does === 'take') {
            expect(few.take()).toEqual([...set]);
            set.clear();
          } else if (does === 'delete') expect(few.delete(what)).toBe(set.delete(what));
          else if (!few.has(what)) {
            few.add(what);
            set.add(what);
          }
          expect([few.size, few.all]).toEqual([set.size, [...set]]);
          expect(few.find((one) => one > 2)).toBe([...set].find((one) => one > 2));
        }
      }),
    );
  });

  it('are gone through as they were, whatever comes and goes meanwhile', () => {
    const few = new Few<string>();
    for (const thing of ['a', 'b', 'c']) few.add(thing);
    const seen: string[] = [];
    for (const thing of few.all) {
      seen.push(thing);
      few.delete(thing);
      few.add(`${thing} again`);
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(few.all).toEqual(['a again', 'b again', 'c again']);
  });
});
