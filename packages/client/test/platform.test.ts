import { gunzipSync, gzipSync } from 'node:zlib';
import type { CompressionCodec, InflateDone } from '@odradek/model';
import { expect, it } from 'vitest';
import { platformCompute } from '../src/platform.ts';

const bytes = new Uint8Array(100_000).map((_, index) => index % 7);

const inflated = (
  given: Uint8Array,
  maxBytes: number,
  codec: CompressionCodec = 'gzip',
): Promise<Parameters<InflateDone>[0]> =>
  new Promise((resolve) => platformCompute.inflate(codec, given, maxBytes, resolve));

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
  expect(await inflated(bytes, 1, 'zstd')).toEqual({ error: 'UNSUPPORTED' });
});

it.each([
  ['snappy', '0308586162'],
  ['lz4', '04224d186040820300008058616200000000'],
] as const)('reads %s, up to a cap (X5)', async (codec, packed) => {
  const given = new Uint8Array(Buffer.from(packed, 'hex'));
  expect(await inflated(given, 3, codec)).toEqual(new Uint8Array(Buffer.from('Xab')));
  expect(await inflated(given, 2, codec)).toEqual({ error: 'TOO_LARGE' });
  expect(await inflated(given.subarray(0, 5), 3, codec)).not.toEqual({ error: 'UNSUPPORTED' });
});
