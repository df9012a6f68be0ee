import { expect, it } from 'vitest';
import { fewAtOnce } from '../../src/waiting/few-at-once.ts';

it('no more than a few are under way, in their order, and the end is told once', () => {
  const underWay: (() => void)[] = [];
  const ordered: number[] = [];
  let ends = 0;
  const order = (item: number, ended: () => void): void => {
    ordered.push(item);
    underWay.push(ended);
  };
  fewAtOnce([1, 2, 3, 4, 5], 2, order, () => {
    ends += 1;
  });
  expect(ordered).toEqual([1, 2]);
  underWay.shift()?.();
  expect(ordered).toEqual([1, 2, 3]);
  while (underWay.length > 0) {
    expect([underWay.length <= 2, ends]).toEqual([true, 0]);
    underWay.pop()?.();
  }
  expect([ordered, ends]).toEqual([[1, 2, 3, 4, 5], 1]);
});

it('of nothing the end is told at once', () => {
  let ends = 0;
  fewAtOnce(
    [],
    2,
    () => {},
    () => {
      ends += 1;
    },
  );
  expect(ends).toBe(1);
});
