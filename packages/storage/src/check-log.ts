// Verifies a log offline: every batch, and that indexes, epochs and snapshots agree with what is there. `odradek log check` prints it.

import { type BatchView, crc32c } from '@odradek/format';
import type { Compute, Disk, EpochHistory, Offset } from '@odradek/model';
import { type ScanFault, scanBatches } from './batch-scan.ts';
import { checkMetadataSnapshot, metadataSnapshotsIn } from './check-metadata-snapshot.ts';
import { decodeEpochs, decodeOffsets, decodePartitionMetadata } from './checkpoint-files.ts';
import { segmentFiles } from './dump-log.ts';
import { EPOCH_FILE, fileName, METADATA_FILE, offsetOf, offsetsIn } from './file-names.ts';
import { findLogs } from './find-logs.ts';
import { OffsetIndex, TimeIndex } from './indexes.ts';
import { recordsOf } from './inflate-records.ts';
import { CHECKPOINT_FILES } from './log-directory.ts';
import { decodeProducerSnapshot } from './producer-snapshot.ts';
import { FORGOTTEN, isSyncFailure } from './sync-failure.ts';

/** Something that is not as it should be. */
export interface LogProblem {
  readonly file: string;
  /** Where in the file, if it is about a place. */
  readonly position?: number;
  readonly message: string;
}

export interface LogCheck {
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
  /** Batches whose records were not looked at, because nothing here inflates them; their checksum was. */
  readonly notInflated: number;
  /**
   * Batches that lie there as they were sent (their checksum says so), and whose records cannot be read once they are inflated: what is
   * compressed is the producer's word alone, and no broker looks into it. Consumers are told.
   */
  readonly unreadable: readonly LogProblem[];
  readonly problems: readonly LogProblem[];
}

export interface CheckOrder {
  readonly disk: Disk;
  /** The directory of a log, or of a broker: then all its logs and checkpoints. */
  readonly path: string;
  /** Without `inflate`, records in compressed batches are not looked at. */
  readonly compute?: Partial<Pick<Compute, 'crc32c' | 'inflate'>>;
}

/** Verifies; `done` later. */
export function checkLog(order: CheckOrder, done: (check: LogCheck) => void): void {
  new LogChecker(order, done).begin();
}

interface BatchSeen {
  readonly position: number;
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly maxTimestamp: number;
}

class LogChecker {
  readonly #order: CheckOrder;
  readonly #done: (check: LogCheck) => void;
  readonly #problems: LogProblem[] = [];
  readonly #unreadable: LogProblem[] = [];
  #batches = 0;
  #records = 0;
  #bytes = 0;
  #notInflated = 0;
  /** Of the log being checked. */
  #nextOffset: Offset = 0;
  #lastEpoch = -1;
  #epochs: EpochHistory | undefined;

  constructor(order: CheckOrder, done: (check: LogCheck) => void) {
    this.#order = order;
    this.#done = done;
  }

  begin(): void {
    const { disk, path } = this.#order;
    const isLog = offsetsIn(disk.list(path), '.log').length > 0;
    const logs = isLog ? [path] : findLogs(disk).map((log) => log.directory);
    const ends = new Map<string, Offset>();
    const check = (directory: string, proceed: () => void): void =>
      this.#checkDirectory(directory, () => {
        ends.set(directory, this.#nextOffset);
        proceed();
      });
    oneByOne(logs, check, () => {
      if (!isLog) this.#checkCheckpoints(ends);
      this.#finish();
    });
  }

  #finish(): void {
    this.#done({
      batches: this.#batches,
      records: this.#records,
      bytes: this.#bytes,
      notInflated: this.#notInflated,
      unreadable: this.#unreadable,
      problems: this.#problems,
    });
  }

  #problem(file: string, message: string, position?: number): void {
    this.#problems.push({ file, message, ...(position === undefined ? {} : { position }) });
  }

  #checkDirectory(directory: string, done: () => void): void {
    const { disk } = this.#order;
    const inside = (name: string): string => (directory === '' ? name : `${directory}/${name}`);
    this.#nextOffset = 0;
    this.#lastEpoch = -1;
    const epochs = disk.readFile(inside(EPOCH_FILE));
    this.#epochs = epochs && decodeEpochs(epochs);
    if (epochs !== undefined && this.#epochs === undefined)
      this.#problem(inside(EPOCH_FILE), 'cannot be read');
    const failed = disk.list(directory).find(isSyncFailure);
    if (failed !== undefined) this.#problem(inside(failed), FORGOTTEN);
    const metadata = disk.readFile(inside(METADATA_FILE));
    if (metadata !== undefined && decodePartitionMetadata(metadata) === undefined)
      this.#problem(inside(METADATA_FILE), 'cannot be read');
    for (const offset of offsetsIn(disk.list(directory), '.snapshot')) {
      const name = inside(fileName(offset, '.snapshot'));
      if (decodeProducerSnapshot(disk.readFile(name) ?? new Uint8Array(0)) === undefined)
        this.#problem(name, 'its checksum or form is wrong');
    }
    const snapshots = metadataSnapshotsIn(disk.list(directory)).map(inside);
    oneByOne(
      segmentFiles(disk, directory),
      (file, proceed) => this.#checkSegment(file, proceed),
      () => oneByOne(snapshots, (file, proceed) => this.#checkSnapshot(file, proceed), done),
    );
  }

  #checkSnapshot(path: string, done: () => void): void {
    const { disk, compute } = this.#order;
    checkMetadataSnapshot(disk, path, compute?.crc32c ?? crc32c, (problem) => {
      if (problem !== undefined) this.#problem(path, problem.message, problem.position);
      done();
    });
  }

  #checkSegment(path: string, done: () => void): void {
    const base = offsetOf(path.slice(path.lastIndexOf('/') + 1), '.log') ?? 0;
    const file = this.#order.disk.open(path, { create: false });
    const seen: BatchSeen[] = [];
    const finish = (position: number, fault?: ScanFault): void => {
      file.close();
      this.#bytes += position;
      if (fault !== undefined) this.#problem(path, `${fault.name}: ${fault.message}`, position);
      this.#checkIndexes(path.slice(0, -'.log'.length), base, seen);
      done();
    };
    this.#nextOffset = Math.max(this.#nextOffset, base);
    const visit = (
      batch: BatchView,
      position: number,
      proceed: () => void,
    ): 'wait' | ScanFault | undefined => {
      const wrong = this.#misplaced(batch);
      if (wrong !== undefined) return { name: 'OUT_OF_PLACE', message: wrong };
      const { baseOffset, lastOffset, maxTimestamp } = batch;
      seen.push({ position, baseOffset, lastOffset, maxTimestamp });
      this.#batches++;
      this.#records += batch.recordCount;
      recordsOf(batch, this.#order.compute?.inflate, (records) => {
        if ('error' in records && records.name === 'UNSUPPORTED_CODEC') this.#notInflated++;
        else if ('error' in records) {
          // Where the batch ends its header says: what comes after it is looked at all the same.
          const problem = { file: path, position, message: `${records.name}: ${records.error}` };
          (batch.codec === 'none' ? this.#problems : this.#unreadable).push(problem);
        }
        proceed();
      });
      return 'wait';
    };
    const checksum = this.#order.compute?.crc32c ?? crc32c;
    scanBatches({ file, from: 0, checksum, visit }, (end) => finish(end.position, end.fault));
  }

  #misplaced({ baseOffset, nextOffset, leaderEpoch }: BatchView): string | undefined {
    if (baseOffset < this.#nextOffset) return `offset ${baseOffset}, where ${this.#nextOffset} is the least`;
    if (leaderEpoch < this.#lastEpoch) return `leader epoch ${leaderEpoch} after ${this.#lastEpoch}`;
    this.#nextOffset = nextOffset;
    this.#lastEpoch = leaderEpoch;
    const entry = this.#epochs?.findLast((one) => one.startOffset <= baseOffset);
    // Only the epoch of what was deleted is told by a start above the batch's offset.
    if (this.#epochs === undefined || entry === undefined || entry.epoch === leaderEpoch) return undefined;
    return `leader epoch ${leaderEpoch}, where ${EPOCH_FILE} has ${entry.epoch}`;
  }

  #checkIndexes(name: string, base: Offset, seen: readonly BatchSeen[]): void {
    const offsetBytes = this.#order.disk.readFile(`${name}.index`);
    if (offsetBytes !== undefined) {
      const index = new OffsetIndex(base, offsetBytes);
      const wrong = sizeFault(index, offsetBytes) ?? offsetIndexFault(index, seen);
      if (wrong !== undefined) this.#problem(`${name}.index`, wrong);
    }
    const timeBytes = this.#order.disk.readFile(`${name}.timeindex`);
    if (timeBytes !== undefined) {
      const index = new TimeIndex(base, timeBytes);
      const wrong = sizeFault(index, timeBytes) ?? timeIndexFault(index, seen);
      if (wrong !== undefined) this.#problem(`${name}.timeindex`, wrong);
    }
  }

  #checkCheckpoints(ends: ReadonlyMap<string, Offset>): void {
    for (const file of Object.values(CHECKPOINT_FILES)) {
      const bytes = this.#order.disk.readFile(file);
      const offsets = bytes && decodeOffsets(bytes);
      if (bytes !== undefined && offsets === undefined) this.#problem(file, 'cannot be read');
      for (const [log, offset] of offsets ?? []) {
        const end = ends.get(log);
        if (end !== undefined && offset > end)
          this.#problem(file, `${log} at ${offset}, but it ends at ${end}`);
      }
    }
  }
}

/** Looks at each, the next when `proceed` was called; then calls `done`. */
function oneByOne<T>(
  all: readonly T[],
  look: (item: T, proceed: () => void) => void,
  done: () => void,
): void {
  const [item, ...others] = all;
  if (item === undefined) done();
  else look(item, () => oneByOne(others, look, done));
}

/** What is left behind the last whole entry is none: a start makes such an index again (D7). */
function sizeFault({ sizeInBytes }: OffsetIndex | TimeIndex, bytes: Uint8Array): string | undefined {
  const left = bytes.length - sizeInBytes;
  return left === 0 ? undefined : `${bytes.length} bytes: the last ${left} are no whole entry`;
}

function offsetIndexFault(index: OffsetIndex, seen: readonly BatchSeen[]): string | undefined {
  const byPosition = new Map(seen.map((batch) => [batch.position, batch]));
  let last = -1;
  for (let entry = 0; entry < index.count; entry++) {
    const { offset, position } = index.entry(entry);
    const batch = byPosition.get(position);
    if (batch === undefined) return `entry ${entry} points to ${position}, where no batch begins`;
    if (offset < batch.baseOffset || offset <= last)
      return `entry ${entry} has offset ${offset} for the batch from ${batch.baseOffset} to ${batch.lastOffset}`;
    last = offset;
  }
  return undefined;
}

function timeIndexFault(index: TimeIndex, seen: readonly BatchSeen[]): string | undefined {
  const fault = index.fault();
  if (fault !== undefined) return fault;
  for (let entry = 0; entry < index.count; entry++) {
    const { timestamp, offset } = index.entry(entry);
    const later = seen.find((batch) => batch.lastOffset <= offset && batch.maxTimestamp > timestamp);
    if (later !== undefined)
      return `entry ${entry} says nothing up to ${offset} is later than ${timestamp}, but ${later.baseOffset} is`;
  }
  return undefined;
}
