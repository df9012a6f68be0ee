// Control records of the metadata quorum: what its leader writes about the quorum itself, beside the metadata. The key says the
// type, the value follows Kafka's schema.

import { ByteReader, ByteWriter } from './bytes.ts';
import { FormatError } from './errors.ts';
import type { BatchView } from './record-batch/batch-view.ts';
import { buildBatch } from './record-batch/build-batch.ts';
import { readRecords } from './record-batch/records.ts';
import { decodeMessage, encodeMessage } from './schema/codec.ts';
import type { FieldDefinition, MessageDefinition } from './schema/definition.ts';
import { ZERO_UUID } from './uuid.ts';

/** A voter in a LeaderChange, which names it by its number: its directory id reads as zero, and stands in the KRaftVoters. */
export interface ControlVoter {
  readonly voterId: number;
  readonly voterDirectoryId: string;
}

export interface VoterEndpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** A voter in the voter set, with where it listens and which versions of the quorum's protocol it supports. */
export interface VoterInSet extends ControlVoter {
  readonly endpoints: readonly VoterEndpoint[];
  readonly kRaftVersionFeature: {
    readonly minSupportedVersion: number;
    readonly maxSupportedVersion: number;
  };
}

/** The records of the quorum; the names are Kafka's. */
export type ControlRecord =
  | {
      readonly type: 'LeaderChange';
      readonly leaderId: number;
      readonly voters: readonly ControlVoter[];
      readonly grantingVoters: readonly ControlVoter[];
    }
  | { readonly type: 'SnapshotHeader'; readonly lastContainedLogTimestamp: number }
  | { readonly type: 'SnapshotFooter' }
  | { readonly type: 'KRaftVersion'; readonly kRaftVersion: number }
  | { readonly type: 'KRaftVoters'; readonly voters: readonly VoterInSet[] };

interface ControlType {
  readonly key: number;
  readonly name: ControlRecord['type'];
  /** The version that is written. */
  readonly version: number;
  readonly definition: MessageDefinition;
}

const field = (name: string, type: string, fields?: readonly FieldDefinition[]): FieldDefinition =>
  fields === undefined ? { name, type, versions: '0+' } : { name, type, versions: '0+', fields };

function control(
  key: number,
  name: ControlRecord['type'],
  validVersions: string,
  fields: readonly FieldDefinition[],
): ControlType {
  // The lowest: Kafka's dump tool reads a LeaderChange as version 0, whatever version it says it has.
  const version = 0;
  const all = [field('Version', 'int16'), ...fields];
  return { key, name, version, definition: { name, validVersions, flexibleVersions: '0+', fields: all } };
}

const voter: readonly FieldDefinition[] = [
  field('VoterId', 'int32'),
  { name: 'VoterDirectoryId', type: 'uuid', versions: '1+' },
];

const endpoint = [field('Name', 'string'), field('Host', 'string'), field('Port', 'uint16')];
const supported = [field('MinSupportedVersion', 'int16'), field('MaxSupportedVersion', 'int16')];

const controlTypes: readonly ControlType[] = [
  control(2, 'LeaderChange', '0-1', [
    field('LeaderId', 'int32'),
    field('Voters', '[]Voter', voter),
    field('GrantingVoters', '[]Voter', voter),
  ]),
  control(3, 'SnapshotHeader', '0', [field('LastContainedLogTimestamp', 'int64')]),
  control(4, 'SnapshotFooter', '0', []),
  control(5, 'KRaftVersion', '0', [field('KRaftVersion', 'int16')]),
  control(6, 'KRaftVoters', '0', [
    field('Voters', '[]Voter', [
      field('VoterId', 'int32'),
      field('VoterDirectoryId', 'uuid'),
      field('Endpoints', '[]Endpoint', endpoint),
      field('KRaftVersionFeature', 'KRaftVersionFeature', supported),
    ]),
  ]),
];

/** Key and value of a control record, in the version that is written now. */
export function encodeControlRecord(record: ControlRecord): {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
} {
  const { type, ...value } = record;
  const kind = controlTypes.find((one) => one.name === type);
  if (kind === undefined) throw new FormatError('UNSUPPORTED', `there is no control record ${type}`);
  const key = new ByteWriter(16);
  key.int16(0);
  key.int16(kind.key);
  return {
    key: key.take(),
    value: encodeMessage(kind.definition, kind.version, { version: kind.version, ...value }),
  };
}

/** Reads a control record of the quorum. A type that is not known is refused: skipping it could hide a voter. */
export function decodeControlRecord(key: Uint8Array | null, value: Uint8Array | null): ControlRecord {
  if (key === null || value === null)
    throw new FormatError('CORRUPT', 'a control record has a key and a value, this one lacks one');
  const number = typeOfKey(key);
  const kind = controlTypes.find((one) => one.key === number);
  if (kind === undefined)
    throw new FormatError(
      'UNSUPPORTED',
      `control record type ${number}: known are ${controlTypes.map((one) => one.key).join(', ')}`,
    );
  // The value begins with its own version.
  const version = new ByteReader(value).int16();
  const { version: _, ...body } = decodeMessage(kind.definition, version, value);
  return named({ type: kind.name, ...body } as ControlRecord);
}

/** Version 0 of a LeaderChange does not say the voters' directory ids. */
function named(record: ControlRecord): ControlRecord {
  if (record.type !== 'LeaderChange') return record;
  const withDirectory = (one: ControlVoter): ControlVoter => ({
    ...one,
    voterDirectoryId: one.voterDirectoryId ?? ZERO_UUID,
  });
  return {
    ...record,
    voters: record.voters.map(withDirectory),
    grantingVoters: record.grantingVoters.map(withDirectory),
  };
}

function typeOfKey(key: Uint8Array): number {
  const reader = new ByteReader(key);
  const keyVersion = reader.int16();
  if (keyVersion < 0)
    throw new FormatError('CORRUPT', `control record key version ${keyVersion} is negative`);
  return reader.int16();
}

/** Where a control batch stands; a leader's append stamps offset and epoch itself. */
export interface ControlBatchPlace {
  readonly timestamp: number;
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
}

/** One control batch with these records. */
export function controlBatch(records: readonly ControlRecord[], place: ControlBatchPlace): Uint8Array {
  const { timestamp } = place;
  return buildBatch({
    ...place,
    isControl: true,
    records: records.map((record) => ({ timestamp, ...encodeControlRecord(record) })),
  });
}

/** The control records of a batch; none of a batch of data. */
export function controlRecordsOfBatch(batch: BatchView): readonly ControlRecord[] {
  if (!batch.isControl) return [];
  return readRecords(batch).map(({ key, value }) => decodeControlRecord(key, value));
}
