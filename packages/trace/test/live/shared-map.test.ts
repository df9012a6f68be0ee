// A map whose copies share what neither has changed is a map as any other.

import { array, assert, constant, integer, oneof, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharedMap } from '../../src/live/shared-map.ts';

/** Few keys, so that they meet; many at once, so that it is divided. */
const key = integer({ min: 0, max: 3000 });
const act = oneof(
  record({ do: constant('set' as const), map: integer({ min: 0, max: 4 }), key }),
  record({ do: constant('fill' as const), map: integer({ min: 0, max: 4 }), key }),
  record({ do: constant('delete' as const), map: integer({ min: 0, max: 4 }), key }),
  record({ do: constant('copy' as const), map: integer({ min: 0, max: 4 }) }),
);

function sorted(entries: Iterable<readonly [string, number]>): (readonly [string, number])[] {
  return [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
}

describe('SharedMap', () => {
  test('holds what a map holds, and so does each of its copies, whatever is done to the others', () => {
    assert(
      property(array(act, { maxLength: 40 }), (acts) => {
        const pairs: { shared: SharedMap<number>; plain: Map<string, number> }[] = [
          { shared: new SharedMap(), plain: new Map() },
        ];
        for (const [at, one] of acts.entries()) {
          const pair = pairs[one.map % pairs.length];
          if (pair === undefined) continue;
          const { shared, plain } = pair;
          if (one.do === 'copy') pairs.push({ shared: shared.copy(), plain: new Map(plain) });
          else if (one.do === 'delete') expect(shared.delete(`${one.key}`)).toBe(plain.delete(`${one.key}`));
          else
            for (let n = one.key; n < one.key + (one.do === 'fill' ? 700 : 1); n++) {
              shared.set(`${n}`, at);
              plain.set(`${n}`, at);
            }
        }
        for (const { shared, plain } of pairs) {
          expect(shared.size).toBe(plain.size);
          expect(sorted(shared)).toEqual(sorted(plain));
          expect([...shared.keys()].sort()).toEqual([...plain.keys()].sort());
          for (const [name, value] of plain) expect(shared.get(name)).toBe(value);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('few entries stand in the order in which they came', () => {
    const map = new SharedMap<number>().set('b', 1).set('a', 2).set('c', 3);
    expect([...map.values()]).toEqual([1, 2, 3]);
    map.clear();
    expect([map.size, map.has('a')]).toEqual([0, false]);
  });
});
