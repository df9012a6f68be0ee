import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { CompressionCodec } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { nodeClock } from '../src/clock.ts';
import { nodeCompute } from '../src/compute.ts';
import { nodeRandom } from '../src/random.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

type Inflated = Uint8Array | { readonly error: string };

function inflated(codec: CompressionCodec, packed: Uint8Array, maxBytes = 1 << 20): Promise<Inflated> {
  return new Promise((resolve) => nodeCompute.inflate(codec, packed, maxBytes, resolve));
}

function deflated(codec: CompressionCodec, plain: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => nodeCompute.deflate(codec, plain, resolve));
}

describe('compute', () => {
  it('CRC-32C of the check string, and of a part', () => {
    expect(nodeCompute.crc32c(bytes('123456789'), 0, 9)).toBe(0xe3069283);
    expect(nodeCompute.crc32c(bytes('xx123456789x'), 2, 11)).toBe(0xe3069283);
  });

  it('HMAC-SHA-256 as in RFC 4231, test case 2', () => {
    expect(hex(nodeCompute.hmacSha256(bytes('Jefe'), bytes('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it.each(['none', 'gzip', 'zstd'] as const)('%s gives back what it took', async (codec) => {
    const plain = bytes('odradek '.repeat(50_000));
    const packed = await deflated(codec, plain);
    expect(Buffer.compare((await inflated(codec, packed)) as Uint8Array, plain)).toBe(0);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('X5: a bomb of %s is stopped at the cap', async (codec, pack) => {
    expect(await inflated(codec, pack(Buffer.alloc(50_000_000)), 100_000)).toEqual({ error: 'TOO_LARGE' });
  });

  it('X5: no more than four are inflated at once, so that bombs hold the memory of four', async () => {
    const bomb = gzipSync(Buffer.alloc(16_000_000));
    const ended: string[] = [];
    const inflate = async (name: string, packed: Uint8Array): Promise<void> => {
      expect(await inflated('gzip', packed, 16_000_000)).toBeInstanceOf(Uint8Array);
      ended.push(name);
    };
    const bombs = ['one', 'two', 'three', 'four'].map((name) => inflate(name, bomb));
    await Promise.all([...bombs, inflate('small', gzipSync('small'))]);
    // It would be the first by far, if it did not have to wait for one of them.
    expect(ended.indexOf('small')).toBeGreaterThan(0);
  });

  it.each(['gzip', 'zstd'] as const)('%s that is damaged or cut is corrupt', async (codec) => {
    const packed = await deflated(codec, bytes('odradek '.repeat(1000)));
    expect(await inflated(codec, packed.subarray(0, packed.length - 6))).toEqual({ error: 'CORRUPT' });
    expect(await inflated(codec, bytes('no such thing'))).toEqual({ error: 'CORRUPT' });
  });

  it.each([
    ['snappy', '03085861 62'],
    ['lz4', '04224d18 6040 82 03000080 586162 00000000'],
  ] as const)('%s is read, and not written', async (codec, packed) => {
    const given = Buffer.from(packed.replaceAll(' ', ''), 'hex');
    expect(await inflated(codec, given)).toEqual(bytes('Xab'));
    expect(await inflated(codec, given, 2)).toEqual({ error: 'TOO_LARGE' });
    expect(await inflated(codec, given.subarray(0, given.length - 2))).toEqual({ error: 'CORRUPT' });
    expect(await inflated(codec, bytes('no such thing'))).toEqual({ error: 'CORRUPT' });
    expect(() => nodeCompute.deflate(codec, bytes('x'), () => undefined)).toThrow(`${codec} is read here`);
  });

  it('X5: while a bomb is inflated in JavaScript, others have their turn', async () => {
    // 64 MiB: a literal of a byte, and a million times 64 bytes again from one byte ago.
    const copies = new Uint8Array(3 * 2 ** 20).map((_, at) => [(63 << 2) | 2, 1, 0][at % 3] ?? 0);
    const bomb = Buffer.concat([new Uint8Array([0x81, 0x80, 0x80, 0x20, 0, 0]), copies]);
    let turns = 0;
    let isOver = false;
    const others = (): void => {
      turns += 1;
      if (!isOver) setImmediate(others);
    };
    setImmediate(others);
    const result = await inflated('snappy', bomb, 2 ** 27);
    isOver = true;
    expect((result as Uint8Array).length).toBe(2 ** 26 + 1);
    expect(turns).toBeGreaterThan(50);
  });
});

describe('clock and chance', () => {
  it('timers come when due, unless taken back', async () => {
    const before = nodeClock.nowMs();
    const taken = nodeClock.setTimeout(() => expect.unreachable(), 1);
    nodeClock.clearTimeout(taken);
    await new Promise<void>((resolve) => {
      nodeClock.setTimeout(resolve, 5);
    });
    expect(nodeClock.nowMs()).toBeGreaterThan(before);
  });

  it('a timer longer than the platform keeps is not due at once', async () => {
    const long = nodeClock.setTimeout(() => expect.unreachable(), Number.MAX_SAFE_INTEGER);
    await new Promise<void>((resolve) => {
      nodeClock.setTimeout(resolve, 5);
    });
    nodeClock.clearTimeout(long);
  });

  it('draws below a bound, and bytes of a length', () => {
    for (let i = 0; i < 100; i++) expect(nodeRandom.below(3)).toBeOneOf([0, 1, 2]);
    expect(nodeRandom.bytes(16)).toHaveLength(16);
    expect(hex(nodeRandom.bytes(16))).not.toBe(hex(nodeRandom.bytes(16)));
  });
});
