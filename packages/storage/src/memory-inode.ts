// The content of one file on the memory disk: what a program sees, and what would be left of it after power loss. Nothing is
// copied for appends; of what was already durable and is then overwritten or cut, the old sectors are kept until the next sync.

import { Few } from '@odradek/model';
import { nothingSurvives, type Survival } from './survival.ts';

/** What was there of a range that has changed since: the old content of each sector, shorter at the old end. */
type OldSectors = Map<number, Uint8Array>;

/** A moment to which the file may have to return: the last finished sync, or one under way. */
interface SavedImage {
  readonly number: number;
  readonly size: number;
  /** Undefined while nothing of it has changed, as when a file is only appended to. */
  oldSectors: OldSectors | undefined;
}

export class MemoryInode {
  readonly #sectorBytes: number;
  #bytes = new Uint8Array(0);
  #size = 0;
  #durable: SavedImage = { number: 0, size: 0, oldSectors: undefined };
  readonly #syncing = new Few<SavedImage>();
  #images = 0;
  /** After a failed sync the system forgets what it has not written: later syncs succeed and save nothing (D3). */
  #isPoisoned = false;

  constructor(sectorBytes: number) {
    this.#sectorBytes = sectorBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** The bytes from `position`, at most `length`: a view that the next write may change. */
  view(position: number, length: number): Uint8Array {
    return this.#bytes.subarray(Math.min(position, this.#size), Math.min(position + length, this.#size));
  }

  write(position: number, bytes: Uint8Array): void {
    this.#save(position, position + bytes.length);
    this.#reserve(position + bytes.length);
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  truncate(size: number): void {
    if (size < this.#size) {
      this.#save(size, this.#size);
      this.#bytes.fill(0, size, this.#size);
    }
    this.#reserve(size);
    this.#size = size;
  }

  /** Begins a sync: what is there now. Give the result to {@link endSync}. */
  beginSync(): SavedImage {
    const image: SavedImage = { number: ++this.#images, size: this.#size, oldSectors: undefined };
    this.#syncing.add(image);
    return image;
  }

  endSync(image: SavedImage, hasFailed: boolean): void {
    this.#syncing.delete(image);
    if (hasFailed) this.#isPoisoned = true;
    // Of two syncs under way the later one may end first.
    if (!this.#isPoisoned && image.number > this.#durable.number) this.#durable = image;
  }

  /** Everything as it is now becomes durable. */
  saveAll(): void {
    this.endSync(this.beginSync(), false);
  }

  /** Power is lost: of each sector not synced the old or the new content stays, and the length may be ahead of the data (D1). */
  losePower(left: Survival): void {
    const { size: durableSize, oldSectors } = this.#durable;
    const size = this.#sizeAfterPowerLoss(durableSize, left);
    const bytes = new Uint8Array(size);
    for (let sector = 0; sector * this.#sectorBytes < size; sector++) {
      const start = sector * this.#sectorBytes;
      const now = this.view(start, this.#sectorBytes);
      const durable = oldSectors?.get(sector) ?? now.subarray(0, Math.max(0, durableSize - start));
      const isNewKept = left.keeps();
      bytes.set(durable.subarray(0, size - start), start);
      if (isNewKept) bytes.set(now.subarray(0, size - start), start);
    }
    this.#bytes = bytes;
    this.#size = size;
    this.#durable = { number: ++this.#images, size, oldSectors: undefined };
    this.#syncing.take();
    this.#isPoisoned = false;
  }

  /**
   * The process is killed: what it wrote stays, what it was syncing is not known to be durable. What could not be written back is dropped
   * from the page cache, as XFS and Btrfs do it (D3).
   */
  abandonSyncs(): void {
    if (this.#isPoisoned) this.losePower(nothingSurvives);
    this.#syncing.take();
  }

  #sizeAfterPowerLoss(durableSize: number, left: Survival): number {
    if (this.#size <= durableSize) return left.keepsCut() ? this.#size : durableSize;
    const sectors = Math.ceil((this.#size - durableSize) / this.#sectorBytes);
    return Math.min(this.#size, durableSize + left.upTo(sectors) * this.#sectorBytes);
  }

  /** Keeps the old content of the sectors from `start` to `end`, for every image that still has it. */
  #save(start: number, end: number): void {
    this.#saveFor(this.#durable, start, end);
    if (this.#syncing.size > 0) for (const image of this.#syncing.all) this.#saveFor(image, start, end);
  }

  #saveFor(image: SavedImage, start: number, end: number): void {
    // An append changes nothing of what the image has, also not within its last sector.
    if (start >= image.size) return;
    image.oldSectors ??= new Map();
    const last = Math.min(end, image.size);
    for (let at = start - (start % this.#sectorBytes); at < last; at += this.#sectorBytes) {
      const sector = at / this.#sectorBytes;
      if (image.oldSectors.has(sector)) continue;
      const content = this.view(at, this.#sectorBytes).slice(0, Math.max(0, image.size - at));
      image.oldSectors.set(sector, content);
    }
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, 2 * this.#bytes.length, 256));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}
