// What Kafka's clients write in the codecs that nothing here writes: as plainly as the formats allow.

import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Codec } from '@odradek/format';

/** Ways to compress a section of records, of 60 bytes at most. */
export const compressing: Readonly<
  Record<Exclude<Codec, 'none'>, (section: Uint8Array) => Uint8Array<ArrayBuffer>>
> = {
  gzip: (section) => new Uint8Array(gzipSync(section)),
  zstd: (section) => new Uint8Array(zstdCompressSync(section)),
  // In the frames of snappy-java: a header, and one block that is one literal.
  snappy: (section) => {
    const block = [section.length, (section.length - 1) << 2, ...section];
    const header = [0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1];
    return new Uint8Array([...header, 0, 0, 0, block.length, ...block]);
  },
  // A frame of one block that is not compressed, and its end mark.
  lz4: (section) =>
    new Uint8Array([
      ...[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
      ...[section.length, 0, 0, 0x80, ...section],
      ...[0, 0, 0, 0],
    ]),
};
