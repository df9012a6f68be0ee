import { expect, it } from 'vitest';
import { inflateInSlices, mostInflatedBytes } from '../src/inflation.ts';
import type { InflateDone } from '../src/ports.ts';

it('X5 what may be inflated is capped by its ratio and in all, but small batches are free', () => {
  expect(mostInflatedBytes(0)).toBe(16 * 2 ** 20);
  expect(mostInflatedBytes(1000)).toBe(16 * 2 ** 20);
  expect(mostInflatedBytes(200_000)).toBe(40_000_000);
  expect(mostInflatedBytes(2 ** 20)).toBe(128 * 2 ** 20);
  expect(mostInflatedBytes(2 ** 30)).toBe(128 * 2 ** 20);
});

it('X5 inflates a slice at a time, and later', () => {
  // A mebibyte and more: a literal of a byte, and again and again 64 bytes from one byte ago.
  const copies = new Uint8Array(3 * 2 ** 15).map((_, at) => [(63 << 2) | 2, 1, 0][at % 3] ?? 0);
  const bytes = new Uint8Array([0x81, 0x80, 0x80, 0x01, 0, 0, ...copies]);
  const turns: (() => void)[] = [];
  const results: Parameters<InflateDone>[0][] = [];
  const inflate = (most: number): void =>
    inflateInSlices(
      'snappy',
      bytes,
      most,
      (turn) => void turns.push(turn),
      (result) => void results.push(result),
    );
  inflate(2 ** 22);
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    expect(results).toEqual([]);
    turn();
  }
  expect(results[0]).toHaveLength(2 ** 21 + 1);
  inflate(2 ** 21);
  expect(results).toHaveLength(1);
  turns.shift()?.();
  expect(results[1]).toEqual({ error: 'TOO_LARGE' });
});
