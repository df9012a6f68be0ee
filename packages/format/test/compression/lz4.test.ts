import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, inflateLz4 } from '../../src/index.ts';
import { carriedOut, lz4Block, lz4Frame, programs } from './packed.ts';
import { codeOf, inflated, slicesOf } from './run.ts';

const MOST = 2 ** 27;
const whole = (bytes: Uint8Array, maxBytes = MOST): Uint8Array => inflated(inflateLz4(bytes, maxBytes));
const refusal = (bytes: Uint8Array, maxBytes = MOST): string => codeOf(() => whole(bytes, maxBytes));
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const abc = { steps: [], last: text('abc') };

const BLOCK_CHECKSUM = 0b0111_0000;
const CONTENT_SIZE = 0b0110_1000;
const CONTENT_CHECKSUM = 0b0110_0100;

/** Of 64 KiB each. */
function zeros(blocks: number): Uint8Array {
  const block = lz4Block({
    steps: [{ literal: new Uint8Array(1), distance: 1, length: 2 ** 16 - 6 }],
    last: new Uint8Array(5),
  });
  return lz4Frame({ blocks: Array.from({ length: blocks }, () => block) });
}

describe('lz4', () => {
  it('gives what each of a thousand programs says', () => {
    fc.assert(
      fc.property(
        programs,
        programs,
        fc.constantFrom(0b0110_0000, BLOCK_CHECKSUM, CONTENT_SIZE),
        (one, other, flags) => {
          const both = Buffer.concat([carriedOut(one), carriedOut(other)]);
          expect(Buffer.compare(whole(lz4Frame({ flags, blocks: [one, other].map(lz4Block) })), both)).toBe(
            0,
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes blocks that did not shrink as they are, and a frame without a block as nothing', () => {
    expect(whole(lz4Frame({ blocks: [text('abc'), text('de')], arePlain: true }))).toEqual(text('abcde'));
    expect(whole(lz4Frame({ blocks: [] }))).toEqual(new Uint8Array(0));
  });

  it('as Kafka, looks neither at the checksum of the content nor at what follows', () => {
    const frame = lz4Frame({ flags: CONTENT_CHECKSUM, blocks: [lz4Block(abc)] });
    expect(whole(new Uint8Array([...frame, 1, 2, 3, 4, 5]))).toEqual(text('abc'));
  });

  it('X5 stops at the cap', () => {
    expect(whole(zeros(10), 10 * 2 ** 16)).toEqual(new Uint8Array(10 * 2 ** 16));
    expect(refusal(zeros(10), 10 * 2 ** 16 - 1)).toBe('TOO_LARGE');
  });

  it('X5 pauses after each mebibyte', () => {
    expect(slicesOf(inflateLz4(zeros(160), MOST))).toBe(10);
  });

  it.each([
    ['nothing at all', []],
    ['another magic', lz4Frame({ blocks: [] }).map((byte, at) => (at === 0 ? 5 : byte))],
    [
      'a descriptor that is not as its checksum says',
      lz4Frame({ blocks: [] }).map((byte, at) => (at === 6 ? byte ^ 1 : byte)),
    ],
    ['another version', lz4Frame({ flags: 0b1010_0000, blocks: [] })],
    ['blocks that need others', lz4Frame({ flags: 0b0100_0000, blocks: [] })],
    ['a dictionary', lz4Frame({ flags: 0b0110_0001, blocks: [] })],
    ['blocks of an unknown size', lz4Frame({ sizeClass: 3, blocks: [] })],
    ['a block larger than it says', lz4Frame({ blocks: [new Uint8Array(2 ** 16 + 1)], arePlain: true })],
    [
      'a block that becomes larger',
      lz4Frame({ blocks: [lz4Block({ steps: [], last: new Uint8Array(2 ** 16 + 1) })] }),
    ],
    ['no end mark', lz4Frame({ blocks: [lz4Block(abc)] }).slice(0, -4)],
    ['a copy before there is anything', lz4Frame({ blocks: [new Uint8Array([0, 1, 0, 0])] })],
    ['a copy from nowhere', lz4Frame({ blocks: [new Uint8Array([0x10, 7, 0, 0, 0])] })],
    [
      'a copy that becomes larger',
      lz4Frame({ blocks: [new Uint8Array([0x1f, 7, 1, 0, ...Array<number>(300).fill(255), 0, 0])] }),
    ],
    ['a block that ends within a copy', lz4Frame({ blocks: [new Uint8Array([0x10, 7, 1])] })],
    ['a block that ends within a length', lz4Frame({ blocks: [new Uint8Array([0xf0, 255])] })],
  ])('%s is refused', (_, bytes) => {
    expect(refusal(new Uint8Array(bytes))).toMatch(/CORRUPT|UNSUPPORTED/);
  });

  it('a block that is not as its checksum says is refused', () => {
    const frame = lz4Frame({ flags: BLOCK_CHECKSUM, blocks: [lz4Block(abc)] });
    expect(whole(frame)).toEqual(text('abc'));
    // The last byte before its checksum and the end mark.
    const at = frame.length - 9;
    frame[at] = 100;
    expect(refusal(frame)).toBe('CORRUPT');
  });

  it('X5 whatever bytes come, it ends, with an error or with no more than is allowed', () => {
    fc.assert(
      fc.property(programs, fc.nat(), fc.nat(255), fc.nat(), (program, at, byte, length) => {
        const packed = lz4Frame({ blocks: [lz4Block(program)] });
        // Behind the descriptor, which its checksum guards.
        packed[7 + (at % (packed.length - 7))] = byte;
        try {
          expect(
            whole(packed.subarray(0, 7 + (length % (2 * packed.length))), 10_000).length,
          ).toBeLessThanOrEqual(10_000);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
