// The records inside a batch.

import { ByteReader } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import type { BatchView } from './batch-view.ts';

export interface Header {
  readonly name: string;
  readonly value: Uint8Array | null;
}

/** A record as a consumer sees it. Key and value are views into the batch's bytes. */
export interface LogRecord {
  readonly offset: number;
  /** Milliseconds since 1970, -1 when the producer gave none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** The least a record takes: its length and six fields of a byte. */
const LEAST_RECORD_BYTES = 7;

/**
 * The records of a batch, in order of offset. A compressed batch needs its section inflated, as `section`: this room knows no
 * codec. Throws a {@link FormatError} when the records are not what the header says.
 */
export function readRecords(batch: BatchView, section?: Uint8Array): readonly LogRecord[] {
  return [...recordsIn(batch, section)];
}

/** The same one by one, for whoever looks for one of them: a batch of some hundred bytes may hold millions (X5). */
export function* recordsIn(batch: BatchView, section?: Uint8Array): Generator<LogRecord, void> {
  if (section === undefined && batch.codec !== 'none') {
    throw new FormatError(
      'UNSUPPORTED',
      `the batch at ${batch.position} is compressed by ${batch.codec}: inflate it first`,
    );
  }
  const reader = new ByteReader(section ?? batch.recordsSection);
  const count = reader.checkCount(batch.recordCount, LEAST_RECORD_BYTES);
  let leastDelta = 0;
  for (let index = 0; index < count; index++) {
    const record = readRecord(reader, batch, leastDelta);
    leastDelta = record.offset - batch.baseOffset + 1;
    yield record;
  }
  reader.end();
}

function readRecord(reader: ByteReader, batch: BatchView, leastDelta: number): LogRecord {
  const length = reader.varint();
  const end = reader.position + length;
  reader.checkCount(length, 1);
  reader.int8(); // attributes, of which none are in use
  const timestampDelta = reader.varlong();
  const delta = reader.varint();
  if (delta < leastDelta || delta > batch.lastOffsetDelta) {
    throw new FormatError(
      'CORRUPT',
      `offset delta ${delta}: allowed are ${leastDelta} to ${batch.lastOffsetDelta}`,
    );
  }
  const key = nullableBytes(reader);
  const value = nullableBytes(reader);
  const headers = readHeaders(reader);
  if (reader.position !== end) {
    throw new FormatError(
      'CORRUPT',
      `the record of offset delta ${delta} does not end where its length says`,
    );
  }
  const timestamp =
    batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : batch.baseTimestamp + timestampDelta;
  return { offset: batch.baseOffset + delta, timestamp, key, value, headers };
}

function readHeaders(reader: ByteReader): readonly Header[] {
  const count = reader.checkCount(reader.varint(), 2);
  const headers: Header[] = [];
  for (let index = 0; index < count; index++) {
    const name = reader.text(reader.checkCount(reader.varint(), 1));
    headers.push({ name, value: nullableBytes(reader) });
  }
  return headers;
}

function nullableBytes(reader: ByteReader): Uint8Array | null {
  const length = reader.varint();
  return length === -1 ? null : reader.bytes(length);
}
