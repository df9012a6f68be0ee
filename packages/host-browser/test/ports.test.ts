// The browser's interfaces that these ports stand on are Node's too, so the ports are tested here as they are.

import { createHash, createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { CompressionCodec } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { browserClock, browserCompute, browserRandom, hmacSha256, sha256 } from '../src/index.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

type Inflated = Uint8Array | { readonly error: string };

function inflated(codec: CompressionCodec, packed: Uint8Array, maxBytes = 1 << 20): Promise<Inflated> {
  return new Promise((resolve) => browserCompute.inflate(codec, packed, maxBytes, resolve));
}

function deflated(codec: CompressionCodec, plain: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => browserCompute.deflate(codec, plain, resolve));
}

describe('compute in a browser', () => {
  it('CRC-32C of the check string, and of a part', () => {
    expect(browserCompute.crc32c(bytes('123456789'), 0, 9)).toBe(0xe3069283);
    expect(browserCompute.crc32c(bytes('xx123456789x'), 2, 11)).toBe(0xe3069283);
  });

  it('SHA-256 and HMAC are those of Node, at every length (twins)', () => {
    const any = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(any, any, (key, message) => {
        expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'));
        expect(hex(hmacSha256(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'));
      }),
    );
  });

  it('HMAC-SHA-256 as in RFC 4231, test case 2', () => {
    expect(hex(browserCompute.hmacSha256(bytes('Jefe'), bytes('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it.each(['none', 'gzip'] as const)('%s gives back what it took', async (codec) => {
    const plain = bytes('odradek '.repeat(50_000));
    expect(await inflated(codec, await deflated(codec, plain))).toEqual(plain);
  });

  it('X5: a bomb is stopped at the cap', async () => {
    expect(await inflated('gzip', gzipSync(Buffer.alloc(50_000_000)), 100_000)).toEqual({
      error: 'TOO_LARGE',
    });
  });

  it('X5: no more than four are inflated at once', async () => {
    const bomb = gzipSync(Buffer.alloc(8_000_000));
    const ended: string[] = [];
    const inflate = async (name: string, packed: Uint8Array): Promise<void> => {
      expect(await inflated('gzip', packed, 8_000_000)).toBeInstanceOf(Uint8Array);
      ended.push(name);
    };
    const bombs = ['one', 'two', 'three', 'four'].map((name) => inflate(name, bomb));
    await Promise.all([...bombs, inflate('small', gzipSync('small'))]);
    expect(ended.indexOf('small')).toBeGreaterThan(0);
  });

  it('what is damaged or cut is corrupt; what no browser has is unsupported', async () => {
    const packed = await deflated('gzip', bytes('odradek '.repeat(1000)));
    expect(await inflated('gzip', packed.subarray(0, packed.length - 6))).toEqual({ error: 'CORRUPT' });
    expect(await inflated('gzip', bytes('no such thing'))).toEqual({ error: 'CORRUPT' });
    expect(await inflated('zstd', packed)).toEqual({ error: 'UNSUPPORTED' });
    expect(() => browserCompute.deflate('zstd', packed, () => undefined)).toThrow('zstd is not written here');
  });

  it('snappy is read', async () => {
    const given = Buffer.from('0308586162', 'hex');
    expect(await inflated('snappy', given)).toEqual(bytes('Xab'));
    expect(await inflated('snappy', given, 2)).toEqual({ error: 'TOO_LARGE' });
  });
});

describe('clock and chance in a browser', () => {
  it('timers come when due, unless taken back', async () => {
    const before = browserClock.nowMs();
    browserClock.clearTimeout(browserClock.setTimeout(() => expect.unreachable(), 1));
    const long = browserClock.setTimeout(() => expect.unreachable(), Number.MAX_SAFE_INTEGER);
    await new Promise<void>((resolve) => {
      browserClock.setTimeout(resolve, 5);
    });
    browserClock.clearTimeout(long);
    expect(browserClock.nowMs()).toBeGreaterThan(before);
  });

  it('draws every number below a bound, and bytes of a length', () => {
    const drawn = new Set(Array.from({ length: 200 }, () => browserRandom.below(3)));
    expect([...drawn].sort()).toEqual([0, 1, 2]);
    expect(() => browserRandom.below(0)).toThrow(RangeError);
    expect(browserRandom.bytes(100_000)).toHaveLength(100_000);
    expect(hex(browserRandom.bytes(16))).not.toBe(hex(browserRandom.bytes(16)));
  });
});
