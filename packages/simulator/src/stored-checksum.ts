// Oracles know every batch by its header. Whether its records have rotted since is for the nodes to find out (D8, D9), so what is read for
// an oracle is taken with the checksum that stands in it.

import type { Checksum } from '@odradek/format';

/** Finds right whatever stands there: the checksum lies before the first byte that it covers. */
export const storedChecksum: Checksum = (bytes, start) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(start - 4);
