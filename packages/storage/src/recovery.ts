// Opens a log as it was left (D7, D8, D10). After a clean end what is there is trusted; otherwise every batch from the recovery point
// on is checked. A torn tail is cut, and the cut reported; damage is never cut: it is told, so that the owner refuses to lead. Indexes,
// epochs and producer snapshots are caches: made again where they are missing or wrong.

import type { BatchView, Checksum } from '@odradek/format';
import {
  type Disk,
  DiskError,
  type EpochHistory,
  isPassing,
  NO_EPOCH,
  type Offset,
  type TopicId,
  truncatedFromEnd,
  truncatedFromStart,
  withEpoch,
} from '@odradek/model';
import { type ScanEnd, type ScanFault, scanBatches } from './batch-scan.ts';
import { decodeEpochs, decodePartitionMetadata, encodePartitionMetadata } from './checkpoint-files.ts';
import { EPOCH_FILE, fileName, METADATA_FILE, offsetsIn } from './file-names.ts';
import type { LogContents } from './log-store.ts';
import { latestSnapshot, removeSnapshots, writeSnapshot } from './producer-replay.ts';
import { ProducerState } from './producer-state.ts';
import { Segment, type SegmentPlace } from './segment.ts';
import { sweepDirectory } from './sweep-directory.ts';
import { FORGOTTEN, isSyncFailure } from './sync-failure.ts';

export interface RecoveryOrder {
  readonly disk: Disk;
  readonly directory: string;
  readonly topicId: TopicId;
  /** Whether the directory is known to be of this topic: somebody has just read it there, or no other topic has this name. */
  readonly isNamed: boolean;
  readonly indexIntervalBytes: number;
  /** A compacted log has gaps between its segments; any other has none. */
  readonly isCompacted: boolean;
  readonly nowMs: number;
  readonly checksum: Checksum;
  /** The last run ended in order. */
  readonly isClean: boolean;
  /** The host has not rebooted since: the page cache is as the last run left it. */
  readonly isSameBoot: boolean;
  /** As checkpointed: everything below it was on the disk. */
  readonly recoveryPoint: Offset;
  /** Whether a checkpoint names the log: then records of it were flushed once. */
  readonly isKnown: boolean;
  readonly logStartOffset: Offset;
}

/** What recovery did. */
export interface RecoveryReport {
  readonly scannedBytes: number;
  /** A torn tail that was cut: never one below the recovery point. */
  readonly cut?: {
    readonly file: string;
    readonly position: number;
    readonly bytes: number;
    readonly reason: string;
  };
}

export type Recovery =
  | { readonly outcome: 'recovered'; readonly contents: LogContents; readonly report: RecoveryReport }
  /** Records that were durable are gone or broken (D8). The log is not opened. */
  | {
      readonly outcome: 'damaged';
      readonly file: string;
      readonly position: number;
      readonly message: string;
    }
  /** `mayPass`: the disk had no room, or the process no file to spare; nothing is wrong with the log (D6, D11). */
  | { readonly outcome: 'failed'; readonly message: string; readonly mayPass: boolean };

/** Recovers, and calls `done` later. */
export function recoverLog(order: RecoveryOrder, done: (recovery: Recovery) => void): void {
  new LogRecovery(order, done).begin();
}

/** A log that is not there yet: synchronous, and durable with its first flush. */
export function createLog(
  place: SegmentPlace,
  topicId: TopicId,
  startOffset: Offset,
  nowMs: number,
): LogContents {
  const topicFile = encodePartitionMetadata(topicId);
  place.disk.makeDirectory(place.directory);
  place.disk.writeFile(`${place.directory}/${METADATA_FILE}`, topicFile);
  return {
    topicFile,
    segments: [Segment.create(place, startOffset, nowMs)],
    epochs: [],
    producers: new ProducerState(),
    logStartOffset: startOffset,
    logEndOffset: startOffset,
    durableEndOffset: startOffset,
    areNamesNew: true,
    isDirectoryNew: true,
    isSaved: true,
  };
}

class LogRecovery {
  readonly #order: RecoveryOrder;
  readonly #done: (recovery: Recovery) => void;
  readonly #place: SegmentPlace;
  readonly #segments: Segment[] = [];
  /** What the directory holds. */
  #names: readonly string[] = [];
  #bases: readonly Offset[] = [];
  #epochs: EpochHistory = [];
  #producers = new ProducerState();
  #producersFrom: Offset = 0;
  #nextOffset: Offset = 0;
  #lastBatchEpoch = -1;
  #scannedBytes = 0;
  /** Every file was there and right, so that a close has nothing to write. */
  #areCachesSound = true;

  constructor(order: RecoveryOrder, done: (recovery: Recovery) => void) {
    this.#order = order;
    this.#done = done;
    this.#place = order;
  }

  begin(): void {
    this.#guarded(() => {
      const { disk, directory, topicId, isNamed } = this.#order;
      const metadata = isNamed ? undefined : disk.readFile(`${directory}/${METADATA_FILE}`);
      const found = isNamed ? topicId : metadata && decodePartitionMetadata(metadata);
      if (found !== undefined && found !== topicId)
        return this.#failed(`${directory} is of topic ${found}, not ${topicId}`, false);
      sweepDirectory({ disk, directory, isNameless: found === undefined }, (swept) => {
        this.#guarded(() => {
          if (swept instanceof DiskError) throw swept;
          this.#names = swept;
          this.#open();
        });
      });
    });
  }

  #open(): void {
    const { topicId, logStartOffset, recoveryPoint, isKnown, nowMs, isSameBoot } = this.#order;
    if (isSameBoot && this.#names.some(isSyncFailure)) {
      this.#damaged('', 0, FORGOTTEN);
      return;
    }
    this.#remove(isSyncFailure);
    this.#bases = offsetsIn(this.#names, '.log');
    const [first] = this.#bases;
    if (first === undefined) {
      // S14: whoever wiped the directory took what this replica has reported.
      if (isKnown || recoveryPoint > logStartOffset) this.#damaged('', 0, 'its segments are missing');
      else {
        const contents = createLog(this.#place, topicId, logStartOffset, nowMs);
        this.#done({ outcome: 'recovered', contents, report: { scannedBytes: 0 } });
      }
      return;
    }
    this.#scan(0, this.#plan(first));
  }

  #remove(isUnwanted: (name: string) => boolean): void {
    const { disk, directory } = this.#order;
    for (const name of this.#names.filter(isUnwanted)) disk.remove(`${directory}/${name}`);
    this.#names = this.#names.filter((name) => !isUnwanted(name));
  }

  /** Loads the caches and says from which segment on every batch is read. */
  #plan(first: Offset): number {
    const { disk, directory, isClean, recoveryPoint, logStartOffset } = this.#order;
    const bytes = this.#names.includes(EPOCH_FILE) ? disk.readFile(`${directory}/${EPOCH_FILE}`) : undefined;
    const cached = bytes && decodeEpochs(bytes);
    // Cut to a start that was not checkpointed yet, it says nothing of the records below: then all are read again (F8, D10).
    const isFromStart = (cached?.[0]?.startOffset ?? first) <= Math.max(first, logStartOffset);
    const epochs = isFromStart ? cached : undefined;
    this.#epochs = epochs ?? [];
    this.#areCachesSound = epochs !== undefined;
    const last = this.#bases.length - 1;
    const indexOf = (offset: Offset): number =>
      Math.max(
        0,
        this.#bases.findLastIndex((base) => base <= offset),
      );
    const unchecked = isClean ? last : indexOf(recoveryPoint);
    const upTo = isClean ? Number.MAX_SAFE_INTEGER : (this.#bases[unchecked] ?? first);
    const snapshot = latestSnapshot(disk, directory, upTo, first, this.#names);
    this.#producers = snapshot.state;
    this.#producersFrom = snapshot.offset;
    return epochs === undefined ? 0 : Math.min(unchecked, indexOf(snapshot.offset));
  }

  /** Goes through the segments from `index` on; those below `scanFrom` are trusted when their indexes are sound. */
  #scan(index: number, scanFrom: number): void {
    const base = this.#bases[index];
    if (base === undefined) {
      this.#finish();
      return;
    }
    if (index > 0 && !this.#follows(base)) {
      this.#faulty(index, 0, {
        name: 'OUT_OF_PLACE',
        message: `the segment begins at ${base}, the one before ends at ${this.#nextOffset}`,
      });
      return;
    }
    const { nowMs, isClean } = this.#order;
    const nextBase = this.#bases[index + 1];
    const isLast = nextBase === undefined;
    // A log that never had a record has no indexes yet: nothing is lost by making them.
    const hasIndexes = this.#names.includes(fileName(base, '.index'));
    const mayLoad = hasIndexes && (isLast ? isClean : index < scanFrom);
    const loaded = mayLoad ? Segment.load(this.#place, base, nowMs) : undefined;
    if (loaded !== undefined && nextBase !== undefined) {
      loaded.endsAt(nextBase);
      loaded.close();
      this.#segments.push(loaded);
      this.#nextOffset = nextBase;
      this.#scan(index + 1, scanFrom);
      return;
    }
    this.#nextOffset = Math.max(this.#nextOffset, base);
    this.#read(index, scanFrom, loaded ?? Segment.rebuild(this.#place, base, nowMs), loaded !== undefined);
  }

  #follows(base: Offset): boolean {
    return base === this.#nextOffset || (this.#order.isCompacted && base > this.#nextOffset);
  }

  /** Reads a segment: from its start, or, with indexes that can be trusted, from the last entry on. */
  #read(index: number, scanFrom: number, candidate: Segment, isLoaded: boolean): void {
    const { nowMs, checksum } = this.#order;
    const entry = isLoaded ? candidate.rewindToLastEntry() : undefined;
    // What producers wrote before the last entry would be missed if the snapshot is older.
    const isTailEnough = entry !== undefined && (entry.position === 0 || this.#producersFrom > entry.offset);
    const segment = isTailEnough ? candidate : Segment.rebuild(this.#place, candidate.baseOffset, nowMs);
    this.#areCachesSound &&= isTailEnough;
    if (segment !== candidate) candidate.close();
    const from = isTailEnough ? entry.position : 0;
    this.#segments.push(segment);
    if (segment.file.size === from) {
      this.#ended(index, scanFrom, segment, { position: from }, from);
      return;
    }
    const visit = (batch: BatchView): ScanFault | undefined => this.#visit(segment, batch);
    scanBatches({ file: segment.file, from, checksum, visit }, (end) => {
      this.#guarded(() => this.#ended(index, scanFrom, segment, end, from));
    });
  }

  #visit(segment: Segment, batch: BatchView): ScanFault | undefined {
    const { baseOffset, leaderEpoch, lastOffset } = batch;
    const wrong =
      baseOffset < this.#nextOffset
        ? `offset ${baseOffset} after a batch that ends at ${this.#nextOffset}`
        : leaderEpoch < this.#lastBatchEpoch
          ? `leader epoch ${leaderEpoch} after ${this.#lastBatchEpoch}`
          : segment.fits(lastOffset)
            ? undefined
            : `offset ${lastOffset} in a segment that begins at ${segment.baseOffset}`;
    if (wrong !== undefined) return { name: 'OUT_OF_PLACE', message: wrong };
    segment.note(batch);
    this.#nextOffset = batch.nextOffset;
    this.#lastBatchEpoch = leaderEpoch;
    if (baseOffset >= this.#producersFrom) this.#producers.appended(batch);
    this.#noteEpoch(batch);
    return undefined;
  }

  /** F8: the batch knows better than the file, which may still tell of epochs that were cut away since it was written. */
  #noteEpoch({ baseOffset, nextOffset, leaderEpoch }: BatchView): void {
    const from = Math.max(baseOffset, this.#order.logStartOffset);
    if (from >= nextOffset) return;
    const entry = this.#epochs.findLast(({ startOffset }) => startOffset <= from);
    if ((entry?.epoch ?? NO_EPOCH) === leaderEpoch) return;
    this.#epochs = withEpoch(truncatedFromEnd(this.#epochs, from), leaderEpoch, from);
    this.#areCachesSound = false;
  }

  #ended(index: number, scanFrom: number, segment: Segment, end: ScanEnd, from: number): void {
    this.#scannedBytes += end.position - from;
    if (end.fault?.name === 'DISK') {
      this.#failed(end.fault.message, false);
      return;
    }
    if (end.fault !== undefined) {
      this.#faulty(index, end.position, end.fault);
      return;
    }
    if (index + 1 < this.#bases.length) {
      segment.seal();
      segment.saveIndexes();
      segment.isDirty = true;
      this.#saveProducers();
    }
    this.#scan(index + 1, scanFrom);
  }

  /** What is known of producers at a segment's end, of which no snapshot could be trusted: the next one is to be there when it goes (P2). */
  #saveProducers(): void {
    const { disk, directory } = this.#order;
    if (this.#producersFrom < this.#nextOffset)
      writeSnapshot(disk, directory, { offset: this.#nextOffset, state: this.#producers });
  }

  /** The first bytes that are no sound batch: a torn tail is cut, damage is not (D8). */
  #faulty(index: number, position: number, fault: ScanFault): void {
    const { disk, directory, isClean, isSameBoot, recoveryPoint } = this.#order;
    const file = `${directory}/${fileName(this.#bases[index] ?? 0, '.log')}`;
    const isLast = index === this.#bases.length - 1;
    // A process that was killed leaves at most one write unfinished, and the rest as it was.
    const isTorn = !isClean && (!isSameBoot || (isLast && fault.name === 'INCOMPLETE'));
    if (this.#nextOffset < recoveryPoint || !isTorn) {
      this.#damaged(file, position, fault.message);
      return;
    }
    let bytes = 0;
    for (const base of this.#bases.slice(index + 1)) bytes += this.#removeFiles(base);
    const segment = this.#segments[index];
    if (segment === undefined) {
      bytes += this.#removeFiles(this.#bases[index] ?? 0);
    } else {
      bytes += segment.file.size - position;
      segment.cut(position, this.#nextOffset);
    }
    if (bytes > 0) removeSnapshots(disk, directory, (offset) => offset > this.#nextOffset);
    this.#finish({ file, position, bytes, reason: fault.message });
  }

  #removeFiles(base: Offset): number {
    const { disk, directory } = this.#order;
    const log = disk.open(`${directory}/${fileName(base, '.log')}`, { create: false });
    const bytes = log.size;
    log.close();
    for (const extension of ['.log', '.index', '.timeindex', '.txnindex'])
      disk.remove(`${directory}/${fileName(base, extension)}`);
    return bytes;
  }

  #finish(cut?: RecoveryReport['cut']): void {
    const { disk, directory, topicId, recoveryPoint, logStartOffset, isClean, isKnown } = this.#order;
    const end = this.#nextOffset;
    if (end < recoveryPoint) {
      this.#damaged('', 0, `it ends at ${end}, but was durable up to ${recoveryPoint}`);
      return;
    }
    removeSnapshots(disk, directory, (offset) => offset > end, this.#names);
    const start = Math.min(end, Math.max(logStartOffset, this.#bases[0] ?? 0));
    const hasNothing = this.#bases.length === 1 && end === this.#bases[0];
    this.#done({
      outcome: 'recovered',
      report: { scannedBytes: this.#scannedBytes, ...(cut === undefined ? {} : { cut }) },
      contents: {
        segments: this.#segments,
        // In this order: of a log whose records are all deleted nothing is left to have an epoch.
        epochs: truncatedFromEnd(truncatedFromStart(this.#epochs, start), end),
        producers: this.#producers,
        logStartOffset: start,
        logEndOffset: end,
        durableEndOffset: isClean ? end : Math.min(recoveryPoint, end),
        // With the first flush of a log its names, its directory and its topic became durable; a clean end flushes no log without records.
        areNamesNew: !isClean || !isKnown,
        isDirectoryNew: !isKnown,
        topicFile: isKnown ? undefined : encodePartitionMetadata(topicId),
        isSaved: hasNothing || (isClean && this.#areCachesSound && this.#producersFrom === end),
      },
    });
  }

  #damaged(file: string, position: number, message: string): void {
    for (const segment of this.#segments) segment.close();
    this.#done({ outcome: 'damaged', file: file === '' ? this.#order.directory : file, position, message });
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#failed(error.message, isPassing(error));
    }
  }

  /** D11: whoever tries again needs the files that were opened so far. */
  #failed(message: string, mayPass: boolean): void {
    for (const segment of this.#segments) segment.close();
    this.#done({ outcome: 'failed', message, mayPass });
  }
}
