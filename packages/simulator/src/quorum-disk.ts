// What a member of the simulated quorum keeps on its disk: its vote state and snapshots as files. Its log is a memory log whose
// flushes take as long as the disk does, and which forgets with the power what was not flushed.

import {
  type DurableVoteState,
  decodeVoteState,
  encodeVoteState,
  noVoteState,
  type QuorumStorage,
  type SnapshotId,
  voteStateFile,
} from '@odradek/election';
import { type LogListener, type MemoryLog, memoryLog } from '@odradek/model';
import { everythingSurvives, MemoryDisk, type Survival } from '@odradek/storage';
import { type DiskDelay, DiskPace } from './disk-pace.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualTime } from './virtual-clock.ts';
import type { VirtualProcess } from './virtual-process.ts';

/** One member's disk, through all its lives. */
export class QuorumDisk {
  readonly pace: DiskPace;
  readonly #random: SeededRandom;
  readonly #disk: MemoryDisk;
  #process: VirtualProcess | undefined;
  #log: MemoryLog | undefined;
  #isFlushing = false;
  #storing = 0;

  constructor(time: VirtualTime, random: SeededRandom, delay: DiskDelay) {
    this.#random = random;
    this.pace = new DiskPace(time, random, delay);
    this.#disk = new MemoryDisk({ later: (callback) => this.#later(callback) });
  }

  /** The log as the disk has it; of a dead member, what the next life will find. */
  get log(): MemoryLog {
    this.#log ??= memoryLog({ later: (callback) => this.#later(callback), holdsFlushes: true });
    return this.#log;
  }

  /** Whether a vote state is on its way to the disk. */
  get isStoring(): boolean {
    return this.#storing > 0;
  }

  /** Opens the log and reads the vote state, for a new life. */
  open(process: VirtualProcess, listener: LogListener): { log: MemoryLog; voteState: DurableVoteState } {
    this.#process = process;
    this.#isFlushing = false;
    this.#storing = 0;
    const later = (callback: () => void): void => this.#later(callback);
    this.#log = this.log.afterPowerLoss({ later, holdsFlushes: true, listener });
    const log = this.#log;
    const flush = log.flush.bind(log);
    log.flush = (done) => {
      flush(done);
      this.#flushLater(log);
    };
    const stored = this.#disk.readFile(voteStateFile);
    return { log, voteState: stored === undefined ? noVoteState : decodeVoteState(stored) };
  }

  /** To be called after every event: what was appended goes to the disk in its time. */
  flushWhatIsNew(): void {
    if (this.#log !== undefined && this.#process?.hasEnded === false) {
      if (this.#log.logEndOffset > this.#log.flushedEndOffset) this.#flushLater(this.#log);
    }
  }

  died(powerLoss: Survival | 'by chance' | undefined): void {
    // After a kill the page cache still has everything, and the next life finds it; so it is where somebody says that all is kept.
    if (powerLoss === undefined || powerLoss === everythingSurvives) this.#log?.flushNow();
    this.#log = this.#log?.afterPowerLoss({ later: () => {}, holdsFlushes: true });
    if (powerLoss === undefined) this.#disk.crash();
    else if (powerLoss === 'by chance') this.#disk.power(this.#random);
    else this.#disk.losePower(powerLoss);
  }

  /** All that was written is durable. */
  sync(): void {
    this.#log?.flushNow();
    this.#disk.syncAll();
  }

  readonly storage: QuorumStorage = {
    storeVoteState: (state, done) => {
      this.#storing++;
      this.#disk.replaceFile(voteStateFile, encodeVoteState(state), (error) => {
        this.#storing--;
        done(error?.message);
      });
    },
    latestSnapshot: () =>
      this.#disk
        .list('snapshots')
        .map(snapshotNamed)
        .toSorted((one, other) => one.endOffset - other.endOffset)
        .at(-1),
    readSnapshot: (id) => this.#disk.readFile(snapshotName(id)),
    storeSnapshot: (id, bytes, done) => {
      this.#disk.makeDirectory('snapshots');
      this.#disk.replaceFile(snapshotName(id), bytes, (error) => {
        if (error === undefined) this.#removeSnapshotsBelow(id);
        done(error?.message);
      });
    },
  };

  #removeSnapshotsBelow(id: SnapshotId): void {
    for (const name of this.#disk.list('snapshots'))
      if (snapshotNamed(name).endOffset < id.endOffset) this.#disk.remove(`snapshots/${name}`);
  }

  #flushLater(log: MemoryLog): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#later(() => {
      if (this.#log !== log) return;
      this.#isFlushing = false;
      log.flushNow();
    });
  }

  #later(callback: () => void): void {
    const process = this.#process;
    this.pace.later(() => process?.run(callback));
  }
}

function snapshotName(id: SnapshotId): string {
  return `snapshots/${id.endOffset}-${id.epoch}`;
}

function snapshotNamed(name: string): SnapshotId {
  const [endOffset, epoch] = name.split('-').map(Number);
  return { endOffset: endOffset ?? 0, epoch: epoch ?? 0 };
}
