// What the quorum keeps beside its log, in Kafka's files: the vote state and the snapshots (Q1, Q11).

import {
  type DurableVoteState,
  decodeVoteState,
  encodeVoteState,
  noVoteState,
  type QuorumStorage,
  type SnapshotId,
  type Stored,
  voteStateFile,
} from '@odradek/election';
import { checkBatch, controlRecordsOfBatch, crc32c } from '@odradek/format';
import { type Disk, type DiskError, InvariantError, isPassing } from '@odradek/model';

/** The metadata log's directory, as Kafka names it. */
export const METADATA_DIRECTORY = '__cluster_metadata-0';

const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint$/;

/** The file of a snapshot: exclusive end offset and epoch. */
export function snapshotPath({ endOffset, epoch }: SnapshotId): string {
  const name = `${String(endOffset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`;
  return `${METADATA_DIRECTORY}/${name}`;
}

/** Vote state and snapshots on a disk. */
export class QuorumDirectory implements QuorumStorage {
  private readonly disk: Disk;
  /** As the directory was when it was last read: every fetch asks for the latest, and nobody else writes here. */
  private known: readonly SnapshotId[] | undefined;

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** As the last process left it; a new directory has seen no quorum. A voter that guesses its vote may vote twice (Q1). */
  readVoteState(): DurableVoteState {
    try {
      const bytes = this.disk.readFile(`${METADATA_DIRECTORY}/${voteStateFile}`);
      return bytes === undefined ? noVoteState : decodeVoteState(bytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InvariantError(`the vote of this node cannot be read: ${METADATA_DIRECTORY}/${why}`);
    }
  }

  storeVoteState(state: DurableVoteState, done: Stored): void {
    const path = `${METADATA_DIRECTORY}/${voteStateFile}`;
    this.disk.replaceFile(path, encodeVoteState(state), (error) => tell(error, done));
  }

  /** The one that formatting wrote only names the voters: nobody needs to fetch it. */
  latestSnapshot(): SnapshotId | undefined {
    return this.snapshots().findLast(({ endOffset }) => endOffset > 0);
  }

  /** The latest of all, the first one too. */
  latestWithVoters(): SnapshotId | undefined {
    return this.snapshots().at(-1);
  }

  /** Undefined when it is gone, not whole, or when a checksum in it is wrong: then it is no snapshot (KAFKA-14104). */
  readSnapshot(id: SnapshotId): Uint8Array | undefined {
    const bytes = this.disk.readFile(snapshotPath(id));
    return bytes !== undefined && isWhole(bytes) ? bytes : undefined;
  }

  storeSnapshot(id: SnapshotId, bytes: Uint8Array, done: Stored): void {
    this.disk.replaceFile(snapshotPath(id), bytes, (error) => {
      this.known = undefined;
      if (error === undefined) this.removeBelow(id);
      tell(error, done);
    });
  }

  private removeBelow(kept: SnapshotId): void {
    const old = this.snapshots().filter(({ endOffset }) => endOffset < kept.endOffset);
    this.known = undefined;
    for (const id of old) this.disk.remove(snapshotPath(id));
  }

  private snapshots(): readonly SnapshotId[] {
    this.known ??= this.read();
    return this.known;
  }

  /** Ascending by end; the names sort so. */
  private read(): readonly SnapshotId[] {
    return this.disk.list(METADATA_DIRECTORY).flatMap((name) => {
      const match = SNAPSHOT_NAME.exec(name);
      return match === null ? [] : [{ endOffset: Number(match[1]), epoch: Number(match[2]) }];
    });
  }
}

/** D6: the next try writes another file, so that it is no matter whether the write or its sync had no room. */
function tell(error: DiskError | undefined, done: Stored): void {
  if (error === undefined) done();
  else done(error.message, isPassing(error));
}

/** Every batch is sound, and the last one says that it is the last. */
function isWhole(bytes: Uint8Array): boolean {
  let hasEnd = false;
  for (let position = 0; position < bytes.length; ) {
    const check = checkBatch(bytes, position, crc32c);
    if (!check.ok) return false;
    const { batch } = check;
    hasEnd = batch.isControl && controlRecordsOfBatch(batch).some(({ type }) => type === 'SnapshotFooter');
    position += batch.sizeInBytes;
  }
  return hasEnd;
}
