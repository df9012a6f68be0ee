// Logs that were discarded: deleted, moved away, or damaged. Each is out of everybody's way at once, under another name, as Kafka's are; its
// files go once nothing on the disk speaks of it under the old one. Emptied where it lies it could be left half empty, by a process that is
// killed or by power that fails: without the file that says of which topic it is, so that the next topic of this name would take the
// rest for its own (S23); or without its first segments, as if these had been deleted.

import { type Clock, type Disk, isPassing } from '@odradek/model';
import { discardedLogs, discardedName } from './find-logs.ts';
import type { LogDirectory } from './log-directory.ts';

export interface DiscardedLogsOptions {
  readonly disk: Disk;
  readonly directory: LogDirectory;
  readonly clock: Clock;
}

/** Until what could not be done for want of a file is tried again (D11). */
const AGAIN_MS = 1000;

export class DiscardedLogs {
  readonly #options: DiscardedLogsOptions;
  /** Nothing speaks of them under their old names but perhaps the directory, as it is on the disk. */
  #renamed: string[] = [];
  /** The disk has forgotten their old names. */
  readonly #nameless: string[] = [];
  #isSyncing = false;
  #isClosed = false;

  constructor(options: DiscardedLogsOptions) {
    this.#options = options;
  }

  /** Takes up what earlier processes have left; before any log is opened. */
  begin(): void {
    const { disk, directory } = this.#options;
    for (const { name, log } of discardedLogs(disk)) {
      // Unless the next log of this name is there already.
      if (!disk.exists(log)) directory.forget(log);
      this.#removeLater(name, log);
    }
  }

  /** Discards the log in a directory, `orders-0`; it must be closed. */
  discard(log: string): void {
    const { disk, directory } = this.#options;
    const name = disk.exists(log) ? this.#freeNameOf(log) : undefined;
    if (name !== undefined) disk.rename(log, name);
    directory.forget(log);
    if (name !== undefined) this.#removeLater(name, log);
  }

  /** Nothing is removed any more: what is left the next process takes up. */
  close(): void {
    this.#isClosed = true;
  }

  #freeNameOf(log: string): string {
    let count = 0;
    while (this.#options.disk.exists(discardedName(log, count))) count += 1;
    return discardedName(log, count);
  }

  #removeLater(name: string, log: string): void {
    this.#options.directory.whenForgotten(log, () => {
      this.#renamed.push(name);
      this.#sync();
    });
  }

  /** One sync for all that were renamed until it begins. */
  #sync(): void {
    if (this.#isSyncing || this.#isClosed || this.#renamed.length === 0) return;
    this.#isSyncing = true;
    const renamed = this.#renamed;
    this.#renamed = [];
    this.#options.disk.syncDirectory('', (error) => {
      this.#isSyncing = false;
      if (error === undefined) this.#removeAll(renamed);
      else if (isPassing(error)) {
        this.#renamed.push(...renamed);
        this.#later(AGAIN_MS, () => this.#sync());
        return;
      }
      // Any other error is final (D3): these stay until the next start.
      this.#sync();
    });
  }

  #removeAll(names: readonly string[]): void {
    const isIdle = this.#nameless.length === 0;
    this.#nameless.push(...names);
    if (isIdle) this.#removeNext();
  }

  /** One after the other: thousands of partitions go with a topic, and flushes need the same threads. */
  #removeNext(): void {
    const [name] = this.#nameless;
    if (name === undefined || this.#isClosed) return;
    this.#options.disk.removeLater(name, (error) => {
      if (error === undefined) {
        this.#nameless.shift();
        this.#removeNext();
      } // D11: while the process has no file to spare a directory cannot be read, and so not be emptied.
      else if (isPassing(error)) this.#later(AGAIN_MS, () => this.#removeNext());
      else throw error;
    });
  }

  #later(delayMs: number, act: () => void): void {
    this.#options.clock.setTimeout(() => {
      if (!this.#isClosed) act();
    }, delayMs);
  }
}
