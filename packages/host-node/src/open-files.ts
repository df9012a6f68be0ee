// How many files a disk keeps open: those used least lately are closed and opened again when they are needed (D11). A broker has some
// files for each of thousands of partitions, and a process has only so many.

/** A file that may be closed for a while. */
export interface IdleFile {
  /** Closes it, unless it is in use or holds what was not synced yet. */
  release(): boolean;
}

/** How many are looked at for one that can be closed; a file in use goes back to the end. */
const TRIES = 16;

export class OpenFiles {
  readonly #max: number;
  /** Used least lately first. */
  readonly #files = new Set<IdleFile>();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#files.size;
  }

  /** A file was opened or used. Others may be closed for it. */
  used(file: IdleFile): void {
    this.#files.delete(file);
    // Before it is among them: it must not be closed itself.
    const tooMany = this.#files.size + 1 - this.#max;
    if (tooMany > 0) this.#release(tooMany, TRIES);
    this.#files.add(file);
  }

  /** A file is closed. */
  closed(file: IdleFile): void {
    this.#files.delete(file);
  }

  /** The system has no more: closes half of what can be closed. Returns whether that was any. */
  makeRoom(): boolean {
    const before = this.#files.size;
    this.#release(Math.ceil(before / 2), before);
    return this.#files.size < before;
  }

  #release(wanted: number, tries: number): void {
    let released = 0;
    let tried = 0;
    for (const file of this.#files) {
      if (released >= wanted || tried >= tries) return;
      tried += 1;
      this.#files.delete(file);
      if (file.release()) released += 1;
      else this.#files.add(file);
    }
  }
}
