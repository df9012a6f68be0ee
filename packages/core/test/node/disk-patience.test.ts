import { expect, it } from 'vitest';
import { DiskPatience } from '../../src/node/disk-patience.ts';

it('D11: a flush that is under way for longer than others may lag is too slow, at each look', () => {
  const patience = new DiskPatience();
  const looks = [0, 300, 2900, 3200, 3500].map((nowMs) => patience.isOver(nowMs, nowMs, 3000));
  expect(looks).toEqual([false, false, false, true, true]);
});

it('D11 E6: after a pause the first look does not blame the disk, which may have been done long ago; the next one may', () => {
  const patience = new DiskPatience();
  expect(patience.isOver(1000, 10, 3000)).toBe(false);
  expect(patience.isOver(14_000, 13_010, 3000)).toBe(false);
  expect(patience.isOver(14_300, 13_310, 3000)).toBe(true);
  expect(patience.isOver(14_600, 0, 3000)).toBe(false);
});
