// Copy on first write, for what makes one immutable image from another.

/** A map that is copied before its first change. */
export class CopiedMap<K, V> {
  #map: ReadonlyMap<K, V>;
  #own: Map<K, V> | undefined;

  constructor(map: ReadonlyMap<K, V>) {
    this.#map = map;
  }

  /** The map as it is now; it may change with the next call of `own`. */
  get current(): ReadonlyMap<K, V> {
    return this.#map;
  }

  /** The copy, to be changed. */
  own(): Map<K, V> {
    this.#own ??= new Map(this.#map);
    this.#map = this.#own;
    return this.#own;
  }
}
