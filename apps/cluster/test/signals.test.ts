import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { untilSignalled } from '../src/signals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function signal(): void {
  process.emit('SIGHUP', 'SIGHUP');
}

it('one wish to end that arrives twice is one; a second one later is a second', async () => {
  vi.advanceTimersByTime(10_000);
  const before = process.listenerCount('SIGHUP');
  const first = untilSignalled();
  signal();
  expect(await first).toBe('SIGHUP');
  let isKilled = false;
  const second = untilSignalled().then(() => {
    isKilled = true;
  });
  signal();
  await vi.advanceTimersByTimeAsync(200);
  signal();
  await vi.advanceTimersByTimeAsync(0);
  expect(isKilled).toBe(false);
  // An echo meets a listener; without one it would end the process.
  expect(process.listenerCount('SIGHUP')).toBe(before + 2);
  await vi.advanceTimersByTimeAsync(100);
  expect(process.listenerCount('SIGHUP')).toBe(before + 1);
  signal();
  await second;
  expect(isKilled).toBe(true);
  await vi.advanceTimersByTimeAsync(300);
  expect(process.listenerCount('SIGHUP')).toBe(before);
});
