import { checkBatch, crc32c } from '@odradek/format';
import { expect, it } from 'vitest';
import { batchOf } from '../bench/batches.ts';
import { median, throughput } from '../bench/load.ts';

it.each([16, 64, 1024])('a batch of %i KiB is whole and fills its size', (kib) => {
  const batch = batchOf(kib * 1024);
  expect(checkBatch(batch, 0, crc32c).ok).toBe(true);
  expect(batch.length).toBeLessThanOrEqual(kib * 1024);
  expect(batch.length).toBeGreaterThan(kib * 1024 - 32);
});

it('keeps so many batches in flight, and counts what is acknowledged', async () => {
  let open = 0;
  let most = 0;
  const target = {
    send(_: Uint8Array, acknowledged: () => void) {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        acknowledged();
      });
    },
  };
  const load = { batch: new Uint8Array(1000), inFlight: 5, warmUpMs: 5, durationMs: 20 };
  expect(await throughput(target, load)).toBeGreaterThan(0);
  expect(most).toBe(5);
  expect(open).toBe(0);
});

it('says what went wrong once nothing is in flight any more', async () => {
  const target = {
    send: (_: Uint8Array, acknowledged: (error?: string) => void) =>
      void setImmediate(() => acknowledged('NOT_ENOUGH_REPLICAS')),
  };
  const load = { batch: new Uint8Array(1000), inFlight: 5, warmUpMs: 5, durationMs: 20 };
  await expect(throughput(target, load)).rejects.toThrow('NOT_ENOUGH_REPLICAS');
});

it('takes the value in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});
