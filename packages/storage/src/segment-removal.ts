// Deletes the segments that have fallen below the log start, one after the other: the next goes once the disk has it that the one
// before is gone. A power loss may keep any of the names that were not synced and lose the others (D12): were two deleted at once, the
// older could come back without the newer, and the next start would take all records behind that hole for a torn tail (D10, L10).
// Where the log begins anew they go together, after a file is on the disk that says from where on it is the log's.
//
// What was known of producers at a segment's end is in the snapshot there. That is a cache while the segment is there, and all that is left of
// its producers once it is gone: so it is on the disk before (P2).

import { type Disk, type DiskDone, DiskError, isPassing, type Offset } from '@odradek/model';
import { ANEW, fileName } from './file-names.ts';
import { removeSnapshots, snapshotPath } from './producer-replay.ts';
import { namesNobody } from './producer-snapshot.ts';
import type { Segment } from './segment.ts';

export interface RemovalPlace {
  readonly disk: Disk;
  /** The log's own directory. */
  readonly directory: string;
  /** The disk refused for good, or an fsync failed (D3). */
  readonly failed: (error: DiskError) => void;
}

/** What is known of producers at an offset, as bytes of a snapshot. */
interface Snapshot {
  readonly offset: Offset;
  readonly bytes: Uint8Array;
}

/**
 * These come from opening the directory or a file: nothing was synced, and so no sync has failed (D11). Whatever falls below the log start
 * next takes up the rest.
 */
const NO_FILE_TO_SPARE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

export class SegmentRemoval {
  readonly #place: RemovalPlace;
  /** What the log does not have any more, oldest first. */
  #condemned: Segment[] = [];
  /** Where the log goes on behind the last of them. */
  #keptFrom: Offset = 0;
  /** Files that say from where the log begins anew: they go when nothing lies below that. */
  #signs: string[] = [];
  /** Where the log has begun anew, and what is known there. */
  #anewFrom: Offset = 0;
  #knownAnew: Snapshot | undefined;
  /** The snapshot that is on the disk, or could not be. */
  #settledSnapshot: Offset = -1;
  #waiting: DiskDone[] = [];
  /** Names have changed since the last sync began. */
  #isUnsynced = false;
  #isSyncing = false;
  /** The log has begun anew since the sync under way was ordered. */
  #isOutdated = false;
  #isStopped = false;

  constructor(place: RemovalPlace) {
    this.#place = place;
  }

  /** Whether something is still to be deleted. */
  get isBusy(): boolean {
    return this.#condemned.length > 0 || this.#signs.length > 0;
  }

  /** Deletes segments that the log does not have any more, which begins at `keptFrom` then: one after the other. */
  order(segments: readonly Segment[], keptFrom: Offset): void {
    for (const segment of segments) segment.close();
    this.#condemned.push(...segments);
    this.#keptFrom = keptFrom;
    if (!this.#isSyncing) this.#goOn();
  }

  /**
   * The log is to begin anew at an offset: says so in a file, before the new segment is there. What was condemned before and lies there or
   * above goes at once, for the new segments would have its names. `producers`: the bytes of a snapshot, if anybody is known there.
   */
  sayAnew(startOffset: Offset, producers: Uint8Array | undefined): void {
    const { disk, directory } = this.#place;
    const isInTheWay = (segment: Segment): boolean => segment.baseOffset >= startOffset;
    for (const segment of this.#condemned.filter(isInTheWay)) segment.remove();
    this.#condemned = this.#condemned.filter((segment) => !isInTheWay(segment));
    const sign = `${directory}/${fileName(startOffset, ANEW)}`;
    disk.writeFile(sign, new Uint8Array(0));
    for (const earlier of this.#signs) if (earlier !== sign) disk.remove(earlier);
    this.#signs = [sign];
    this.#anewFrom = startOffset;
    this.#knownAnew = producers && { offset: startOffset, bytes: producers };
    this.#settledSnapshot = -1;
    this.#isOutdated = this.#isSyncing;
    this.#isUnsynced = true;
  }

  /**
   * The new segment is there. What the log had before stays until the disk has the names of both: were the old gone and the new one lost
   * with the power, the log would be taken for wiped (D12, S14). What lies above the new beginning goes at once, as above.
   */
  orderAll(segments: readonly Segment[], startOffset: Offset): void {
    for (const segment of segments)
      if (segment.baseOffset > startOffset) segment.remove();
      else segment.close();
    this.#condemned.push(...segments.filter((segment) => segment.baseOffset < startOffset));
    this.#keptFrom = startOffset;
    if (!this.#isSyncing) this.#goOn();
  }

  /** Calls back once it is on the disk what was known where the log has begun anew: before that no record behind it counts (P2). */
  whenKnown(done: DiskDone): void {
    const { disk, directory } = this.#place;
    if (this.#knownAnew === undefined || this.#knownAnew.offset === this.#settledSnapshot) {
      disk.syncDirectory(directory, done);
      return;
    }
    // Throws before anybody waits.
    if (!this.#isSyncing) this.#step();
    this.#waiting.push(done);
  }

  /** The log is closed. What is still there lies below its start, and goes when it is opened again. */
  stop(): void {
    this.#isStopped = true;
  }

  #goOn(): void {
    try {
      this.#step();
    } catch (error) {
      if (!(error instanceof DiskError) || !NO_FILE_TO_SPARE.has(error.code)) throw error;
      this.#isUnsynced = true;
      this.#tell(error);
    }
  }

  #step(): void {
    let snapshot = this.#unsettledSnapshot();
    if (snapshot === undefined && !this.#isUnsynced) {
      this.#removeNext();
      snapshot = this.#unsettledSnapshot();
    }
    if (snapshot === undefined && !this.#isUnsynced) return;
    this.#isUnsynced = false;
    this.#isSyncing = true;
    const { disk, directory } = this.#place;
    if (snapshot === undefined) disk.syncDirectory(directory, (error) => this.#synced(error));
    else {
      const path = snapshotPath(directory, snapshot.offset);
      disk.replaceFile(path, snapshot.bytes, (error) => this.#synced(error, snapshot.offset));
    }
  }

  /** What must be on the disk before the next segment goes: what is known of producers where it ends, if anything is. */
  #unsettledSnapshot(): Snapshot | undefined {
    if (this.#signs.length > 0)
      return this.#knownAnew?.offset === this.#settledSnapshot ? undefined : this.#knownAnew;
    const offset = this.#nextKept;
    if (this.#condemned.length === 0 || offset === this.#settledSnapshot) return undefined;
    const bytes = this.#place.disk.readFile(snapshotPath(this.#place.directory, offset));
    return bytes === undefined || namesNobody(bytes) ? undefined : { offset, bytes };
  }

  /** Where the log goes on behind what goes next. */
  get #nextKept(): Offset {
    return this.#condemned[1]?.baseOffset ?? this.#keptFrom;
  }

  /** All names are on the disk as they are here. */
  #removeNext(): void {
    const [segment] = this.#condemned;
    const [sign] = this.#signs;
    if (sign !== undefined) this.#removeBelow(sign);
    else if (segment !== undefined) {
      this.#isUnsynced = true;
      this.#removeAll([segment], this.#nextKept);
    }
  }

  /** All that lies below a sign goes at once: none comes back above another one. Then the sign itself. */
  #removeBelow(sign: string): void {
    this.#isUnsynced = true;
    const below = this.#condemned.filter(({ baseOffset }) => baseOffset < this.#anewFrom);
    if (below.length > 0) this.#removeAll(below, this.#anewFrom);
    else {
      this.#place.disk.remove(sign);
      this.#signs.shift();
    }
  }

  #removeAll(segments: readonly Segment[], keptFrom: Offset): void {
    const { disk, directory } = this.#place;
    for (const segment of segments) {
      segment.remove();
      this.#condemned.shift();
    }
    removeSnapshots(disk, directory, (offset) => offset < keptFrom);
  }

  #synced(error: DiskError | undefined, snapshot?: Offset): void {
    const isOutdated = this.#isOutdated;
    this.#isSyncing = false;
    this.#isOutdated = false;
    if (this.#isStopped) {
      this.#tell(error);
      return;
    }
    if (error !== undefined) {
      this.#isUnsynced = true;
      if (NO_FILE_TO_SPARE.has(error.code)) {
        this.#tell(error);
        return;
      }
      // Without room for a snapshot its segment goes all the same: deleting it is what makes room (D6).
      if (snapshot === undefined || !isPassing(error)) {
        this.#tell(error);
        this.#place.failed(error);
        return;
      }
    }
    try {
      if (snapshot !== undefined) this.#settled(snapshot, isOutdated);
      this.#goOn();
    } catch (refusal) {
      if (!(refusal instanceof DiskError)) throw refusal;
      this.#tell(refusal);
      this.#place.failed(refusal);
    }
  }

  /** A snapshot is on the disk; `isOutdated`: of what the log was before it began anew, and has come back just now. */
  #settled(offset: Offset, isOutdated: boolean): void {
    if (!isOutdated) {
      this.#settledSnapshot = offset;
      if (offset === this.#knownAnew?.offset) this.#tell();
      return;
    }
    this.#isUnsynced = true;
    if (offset === this.#knownAnew?.offset) return;
    const { disk, directory } = this.#place;
    removeSnapshots(disk, directory, (other) => other === offset);
  }

  #tell(error?: DiskError): void {
    for (const done of this.#waiting.splice(0)) done(error);
  }
}
