// The bytes of the Kafka log. Stands on nothing.

export { ByteReader, ByteWriter, joinedBytes, textBytes } from './bytes.ts';
export type { Inflating } from './compression/inflating.ts';
export { inflateLz4 } from './compression/lz4.ts';
export { inflateSnappy } from './compression/snappy.ts';
export {
  type ControlBatchPlace,
  type ControlRecord,
  type ControlVoter,
  controlBatch,
  controlRecordsOfBatch,
  decodeControlRecord,
  encodeControlRecord,
  type VoterEndpoint,
  type VoterInSet,
} from './control-records.ts';
export { crc32c } from './crc32c.ts';
export { FormatError, type FormatErrorCode } from './errors.ts';
export { type MsgpackLimits, msgpackEnd } from './msgpack-scan.ts';
export { murmur2, partitionOfKey } from './murmur2.ts';
export {
  BatchBuilder,
  mostRecordBytes,
  type ProducerStamp,
  stampProducer,
} from './record-batch/batch-builder.ts';
export {
  BATCH_HEADER_BYTES,
  BatchView,
  CODECS,
  type Codec,
  LOG_OVERHEAD,
  stampBatch,
  type TimestampType,
} from './record-batch/batch-view.ts';
export { type RunEnd, walkBatches } from './record-batch/batches-in.ts';
export { type BatchToWrite, buildBatch, type RecordToWrite } from './record-batch/build-batch.ts';
export { type BatchCheck, type BatchFault, type Checksum, checkBatch } from './record-batch/check-batch.ts';
export { type Header, type LogRecord, readRecords, recordsIn } from './record-batch/records.ts';
export { type RecordsCheck, walkRecords } from './record-batch/walk-records.ts';
export { decodeMessage, encodeMessage } from './schema/codec.ts';
export {
  type FieldDefinition,
  includesVersion,
  type MessageDefinition,
  type MessageValue,
  type StructDefinition,
} from './schema/definition.ts';
export { decrementSequence, incrementSequence } from './sequence.ts';
export { uuidBytes, uuidText, ZERO_UUID } from './uuid.ts';
