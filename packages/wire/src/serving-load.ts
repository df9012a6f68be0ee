// What all clients of a node together have asked and not been answered: bytes that they keep in memory (X1, X7).

/** Who is told when there is room again. */
export interface Burdened {
  roomAgain(): void;
}

/** The bytes of requests that are being answered, of all clients. */
export class ServingLoad {
  readonly #maxBytes: number;
  readonly #held = new Set<Burdened>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    const wasFull = this.isFull;
    this.#bytes -= bytes;
    if (!wasFull || this.isFull) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const one of held) one.roomAgain();
  }

  /** It does not read until there is room. */
  hold(one: Burdened): void {
    this.#held.add(one);
  }

  forget(one: Burdened): void {
    this.#held.delete(one);
  }
}
