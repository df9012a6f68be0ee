// Producer state as Kafka writes it to `<offset>.snapshot`: version 1, a CRC-32C, one entry per producer with its last batch. A
// snapshot that is broken in any way counts as missing: the state can be made again from the log (D7).

import { ByteReader, ByteWriter, crc32c, FormatError } from '@odradek/format';
import { batchOfSnapshot, type ProducerEntry } from './producer-state.ts';

const VERSION = 1;
const ENTRIES_FROM = 6;
const ENTRY_BYTES = 46;

/** The bytes of a snapshot file. */
export function encodeProducerSnapshot(entries: readonly ProducerEntry[]): Uint8Array {
  const writer = new ByteWriter(ENTRIES_FROM + 4 + entries.length * ENTRY_BYTES);
  writer.int16(VERSION);
  writer.uint32(0); // the checksum, known only at the end
  writer.int32(entries.length);
  for (const entry of entries) {
    const last = entry.batches.at(-1);
    writer.int64(entry.producerId);
    writer.int16(entry.producerEpoch);
    writer.int32(last?.lastSequence ?? -1);
    writer.int64(last?.lastOffset ?? -1);
    writer.int32(last === undefined ? 0 : last.lastOffset - last.firstOffset);
    writer.int64(entry.lastTimestamp);
    writer.int32(entry.coordinatorEpoch);
    writer.int64(entry.transactionFirstOffset);
  }
  const bytes = writer.take();
  new DataView(bytes.buffer).setUint32(2, crc32c(bytes, ENTRIES_FROM));
  return bytes;
}

/** As many as a snapshot of so many bytes can be of: whoever has a transaction open, then who wrote last. */
export function latestWriters(entries: readonly ProducerEntry[], maxBytes: number): readonly ProducerEntry[] {
  const most = Math.max(0, Math.floor((maxBytes - ENTRIES_FROM - 4) / ENTRY_BYTES));
  if (entries.length <= most) return entries;
  const rank = ({ batches, transactionFirstOffset }: ProducerEntry): number =>
    transactionFirstOffset >= 0 ? Number.MAX_SAFE_INTEGER : (batches.at(-1)?.lastOffset ?? -1);
  return [...entries].sort((one, other) => rank(other) - rank(one)).slice(0, most);
}

/** Whether a snapshot file is of no producer at all: then nothing is lost with it. */
export function namesNobody(bytes: Uint8Array): boolean {
  return bytes.length <= ENTRIES_FROM + 4;
}

/** The entries of a snapshot file, or undefined when it cannot be trusted. */
export function decodeProducerSnapshot(bytes: Uint8Array): readonly ProducerEntry[] | undefined {
  try {
    return readEntries(new ByteReader(bytes), bytes);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function readEntries(reader: ByteReader, bytes: Uint8Array): readonly ProducerEntry[] | undefined {
  if (reader.int16() !== VERSION || reader.uint32() !== crc32c(bytes, ENTRIES_FROM)) return undefined;
  const count = reader.checkCount(reader.int32(), ENTRY_BYTES);
  const entries: ProducerEntry[] = [];
  for (let index = 0; index < count; index++) entries.push(readEntry(reader));
  reader.end();
  return entries;
}

function readEntry(reader: ByteReader): ProducerEntry {
  const [producerId, producerEpoch, lastSequence] = [reader.int64(), reader.int16(), reader.int32()];
  const [lastOffset, offsetDelta, lastTimestamp] = [reader.int64(), reader.int32(), reader.int64()];
  return {
    producerId,
    producerEpoch,
    batches: batchOfSnapshot(lastSequence, lastOffset, offsetDelta, lastTimestamp),
    lastTimestamp,
    coordinatorEpoch: reader.int32(),
    transactionFirstOffset: reader.int64(),
  };
}
