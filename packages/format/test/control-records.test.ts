import { describe, expect, it } from 'vitest';
import {
  BatchView,
  type ControlRecord,
  controlBatch,
  controlRecordsOfBatch,
  decodeControlRecord,
  encodeControlRecord,
  FormatError,
  ZERO_UUID,
} from '../src/index.ts';

const directory = 'Su0JL5KLRzGQAIHm0jx-pw';
const voter = { voterId: 1, voterDirectoryId: directory };

const unnamed = { voterId: 1, voterDirectoryId: ZERO_UUID };

const records: readonly ControlRecord[] = [
  { type: 'LeaderChange', leaderId: 1, voters: [unnamed], grantingVoters: [unnamed] },
  { type: 'SnapshotHeader', lastContainedLogTimestamp: 1_795_480_211_078 },
  { type: 'KRaftVersion', kRaftVersion: 1 },
  {
    type: 'KRaftVoters',
    voters: [
      {
        ...voter,
        endpoints: [{ name: 'CONTROLLER', host: 'localhost', port: 9093 }],
        kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: 1 },
      },
    ],
  },
  { type: 'SnapshotFooter' },
];

describe('control records', () => {
  it.each(records)('$type reads as it was written', (record) => {
    const { key, value } = encodeControlRecord(record);
    expect(decodeControlRecord(key, value)).toEqual(record);
  });

  it('stand in a batch that says that it is one of control records', () => {
    const batch = new BatchView(controlBatch(records, { timestamp: 7, baseOffset: 3, leaderEpoch: 2 }));
    expect([batch.isControl, batch.baseOffset, batch.leaderEpoch]).toEqual([true, 3, 2]);
    expect(controlRecordsOfBatch(batch)).toEqual(records);
  });

  it('refuses a type that it does not know, and a record without its key', () => {
    expect(() => decodeControlRecord(new Uint8Array([0, 0, 0, 9]), new Uint8Array([0, 0]))).toThrow(
      /control record type 9: known are 2, 3, 4, 5, 6/,
    );
    expect(() => decodeControlRecord(null, new Uint8Array(2))).toThrow(FormatError);
  });
});
