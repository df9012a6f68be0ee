import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, inflateSnappy } from '../../src/index.ts';
import { carriedOut, inFrames, inSnappy, programs, varint } from './packed.ts';
import { codeOf, inflated, slicesOf } from './run.ts';

const MOST = 2 ** 27;
const whole = (bytes: Uint8Array, maxBytes = MOST): Uint8Array => inflated(inflateSnappy(bytes, maxBytes));
const refusal = (bytes: Uint8Array, maxBytes = MOST): string => codeOf(() => whole(bytes, maxBytes));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** A literal of one byte, and then as many copies of it as fit. */
function zeros(length: number): Uint8Array {
  const copies = Array.from({ length: Math.ceil((length - 1) / 64) }, (_, at) => {
    const left = Math.min(64, length - 1 - at * 64);
    return [((left - 1) << 2) | 2, 1, 0];
  });
  return new Uint8Array([...varint(length), 0, 0, ...copies.flat()]);
}

describe('snappy', () => {
  it('says what the description of the format says', () => {
    // "Wikipedia" and a copy of its "iki" that overlaps nothing, then one that overlaps itself.
    const packed = [15, 8 << 2, ...text('Wikipedia'), (2 << 2) | 2, 8, 0, (2 << 2) | 2, 1, 0];
    expect(Buffer.from(whole(new Uint8Array(packed))).toString()).toBe('Wikipediaikiiii');
  });

  it('gives what each of a thousand programs says, plain and in the frames of snappy-java', () => {
    fc.assert(
      fc.property(programs, programs, (one, other) => {
        expect(whole(inSnappy(one))).toEqual(carriedOut(one));
        const both = Buffer.concat([carriedOut(one), carriedOut(other)]);
        const frames = inFrames(inSnappy(one), inSnappy(other));
        expect(Buffer.compare(whole(frames), both)).toBe(0);
        // Streams that were joined.
        const joined = new Uint8Array([...inFrames(inSnappy(one)), ...inFrames(inSnappy(other))]);
        expect(Buffer.compare(whole(joined), both)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('frames without a block are nothing', () => {
    expect(whole(inFrames())).toEqual(new Uint8Array(0));
  });

  it('X5 stops at the cap, before it takes memory', () => {
    expect(whole(zeros(100_000), 100_000)).toEqual(new Uint8Array(100_000));
    expect(refusal(zeros(100_000), 99_999)).toBe('TOO_LARGE');
    expect(refusal(inFrames(zeros(60_000), zeros(60_000)), 100_000)).toBe('TOO_LARGE');
    // Four gigabytes, claimed by nine bytes.
    expect(refusal(new Uint8Array([...varint(2 ** 32 - 1), 0, 0, 0, 0]))).toBe('CORRUPT');
  });

  it('X5 pauses after each mebibyte', () => {
    expect(slicesOf(inflateSnappy(zeros(10 * 2 ** 20), MOST))).toBeGreaterThanOrEqual(9);
    const small = zeros(32 * 1024);
    const many = inFrames(...Array.from({ length: 320 }, () => small));
    expect(slicesOf(inflateSnappy(many, MOST))).toBeGreaterThanOrEqual(9);
  });

  it.each([
    ['nothing at all', []],
    ['a copy before there is anything', [4, (3 << 2) | 2, 1, 0]],
    ['a copy from nowhere', [5, 0, 7, (3 << 2) | 2, 0, 0]],
    ['a literal that ends too early', [4, 3 << 2, 1, 2, 3]],
    ['a length of a literal that ends too early', [70, 61 << 2, 69]],
    ['a copy that ends too early', [5, 0, 7, (3 << 2) | 2, 1]],
    ['more than it says', [2, 2 << 2, 1, 2, 3]],
    ['less than it says', [4, 2 << 2, 1, 2, 3]],
    ['bytes behind its end', [3, 2 << 2, 1, 2, 3, 0, 9]],
    ['frames that end within a length', [...inFrames(inSnappy({ steps: [], last: text('abc') })), 0, 0]],
    ['a frame longer than what is there', [...inFrames(), 0, 0, 0, 9, 3, 8, 1, 2, 3]],
  ])('%s is refused', (_, bytes) => {
    expect(refusal(new Uint8Array(bytes))).toMatch(/CORRUPT|TRUNCATED/);
  });

  it('X5 whatever bytes come, it ends, with an error or with no more than is allowed', () => {
    fc.assert(
      fc.property(programs, fc.nat(), fc.nat(255), fc.nat(), (program, at, byte, length) => {
        const packed = inFrames(inSnappy(program)).slice(16 * (at % 2));
        packed[at % packed.length] = byte;
        try {
          expect(
            whole(packed.subarray(0, 1 + (length % (2 * packed.length))), 10_000).length,
          ).toBeLessThanOrEqual(10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
