import { expect, it } from 'vitest';
import { DueTimer } from '../src/due-timer.ts';

/** Timers that fire when a test says so. */
class HandClock {
  now = 0;
  readonly timers = new Map<object, { readonly at: number; readonly callback: () => void }>();
  readonly nowMs = (): number => this.now;
  readonly setTimeout = (callback: () => void, delayMs: number): object => {
    const handle = {};
    this.timers.set(handle, { at: this.now + delayMs, callback });
    return handle;
  };
  readonly clearTimeout = (handle: object | number): void => {
    if (typeof handle === 'object') this.timers.delete(handle);
  };
  goTo(timeMs: number): void {
    this.now = timeMs;
    for (const [handle, { at, callback }] of [...this.timers])
      if (at <= timeMs && this.timers.delete(handle)) callback();
  }
}

it('fires once, at the earliest time it was set to', () => {
  const clock = new HandClock();
  const fired: number[] = [];
  const timer = new DueTimer(clock, () => {
    fired.push(clock.now - timer.takeLatenessMs());
  });
  timer.setBy(50);
  timer.setBy(30);
  timer.setBy(40);
  timer.setBy(undefined);
  expect(clock.timers.size).toBe(1);
  clock.goTo(33);
  expect(fired).toEqual([30]);
  clock.goTo(100);
  expect(fired).toEqual([30]);
  expect(timer.isArmed).toBe(false);
});

it('is set again once it has fired, and not after it was cancelled', () => {
  const clock = new HandClock();
  let count = 0;
  const timer = new DueTimer(clock, () => {
    count += 1;
    timer.takeLatenessMs();
  });
  timer.setBy(10);
  clock.goTo(10);
  timer.setBy(20);
  timer.cancel();
  clock.goTo(20);
  timer.setBy(25);
  clock.goTo(30);
  expect(count).toBe(2);
});
