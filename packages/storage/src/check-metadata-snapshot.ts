// Verifies a snapshot of the metadata offline: sound batches with offsets from 0, between Kafka's header and footer (Q11). What the
// records say is not looked at.

import { type BatchView, type Checksum, controlRecordsOfBatch, FormatError } from '@odradek/format';
import type { Disk } from '@odradek/model';
import { type ScanFault, scanBatches } from './batch-scan.ts';

const SNAPSHOT_NAME = /^\d{20}-\d{10}\.checkpoint$/;

/** The snapshots in the directory of a metadata log, by name. */
export function metadataSnapshotsIn(names: readonly string[]): readonly string[] {
  return names.filter((name) => SNAPSHOT_NAME.test(name));
}

export interface SnapshotProblem {
  readonly position: number;
  readonly message: string;
}

/** Verifies one, and calls `done` later, with what is wrong. */
export function checkMetadataSnapshot(
  disk: Disk,
  path: string,
  checksum: Checksum,
  done: (problem: SnapshotProblem | undefined) => void,
): void {
  const file = disk.open(path, { create: false });
  let nextOffset = 0;
  let last: { readonly batch: BatchView; readonly position: number } | undefined;
  const visit = (batch: BatchView, position: number): ScanFault | undefined => {
    const wrong =
      batch.baseOffset !== nextOffset
        ? `offset ${batch.baseOffset}, where ${nextOffset} comes next`
        : position === 0 && !namesIn(batch).includes('SnapshotHeader')
          ? 'the first batch has no snapshot header'
          : undefined;
    if (wrong !== undefined) return { name: 'OUT_OF_PLACE', message: wrong };
    nextOffset = batch.nextOffset;
    last = { batch, position };
    return undefined;
  };
  scanBatches({ file, from: 0, checksum, visit }, ({ position, fault }) => {
    file.close();
    if (fault !== undefined) done({ position, message: `${fault.name}: ${fault.message}` });
    else if (last === undefined || !namesIn(last.batch).includes('SnapshotFooter'))
      done({ position, message: 'the snapshot ends without its footer' });
    else done(undefined);
  });
}

/** Of a control batch; others have none. */
function namesIn(batch: BatchView): readonly string[] {
  try {
    return controlRecordsOfBatch(batch).map((record) => record.type);
  } catch (error) {
    if (error instanceof FormatError) return [];
    throw error;
  }
}
