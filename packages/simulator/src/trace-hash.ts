// What happened in a run, as lines, and one number over all of them: the same seed must give the same number (E10).

import { mixed, mixedText } from './mixing.ts';

/** A message that has come to its end: its line is made when somebody reads it. */
export interface NotedMessage {
  readonly from: number | 'client';
  readonly to: number | 'client';
  readonly api: string;
  readonly kind: 'request' | 'answer';
  readonly checksum: number;
}

interface Noted {
  readonly timeMs: number;
  readonly what: string | NotedMessage;
}

export class TraceHash {
  #hash = 0;
  #count = 0;
  readonly #kept: number;
  #noted: Noted[] = [];
  /** Of the names of APIs, which are few. */
  readonly #hashes = new Map<string, number>();

  /** Keeps the last `kept` lines for whoever looks at a failure. */
  constructor(kept = 200) {
    this.#kept = kept;
  }

  note(timeMs: number, what: string): void {
    this.#keep(timeMs, what);
    this.#hash = mixedText(this.#hash, what);
  }

  /** The most frequent line by far. */
  message(timeMs: number, message: NotedMessage): void {
    const { from, to, api, kind, checksum } = message;
    this.#keep(timeMs, message);
    const name = this.#hashes.get(api) ?? this.#hashed(api);
    let hash = mixed(this.#hash, from === 'client' ? -1 : from);
    hash = mixed(hash, to === 'client' ? -1 : to);
    hash = mixed(hash, kind === 'request' ? name : ~name);
    this.#hash = mixed(hash, checksum | 0);
  }

  #hashed(api: string): number {
    const hash = mixedText(0, api);
    this.#hashes.set(api, hash);
    return hash;
  }

  #keep(timeMs: number, what: string | NotedMessage): void {
    this.#hash = mixed(this.#hash, Math.round(timeMs * 1000));
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
    return this.#noted.slice(-this.#kept).map(({ timeMs, what }) => `${timeMs.toFixed(3)} ${inWords(what)}`);
  }
}

function inWords(what: string | NotedMessage): string {
  if (typeof what === 'string') return what;
  const { from, to, api, kind, checksum } = what;
  return `${from}>${to} ${api} ${kind} ${checksum}`;
}
