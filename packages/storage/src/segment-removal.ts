// Deletes the segments that have fallen below the log start, one after the other: the next goes once the disk has it that the one
// before is gone. A power loss may keep any of the names that were not synced and lose the others (D12): were two deleted at once, the
// older could come back without the newer, and the next start would take all records behind that hole for a torn tail (D10, L10).
// Where the log begins anew they go together, after a file is on the disk that says from where on it is the log's.

import { type Disk, DiskError, type Offset } from '@odradek/model';
import { ANEW, fileName } from './file-names.ts';
import type { Segment } from './segment.ts';

export interface RemovalPlace {
  readonly disk: Disk;
  /** The log's own directory. */
  readonly directory: string;
  /** The disk refused for good, or an fsync failed (D3). */
  readonly failed: (error: DiskError) => void;
}

/** These come from opening the directory: nothing was synced, and so no sync has failed (D11). */
const NO_FILE_TO_SPARE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

export class SegmentRemoval {
  readonly #place: RemovalPlace;
  /** What the log does not have any more, oldest first. */
  #condemned: Segment[] = [];
  /** Files that say from where the log begins anew: they go when nothing lies below that. */
  #signs: string[] = [];
  /** Names have changed since the last sync began. */
  #isUnsynced = false;
  #isSyncing = false;
  #isStopped = false;

  constructor(place: RemovalPlace) {
    this.#place = place;
  }

  /** Whether something is still to be deleted. */
  get isBusy(): boolean {
    return this.#condemned.length > 0 || this.#signs.length > 0;
  }

  /** Deletes segments that the log does not have any more: the first at once, unless one ordered before is not durably gone. */
  order(segments: readonly Segment[]): void {
    for (const segment of segments) segment.close();
    this.#condemned.push(...segments);
    if (!this.#isSyncing) this.#goOn();
  }

  /**
   * The log is to begin anew at an offset: says so in a file, before the new segment is there. What was condemned before and lies there or
   * above goes at once, for the new segments would have its names.
   */
  sayAnew(startOffset: Offset): void {
    const { disk, directory } = this.#place;
    const isInTheWay = (segment: Segment): boolean => segment.baseOffset >= startOffset;
    for (const segment of this.#condemned.filter(isInTheWay)) segment.remove();
    this.#condemned = this.#condemned.filter((segment) => !isInTheWay(segment));
    const sign = `${directory}/${fileName(startOffset, ANEW)}`;
    disk.writeFile(sign, new Uint8Array(0));
    for (const earlier of this.#signs) if (earlier !== sign) disk.remove(earlier);
    this.#signs = [sign];
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
    if (!this.#isSyncing) this.#goOn();
  }

  /** The log is closed. What is still there lies below its start, and goes when it is opened again. */
  stop(): void {
    this.#isStopped = true;
  }

  #goOn(): void {
    if (!this.#isUnsynced) this.#removeNext();
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    this.#isSyncing = true;
    this.#place.disk.syncDirectory(this.#place.directory, (error) => this.#synced(error));
  }

  /** All names are on the disk as they are here. */
  #removeNext(): void {
    const [segment] = this.#condemned;
    const [sign] = this.#signs;
    if (segment !== undefined) {
      this.#isUnsynced = true;
      // With a sign all of them go: none comes back above another one.
      for (const next of sign === undefined ? [segment] : [...this.#condemned]) {
        next.remove();
        this.#condemned.shift();
      }
    } else if (sign !== undefined) {
      this.#isUnsynced = true;
      this.#place.disk.remove(sign);
      this.#signs.shift();
    }
  }

  #synced(error: DiskError | undefined): void {
    this.#isSyncing = false;
    if (this.#isStopped) return;
    if (error !== undefined) {
      this.#isUnsynced = true;
      // Whatever falls below the log start next takes up the rest.
      if (!NO_FILE_TO_SPARE.has(error.code)) this.#place.failed(error);
      return;
    }
    try {
      this.#goOn();
    } catch (refusal) {
      if (!(refusal instanceof DiskError)) throw refusal;
      this.#place.failed(refusal);
    }
  }
}
