import { setImmediate as immediately } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { nodeClock } from '../src/clock.ts';

it('what is due at once waits for no millisecond', async () => {
  let calls = 0;
  for (let round = 1; round <= 100; round++) {
    nodeClock.setTimeout(() => {
      calls += 1;
    }, 0);
    await immediately();
    expect(calls).toBe(round);
  }
});

it('what was cleared is not called, whether it was due at once or later', async () => {
  const called: number[] = [];
  const handles = [0, -1, 1, 5].map((delayMs) => nodeClock.setTimeout(() => called.push(delayMs), delayMs));
  nodeClock.setTimeout(() => called.push(10), 10);
  for (const handle of handles) nodeClock.clearTimeout(handle);
  await new Promise<void>((resolve) => void nodeClock.setTimeout(resolve, 10));
  expect(called).toEqual([10]);
});

it('a time longer than 32 bits does not fire at once', async () => {
  let isCalled = false;
  const handle = nodeClock.setTimeout(() => {
    isCalled = true;
  }, 2 ** 40);
  await new Promise<void>((resolve) => void nodeClock.setTimeout(resolve, 10));
  expect(isCalled).toBe(false);
  nodeClock.clearTimeout(handle);
});
