// How far a log is durable, and what must reach the disk before it is further: data, names, the leader epochs of what was appended.
// An end is reported only when all of that is done (F8 as the design amends it, D5).

import {
  type Disk,
  type DiskDone,
  DiskError,
  isPassing,
  type Offset,
  type ReplicatedLog,
} from '@odradek/model';
import { METADATA_FILE } from './file-names.ts';
import type { Segment } from './segment.ts';

type FlushDone = Parameters<ReplicatedLog['flush']>[0];

/** A part of a flush: it completes later, with or without an error. */
interface FlushPart {
  begin(done: DiskDone): void;
  /** Of a part that only writes anew what lies here: it had no room, and is left to the next flush (D6). */
  readonly again?: () => void;
}

/** How a flush ended: well, with an error that is final (D3), or without room for a part of it, so that it is asked again (D6). */
export type SyncEnd =
  | { readonly outcome: 'synced' }
  | { readonly outcome: 'failed' | 'no room'; readonly error: DiskError };

type SyncDone = (end: SyncEnd) => void;

export interface DurabilityPlace {
  readonly disk: Disk;
  /** The log's own directory. */
  readonly directory: string;
  /** Runs something after the present call. */
  readonly later: (callback: () => void) => void;
  /** Calls back once no journal speaks of what the log was before it was cut or made anew. Without it, there is none. */
  readonly whenForgotten?: ((done: DiskDone) => void) | undefined;
}

export class LogDurability {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #later: (callback: () => void) => void;
  readonly #whenForgotten: (done: DiskDone) => void;
  /** What the policy counts as flushed, and what the disk really has. */
  #flushedEnd: Offset;
  #syncedEnd: Offset;
  /** Up to where the disk has everything, if what the journal has counts. */
  #committedEnd: Offset;
  /** Up to where the flush under way makes things durable; a truncation lowers it. */
  #target: Offset;
  /** How many syncs have begun, and the last of them that has ended well. */
  #syncs = 0;
  #lastSynced = 0;
  #waiting: { readonly afterSync: number; readonly done: FlushDone }[] = [];
  #isSyncing = false;
  /** Something was cut or deleted, and no sync has begun since: it must not come back for longer than it has to. */
  hasReceded = false;
  /** Names were created or removed in the directory. */
  areNamesDirty = false;
  /** The directory itself is new. */
  isDirectoryNew = false;
  /** The file that says which topic the log is of, when it may not be durable: no record is, before that (D1). */
  topicFile: Uint8Array | undefined;
  /** Calls back once the disk has what is known where the log has begun anew, when it may not: no record is durable before that (P2). */
  beginning: ((done: DiskDone) => void) | undefined;
  /** The file of leader epochs as it should be, when it is not. */
  epochFile: (() => { readonly path: string; readonly bytes: Uint8Array }) | undefined;

  constructor({ disk, directory, later, whenForgotten }: DurabilityPlace, flushedEnd: Offset) {
    this.#disk = disk;
    this.#directory = directory;
    this.#later = later;
    this.#whenForgotten = whenForgotten ?? ((done) => done());
    this.#flushedEnd = flushedEnd;
    this.#syncedEnd = flushedEnd;
    this.#committedEnd = flushedEnd;
    this.#target = flushedEnd;
  }

  get flushedEnd(): Offset {
    return this.#flushedEnd;
  }

  get syncedEnd(): Offset {
    return this.#syncedEnd;
  }

  /**
   * Whether a log that ends at `endOffset` is to be synced: the disk lacks records, or has some that are gone. What is new beside
   * records (a directory, an epoch that has none yet) waits until there are: nobody was promised anything of it (D1, F8 as amended), and ten
   * thousand new logs or leaderships would be as many syncs for nothing.
   */
  lacks(endOffset: Offset): boolean {
    return this.#committedEnd < endOffset || this.hasReceded;
  }

  /** Whether a file of its own lacks what only the journal has, or what {@link lacks} says. */
  isBehind(endOffset: Offset): boolean {
    return this.#syncedEnd < endOffset || this.hasReceded;
  }

  /** Whether bytes in files are all that the disk may lack: then a journal may take them. */
  get lacksOnlyBytes(): boolean {
    const isMore = this.areNamesDirty || this.isDirectoryNew || this.hasReceded || this.#isSyncing;
    const files = [this.topicFile, this.epochFile, this.beginning];
    return !isMore && files.every((file) => file === undefined);
  }

  /** A journal is being written that has everything below `endOffset`. */
  beginCommit(endOffset: Offset): void {
    this.#target = endOffset;
    this.#syncs++;
    this.#isSyncing = true;
  }

  /** It is durable. */
  endCommit(): void {
    this.#isSyncing = false;
    this.#lastSynced = this.#syncs;
    this.#committedEnd = Math.max(this.#committedEnd, this.#target);
    this.#flushedEnd = Math.max(this.#flushedEnd, this.#committedEnd);
  }

  /** Whether a sync is under way. */
  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  /** The log ends at `endOffset` now: nothing above it is durable, whatever a flush under way says. */
  truncatedTo(endOffset: Offset): void {
    this.hasReceded = true;
    this.#flushedEnd = Math.min(this.#flushedEnd, endOffset);
    this.#syncedEnd = Math.min(this.#syncedEnd, endOffset);
    this.#committedEnd = Math.min(this.#committedEnd, endOffset);
    this.#target = Math.min(this.#target, endOffset);
  }

  /**
   * The log begins again, empty. Until the disk has that, power that fails may leave what it had before: its end is reported as flushed then,
   * and not sooner, or a leader counts on it (I3, V3).
   */
  restartedAt(offset: Offset): void {
    this.truncatedTo(offset);
  }

  /** Without a disk to wait for (`os`, `memory`): what is appended counts. */
  countsAppended(endOffset: Offset): void {
    this.#flushedEnd = endOffset;
  }

  /** `done` is called after a sync that begins from now on: one under way may have begun before the last change. */
  waitFor(done: FlushDone): void {
    this.#waiting.push({ afterSync: this.#syncs, done });
  }

  /** Whether somebody waits for a sync that has not ended well yet. */
  get hasWaiting(): boolean {
    return this.#waiting.some(({ afterSync }) => afterSync >= this.#lastSynced);
  }

  /** Syncs in parallel all that is dirty; `done` once, when all of it has ended. */
  sync(segments: readonly Segment[], endOffset: Offset, done: SyncDone): void {
    this.#target = endOffset;
    this.#syncs++;
    this.#isSyncing = true;
    const { hasReceded } = this;
    const hasPast = hasReceded || this.isDirectoryNew;
    this.hasReceded = false;
    const parts = this.#parts(segments);
    let open = parts.length;
    let failure: DiskError | undefined;
    let shortage: DiskError | undefined;
    const finished = (error: DiskError | undefined, again: (() => void) | undefined): void => {
      if (error !== undefined && again !== undefined && isPassing(error)) {
        again();
        shortage ??= error;
      } else failure ??= error;
      if (--open > 0) return;
      if (failure === undefined && shortage === undefined && hasPast) this.#whenForgotten(end);
      else end();
    };
    const end = (unforgotten?: DiskError): void => {
      failure ??= unforgotten;
      this.#isSyncing = false;
      if (failure === undefined && shortage === undefined) this.#synced();
      else this.hasReceded ||= hasReceded;
      done(endOf(failure, shortage));
    };
    for (const part of parts) {
      try {
        part.begin((error) => finished(error, part.again));
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        // Thrown, it comes from a file that is opened or written first: no sync has begun, and what is dirty still is.
        this.#later(() => finished(error, part.again ?? (() => {})));
      }
    }
  }

  #synced(): void {
    this.#lastSynced = this.#syncs;
    this.#syncedEnd = Math.max(this.#syncedEnd, this.#target);
    this.#committedEnd = Math.max(this.#committedEnd, this.#syncedEnd);
    this.#flushedEnd = Math.max(this.#flushedEnd, this.#syncedEnd);
  }

  /** Answers those who waited for the sync that has ended. */
  answer(): void {
    const answered = this.#waiting.filter((one) => one.afterSync < this.#lastSynced);
    this.#waiting = this.#waiting.filter((one) => one.afterSync >= this.#lastSynced);
    for (const { done } of answered) done({ flushedEndOffset: this.#flushedEnd });
  }

  /** Tells those who wait that it will never be. */
  refuse(error: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { done } of waiting) done({ error });
  }

  #parts(segments: readonly Segment[]): FlushPart[] {
    const parts: FlushPart[] = segments
      .filter((segment) => segment.isDirty)
      .map((segment) => ({ begin: (done) => segment.sync(done) }));
    const { epochFile, topicFile } = this;
    const encoded = epochFile?.();
    this.epochFile = undefined;
    if (encoded !== undefined)
      parts.push({
        begin: (done) => this.#disk.replaceFile(encoded.path, encoded.bytes, done),
        again: () => {
          this.epochFile ??= epochFile;
        },
      });
    this.topicFile = undefined;
    if (topicFile !== undefined)
      parts.push({
        begin: (done) => this.#disk.replaceFile(`${this.#directory}/${METADATA_FILE}`, topicFile, done),
        again: () => {
          this.topicFile ??= topicFile;
        },
      });
    const { beginning } = this;
    this.beginning = undefined;
    if (beginning !== undefined)
      parts.push({
        begin: beginning,
        again: () => {
          this.beginning ??= beginning;
        },
      });
    const directory = (path: string): FlushPart => ({
      begin: (done) => this.#disk.syncDirectory(path, done),
    });
    if (this.areNamesDirty) parts.push(directory(this.#directory));
    if (this.isDirectoryNew) parts.push(directory(''));
    this.areNamesDirty = false;
    this.isDirectoryNew = false;
    // With nothing to sync something must still come later: a completion never comes at once.
    if (parts.length === 0) parts.push(directory(this.#directory));
    return parts;
  }
}

function endOf(failure: DiskError | undefined, shortage: DiskError | undefined): SyncEnd {
  if (failure !== undefined) return { outcome: 'failed', error: failure };
  return shortage === undefined ? { outcome: 'synced' } : { outcome: 'no room', error: shortage };
}
