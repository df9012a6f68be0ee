import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onceSettled } from '../src/once-settled.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it('a start is over two seconds after the node serves, and not before it hosts its partitions', () => {
  const settled = vi.fn();
  const node = { isTakingPlaces: () => true };
  onceSettled(node, settled);
  vi.advanceTimersByTime(60_000);
  expect(settled).not.toHaveBeenCalled();
  node.isTakingPlaces = () => false;
  vi.advanceTimersByTime(2000);
  expect(settled).toHaveBeenCalledOnce();
});
