// What a start does with a commit journal that was left: the logs get back what only the journal has, and are synced; then the journal
// is empty. Before any log is opened, so that recovery finds each log as if it had been synced itself (D1, D7).

import { type Checksum, crc32c } from '@odradek/format';
import { type Disk, type DiskDone, DiskError, type DiskFile, type TopicId } from '@odradek/model';
import { decodePartitionMetadata, encodePartitionMetadata } from './checkpoint-files.ts';
import { fileName, isOfRecords, METADATA_FILE } from './file-names.ts';
import { decodeRecords, type JournalEntry } from './journal-format.ts';

/** A journal is two files, written in turn: one is filled while what is in the other becomes durable in the logs. */
export const JOURNAL_FILES = ['odradek-commit-journal-0', 'odradek-commit-journal-1'] as const;

/** The file system makes one of those that wait together. */
const SYNCED_AT_ONCE = 8;

export interface ReplayOrder {
  readonly disk: Disk;
  /** The last run ended in order: every log was synced, and the journal says nothing that is not in them. */
  readonly isClean: boolean;
  /** The page cache is as the last run left it: the logs have all that was written, and more than the journal (D1). */
  readonly isSameBoot: boolean;
  readonly checksum?: Checksum;
}

/** Replays what is there; `done` once the logs have it durably, and the journal is empty. An error is final for the start (D3). */
export function replayJournal(order: ReplayOrder, done: DiskDone): void {
  const { disk, isClean, checksum = crc32c } = order;
  attempt(disk, done, () => {
    const left = JOURNAL_FILES.filter((path) => disk.exists(path));
    const records = left
      .flatMap((path) => decodeRecords(disk.readFile(path) ?? new Uint8Array(0), checksum))
      .sort((one, other) => one.sequence - other.sequence);
    const entries = isClean ? [] : records.flatMap((record) => record.entries);
    const lost = new Map(entries.filter((entry) => isLost(disk, entry)).map((entry) => [entry.log, entry]));
    clear(disk, [...lost.keys()], (uncleared) => {
      if (uncleared !== undefined) done(uncleared);
      else
        attempt(disk, done, () => {
          for (const entry of lost.values()) make(disk, entry);
          syncAll(restoredBy(order, entries, lost), (error) => {
            if (error !== undefined) done(error);
            else empty(disk, left, done);
          });
        });
    });
  });
}

/** Begins something; an error is told, but not before the order has returned. */
function attempt(disk: Disk, done: DiskDone, begin: () => void): void {
  try {
    begin();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    disk.syncDirectory('', () => done(error));
  }
}

/** Whether these are the first records of a log of which the journal alone knows (D1): nothing says of which topic what lies there is. */
function isLost(disk: Disk, { log, topicId, isNewLog }: JournalEntry): boolean {
  if (isNewLog !== true) return false;
  const found = topicIn(disk, log);
  return found === undefined || (found === topicId && !disk.list(log).some((name) => name.endsWith('.log')));
}

/** Takes away what nothing says the topic of, durably, before something does: power that fails must not bring it back under this one. */
function clear(disk: Disk, logs: readonly string[], done: DiskDone): void {
  const syncs = logs.flatMap((log): readonly Sync[] => {
    const nameless = disk.list(log).filter(isOfRecords);
    for (const name of nameless) disk.remove(`${log}/${name}`);
    return nameless.length === 0 ? [] : [(ended) => disk.syncDirectory(log, ended)];
  });
  syncAll(syncs, done);
}

function make(disk: Disk, entry: JournalEntry): void {
  disk.makeDirectory(entry.log);
  disk.writeFile(`${entry.log}/${METADATA_FILE}`, encodePartitionMetadata(entry.topicId));
  disk.open(pathOf(entry), { create: true }).close();
}

/** Gives the logs what they lack; returns what is to be synced. Of a new log that is its names too (D5). */
function restoredBy(
  { disk, isSameBoot }: ReplayOrder,
  entries: readonly JournalEntry[],
  lost: ReadonlyMap<string, JournalEntry>,
): readonly Sync[] {
  // The page cache has more than the journal: but for what somebody has taken away.
  const kept = isSameBoot ? filesOf(disk, entries) : [];
  const files = [
    ...kept,
    ...restored(
      disk,
      entries.filter(({ log }) => !isSameBoot || lost.has(log)),
    ),
  ];
  const syncs = files.map((file) => syncOf(file));
  const names = entries.flatMap((entry): readonly Sync[] => {
    if (entry.isNewLog !== true || !isThere(disk, entry)) return [];
    const metadata: Sync = (done) =>
      attempt(disk, done, () => syncOf(disk.open(`${entry.log}/${METADATA_FILE}`, { create: false }))(done));
    return [metadata, (done) => disk.syncDirectory(entry.log, done)];
  });
  if (names.length === 0) return syncs;
  return [...syncs, ...names, (done) => disk.syncDirectory('', done)];
}

/** The segments of which entries are, of logs that are still there. */
function filesOf(disk: Disk, entries: readonly JournalEntry[]): readonly DiskFile[] {
  const paths = new Set(entries.filter((entry) => isThere(disk, entry)).map(pathOf));
  return [...paths].map((path) => disk.open(path, { create: false }));
}

/**
 * Writes what the power took. A file that is as an entry says is left as it is, with what comes after; one that is not is cut there, and
 * goes on with this entry and the next: nothing beyond was ever reported, and what was written for another history must not be read
 * behind this one.
 */
function restored(disk: Disk, entries: readonly JournalEntry[]): readonly DiskFile[] {
  const files = new Map<string, DiskFile>();
  for (const entry of entries) {
    if (!isThere(disk, entry)) continue;
    const path = pathOf(entry);
    const file = files.get(path) ?? disk.open(path, { create: false });
    files.set(path, file);
    // What lies before it was synced once: it is damage, and not for us to hide (D8).
    if (file.size < entry.position || has(file, entry)) continue;
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
  return topicIn(disk, entry.log) === entry.topicId && disk.exists(pathOf(entry));
}

function topicIn(disk: Disk, log: string): TopicId | undefined {
  const metadata = disk.readFile(`${log}/${METADATA_FILE}`);
  return metadata && decodePartitionMetadata(metadata);
}

function pathOf({ log, baseOffset }: JournalEntry): string {
  return `${log}/${fileName(baseOffset, '.log')}`;
}

type Sync = (done: DiskDone) => void;

function syncOf(file: DiskFile): Sync {
  return (done) =>
    file.sync((error) => {
      file.close();
      done(error);
    });
}

function syncAll(syncs: readonly Sync[], done: DiskDone): void {
  let begun = 0;
  let ended = 0;
  let failure: DiskError | undefined;
  const begin = (): void => {
    const sync = syncs[begun];
    if (sync === undefined) return;
    begun += 1;
    sync((error) => {
      failure ??= error;
      ended += 1;
      if (ended === syncs.length) done(failure);
      else begin();
    });
  };
  if (syncs.length === 0) done();
  for (let count = 0; count < SYNCED_AT_ONCE; count++) begin();
}

function empty(disk: Disk, [path, ...others]: readonly string[], done: DiskDone): void {
  if (path === undefined) {
    disk.syncDirectory('', done);
    return;
  }
  const file = disk.open(path, { create: false });
  if (file.size > 0) file.truncate(0);
  file.sync((error) => {
    file.close();
    if (error !== undefined) done(error);
    else empty(disk, others, done);
  });
}
