import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  BatchView,
  controlRecordsOfBatch,
  crc32c,
  encodeControlRecord,
  type LogRecord,
  readRecords,
} from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { decodeMetadataValue, encodeRecordOf } from '../../src/index.ts';

interface Part {
  readonly bytes: string;
  readonly records: readonly {
    readonly offset: number;
    readonly decoded: {
      readonly type: number;
      readonly name: string;
      readonly version: number;
      readonly value: object;
    };
  }[];
  readonly control: readonly {
    readonly offset: number;
    readonly type: string;
    readonly key: string;
    readonly value: string;
    readonly data: string;
  }[];
}

const file = gunzipSync(readFileSync(join(import.meta.dirname, '../vectors/cluster-metadata.json.gz')));
const vectors = JSON.parse(file.toString()) as { readonly log: Part; readonly snapshot: Part };

function batchesOf(bytes: Uint8Array): readonly BatchView[] {
  const batches: BatchView[] = [];
  for (let at = 0; at < bytes.length; at += batches.at(-1)?.sizeInBytes ?? 0)
    batches.push(new BatchView(bytes, at));
  return batches;
}

const base64 = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('base64');
const data = (batches: readonly BatchView[]): readonly LogRecord[] =>
  batches.filter((batch) => !batch.isControl).flatMap((batch) => readRecords(batch));

describe.each(['log', 'snapshot'] as const)('vectors: the %s of Kafka’s metadata', (name) => {
  const part = vectors[name];
  const batches = batchesOf(new Uint8Array(Buffer.from(part.bytes, 'base64')));

  it('has sound checksums', () => {
    for (const batch of batches)
      expect(crc32c(batch.bytes, batch.position + 21, batch.position + batch.sizeInBytes)).toBe(batch.crc);
  });

  it('reads every record as Kafka reads it', () => {
    const read = data(batches).map((record) => {
      const { apiKey, type, version, value } = decodeMetadataValue(record.value ?? new Uint8Array());
      return { offset: record.offset, decoded: { type: apiKey, name: type, version, value } };
    });
    expect(read).toHaveLength(part.records.length);
    expect(read).toMatchObject(part.records);
  });

  it('writes every record as Kafka writes it', () => {
    for (const record of data(batches)) {
      const { type, version, value } = decodeMetadataValue(record.value ?? new Uint8Array());
      expect(base64(encodeRecordOf(type, version, value))).toBe(base64(record.value));
    }
  });

  it('reads the quorum’s control records, and writes those of the present version alike', () => {
    const control = batches.filter((batch) => batch.isControl);
    const names = {
      LeaderChange: 'LEADER_CHANGE',
      SnapshotHeader: 'SNAPSHOT_HEADER',
      SnapshotFooter: 'SNAPSHOT_FOOTER',
      KRaftVersion: 'KRAFT_VERSION',
      KRaftVoters: 'KRAFT_VOTERS',
    };
    const records = control.flatMap((batch) => controlRecordsOfBatch(batch));
    expect(records.map((record) => names[record.type])).toEqual(part.control.map((one) => one.type));
    records.forEach((record, index) => {
      const { key, value } = encodeControlRecord(record);
      expect(base64(key)).toBe(part.control[index]?.key);
      expect(base64(value)).toBe(part.control[index]?.value);
    });
  });
});

describe('vectors: a control record of Kafka', () => {
  it('LeaderChange of version 0 names its leader and voters', () => {
    const [first] = batchesOf(new Uint8Array(Buffer.from(vectors.log.bytes, 'base64')));
    const voter = { voterId: 0, voterDirectoryId: undefined };
    expect(first && controlRecordsOfBatch(first)).toMatchObject([
      {
        type: 'LeaderChange',
        leaderId: 0,
        voters: [{ voterId: voter.voterId }],
        grantingVoters: [{ voterId: 0 }],
      },
    ]);
  });
});
