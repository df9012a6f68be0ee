// Programs for the decoders: literals, and copies of what came before. Written down in both formats, and carried out as slowly as can be.

import fc from 'fast-check';
import { xxHash32 } from '../../src/compression/xxhash32.ts';

export interface Step {
  readonly literal: Uint8Array;
  /** Behind the literal: `length` bytes again from `distance` bytes ago. */
  readonly distance: number;
  readonly length: number;
}

export interface Program {
  readonly steps: readonly Step[];
  readonly last: Uint8Array;
}

const longAndShort = fc.oneof(fc.nat(20), fc.nat(700));
const literal = longAndShort.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

/** Copies are at least as long as LZ4 has them, and come from within what is there. */
export const programs: fc.Arbitrary<Program> = fc
  .record({
    steps: fc.array(fc.tuple(literal, fc.nat(), longAndShort), { maxLength: 30 }),
    last: literal,
  })
  .map(({ steps, last }) => {
    let written = 0;
    const able: Step[] = [];
    for (const [bytes, place, more] of steps) {
      written += bytes.length;
      if (written === 0) continue;
      able.push({ literal: bytes, distance: 1 + (place % written), length: 4 + more });
      written += 4 + more;
    }
    return { steps: able, last };
  });

/** What a program says, byte by byte. */
export function carriedOut({ steps, last }: Program): Uint8Array {
  const bytes: number[] = [];
  for (const { literal: own, distance, length } of steps) {
    bytes.push(...own);
    for (let left = length; left > 0; left--) bytes.push(bytes[bytes.length - distance] ?? 0);
  }
  return new Uint8Array([...bytes, ...last]);
}

export function inSnappy(program: Program): Uint8Array {
  const out: number[] = varint(carriedOut(program).length);
  const say = (own: Uint8Array): void => {
    if (own.length === 0) return;
    if (own.length <= 60) out.push((own.length - 1) << 2);
    else out.push(61 << 2, (own.length - 1) & 0xff, (own.length - 1) >>> 8);
    out.push(...own);
  };
  for (const { literal: own, distance, length } of program.steps) {
    say(own);
    for (let left = length; left > 0; left -= Math.min(left, 64)) {
      const part = Math.min(left, 64);
      if (part >= 4 && part <= 11 && distance < 2048)
        out.push(((distance >>> 8) << 5) | ((part - 4) << 2) | 1, distance & 0xff);
      else if (distance < 2 ** 16 && part % 2 === 0)
        out.push(((part - 1) << 2) | 2, distance & 0xff, distance >>> 8);
      else out.push(((part - 1) << 2) | 3, distance & 0xff, (distance >>> 8) & 0xff, distance >>> 16, 0);
    }
  }
  say(program.last);
  return new Uint8Array(out);
}

export function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  return [...out, rest];
}

/** In the frames of snappy-java, a block for each part. */
export function inFrames(...blocks: readonly Uint8Array[]): Uint8Array {
  const header = [0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1];
  return new Uint8Array([...header, ...blocks.flatMap((block) => [...bigEndian(block.length), ...block])]);
}

export function lz4Block({ steps, last }: Program): Uint8Array {
  const out: number[] = [];
  const more = (length: number): number[] => {
    if (length < 15) return [];
    return [...Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255];
  };
  for (const { literal: own, distance, length } of steps) {
    const copy = length - 4;
    out.push((Math.min(15, own.length) << 4) | Math.min(15, copy), ...more(own.length), ...own);
    out.push(distance & 0xff, distance >>> 8, ...more(copy));
  }
  out.push(Math.min(15, last.length) << 4, ...more(last.length), ...last);
  return new Uint8Array(out);
}

export interface Frame {
  readonly flags?: number;
  /** 64 KiB (4) to 4 MiB (7). */
  readonly sizeClass?: number;
  readonly blocks: readonly Uint8Array[];
  readonly arePlain?: boolean;
}

/** A frame around blocks, with the checksums that its flags name. */
export function lz4Frame({
  flags = 0b0110_0000,
  sizeClass = 4,
  blocks,
  arePlain = false,
}: Frame): Uint8Array {
  const contentSize = (flags & 0b1000) === 0 ? [] : [1, 0, 0, 0, 0, 0, 0, 0];
  const descriptor = [flags, sizeClass << 4, ...contentSize];
  const out = [0x04, 0x22, 0x4d, 0x18, ...descriptor];
  out.push((xxHash32(new Uint8Array(descriptor)) >>> 8) & 0xff);
  for (const block of blocks) {
    const head = bigEndian(block.length).reverse();
    if (arePlain) head[3] = 0x80;
    out.push(...head, ...block);
    if ((flags & 0b1_0000) !== 0) out.push(...bigEndian(xxHash32(block)).reverse());
  }
  return new Uint8Array([...out, 0, 0, 0, 0]);
}

function bigEndian(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
