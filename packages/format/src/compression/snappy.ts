// Snappy (https://github.com/google/snappy/blob/main/format_description.txt), as Kafka's clients write it: one block, or in the frames
// of snappy-java (`SnappyOutputStream`), which Kafka's own client uses.

import { ByteReader } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { copyBytes, corrupt, type Inflating, refuseAbove, repeatBytes, SLICE_BYTES } from './inflating.ts';

/** 0x82 SNAPPY 0x00 */
const FRAMES_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0];
/** The magic, a version, and the least version that can read it. */
const FRAMES_HEADER_BYTES = 16;
const FRAMES_VERSION = 1;
/** Three bytes can say "64 bytes again", and nothing says more with fewer. What claims to become more is a lie, found before it costs memory. */
const MOST_RATIO = 64 / 3;

interface Block {
  /** Without the length that it begins with. */
  readonly elements: Uint8Array;
  readonly inflatedBytes: number;
}

/** The bytes that these were before Snappy, `maxBytes` at most (X5). */
export function* inflateSnappy(bytes: Uint8Array, maxBytes: number): Inflating {
  const blocks = isFramed(bytes) ? [...blocksInFrames(bytes)] : [readBlock(bytes)];
  const size = blocks.reduce((sum, { inflatedBytes }) => sum + inflatedBytes, 0);
  refuseAbove(maxBytes, size);
  const inflated = new Uint8Array(size);
  let position = 0;
  let pausedAt = 0;
  for (const { elements, inflatedBytes } of blocks) {
    const place = inflated.subarray(position, position + inflatedBytes);
    position += inflatedBytes;
    if (position - pausedAt > SLICE_BYTES) {
      pausedAt = position;
      yield;
    }
    yield* decodeElements(elements, place);
  }
  return inflated;
}

function isFramed(bytes: Uint8Array): boolean {
  return FRAMES_MAGIC.every((byte, index) => bytes[index] === byte);
}

function* blocksInFrames(bytes: Uint8Array): Generator<Block> {
  const reader = new ByteReader(bytes);
  while (reader.remaining > 0) {
    const at = reader.position;
    // Streams that were joined have a header in their middle.
    if (isFramed(bytes.subarray(at))) {
      const header = new ByteReader(reader.bytes(FRAMES_HEADER_BYTES), FRAMES_MAGIC.length);
      const version = header.int32();
      if (version < FRAMES_VERSION)
        throw new FormatError(
          'UNSUPPORTED',
          `version ${version} of snappy-java's frames; known is ${FRAMES_VERSION}`,
        );
      continue;
    }
    yield readBlock(reader.bytes(reader.checkCount(reader.int32(), 1)));
  }
}

function readBlock(bytes: Uint8Array): Block {
  const reader = new ByteReader(bytes);
  const inflatedBytes = reader.unsignedVarint();
  if (inflatedBytes > reader.remaining * MOST_RATIO)
    throw corrupt(`${reader.remaining} bytes cannot become ${inflatedBytes}`, 0);
  return { elements: reader.bytes(reader.remaining), inflatedBytes };
}

/** Literals, and copies of what came before. They fill `place`, no more and no less. */
function* decodeElements(elements: Uint8Array, place: Uint8Array): Generator<undefined, void> {
  let at = 0;
  let written = 0;
  let pauseAt = SLICE_BYTES;
  while (at < elements.length) {
    const tag = elements[at] ?? 0;
    const kind = tag & 3;
    const more = kind === 0 ? Math.max(0, (tag >>> 2) - 59) : distanceBytes(kind);
    const number = littleEndian(elements, at + 1, more);
    at += 1 + more;
    let length: number;
    if (kind === 0) {
      length = (more === 0 ? tag >>> 2 : number) + 1;
      if (length > elements.length - at)
        throw corrupt(`a literal of ${length} bytes, which are not there`, at);
    } else length = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
    if (length > place.length - written) throw corrupt('more than its length says', at);
    if (kind === 0) {
      copyBytes(elements, at, place, written, length);
      at += length;
    } else {
      const distance = kind === 1 ? ((tag >>> 5) << 8) | number : number;
      if (distance < 1 || distance > written)
        throw corrupt(`a copy from ${distance} bytes ago after ${written}`, at);
      repeatBytes(place, written, distance, length);
    }
    written += length;
    if (written < pauseAt) continue;
    pauseAt = written + SLICE_BYTES;
    yield;
  }
  if (written < place.length) throw corrupt('less than its length says', at);
}

/** How many bytes of distance follow the tag of a copy of kind 1, 2 or 3. */
function distanceBytes(kind: number): number {
  return kind === 3 ? 4 : kind;
}

function littleEndian(bytes: Uint8Array, at: number, length: number): number {
  if (at + length > bytes.length) throw corrupt('it ends within an element', at);
  let value = 0;
  for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
