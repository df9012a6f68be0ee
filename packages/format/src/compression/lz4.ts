// LZ4 in its frame format (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md), as Kafka reads it (`Lz4BlockInputStream`):
// one frame of independent blocks; the checksums of its descriptor and of blocks are held to, that of the content is not, since the
// batch has one; what follows the frame is not looked at.

import { joinedBytes } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { copyBytes, corrupt, type Inflating, refuseAbove, repeatBytes, SLICE_BYTES } from './inflating.ts';
import { xxHash32 } from './xxhash32.ts';

const MAGIC = 0x184d2204;
const VERSION = 1;
const FLAG_BLOCKS_INDEPENDENT = 0b10_0000;
const FLAG_BLOCK_CHECKSUM = 0b01_0000;
const FLAG_CONTENT_SIZE = 0b1000;
/** A dictionary, of which Kafka has none, and a bit without a meaning. */
const FLAGS_REFUSED = 0b11;
const BLOCK_IS_PLAIN = 2 ** 31;
/** Nothing becomes more: a byte can say "255 bytes more of the same". */
const MOST_RATIO = 255;
/** The least that a copy repeats. */
const LEAST_COPY = 4;
/** A length in four bits that says: more follows. */
const LONG = 15;

interface Descriptor {
  readonly mostBlockBytes: number;
  readonly hasBlockChecksum: boolean;
  /** Where the first block begins. */
  readonly end: number;
}

/** The bytes that these were before LZ4, `maxBytes` at most (X5). */
export function* inflateLz4(bytes: Uint8Array, maxBytes: number): Inflating {
  const { mostBlockBytes, hasBlockChecksum, end } = readDescriptor(bytes);
  const room = new Uint8Array(Math.min(mostBlockBytes, bytes.length * MOST_RATIO));
  const pieces: Uint8Array[] = [];
  let size = 0;
  let pausedAt = 0;
  for (let at = end; ; ) {
    const head = uint32(bytes, at);
    if (head === 0) return joinedBytes(pieces);
    const length = head % BLOCK_IS_PLAIN;
    const start = at + 4;
    at = start + length + (hasBlockChecksum ? 4 : 0);
    if (length > mostBlockBytes || at > bytes.length) throw corrupt(`a block of ${length} bytes`, start);
    if (hasBlockChecksum && xxHash32(bytes, start, start + length) !== uint32(bytes, start + length))
      throw corrupt('a block that does not have its checksum', start);
    const block = bytes.subarray(start, start + length);
    const piece = head >= BLOCK_IS_PLAIN ? block : room.slice(0, decodeBlock(block, room));
    size += piece.length;
    refuseAbove(maxBytes, size);
    pieces.push(piece);
    if (size - pausedAt < SLICE_BYTES) continue;
    pausedAt = size;
    yield;
  }
}

function readDescriptor(bytes: Uint8Array): Descriptor {
  if (uint32(bytes, 0) !== MAGIC) throw corrupt('no frame of LZ4', 0);
  const flags = byteAt(bytes, 4);
  const sizes = byteAt(bytes, 5);
  if (flags >>> 6 !== VERSION)
    throw new FormatError('UNSUPPORTED', `version ${flags >>> 6} of LZ4's frames; known is ${VERSION}`);
  if ((flags & FLAGS_REFUSED) !== 0 || (flags & FLAG_BLOCKS_INDEPENDENT) === 0)
    throw new FormatError(
      'UNSUPPORTED',
      'a frame of LZ4 with a dictionary, or with blocks that need others: Kafka reads neither',
    );
  const sizeClass = (sizes >>> 4) & 7;
  if ((sizes & 0b1000_1111) !== 0 || sizeClass < 4) throw corrupt(`blocks of the unknown size ${sizes}`, 5);
  const end = 6 + ((flags & FLAG_CONTENT_SIZE) === 0 ? 0 : 8);
  if (byteAt(bytes, end) !== ((xxHash32(bytes, 4, end) >>> 8) & 0xff))
    throw corrupt('a frame that does not have its checksum', end);
  return {
    // 64 KiB, 256 KiB, 1 MiB, 4 MiB
    mostBlockBytes: 2 ** (8 + 2 * sizeClass),
    hasBlockChecksum: (flags & FLAG_BLOCK_CHECKSUM) !== 0,
    end: end + 1,
  };
}

/** Literals and copies in turn; the last are literals alone. Returns how many bytes of `room` they fill. */
function decodeBlock(block: Uint8Array, room: Uint8Array): number {
  let at = 0;
  let written = 0;
  for (;;) {
    const token = byteAt(block, at);
    at += 1;
    let literal = token >>> 4;
    for (let more = literal === LONG ? 255 : 0; more === 255; literal += more, at += 1)
      more = byteAt(block, at);
    if (literal > block.length - at) throw corrupt(`a literal of ${literal} bytes, which are not there`, at);
    if (literal > room.length - written) throw corrupt('more than a block can hold', at);
    copyBytes(block, at, room, written, literal);
    at += literal;
    written += literal;
    if (at === block.length) return written;
    const distance = byteAt(block, at) | (byteAt(block, at + 1) << 8);
    at += 2;
    let copy = token & LONG;
    for (let more = copy === LONG ? 255 : 0; more === 255; copy += more, at += 1) more = byteAt(block, at);
    copy += LEAST_COPY;
    if (distance < 1 || distance > written)
      throw corrupt(`a copy from ${distance} bytes ago after ${written}`, at);
    if (copy > room.length - written) throw corrupt('more than a block can hold', at);
    repeatBytes(room, written, distance, copy);
    written += copy;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw corrupt('it ends too early', at);
  return byte;
}

function uint32(bytes: Uint8Array, at: number): number {
  const low = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16);
  return low + byteAt(bytes, at + 3) * 2 ** 24;
}
