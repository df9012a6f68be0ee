// Few things that come and go all the time. A Set or a Map is not made for that: every few changes it takes a new table, and the one
// before points to it. Once a table has grown old, V8 takes all that follow to be held, and what lay in them too, until all of the memory
// is gone through: of a node at rest a tenth of the time went into moving such dead things about.

/** In the order in which they came; the same may come twice. */
export class Few<T> {
  #things: T[] = [];

  get size(): number {
    return this.#things.length;
  }

  /** As they are now, whatever comes or goes meanwhile. */
  get all(): readonly T[] {
    return [...this.#things];
  }

  has(thing: T): boolean {
    return this.#things.includes(thing);
  }

  find(matches: (thing: T) => boolean): T | undefined {
    return this.#things.find(matches);
  }

  add(thing: T): void {
    this.#things.push(thing);
  }

  /** Whether it was there. */
  delete(thing: T): boolean {
    const at = this.#things.indexOf(thing);
    if (at < 0) return false;
    this.#things.splice(at, 1);
    return true;
  }

  /** All of them, and none is left. */
  take(): readonly T[] {
    const things = this.#things;
    this.#things = [];
    return things;
  }
}
