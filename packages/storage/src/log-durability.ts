// How far a log is durable, and what must reach the disk before it is further: data, names, the leader epochs of what was appended.
// An end is reported only when all of that is done (F8 as the design amends it, D5).

import type { Disk, DiskDone, DiskError, Offset, ReplicatedLog } from '@odradek/model';
import { METADATA_FILE } from './file-names.ts';
import type { Segment } from './segment.ts';

type FlushDone = Parameters<ReplicatedLog['flush']>[0];

/** A part of a flush: it completes later, with or without an error. */
export type FlushPart = (done: DiskDone) => void;

export class LogDurability {
  readonly #disk: Disk;
  readonly #directory: string;
  /** What the policy counts as flushed, and what the disk really has. */
  #flushedEnd: Offset;
  #syncedEnd: Offset;
  /** Up to where the flush under way makes things durable; a truncation lowers it. */
  #target: Offset;
  #syncs = 0;
  #waiting: { readonly afterSync: number; readonly done: FlushDone }[] = [];
  /** Names were created or removed in the directory. */
  areNamesDirty = false;
  /** The directory itself is new. */
  isDirectoryNew = false;
  /** The file that says which topic the log is of, when it may not be durable: no record is, before that (D1). */
  topicFile: Uint8Array | undefined;
  /** The file of leader epochs as it should be, when it is not. */
  epochFile: (() => { readonly path: string; readonly bytes: Uint8Array }) | undefined;

  constructor(disk: Disk, directory: string, flushedEnd: Offset) {
    this.#disk = disk;
    this.#directory = directory;
    this.#flushedEnd = flushedEnd;
    this.#syncedEnd = flushedEnd;
    this.#target = flushedEnd;
  }

  get flushedEnd(): Offset {
    return this.#flushedEnd;
  }

  get syncedEnd(): Offset {
    return this.#syncedEnd;
  }

  isDirty(segments: readonly Segment[]): boolean {
    return (
      this.areNamesDirty ||
      this.isDirectoryNew ||
      this.topicFile !== undefined ||
      this.epochFile !== undefined ||
      segments.some((segment) => segment.isDirty)
    );
  }

  /** The log ends at `endOffset` now: nothing above it is durable, whatever a flush under way says. */
  truncatedTo(endOffset: Offset): void {
    this.#flushedEnd = Math.min(this.#flushedEnd, endOffset);
    this.#syncedEnd = Math.min(this.#syncedEnd, endOffset);
    this.#target = Math.min(this.#target, endOffset);
  }

  /** The log begins again, empty. */
  restartedAt(offset: Offset): void {
    this.#flushedEnd = offset;
    this.#syncedEnd = offset;
    this.#target = offset;
  }

  /** Without a disk to wait for (`os`, `memory`): what is appended counts. */
  countsAppended(endOffset: Offset): void {
    this.#flushedEnd = endOffset;
  }

  /** `done` is called after a sync that begins from now on: one under way may have begun before the last change. */
  waitFor(done: FlushDone): void {
    this.#waiting.push({ afterSync: this.#syncs, done });
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Syncs in parallel all that is dirty; `done` once, when all of it has ended. */
  sync(segments: readonly Segment[], endOffset: Offset, done: (error?: DiskError) => void): void {
    this.#target = endOffset;
    this.#syncs++;
    const parts = this.#parts(segments);
    let open = parts.length;
    let failure: DiskError | undefined;
    const finished: DiskDone = (error) => {
      failure ??= error;
      if (--open > 0) return;
      if (failure === undefined) {
        this.#syncedEnd = Math.max(this.#syncedEnd, this.#target);
        this.#flushedEnd = Math.max(this.#flushedEnd, this.#syncedEnd);
      }
      done(failure);
    };
    for (const part of parts) part(finished);
  }

  /** Answers those who waited for the sync that has ended. */
  answer(): void {
    const answered = this.#waiting.filter((one) => one.afterSync < this.#syncs);
    this.#waiting = this.#waiting.filter((one) => one.afterSync >= this.#syncs);
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
      .map((segment) => (done) => segment.sync(done));
    const epochFile = this.epochFile?.();
    this.epochFile = undefined;
    if (epochFile !== undefined)
      parts.push((done) => this.#disk.replaceFile(epochFile.path, epochFile.bytes, done));
    const { topicFile } = this;
    this.topicFile = undefined;
    if (topicFile !== undefined)
      parts.push((done) => this.#disk.replaceFile(`${this.#directory}/${METADATA_FILE}`, topicFile, done));
    if (this.areNamesDirty) parts.push((done) => this.#disk.syncDirectory(this.#directory, done));
    if (this.isDirectoryNew) parts.push((done) => this.#disk.syncDirectory('', done));
    this.areNamesDirty = false;
    this.isDirectoryNew = false;
    // With nothing to sync something must still come later: a completion never comes at once.
    if (parts.length === 0) parts.push((done) => this.#disk.syncDirectory(this.#directory, done));
    return parts;
  }
}
