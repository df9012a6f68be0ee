// What happened in a run, as lines, and one number over all of them: the same seed must give the same number (E10).

interface Noted {
  readonly timeMs: number;
  readonly what: string;
}

export class TraceHash {
  #hash = 0;
  #count = 0;
  readonly #kept: number;
  #noted: Noted[] = [];

  /** Keeps the last `kept` lines for whoever looks at a failure. */
  constructor(kept = 200) {
    this.#kept = kept;
  }

  note(timeMs: number, what: string): void {
    this.#hash = hashOf(what, mixed(this.#hash, Math.round(timeMs * 1000)));
    this.#count++;
    this.#noted.push({ timeMs, what });
    if (this.#noted.length > 2 * this.#kept) this.#noted = this.#noted.slice(-this.#kept);
  }

  /** The number of lines and the hash over all of them. */
  get value(): string {
    return `${this.#count}-${(this.#hash >>> 0).toString(16).padStart(8, '0')}`;
  }

  /** How many lines there were. */
  get count(): number {
    return this.#count;
  }

  get lastLines(): readonly string[] {
    return this.#noted.slice(-this.#kept).map(({ timeMs, what }) => `${timeMs.toFixed(3)} ${what}`);
  }
}

/** murmur3's step, by which every bit of what comes in changes half of those that are there. */
function mixed(hash: number, value: number): number {
  let word = Math.imul(value, 0xcc9e2d51);
  word = (word << 15) | (word >>> 17);
  const next = hash ^ Math.imul(word, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}

function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = mixed(hash, text.charCodeAt(at));
  return hash;
}
