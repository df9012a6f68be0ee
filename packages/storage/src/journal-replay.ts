// What a start does with a commit journal that was left: the logs get back what only the journal has, and are synced; then the journal
// is empty. Before any log is opened, so that recovery finds each log as if it had been synced itself (D1, D7).

import { type Checksum, crc32c } from '@odradek/format';
import { type Disk, type DiskDone, DiskError, type DiskFile } from '@odradek/model';
import { decodePartitionMetadata } from './checkpoint-files.ts';
import { fileName, METADATA_FILE } from './file-names.ts';
import { decodeRecords, isFailure, type JournalEntry } from './journal-format.ts';

/** A journal is two files, written in turn: one is filled while what is in the other becomes durable in the logs. */
export const JOURNAL_FILES = ['odradek-commit-journal-0', 'odradek-commit-journal-1'] as const;

export interface ReplayOrder {
  readonly disk: Disk;
  /** The last run ended in order: every log was synced, and the journal says nothing that is not in them. */
  readonly isClean: boolean;
  /**
   * The page cache is as the last run left it: the logs have all that was written, and more than the journal (D1); but for those whose own
   * sync has failed, after which the system forgets what it has not written (D3).
   */
  readonly isSameBoot: boolean;
  readonly checksum?: Checksum;
}

/** Replays what is there; `done` once the logs have it durably, and the journal is empty. An error is final for the start (D3). */
export function replayJournal(order: ReplayOrder, done: DiskDone): void {
  const { disk, isClean, isSameBoot, checksum = crc32c } = order;
  try {
    const left = JOURNAL_FILES.filter((path) => disk.exists(path));
    const records = left
      .flatMap((path) => decodeRecords(disk.readFile(path) ?? new Uint8Array(0), checksum))
      .sort((one, other) => one.sequence - other.sequence);
    const entries = isClean ? [] : records.flatMap((record) => record.entries);
    const files = isSameBoot ? whole(disk, entries) : restored(disk, entries);
    syncAll(files, (error) => {
      if (error !== undefined) done(error);
      else empty(disk, left, done);
    });
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    // Not before the order has returned.
    disk.syncDirectory('', () => done(error));
  }
}

/** After a process that was killed. */
function whole(disk: Disk, entries: readonly JournalEntry[]): readonly DiskFile[] {
  const failed = new Set(entries.filter(isFailure).map(keyOf));
  const isOfFailed = (entry: JournalEntry): boolean => failed.has(keyOf(entry));
  const others = entries.filter((entry) => !isOfFailed(entry));
  return [...filesOf(disk, others), ...restored(disk, entries.filter(isOfFailed), true)];
}

function keyOf({ log, topicId }: JournalEntry): string {
  return `${topicId}/${log}`;
}

/** The segments of which entries are, of logs that are still there. */
function filesOf(disk: Disk, entries: readonly JournalEntry[]): readonly DiskFile[] {
  const paths = new Set(entries.filter((entry) => isThere(disk, entry)).map(pathOf));
  return [...paths].map((path) => disk.open(path, { create: false }));
}

/**
 * Writes what the power took. A file that is as an entry says is left as it is, with what comes after; one that is not is cut there, and
 * goes on with this entry and the next: nothing beyond was ever reported, and what was written for another history must not be read
 * behind this one. `isCached`: what is read of them may be in the page cache alone, and taken for written: it is written anew.
 */
function restored(disk: Disk, entries: readonly JournalEntry[], isCached = false): readonly DiskFile[] {
  const files = new Map<string, DiskFile>();
  for (const entry of entries) {
    if (isFailure(entry) || !isThere(disk, entry)) continue;
    const path = pathOf(entry);
    const file = files.get(path) ?? disk.open(path, { create: false });
    files.set(path, file);
    // What lies before it was synced once: it is damage, and not for us to hide (D8).
    if (file.size < entry.position) continue;
    if (has(file, entry)) {
      if (isCached) file.write(entry.position, entry.bytes);
      continue;
    }
    file.truncate(entry.position);
    file.append([entry.bytes]);
  }
  return [...files.values()];
}

function has(file: DiskFile, { position, bytes }: JournalEntry): boolean {
  const found = new Uint8Array(bytes.length);
  return file.read(position, found) === bytes.length && found.every((byte, at) => byte === bytes[at]);
}

/** The log may have been deleted since, and another one made of the same name (S23). */
function isThere(disk: Disk, entry: JournalEntry): boolean {
  const metadata = disk.readFile(`${entry.log}/${METADATA_FILE}`);
  return (
    metadata !== undefined &&
    decodePartitionMetadata(metadata) === entry.topicId &&
    disk.exists(pathOf(entry))
  );
}

function pathOf({ log, baseOffset }: JournalEntry): string {
  return `${log}/${fileName(baseOffset, '.log')}`;
}

/** Syncs them one after the other, and closes them. */
function syncAll([file, ...others]: readonly DiskFile[], done: DiskDone): void {
  if (file === undefined) {
    done();
    return;
  }
  file.sync((error) => {
    file.close();
    if (error !== undefined) done(error);
    else syncAll(others, done);
  });
}

function empty(disk: Disk, [path, ...others]: readonly string[], done: DiskDone): void {
  if (path === undefined) {
    disk.syncDirectory('', done);
    return;
  }
  let file: DiskFile;
  try {
    file = disk.open(path, { create: false });
    if (file.size > 0) file.truncate(0);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    done(error);
    return;
  }
  file.sync((error) => {
    file.close();
    if (error !== undefined) done(error);
    else empty(disk, others, done);
  });
}
