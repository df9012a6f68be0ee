// What happened in a run, as lines, and one number over all of them: the same seed must give the same number (E10).

import { crc32c } from '@odradek/format';

const encoder = new TextEncoder();

export class TraceHash {
  #hash = 0;
  #count = 0;
  readonly #kept: number;
  #lines: string[] = [];

  /** Keeps the last `kept` lines for whoever looks at a failure. */
  constructor(kept = 200) {
    this.#kept = kept;
  }

  note(timeMs: number, what: string): void {
    const line = `${timeMs.toFixed(3)} ${what}`;
    const bytes = encoder.encode(`${this.#hash} ${line}`);
    this.#hash = crc32c(bytes, 0, bytes.length);
    this.#count++;
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#kept) this.#lines = this.#lines.slice(-this.#kept);
  }

  /** The number of lines and the hash over all of them. */
  get value(): string {
    return `${this.#count}-${this.#hash.toString(16).padStart(8, '0')}`;
  }

  /** How many lines there were. */
  get count(): number {
    return this.#count;
  }

  get lastLines(): readonly string[] {
    return this.#lines.slice(-this.#kept);
  }
}
