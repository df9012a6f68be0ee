// Makes the tails of many logs durable with one sync: a group commit writes them once more, into one file, and the logs themselves are
// synced later, a few at a time. Worth it where a sync each would cost more than writing the bytes twice.
//
// What must hold after power loss: whatever was reported is in the log's own file, or in a journal that says where it belongs. So a file
// of the journal is emptied only when every log that it speaks of was synced since; and when a log was cut, deleted or made anew, nothing
// of it is reported before no file of the journal speaks of its past any more (or a start would put the past in the place of the present).

import { type Checksum, crc32c } from '@odradek/format';
import { type Disk, type DiskDone, DiskError, type DiskFile, type TopicId } from '@odradek/model';
import { encodeRecord, failureEntry, type JournalEntry } from './journal-format.ts';
import { JOURNAL_FILES } from './journal-replay.ts';

/** A log as its journal sees it. */
export interface JournalMember {
  /** Its directory, `orders-0`. */
  readonly name: string;
  readonly topicId: TopicId;
  /** What the disk lacks, where that is nothing but bytes at the end of one file. */
  tail(): JournalEntry | undefined;
  /** The tail as it is now is being made durable; ends with `committed` or `failed`. */
  committing(): void;
  committed(): void;
  /** A sync of the journal has failed: what it had of this log may be gone (D3). */
  failed(error: DiskError): void;
}

export interface CommitJournalOptions {
  readonly disk: Disk;
  readonly checksum?: Checksum;
  /** From how many logs on a sync for all is cheaper than one for each; 16. */
  readonly fewestLogs?: number;
  /** How much one group commit writes at most; 4 MiB. */
  readonly groupBytes?: number;
  /** From which size on a file of it is emptied; 16 MiB. */
  readonly fileBytes?: number;
}

const FEWEST_LOGS = 16;
const GROUP_BYTES = 4 * 2 ** 20;
const FILE_BYTES = 16 * 2 ** 20;

/** `open`: is written to. `settling`: its logs are being synced. `emptying`. `dead`: the disk refused something for good. */
type FileState = 'open' | 'settling' | 'emptying' | 'dead';

interface JournalFile {
  readonly path: string;
  state: FileState;
  file: DiskFile | undefined;
  /** Whether its name is durable. */
  isNamed: boolean;
  /** The logs of which it speaks. */
  readonly names: Set<string>;
  /** Those of them that were not synced since. */
  readonly unsettled: Set<JournalMember>;
  /** Who waits until it is empty. */
  waiting: DiskDone[];
}

export class CommitJournal {
  readonly fewestLogs: number;
  readonly #disk: Disk;
  readonly #checksum: Checksum;
  readonly #groupBytes: number;
  readonly #fileBytes: number;
  readonly #files: readonly JournalFile[];
  /** How many syncs of it are under way: one at most. */
  #isCommitting = false;
  #sequence = 0;

  constructor(options: CommitJournalOptions) {
    this.#disk = options.disk;
    this.#checksum = options.checksum ?? crc32c;
    this.fewestLogs = options.fewestLogs ?? FEWEST_LOGS;
    this.#groupBytes = options.groupBytes ?? GROUP_BYTES;
    this.#fileBytes = options.fileBytes ?? FILE_BYTES;
    this.#files = JOURNAL_FILES.map((path) => ({
      ...{ path, state: 'open', file: undefined, isNamed: false },
      ...{ names: new Set(), unsettled: new Set(), waiting: [] },
    }));
  }

  /** Whether it takes anything now. */
  get canCommit(): boolean {
    return this.#open !== undefined && !this.#isCommitting;
  }

  get isCommitting(): boolean {
    return this.#isCommitting;
  }

  /** Whether it speaks of logs that were not synced since. */
  get isEmpty(): boolean {
    return this.#files.every(({ names }) => names.size === 0);
  }

  /** Of these logs, those that one commit can take; none where that is not worth it. */
  choose(members: Iterable<JournalMember>): ReadonlyMap<JournalMember, JournalEntry> {
    const chosen = new Map<JournalMember, JournalEntry>();
    let bytes = 0;
    for (const member of members) {
      const entry = member.tail();
      if (entry === undefined || bytes + entry.bytes.length > this.#groupBytes) continue;
      bytes += entry.bytes.length;
      chosen.set(member, entry);
    }
    return chosen.size >= this.fewestLogs ? chosen : new Map();
  }

  /** Commits them; `done` when that has ended. False, and nothing has begun, where the disk refuses the bytes (D6). */
  commit(chosen: ReadonlyMap<JournalMember, JournalEntry>, done: () => void): boolean {
    const at = this.#open;
    if (at === undefined || !this.#append(at, [...chosen.values()])) return false;
    this.#isCommitting = true;
    for (const member of chosen.keys()) {
      at.names.add(member.name);
      at.unsettled.add(member);
      member.committing();
    }
    this.#sync(at, (error) => {
      this.#isCommitting = false;
      if (error !== undefined) this.#died(at, error);
      else for (const member of chosen.keys()) member.committed();
      if ((at.file?.size ?? 0) >= this.#fileBytes) this.settle(at.path);
      done();
    });
    return true;
  }

  /** A log was synced itself, with all that it had when that began. */
  synced(member: JournalMember): void {
    for (const at of this.#files) if (at.unsettled.delete(member)) this.#emptyIfSettled(at);
  }

  /**
   * A log has failed whose own file lacks what is reported: the journal stays as it is, for the next start, which may come before the
   * controller has heard of it (D3, C11). It says so: who finds the page cache as it was left would take it for whole, and it has dropped
   * what the sync did not write. Who waits for it to be emptied is refused, as by a disk that fails; all others go on by themselves.
   */
  keep(member: JournalMember): void {
    for (const at of this.#files) {
      if (!at.unsettled.has(member)) continue;
      this.#append(at, [failureEntry(member.name, member.topicId)]);
      at.state = 'dead';
      this.#tellWaiting(at, new DiskError('EIO', 'truncate', at.path));
    }
  }

  /** Calls back once nothing speaks of the past of a log any more: at once, if nothing does. */
  whenForgotten(name: string, done: DiskDone): void {
    const speaking = this.#files.filter((at) => at.names.has(name));
    let open = speaking.length;
    if (open === 0) {
      done();
      return;
    }
    let failure: DiskError | undefined;
    for (const at of speaking) {
      at.waiting.push((error) => {
        failure ??= error;
        if (--open === 0) done(failure);
      });
      this.settle(at.path);
    }
  }

  /** Begins to empty what it has, if it has anything: its logs are to be synced. */
  settle(path?: string): void {
    for (const at of this.#files) {
      if ((path !== undefined && at.path !== path) || at.names.size === 0) continue;
      if (at.state === 'dead') this.#tellWaiting(at, new DiskError('EIO', 'truncate', at.path));
      if (at.state !== 'open') continue;
      at.state = 'settling';
      this.#emptyIfSettled(at);
    }
  }

  /** The logs that are to be synced, so that a file can be emptied. */
  *unsettled(): Iterable<JournalMember> {
    for (const at of this.#files) if (at.state === 'settling') yield* at.unsettled;
  }

  close(): void {
    for (const at of this.#files) {
      at.file?.close();
      at.file = undefined;
      at.state = 'dead';
    }
  }

  get #open(): JournalFile | undefined {
    return this.#files.find(({ state }) => state === 'open');
  }

  #append(at: JournalFile, entries: readonly JournalEntry[]): boolean {
    let before = 0;
    try {
      at.file ??= this.#disk.open(at.path, { create: true });
      before = at.file.size;
      at.file.append([encodeRecord({ sequence: this.#sequence++, entries }, this.#checksum)]);
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#cutOff(at, before);
      return false;
    }
  }

  /** What was half written is cut off again; where that fails too, nothing is written behind it. */
  #cutOff(at: JournalFile, size: number): void {
    try {
      if (at.file !== undefined && at.file.size > size) at.file.truncate(size);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      at.state = 'settling';
      this.#emptyIfSettled(at);
    }
  }

  /** The bytes, and with the first of them the name (D5). */
  #sync(at: JournalFile, done: DiskDone): void {
    const { file } = at;
    if (file === undefined) return;
    file.sync((error) => {
      if (error !== undefined || at.isNamed) {
        done(error);
        return;
      }
      this.#disk.syncDirectory('', (unnamed) => {
        at.isNamed = unnamed === undefined;
        done(unnamed);
      });
    });
  }

  /** D3: what it had of logs that were not synced since may be gone. */
  #died(at: JournalFile, error: DiskError): void {
    at.state = 'dead';
    const lost = [...at.unsettled];
    at.unsettled.clear();
    for (const member of lost) member.failed(error);
    this.#tellWaiting(at, error);
  }

  #emptyIfSettled(at: JournalFile): void {
    if (at.state !== 'settling' || at.unsettled.size > 0 || at.file === undefined) return;
    at.state = 'emptying';
    try {
      at.file.truncate(0);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#died(at, error);
      return;
    }
    at.file.sync((error) => {
      if (at.state === 'dead') return;
      if (error !== undefined) {
        this.#died(at, error);
        return;
      }
      at.names.clear();
      at.state = 'open';
      this.#tellWaiting(at, undefined);
    });
  }

  #tellWaiting(at: JournalFile, error: DiskError | undefined): void {
    const { waiting } = at;
    at.waiting = [];
    for (const done of waiting) done(error);
  }
}
