// Lines that repeat themselves are gathered: the first few of a kind are written, the rest counted, and told in one line.

import type { Entry } from './entry.ts';

/** So many of one kind are written within a window. */
const written = 6;
const windowMs = 10_000;

export interface GatheringOptions {
  setTimeout(callback: () => void, delayMs: number): { unref?(): unknown };
  write(entry: Entry): void;
}

interface Window {
  count: number;
  last: Entry;
}

export class Gathering {
  readonly #options: GatheringOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: GatheringOptions) {
    this.#options = options;
  }

  add(entry: Entry): void {
    const kind = kindOf(entry);
    const window = this.#windows.get(kind);
    if (window === undefined) this.#open(kind, entry);
    else {
      window.count += 1;
      window.last = entry;
      if (window.count > written) return;
    }
    this.#options.write(entry);
  }

  /** Tells what was counted and not told yet: the log ends. */
  close(): void {
    for (const kind of [...this.#windows.keys()]) this.#close(kind);
  }

  #open(kind: string, last: Entry): void {
    this.#windows.set(kind, { count: 1, last });
    this.#options.setTimeout(() => this.#close(kind), windowMs).unref?.();
  }

  #close(kind: string): void {
    const window = this.#windows.get(kind);
    this.#windows.delete(kind);
    if (window === undefined || window.count <= written) return;
    const more = window.count - written;
    const { actor, text } = window.last;
    this.#options.write({
      ...window.last,
      text: `… and ${more} more like it in ${windowMs / 1000} s, the last of ${actor}: ${text}`,
      more,
    });
  }
}

/** What happened, whoever it happened to. */
function kindOf({ level, event, from, to, rule, actor }: Entry): string {
  // Of an actor's path the names of partitions and the numbers of connections are left out.
  const place = actor.replace(/\d+/g, '#').replace(/\/[^/]*-#/, '/*');
  return [level, place, event, from, to, rule].join('|');
}
