// The bytes that both paths carry: one batch of Kafka's format, built once and sent over and over.

import { BatchBuilder, stampProducer } from '@odradek/format';
import { nodeCompute, nodeRandom } from '@odradek/host-node';

const KIB = 1024;
/** More than the varints and lengths around a record's value. */
const RECORD_OVERHEAD = 16;
const HEADER_BYTES = 61;

/** A batch of at most `sizeInBytes` with records of so many bytes that do not compress. */
export function batchOf(sizeInBytes: number, recordBytes = KIB): Uint8Array {
  const builder = new BatchBuilder(sizeInBytes);
  const timestamp = Date.now();
  let room = sizeInBytes - HEADER_BYTES - RECORD_OVERHEAD;
  while (room > 0) {
    builder.append(timestamp, null, nodeRandom.bytes(Math.min(recordBytes, room)));
    room = sizeInBytes - builder.sizeInBytes - RECORD_OVERHEAD;
  }
  const batch = builder.finish();
  stampProducer(batch, { producerId: -1, producerEpoch: -1, baseSequence: -1 }, nodeCompute.crc32c);
  return batch;
}
