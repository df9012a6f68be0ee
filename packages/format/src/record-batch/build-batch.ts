// Makes a batch of format v2.

import { ByteWriter, textBytes } from '../bytes.ts';
import { crc32c } from '../crc32c.ts';
import {
  BATCH_HEADER_BYTES,
  CODECS,
  type Codec,
  CRC_COVERS_FROM,
  LOG_OVERHEAD,
  type TimestampType,
} from './batch-view.ts';
import type { Header } from './records.ts';

/** A record to be written: its offset is the batch's base offset and `offsetDelta`, by default its place in the list. */
export interface RecordToWrite {
  readonly offsetDelta?: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly Header[];
}

export interface BatchToWrite {
  readonly records: readonly RecordToWrite[];
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
  readonly timestampType?: TimestampType;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  /** How the records are compressed; `none` by default. */
  readonly compression?: { readonly codec: Codec; readonly compress: (section: Uint8Array) => Uint8Array };
}

/** The bytes of a batch, its checksum set. */
export function buildBatch(batch: BatchToWrite): Uint8Array {
  const timestamps = batch.records.map((record) => record.timestamp);
  const baseTimestamp = timestamps[0] ?? -1;
  const deltas = batch.records.map((record, index) => record.offsetDelta ?? index);
  const plain = new ByteWriter();
  const body = new ByteWriter();
  batch.records.forEach((record, index) => {
    body.clear();
    writeBody(body, record, record.timestamp - baseTimestamp, deltas[index] as number);
    writeNullable(plain, body.written);
  });
  const section = batch.compression ? batch.compression.compress(plain.take()) : plain.take();

  const writer = new ByteWriter(BATCH_HEADER_BYTES + section.length);
  writer.int64(batch.baseOffset ?? 0);
  writer.int32(BATCH_HEADER_BYTES - LOG_OVERHEAD + section.length);
  writer.int32(batch.leaderEpoch ?? -1);
  writer.int8(2);
  writer.uint32(0); // the checksum, known only at the end
  writer.int16(attributes(batch));
  writer.int32(deltas.at(-1) ?? 0);
  writer.int64(baseTimestamp);
  writer.int64(timestamps.reduce((most, one) => Math.max(most, one), -1));
  writer.int64(batch.producerId ?? -1);
  writer.int16(batch.producerEpoch ?? -1);
  writer.int32(batch.baseSequence ?? -1);
  writer.int32(batch.records.length);
  writer.bytes(section);
  const bytes = writer.take();
  new DataView(bytes.buffer).setUint32(17, crc32c(bytes, CRC_COVERS_FROM));
  return bytes;
}

function attributes(batch: BatchToWrite): number {
  const codec = CODECS.indexOf(batch.compression?.codec ?? 'none');
  const logAppendTime = batch.timestampType === 'LogAppendTime' ? 0b1000 : 0;
  return codec | logAppendTime | (batch.isTransactional ? 0b1_0000 : 0) | (batch.isControl ? 0b10_0000 : 0);
}

/** A record but for its length. */
function writeBody(
  body: ByteWriter,
  record: RecordToWrite,
  timestampDelta: number,
  offsetDelta: number,
): void {
  body.int8(0);
  body.varlong(timestampDelta);
  body.varint(offsetDelta);
  writeNullable(body, record.key);
  writeNullable(body, record.value);
  const headers = record.headers ?? [];
  body.varint(headers.length);
  for (const header of headers) {
    writeNullable(body, textBytes(header.name));
    writeNullable(body, header.value);
  }
}

function writeNullable(writer: ByteWriter, bytes: Uint8Array | null): void {
  writer.varint(bytes === null ? -1 : bytes.length);
  if (bytes !== null) writer.bytes(bytes);
}
