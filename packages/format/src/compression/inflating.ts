// What the decoders share. A decoder works in slices: whoever runs it lets others have their turn between two of them.

import { FormatError } from '../errors.ts';

/** Gives nothing after each slice, and at the end the bytes. Throws a {@link FormatError}: TOO_LARGE, or what is wrong with the bytes. */
export type Inflating = Generator<undefined, Uint8Array<ArrayBuffer>>;

/** So much is written without a pause: one or two milliseconds. */
export const SLICE_BYTES = 2 ** 20;

/** Below this a loop is faster than a call. */
const SHORT_BYTES = 24;

export function copyBytes(
  from: Uint8Array,
  start: number,
  to: Uint8Array,
  position: number,
  length: number,
): void {
  if (length > SHORT_BYTES) to.set(from.subarray(start, start + length), position);
  else for (let index = 0; index < length; index++) to[position + index] = from[start + index] ?? 0;
}

/** Writes again what was written `distance` bytes ago; what is nearer than its own length repeats itself. */
export function repeatBytes(bytes: Uint8Array, position: number, distance: number, length: number): void {
  const start = position - distance;
  if (length > SHORT_BYTES && distance >= length) bytes.copyWithin(position, start, start + length);
  else for (let index = 0; index < length; index++) bytes[position + index] = bytes[start + index] ?? 0;
}

export function refuseAbove(maxBytes: number, size: number): void {
  if (size > maxBytes)
    throw new FormatError(
      'TOO_LARGE',
      `it becomes more than ${maxBytes} bytes, which is all that is allowed`,
    );
}

export function corrupt(what: string, position: number): FormatError {
  return new FormatError('CORRUPT', `${what}, at ${position} of the compressed bytes`);
}
