// How much compressed bytes may become (X5): a batch of a megabyte can hold gigabytes of zeros.

/** So much is allowed at any ratio: small batches of much the same compress best. */
const FREE_BYTES = 16 * 1024 * 1024;
const MOST_BYTES = 128 * 1024 * 1024;
const MOST_RATIO = 200;

/** The cap for {@link Compute.inflate} of so many bytes that a stranger has compressed. */
export function mostInflatedBytes(compressedBytes: number): number {
  return Math.min(MOST_BYTES, Math.max(FREE_BYTES, compressedBytes * MOST_RATIO));
}
