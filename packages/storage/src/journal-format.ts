// What the commit journal holds: records, each a whole group commit. A record that is torn is none, and nothing after it was ever
// reported; so its bytes are one checksum.

import { ByteReader, ByteWriter, type Checksum, FormatError, textBytes } from '@odradek/format';
import type { Offset, TopicId } from '@odradek/model';

/** Bytes at the end of a log's last segment that only the page cache has, and where they lie. */
export interface JournalEntry {
  /** The log's directory, `orders-0`. */
  readonly log: string;
  readonly topicId: TopicId;
  /** Of the segment. */
  readonly baseOffset: Offset;
  /** In the segment's file. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

export interface JournalRecord {
  /** Grows with each record, over both files of a journal. */
  readonly sequence: number;
  readonly entries: readonly JournalEntry[];
}

/** Says of a log that its own sync has failed, behind all else that the journal says of it: an entry without bytes. */
export function failureEntry(log: string, topicId: TopicId): JournalEntry {
  return { log, topicId, baseOffset: 0, position: 0, bytes: new Uint8Array(0) };
}

export function isFailure({ bytes }: JournalEntry): boolean {
  return bytes.length === 0;
}

const HEADER_BYTES = 8;
/** Names and numbers of an entry. */
const LEAST_ENTRY_BYTES = 2 + 2 + 8 + 8 + 4;

/** `length crc32c sequence count (log topicId baseOffset position bytes)*`; the checksum covers all behind it. */
export function encodeRecord({ sequence, entries }: JournalRecord, checksum: Checksum): Uint8Array {
  const writer = new ByteWriter(
    HEADER_BYTES + entries.reduce((sum, { bytes }) => sum + bytes.length + 80, 0),
  );
  writer.uint32(0);
  writer.uint32(0);
  writer.int64(sequence);
  writer.int32(entries.length);
  for (const { log, topicId, baseOffset, position, bytes } of entries) {
    for (const text of [textBytes(log), textBytes(topicId)]) {
      writer.uint16(text.length);
      writer.bytes(text);
    }
    writer.int64(baseOffset);
    writer.int64(position);
    writer.int32(bytes.length);
    writer.bytes(bytes);
  }
  const record = writer.take();
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  view.setUint32(0, record.length - HEADER_BYTES);
  view.setUint32(4, checksum(record, HEADER_BYTES, record.length));
  return record;
}

/** The sound records from the start of a file on; what comes after the first that is not sound was never reported. */
export function decodeRecords(file: Uint8Array, checksum: Checksum): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + HEADER_BYTES < file.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + view.getUint32(at);
    if (end === start || end > file.length || checksum(file, start, end) !== view.getUint32(at + 4)) break;
    const record = decodeRecord(new ByteReader(file, start, end));
    if (record === undefined) break;
    records.push(record);
    at = end;
  }
  return records;
}

/** Undefined where a sound checksum covers what we did not write. */
function decodeRecord(reader: ByteReader): JournalRecord | undefined {
  try {
    const sequence = reader.int64();
    const count = reader.checkCount(reader.int32(), LEAST_ENTRY_BYTES);
    const entries = Array.from({ length: count }, (): JournalEntry => {
      const log = reader.text(reader.uint16());
      const topicId = reader.text(reader.uint16());
      const baseOffset = reader.int64();
      const position = reader.int64();
      return { log, topicId, baseOffset, position, bytes: reader.bytes(reader.int32()) };
    });
    return { sequence, entries };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}
