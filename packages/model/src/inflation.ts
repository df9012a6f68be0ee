// How much compressed bytes may become (X5): a batch of a megabyte can hold gigabytes of zeros. And what to do where a platform has no
// decoder of its own.

import { FormatError, type Inflating, inflateLz4, inflateSnappy } from '@odradek/format';
import type { InflateDone } from './ports.ts';

/** So much is allowed at any ratio: small batches of much the same compress best. */
const FREE_BYTES = 16 * 1024 * 1024;
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_RATIO = 200;

/** The cap for {@link Compute.inflate} of so many bytes that a stranger has compressed. */
export function mostInflatedBytes(compressedBytes: number): number {
  return Math.min(MOST_BYTES, Math.max(FREE_BYTES, compressedBytes * MOST_RATIO));
}

/**
 * Inflates what no platform inflates natively. `later` calls back once others have had their turn: a slice of the work takes a
 * millisecond or two.
 */
export function inflateInSlices(
  codec: 'snappy' | 'lz4',
  bytes: Uint8Array,
  maxBytes: number,
  later: (callback: () => void) => void,
  done: InflateDone,
): void {
  const inflating = codec === 'snappy' ? inflateSnappy(bytes, maxBytes) : inflateLz4(bytes, maxBytes);
  const slice = (): void => {
    const result = afterOneSlice(inflating);
    if (result === undefined) later(slice);
    else done(result);
  };
  later(slice);
}

/** Undefined: there is more to do. */
function afterOneSlice(inflating: Inflating): Parameters<InflateDone>[0] | undefined {
  try {
    return inflating.next().value;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { error: error.code === 'TOO_LARGE' ? 'TOO_LARGE' : 'CORRUPT' };
  }
}
