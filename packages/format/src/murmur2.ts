// Kafka's murmur2, by which a record's key chooses its partition: every client must agree on it, or keys change places.

const MULTIPLIER = 0x5bd1e995;
const SEED = 0x9747b28c;

/** Kafka's hash of a key, a signed 32-bit integer. */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  const body = length - (length % 4);
  let hash = SEED ^ length;
  for (let at = 0; at < body; at += 4) {
    const four =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24);
    const mixed = Math.imul(four, MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(mixed ^ (mixed >>> 24), MULTIPLIER);
  }
  for (let at = length - 1; at >= body; at--) hash ^= (key[at] as number) << (8 * (at - body));
  if (body < length) hash = Math.imul(hash, MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition of a keyed record, as Kafka's default partitioner chooses it. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
