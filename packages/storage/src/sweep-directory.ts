// What a start takes away of a log's directory before it looks at the log: what an interrupted run has left, or what is of no topic.

import { type Disk, DiskError, type Offset } from '@odradek/model';
import { ANEW, EPOCH_FILE, fileName, offsetsIn } from './file-names.ts';

export interface SweepOrder {
  readonly disk: Disk;
  /** The log's own directory. */
  readonly directory: string;
  /**
   * Nothing says of which topic the log is. The first flush makes that durable, so nothing was ever flushed here: it goes, for it may be of
   * an earlier topic of this name (S23). If something was, its recovery point tells, and the log is damaged. The log's own files alone:
   * the quorum keeps its vote and its voters in the same directory.
   */
  readonly isNameless: boolean;
}

type SweepDone = (swept: readonly string[] | DiskError) => void;

/** Files that an interrupted run left, and nobody needs. */
const LEFTOVERS = ['.deleted', '.cleaned', '.tmp'];
/** What belongs to one segment, or to the producers at one offset. */
const LOG_FILE = /^\d{20}\.(?:log|index|timeindex|txnindex|snapshot)$/;

/** Sweeps; `done` with the names that are left, at once where there was nothing to sync. */
export function sweepDirectory(order: SweepOrder, done: SweepDone): void {
  new Sweep(order, done).begin();
}

class Sweep {
  readonly #order: SweepOrder;
  readonly #done: SweepDone;
  #names: readonly string[];

  constructor(order: SweepOrder, done: SweepDone) {
    this.#order = order;
    this.#done = done;
    this.#names = order.disk.list(order.directory);
  }

  begin(): void {
    this.#remove((name) => LEFTOVERS.some((ending) => name.endsWith(ending)));
    const before = this.#names.length;
    if (this.#order.isNameless)
      this.#remove((name) => name === EPOCH_FILE || LOG_FILE.test(name) || name.endsWith(ANEW));
    if (this.#names.length === before) this.#beginAnew();
    // Durably, before the directory says which topic it is of: power that fails must not bring them back under this one.
    else this.#synced(() => this.#beginAnew());
  }

  /**
   * A log that has begun anew may still have what it had before; or it never came so far that its new segment is there: then it is what it
   * was. The power may fail here too: no name goes before those are durable that tell why (D12).
   */
  #beginAnew(): void {
    const said = offsetsIn(this.#names, ANEW);
    if (said.length === 0) {
      this.#done(this.#names);
      return;
    }
    const beginning = said.findLast((offset) => this.#names.includes(fileName(offset, '.log'))) ?? 0;
    this.#synced(() => {
      this.#remove((name) => LOG_FILE.test(name) && offsetIn(name) < beginning);
      this.#synced(() => {
        this.#remove((name) => name.endsWith(ANEW));
        this.#synced(() => this.#done(this.#names));
      });
    });
  }

  /** Goes on once all names are on the disk as they are here. */
  #synced(proceed: () => void): void {
    const { disk, directory } = this.#order;
    disk.syncDirectory(directory, (error) => {
      if (error !== undefined) this.#done(error);
      else this.#guarded(proceed);
    });
  }

  #guarded(proceed: () => void): void {
    try {
      proceed();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#done(error);
    }
  }

  #remove(isUnwanted: (name: string) => boolean): void {
    const { disk, directory } = this.#order;
    for (const name of this.#names.filter(isUnwanted)) disk.remove(`${directory}/${name}`);
    this.#names = this.#names.filter((name) => !isUnwanted(name));
  }
}

function offsetIn(logFile: string): Offset {
  return Number.parseInt(logFile, 10);
}
