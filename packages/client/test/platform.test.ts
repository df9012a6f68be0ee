import { gunzipSync, gzipSync } from 'node:zlib';
import type { InflateDone } from '@odradek/model';
import { expect, it } from 'vitest';
import { platformCompute } from '../src/platform.ts';

const bytes = new Uint8Array(100_000).map((_, index) => index % 7);

const inflated = (given: Uint8Array, maxBytes: number): Promise<Parameters<InflateDone>[0]> =>
  new Promise((resolve) => platformCompute.inflate('gzip', given, maxBytes, resolve));

it('compresses as gzip does', async () => {
  const compressed = await new Promise<Uint8Array>((resolve) =>
    platformCompute.deflate('gzip', bytes, resolve),
  );
  expect(compressed.length).toBeLessThan(5000);
  expect(new Uint8Array(gunzipSync(compressed))).toEqual(bytes);
});

it('X5 inflates up to a cap, and says what is damaged or not known', async () => {
  const compressed = new Uint8Array(gzipSync(bytes));
  expect(await inflated(compressed, 100_000)).toEqual(bytes);
  expect(await inflated(compressed, 99_999)).toEqual({ error: 'TOO_LARGE' });
  expect(await inflated(compressed.subarray(0, 50), 100_000)).toEqual({ error: 'CORRUPT' });
  const other = await new Promise((resolve) => platformCompute.inflate('zstd', bytes, 1, resolve));
  expect(other).toEqual({ error: 'UNSUPPORTED' });
});
