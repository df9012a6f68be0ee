// Deletes the segments that have fallen below the log start, one after the other: the next goes once the disk has it that the one
// before is gone. A power loss may keep any of the names that were not synced and lose the others (D12): were two deleted at once, the
// older could come back without the newer, and the next start would take all records behind that hole for a torn tail (D10, L10).

import { type Disk, DiskError } from '@odradek/model';
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
  /** Below the log start, oldest first. */
  #condemned: Segment[] = [];
  /** A name was removed, and may not be durably so. */
  #isUnsynced = false;
  #isSyncing = false;
  #isStopped = false;

  constructor(place: RemovalPlace) {
    this.#place = place;
  }

  /** Whether something is still to be deleted. */
  get isBusy(): boolean {
    return this.#condemned.length > 0;
  }

  /** Deletes segments that the log does not have any more: the first at once, unless one ordered before is not durably gone. */
  order(segments: readonly Segment[]): void {
    for (const segment of segments) segment.close();
    this.#condemned.push(...segments);
    if (!this.#isSyncing) this.#goOn();
  }

  /** Deletes all that is left at once: the log begins again, and nothing behind them is to be kept. */
  finish(): void {
    const condemned = this.#condemned;
    this.#condemned = [];
    for (const segment of condemned) segment.remove();
  }

  /** The log is closed. What is still there lies below its start, and goes when it is opened again. */
  stop(): void {
    this.#isStopped = true;
  }

  #goOn(): void {
    if (!this.#isUnsynced) {
      const [segment] = this.#condemned;
      if (segment === undefined) return;
      segment.remove();
      this.#condemned.shift();
      this.#isUnsynced = true;
    }
    this.#isSyncing = true;
    this.#place.disk.syncDirectory(this.#place.directory, (error) => this.#synced(error));
  }

  #synced(error: DiskError | undefined): void {
    this.#isSyncing = false;
    if (this.#isStopped) return;
    if (error !== undefined) {
      // Whatever falls below the log start next takes up the rest.
      if (!NO_FILE_TO_SPARE.has(error.code)) this.#place.failed(error);
      return;
    }
    this.#isUnsynced = false;
    try {
      this.#goOn();
    } catch (refusal) {
      if (!(refusal instanceof DiskError)) throw refusal;
      this.#place.failed(refusal);
    }
  }
}
