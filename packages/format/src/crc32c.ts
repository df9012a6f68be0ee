// CRC-32C (Castagnoli), eight bytes a step ("slicing by eight", Intel 2006): the checksum of record batches.
// Hosts that have a faster one hand theirs in; this one runs everywhere.

const REVERSED_POLYNOMIAL = 0x82f63b78;
const SLICES = 8;

/** Table n, at 256 n, tells what a byte does to the checksum when n more bytes follow it. */
const tables = makeTables();

function makeTables(): Uint32Array {
  const made = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REVERSED_POLYNOMIAL : crc >>> 1;
    made[byte] = crc;
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] as number;
    made[at] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}

/**
 * The CRC-32C of `bytes` from `start` up to `end`, unsigned. `seed` is the checksum of what came before, so that
 * `crc32c(b, 0, b.length, crc32c(a))` is that of a and b in a row.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  let crc = ~seed;
  let at = start;
  // Every index below lies inside its array: the casts cost nothing, a check each would cost half the speed.
  for (; at + SLICES <= end; at += SLICES) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (tables[1792 + (low & 0xff)] as number) ^
      (tables[1536 + ((low >>> 8) & 0xff)] as number) ^
      (tables[1280 + ((low >>> 16) & 0xff)] as number) ^
      (tables[1024 + (low >>> 24)] as number) ^
      (tables[768 + (bytes[at + 4] as number)] as number) ^
      (tables[512 + (bytes[at + 5] as number)] as number) ^
      (tables[256 + (bytes[at + 6] as number)] as number) ^
      (tables[bytes[at + 7] as number] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (tables[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
