import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchView } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import {
  batchOfRecords,
  clusterConfig,
  decodeMetadataRecord,
  emptyImage,
  encodeMetadataRecord,
  InvariantError,
  imageHash,
  imageOfSnapshot,
  imageToRecords,
  lastUncleanEpoch,
  type MetadataRecord,
  MetadataVersionError,
  metadataVersion,
  partitionOf,
  recordsOfBatch,
  replay,
  replayAll,
  topicByName,
  topicConfig,
} from '../../src/index.ts';
import { everyType, partition, topicId } from './sample-records.ts';

const image = replayAll(emptyImage, everyType, 0);

describe('the image', () => {
  it('is what its records say', () => {
    expect(metadataVersion(image)).toBe(1);
    expect(image.offset).toBe(everyType.length - 1);
    expect([...image.brokers.keys()]).toEqual([1, 2, 3]);
    expect(image.brokers.get(3)).toMatchObject({
      brokerEpoch: 7,
      isFenced: true,
      isShuttingDown: true,
      processId: 4003,
      restartClass: 'intact',
    });
    expect(image.brokers.get(2)?.isFenced).toBe(false);
    expect(topicByName(image, 'laser')?.partitions).toHaveLength(2);
    expect(topicByName(image, 'gone')).toBeUndefined();
    expect(topicConfig(image, 'laser').get('min.insync.replicas')).toBe('2');
    expect(clusterConfig(image).get('num.partitions')).toBe('3');
    expect(image.nextProducerId).toBe(1000);
  });

  it('A1: every change counts the partition epoch, a leader that is given the leader epoch', () => {
    expect(partitionOf(image, topicId, 0)).toMatchObject({
      leader: 1,
      leaderEpoch: 2,
      partitionEpoch: 2,
      inSyncReplicas: [1],
      eligibleLeaderReplicas: [],
      isRecovering: true,
    });
    const same: MetadataRecord = { type: 'PartitionChangeRecord', topicId, partitionId: 1, leader: 1 };
    expect(partitionOf(replay(image, same, 100), topicId, 1)).toMatchObject({ leader: 1, leaderEpoch: 1 });
  });

  it('F7: knows since which leader epoch a cut below the high watermark is lawful', () => {
    expect(lastUncleanEpoch(image, topicId, 0)).toBe(2);
    expect(lastUncleanEpoch(image, topicId, 1)).toBe(-1);
  });

  it('is never changed: the next one shares what did not change', () => {
    const change: MetadataRecord = { type: 'PartitionChangeRecord', topicId, partitionId: 1, leader: 2 };
    const before = imageHash(image);
    const next = replay(image, change, image.offset + 1);
    expect(imageHash(image)).toBe(before);
    expect(next.brokers).toBe(image.brokers);
    expect(partitionOf(next, topicId, 0)).toBe(partitionOf(image, topicId, 0));
  });

  it('V16: one by one or at once, the same image; of its snapshot too', () => {
    const oneByOne = everyType.reduce((made, record, offset) => replay(made, record, offset), emptyImage);
    expect(imageHash(oneByOne)).toBe(imageHash(image));
    const again = imageOfSnapshot(imageToRecords(image), image.offset);
    expect(again).toEqual({ ...image, brokers: again.brokers });
    expect(imageHash(again)).toBe(imageHash(image));
  });

  it('V16: with the parts that are known already it is the same checksum', () => {
    const known = new WeakMap<object, number>();
    everyType.reduce((made, record, offset) => {
      const next = replay(made, record, offset);
      expect(imageHash(next, known)).toBe(imageHash(next));
      return next;
    }, emptyImage);
  });

  it('V16: records that do not follow the image are refused', () => {
    expect(() => replay(image, { type: 'NoOpRecord' }, image.offset)).toThrow(InvariantError);
  });

  it('a record about what does not exist stops the node', () => {
    const records: readonly MetadataRecord[] = [
      { type: 'PartitionChangeRecord', topicId, partitionId: 9, leader: 1 },
      { type: 'RemoveTopicRecord', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' },
      { type: 'UnregisterBrokerRecord', brokerId: 9, brokerEpoch: 1 },
      { type: 'BrokerRegistrationChangeRecord', brokerId: 1, brokerEpoch: 99, fenced: 1 },
      { type: 'ProducerIdsRecord', brokerId: 1, brokerEpoch: 1, nextProducerId: 0 },
    ];
    for (const record of records) expect(() => replay(image, record, 100)).toThrow(InvariantError);
  });

  it('takes ten thousand changes of partitions in one go', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => partition(index));
    const first: readonly MetadataRecord[] = [{ type: 'TopicRecord', name: 'wide', topicId }, ...many];
    const wide = replayAll(emptyImage, first, 0);
    const changes = many.map(
      (_, partitionId): MetadataRecord => ({
        type: 'PartitionChangeRecord',
        topicId,
        partitionId,
        leader: 2,
      }),
    );
    const next = replayAll(wide, changes, wide.offset + 1);
    expect(next.topics.get(topicId)?.partitions.every((one) => one.leader === 2)).toBe(true);
  });
});

describe('the level of the metadata', () => {
  it('a level, type or version that is not known stops the node, naming the level', () => {
    const level: MetadataRecord = { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 30 };
    expect(() => replay(emptyImage, level, 0)).toThrow(/metadata.version is 30, this node supports 1 to 1/);
    expect(() => decodeMetadataRecord(new Uint8Array([1, 0xd0, 0x86, 3, 0, 0]))).toThrow(
      MetadataVersionError,
    );
    expect(() => decodeMetadataRecord(new Uint8Array([1, 20, 1, 0]))).toThrow(
      /NoOpRecord version 1 is not known, only 0: it needs a metadata.version above 1/,
    );
    const transaction = decodeMetadataRecord(new Uint8Array([1, 24, 0, 0]));
    expect(() => replay(emptyImage, transaction, 0)).toThrow(MetadataVersionError);
  });

  it('golden file of level 1: bytes and records are what they were', () => {
    const file = readFileSync(join(import.meta.dirname, '../golden/metadata-level-1.txt')).toString();
    const lines = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const golden = lines.map((line) => {
      const [hex = '', json = ''] = line.split(/ (.*)/s);
      return { hex, record: JSON.parse(json) as MetadataRecord };
    });
    expect(new Set(golden.map(({ record }) => record.type))).toEqual(
      new Set(everyType.map((record) => record.type)),
    );
    for (const { hex, record } of golden) {
      expect(Buffer.from(encodeMetadataRecord(record)).toString('hex')).toBe(hex);
      expect(decodeMetadataRecord(new Uint8Array(Buffer.from(hex, 'hex')))).toMatchObject(record);
    }
    expect(
      imageHash(
        replayAll(
          emptyImage,
          golden.map(({ record }) => record),
          0,
        ),
      ),
    ).toBe(imageHash(image));
  });

  it('records of one command are one batch', () => {
    const batch = new BatchView(batchOfRecords(everyType, { timestamp: 5, baseOffset: 0, leaderEpoch: 3 }));
    expect(batch.lastOffset).toBe(everyType.length - 1);
    expect(imageHash(replayAll(emptyImage, recordsOfBatch(batch), 0))).toBe(imageHash(image));
  });
});
