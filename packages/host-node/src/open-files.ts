// How many files a disk keeps open: those used least lately are closed and opened again when they are needed (D11). A broker has some
// files for each of thousands of partitions, and a process has only so many.

/** A file that may be closed for a while. */
export interface IdleFile {
  /** Closes it, unless it is in use or holds what was not synced yet. */
  release(): boolean;
}

export class OpenFiles {
  readonly #max: number;
  /** Used least lately first. */
  readonly #files = new Set<IdleFile>();
  /** Could not be closed when that was asked: not asked again before they are used, or {@link settled}. */
  readonly #busy = new Set<IdleFile>();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#files.size + this.#busy.size;
  }

  /** A file was opened or used. Others may be closed for it. */
  used(file: IdleFile): void {
    this.closed(file);
    // Before it is among them: it must not be closed itself.
    const tooMany = this.count + 1 - this.#max;
    if (tooMany > 0) this.#release(tooMany);
    this.#files.add(file);
  }

  /** A file is not in use any more, and what was written to it is synced. */
  settled(file: IdleFile): void {
    if (this.#busy.delete(file)) this.#files.add(file);
  }

  /** A file is closed. */
  closed(file: IdleFile): void {
    this.#files.delete(file);
    this.#busy.delete(file);
  }

  /** The system has no more: closes half of what can be closed. Returns whether that was any. */
  makeRoom(): boolean {
    const before = this.count;
    this.#release(Math.ceil(before / 2));
    return this.count < before;
  }

  /** Each file that cannot be closed is met once until it is used again: thousands that wait for a sync cost nothing. */
  #release(wanted: number): void {
    let released = 0;
    for (const file of this.#files) {
      if (released >= wanted) return;
      this.#files.delete(file);
      if (file.release()) released += 1;
      else this.#busy.add(file);
    }
  }
}
