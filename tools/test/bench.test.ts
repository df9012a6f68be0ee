import { checkBatch, crc32c } from '@odradek/format';
import { expect, it } from 'vitest';
import { batchOf } from '../bench/batches.ts';
import { latencies, median, percentile, throughput } from '../bench/load.ts';
import { microsecondsOf } from '../bench/processor-rows.ts';
import { lineOf, ratioRow } from '../bench/rows.ts';

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
    send(_: Uint8Array, _partition: number, acknowledged: () => void) {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        acknowledged();
      });
    },
  };
  const load = { batch: new Uint8Array(1000), inFlight: 5, partitions: 3, warmUpMs: 5, durationMs: 500 };
  expect(await throughput([target], load)).toBeGreaterThan(0);
  expect(most).toBe(5);
  expect(open).toBe(0);
});

it('says what went wrong once nothing is in flight any more', async () => {
  const target = {
    send: (_: Uint8Array, _partition: number, acknowledged: (error?: string) => void) =>
      void setImmediate(() => acknowledged('NOT_ENOUGH_REPLICAS')),
  };
  const load = { batch: new Uint8Array(1000), inFlight: 5, partitions: 3, warmUpMs: 5, durationMs: 20 };
  await expect(throughput([target], load)).rejects.toThrow('NOT_ENOUGH_REPLICAS');
});

it('takes the value in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

it('sends at the rate that was asked for, and measures from when each was due', async () => {
  const target = {
    send: (_: Uint8Array, _partition: number, acknowledged: () => void) => void setTimeout(acknowledged, 2),
  };
  const load = { batch: new Uint8Array(10), inFlight: 1, partitions: 1, warmUpMs: 0, durationMs: 100 };
  const measured = await latencies(target, load, 1000);
  expect(measured.length).toBe(100);
  expect(measured[0]).toBeGreaterThan(1);
  expect(measured).toEqual(measured.toSorted((one, other) => one - other));
});

it('P1 of a hundred values is the second, P100 the last', () => {
  const values = Array.from({ length: 100 }, (_, index) => index);
  expect([percentile(values, 1), percentile(values, 99.9), percentile(values, 100)]).toEqual([1, 99, 99]);
});

it('says whether an aim is met, and what it was before', () => {
  const aim = { value: 60, is: 'least' } as const;
  const row = ratioRow('reading', 'MB/s', [100, 100, 100], [50, 70, 80], aim);
  expect(lineOf(row, undefined)).toMatch(/50 +70 +80 % +from 60 % met$/);
  expect(lineOf(row, ratioRow('reading', 'MB/s', [100], [55], aim))).toMatch(/met +was 55 %$/);
  expect(lineOf({ ...row, values: [50, 55, 80] }, undefined)).toMatch(/MISSED$/);
  expect(
    lineOf(
      { ...row, unit: 'ms', values: [1, 2, 30], aim: { value: 20, is: 'most' }, aimWorst: 20 },
      undefined,
    ),
  ).toMatch(/MISSED$/);
});

it.runIf(process.platform === 'linux')(
  'counts what a process has had of the processors, as Node does',
  () => {
    const [before, nodeBefore] = [microsecondsOf([process.pid]), process.cpuUsage()];
    let sum = 0;
    for (let usage = process.cpuUsage(nodeBefore); usage.user + usage.system < 200_000; ) {
      for (let count = 0; count < 100_000; count++) sum += Math.sqrt(count);
      usage = process.cpuUsage(nodeBefore);
    }
    expect(sum).toBeGreaterThan(0);
    const counted = microsecondsOf([process.pid]) - before;
    expect(counted).toBeGreaterThan(150_000);
    expect(counted).toBeLessThan(1_000_000);
  },
);
