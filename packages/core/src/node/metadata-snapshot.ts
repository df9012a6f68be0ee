// A snapshot of the metadata: the records that make its image, between the header and the footer of Kafka's snapshots (Q11).
// The first one is written when a directory is formatted: it names the voters.

import {
  type ControlRecord,
  controlBatch,
  controlRecordsOfBatch,
  joinedBytes,
  walkBatches,
} from '@odradek/format';
import {
  batchOfRecords,
  type Disk,
  imageToRecords,
  type MetadataImage,
  type MetadataRecord,
  type Voter,
} from '@odradek/model';
import { QuorumDirectory, snapshotPath } from './quorum-directory.ts';

const RECORDS_IN_BATCH = 1000;

/** The level of the quorum's own records: voters are in the log, with directory ids (KIP-853). */
const KRAFT_VERSION = 1;

/** The bytes of a snapshot of `image`. */
export function snapshotOf(
  image: MetadataImage,
  voters: readonly Voter[],
  epoch: number,
  wallMs: number,
): Uint8Array {
  return snapshotBytes(imageToRecords(image), voters, epoch, wallMs);
}

/** The snapshot that formatting writes: nothing but who votes; the first controller says the feature level. */
export function writeFirstSnapshot(
  disk: Disk,
  voters: readonly Voter[],
  wallMs: number,
  done: (error?: string) => void,
): void {
  const id = { endOffset: 0, epoch: 0 };
  disk.makeDirectory(snapshotPath(id).split('/')[0] ?? '');
  disk.replaceFile(snapshotPath(id), snapshotBytes([], voters, 0, wallMs), (error) => done(error?.message));
}

/** The voters that the directory's latest snapshot names; undefined in a directory that was not formatted. */
export function readVoters(disk: Disk): readonly Voter[] | undefined {
  const directory = new QuorumDirectory(disk);
  const id = directory.latestWithVoters();
  const bytes = id === undefined ? undefined : directory.readSnapshot(id);
  return bytes === undefined ? undefined : votersIn(bytes);
}

/** The voters that a snapshot names. */
export function votersIn(snapshot: Uint8Array): readonly Voter[] | undefined {
  let voters: readonly Voter[] | undefined;
  walkBatches(snapshot, (batch) => {
    for (const record of controlRecordsOfBatch(batch))
      if (record.type === 'KRaftVoters') voters = votersOf(record);
  });
  return voters;
}

function votersOf(record: Extract<ControlRecord, { readonly type: 'KRaftVoters' }>): readonly Voter[] {
  return record.voters.map(({ voterId, voterDirectoryId, endpoints }) => ({
    id: voterId,
    directoryId: voterDirectoryId,
    host: endpoints[0]?.host ?? '',
    port: endpoints[0]?.port ?? 0,
  }));
}

function snapshotBytes(
  records: readonly MetadataRecord[],
  voters: readonly Voter[],
  leaderEpoch: number,
  timestamp: number,
): Uint8Array {
  let offset = 0;
  const batches: Uint8Array[] = [];
  const control = (...written: readonly ControlRecord[]): void => {
    batches.push(controlBatch(written, { timestamp, baseOffset: offset, leaderEpoch }));
    offset += written.length;
  };
  control(
    { type: 'SnapshotHeader', lastContainedLogTimestamp: timestamp },
    { type: 'KRaftVersion', kRaftVersion: KRAFT_VERSION },
    { type: 'KRaftVoters', voters: voters.map(voterInSet) },
  );
  for (let from = 0; from < records.length; from += RECORDS_IN_BATCH) {
    const part = records.slice(from, from + RECORDS_IN_BATCH);
    batches.push(batchOfRecords(part, { timestamp, baseOffset: offset, leaderEpoch }));
    offset += part.length;
  }
  control({ type: 'SnapshotFooter' });
  return joinedBytes(batches);
}

function voterInSet({ id, directoryId, host, port }: Voter) {
  return {
    voterId: id,
    voterDirectoryId: directoryId,
    endpoints: [{ name: 'CONTROLLER', host, port }],
    kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION },
  };
}
