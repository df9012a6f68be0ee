// A map by text of which many moments are kept: a copy costs next to nothing, and what either of both changes later is a part of it, which
// is copied then. Copying a hundred thousand entries at once held a page up for several frames, each time a moment was kept.

/** Up to so many entries are one part, in the order in which they came. */
const mostInOne = 1024;
/** A power of two. */
const parts = 128;

export class SharedMap<Value> implements Iterable<readonly [string, Value]> {
  #parts: Map<string, Value>[] = [new Map()];
  /** Whether a part is of this map alone. */
  #isOwn: boolean[] = [true];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#parts[this.#partOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.#parts[this.#partOf(key)]?.has(key) === true;
  }

  set(key: string, value: Value): this {
    if (this.#size === mostInOne && this.#parts.length === 1 && !this.has(key)) this.#divide();
    const part = this.#own(this.#partOf(key));
    this.#size -= part.size;
    part.set(key, value);
    this.#size += part.size;
    return this;
  }

  delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#size -= 1;
    return this.#own(this.#partOf(key)).delete(key);
  }

  clear(): void {
    this.#parts = [new Map()];
    this.#isOwn = [true];
    this.#size = 0;
  }

  *entries(): Generator<[string, Value]> {
    for (const part of this.#parts) yield* part;
  }

  *keys(): Generator<string> {
    for (const part of this.#parts) yield* part.keys();
  }

  *values(): Generator<Value> {
    for (const part of this.#parts) yield* part.values();
  }

  [Symbol.iterator](): Generator<[string, Value]> {
    return this.entries();
  }

  /** An equal map of its own. */
  copy(): SharedMap<Value> {
    const copy = new SharedMap<Value>();
    copy.#parts = [...this.#parts];
    copy.#isOwn = this.#parts.map(() => false);
    copy.#size = this.#size;
    this.#isOwn.fill(false);
    return copy;
  }

  #partOf(key: string): number {
    return this.#parts.length === 1 ? 0 : partOf(key);
  }

  #own(at: number): Map<string, Value> {
    const part = this.#parts[at] ?? new Map<string, Value>();
    if (this.#isOwn[at] === true) return part;
    const own = new Map(part);
    this.#parts[at] = own;
    this.#isOwn[at] = true;
    return own;
  }

  #divide(): void {
    const divided = Array.from({ length: parts }, () => new Map<string, Value>());
    for (const [key, value] of this) divided[partOf(key)]?.set(key, value);
    this.#parts = divided;
    this.#isOwn = divided.map(() => true);
  }
}

/** FNV-1a. */
function partOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & (parts - 1);
}
