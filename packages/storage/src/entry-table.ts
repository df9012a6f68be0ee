// Entries of a fixed size, ascending, searched by halving: what both indexes of a segment are made of. The table grows in memory;
// its file is written when the log is flushed or closed, since an index is a cache that recovery can make again (D7).

export class EntryTable {
  readonly #entryBytes: number;
  #bytes: Uint8Array;
  #view: DataView;
  #count: number;

  /** `bytes` is the content of a file, kept as it is. */
  constructor(entryBytes: number, bytes: Uint8Array = new Uint8Array(0)) {
    this.#entryBytes = entryBytes;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#count = Math.floor(bytes.length / entryBytes);
  }

  get count(): number {
    return this.#count;
  }

  get sizeInBytes(): number {
    return this.#count * this.#entryBytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Makes room for one more entry and returns where it begins. */
  push(): number {
    const at = this.sizeInBytes;
    if (at + this.#entryBytes > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, 16 * this.#entryBytes));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#count++;
    return at;
  }

  truncate(count: number): void {
    this.#count = Math.min(this.#count, count);
  }

  bytesFrom(entry: number): Uint8Array {
    return this.#bytes.slice(entry * this.#entryBytes, this.sizeInBytes);
  }

  /** How many entries from the first on have `key` at most `limit`; keys ascend. */
  countUpTo(limit: number, key: (at: number) => number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (key(middle * this.#entryBytes) <= limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
