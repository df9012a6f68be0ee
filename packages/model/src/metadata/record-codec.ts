// Metadata records to and from bytes, framed as Kafka does: frame version, type and version as varints, then the body. A command's
// records are one batch: it is in the log whole or not at all.

import {
  BatchBuilder,
  type BatchView,
  ByteReader,
  ByteWriter,
  crc32c,
  decodeMessage,
  encodeMessage,
  FormatError,
  includesVersion,
  type LogRecord,
  type MessageValue,
  readRecords,
  stampBatch,
  stampProducer,
} from '@odradek/format';
import { type LeaderEpoch, NO_EPOCH, type Offset } from '../nouns.ts';
import { MetadataVersionError, SUPPORTED_METADATA_VERSION } from './metadata-version.ts';
import { type RecordDefinition, recordDefinitions } from './record-definitions.ts';
import type { MetadataRecord } from './records.ts';

const FRAME_VERSION = 1;

const byKey = new Map(recordDefinitions.map((definition) => [definition.apiKey, definition]));
const byName = new Map(recordDefinitions.map((definition) => [definition.name, definition]));

/** The versions that level 1 writes where they are not 0. */
const writtenVersions: ReadonlyMap<string, number> = new Map([
  ['RegisterBrokerRecord', 3],
  ['BrokerRegistrationChangeRecord', 1],
  ['PartitionRecord', 2],
  ['PartitionChangeRecord', 2],
]);

/** A record as it stands in the log, whether or not the image has a use for it. */
export interface DecodedRecord {
  readonly apiKey: number;
  readonly type: string;
  readonly version: number;
  readonly value: MessageValue;
}

/** One for all records: a command may have ten thousand. */
const frame = new ByteWriter();

/** A framed record of any known type and version. */
export function encodeRecordOf(type: string, version: number, value: MessageValue): Uint8Array {
  const definition = byName.get(type);
  if (definition === undefined) throw new FormatError('UNSUPPORTED', `there is no metadata record ${type}`);
  frame.clear();
  const writer = frame;
  writer.unsignedVarint(FRAME_VERSION);
  writer.unsignedVarint(definition.apiKey);
  writer.unsignedVarint(version);
  writer.bytes(encodeMessage(definition, version, value));
  return writer.take();
}

/** The framed bytes of a record, in the version that this level writes. */
export function encodeMetadataRecord(record: MetadataRecord): Uint8Array {
  const { type, ...value } = record;
  return encodeRecordOf(type, writtenVersions.get(type) ?? 0, value);
}

/** Reads any record that this version knows. An unknown type or version stops the node: its meaning is not known. */
export function decodeMetadataValue(bytes: Uint8Array): DecodedRecord {
  const reader = new ByteReader(bytes);
  const frameVersion = reader.unsignedVarint();
  if (frameVersion !== FRAME_VERSION)
    throw new MetadataVersionError(
      `frame version ${frameVersion} of a metadata record: known is ${FRAME_VERSION}`,
    );
  const apiKey = reader.unsignedVarint();
  const version = reader.unsignedVarint();
  const definition = definitionOf(apiKey, version);
  const value = decodeMessage(definition, version, bytes, reader.position);
  return { apiKey, type: definition.name, version, value };
}

/** What was read already, by key and version. */
const readBefore = new Map<number, RecordDefinition>();
const MOST_VERSIONS = 1000;

function definitionOf(apiKey: number, version: number): RecordDefinition {
  const readKey = apiKey * MOST_VERSIONS + version;
  const known = version < MOST_VERSIONS ? readBefore.get(readKey) : undefined;
  if (known !== undefined) return known;
  const definition = byKey.get(apiKey);
  if (definition !== undefined && includesVersion(definition.validVersions, version)) {
    readBefore.set(readKey, definition);
    return definition;
  }
  const what =
    definition === undefined
      ? `metadata record type ${apiKey} is not known`
      : `${definition.name} version ${version} is not known, only ${definition.validVersions}`;
  throw new MetadataVersionError(
    `${what}: it needs a metadata.version above ${SUPPORTED_METADATA_VERSION.max}, the highest of this node`,
  );
}

/** Reads a record that the image is made of. */
export function decodeMetadataRecord(bytes: Uint8Array): MetadataRecord {
  const { type, value } = decodeMetadataValue(bytes);
  return { type, ...value } as MetadataRecord;
}

/** Where a batch stands in the log; a leader's append stamps offset and epoch itself. */
export interface BatchPlace {
  readonly timestamp: number;
  readonly baseOffset?: Offset;
  readonly leaderEpoch?: LeaderEpoch;
}

const NO_PRODUCER = { producerId: -1, producerEpoch: -1, baseSequence: -1 };

/** One batch with all these records. */
export function batchOfRecords(records: readonly MetadataRecord[], place: BatchPlace): Uint8Array {
  const { timestamp, baseOffset = 0, leaderEpoch = NO_EPOCH } = place;
  const builder = new BatchBuilder();
  for (const record of records) builder.append(timestamp, null, encodeMetadataRecord(record));
  const batch = builder.finish();
  stampProducer(batch, NO_PRODUCER, crc32c);
  stampBatch(batch, 0, baseOffset, leaderEpoch);
  return batch;
}

/** The metadata records of a batch; none of a control batch, whose records are the quorum's own. */
export function recordsOfBatch(batch: BatchView): readonly MetadataRecord[] {
  if (batch.isControl) return [];
  return readRecords(batch).map((record) => decodeMetadataRecord(bytesOfRecord(record)));
}

function bytesOfRecord(record: LogRecord): Uint8Array {
  if (record.value !== null) return record.value;
  throw new FormatError('CORRUPT', `the metadata record at ${record.offset} has no value`);
}
