// The logs of the partitions in a node's directory: what recovery found before registration, and what the metadata places here.

import {
  type DiskError,
  isPassing,
  type LogListener,
  type Offset,
  type PartitionKey,
  partitionKey,
  type TopicId,
} from '@odradek/model';
import {
  DiscardedLogs,
  emptyLog,
  findLog,
  type LogConfiguration,
  type LogOwner,
  type LogPlace,
  liesAsItWasLeft,
  logDirectories,
  logDirectoryName,
  mayExpire,
  missingLogs,
  type OpenedLog,
  type RecoveryReport,
  type RestingLog,
  type RestingLogs,
  type PartitionLog as StoredLog,
} from '@odradek/storage';
import type { PartitionName } from '../partition/hosted-partition.ts';
import type { LogFailure } from '../partition/partition-host.ts';
import type { PartitionLog } from '../partition/partition-log.ts';
import { fewAtOnce } from '../waiting/few-at-once.ts';
import { type LogHome, logActorId, startLogIn, wakeLogIn } from './log-home.ts';
import { METADATA_TOPIC, METADATA_TOPIC_ID } from './metadata-log.ts';
import { SleepingLog } from './sleeping-log.ts';

export interface PartitionLogsNeeds {
  /** Asked at every append. */
  configurationOf(topic: string): LogConfiguration;
  recovered(report: RecoveryReport): void;
}

/** How many logs are opened or closed at a time: each takes a fraction of a millisecond, a file and a buffer. */
const MOST_AT_ONCE = 32;
/** So many logs are closed with all their files, as Kafka would leave them; of more the small ones are left without. */
const MOST_SAVED = 100;

/** Of how many logs is asked in a turn whether they lie as they were left: each is a system call. */
const LOOKED_AT_IN_A_TURN = 256;

/** What recovery found: logs that are damaged or whose disk failed, and those of which records were flushed and that are gone. */
export interface UnsoundLogs {
  readonly failedLogs: readonly PartitionKey[];
  readonly missingLogs: readonly LogPlace[];
}

/** A partition's log and who owns it now. */
interface Slot {
  readonly name: PartitionName;
  opened: OpenedLog | undefined;
  listener: LogListener | undefined;
  log: PartitionLog | undefined;
  /** The log, while nobody has opened it. */
  sleeping: SleepingLog | undefined;
  /** As a clean end has left it, while nobody has opened it since. */
  resting: RestingLog | undefined;
  failure: LogFailure | undefined;
  /** Called once, when recovery has ended one way or the other. */
  settled: (() => void) | undefined;
}

/** The partitions' logs of one node. */
export class PartitionLogs {
  private readonly home: LogHome;
  private readonly needs: PartitionLogsNeeds;
  private readonly slots = new Map<string, Slot>();
  private readonly discarded: DiscardedLogs;

  constructor(home: LogHome, needs: PartitionLogsNeeds) {
    this.home = home;
    this.needs = needs;
    this.discarded = new DiscardedLogs(home);
  }

  /** Whether logs of partitions lie there. */
  get areThere(): boolean {
    return logDirectories(this.home.disk).some((directory) => this.find(directory) !== undefined);
  }

  /** Opens and recovers what lies there, a few logs at a time; tells which of them are not sound. */
  recover(done: (unsound: UnsoundLogs) => void): void {
    const { disk, clock } = this.home;
    const order = (log: string, ended: () => void): void => {
      const name = this.find(log);
      if (name === undefined) clock.setTimeout(ended, 0);
      else this.open(name, ended, true);
    };
    const finish = (): void => done(this.unsound());
    this.discarded.begin();
    this.letSleep(logDirectories(disk), (others) => fewAtOnce(others, MOST_AT_ONCE, order, finish));
  }

  private unsound(): UnsoundLogs {
    const { disk, directory } = this.home;
    const slots = [...this.slots.values()];
    const found = new Set(slots.map(({ name }) => directoryOf(name)));
    const missing = missingLogs(disk, directory.flushedLogs, found);
    return {
      // Of one that was refused nothing is lost (D11): it is opened again when it is asked for.
      failedLogs: slots
        .filter(({ failure }) => failure !== undefined && failure.kind !== 'refusal')
        .map((slot) => slot.name),
      missingLogs: missing.filter(({ topic }) => topic !== METADATA_TOPIC),
    };
  }

  /** Those that lie as a clean end has left them need not be opened; `done` later, with the others. */
  private letSleep(directories: readonly string[], done: (others: readonly string[]) => void): void {
    const { directory: shared, clock } = this.home;
    if (shared.resting.size === 0) {
      done(directories);
      return;
    }
    const others: string[] = [];
    const goOn = (from: number): void => {
      const until = Math.min(from + LOOKED_AT_IN_A_TURN, directories.length);
      for (const directory of directories.slice(from, until))
        if (!this.sleeps(directory)) others.push(directory);
      clock.setTimeout(() => (until < directories.length ? goOn(until) : done(others)), 0);
    };
    goOn(0);
  }

  private sleeps(directory: string): boolean {
    const { directory: shared, disk } = this.home;
    const resting = shared.resting.get(directory);
    if (resting === undefined || !liesAsItWasLeft(disk, directory, resting)) return false;
    const dash = directory.lastIndexOf('-');
    const [topic, partition] = [directory.slice(0, dash), Number(directory.slice(dash + 1))];
    const slot = this.slotOf({ topic, partition, topicId: resting.topicId }, undefined);
    slot.resting = resting;
    this.sleep(slot, resting, (opened) => opened.reopen(resting));
    return true;
  }

  /** `open`: what the first who needs more than the ends has done. */
  private sleep(slot: Slot, resting: RestingLog, open: (opened: OpenedLog) => StoredLog): void {
    const { name } = slot;
    slot.sleeping = new SleepingLog(resting, {
      later: (callback) => this.home.clock.setTimeout(callback, 0),
      failed: (error) => this.home.clock.setTimeout(() => this.cannotWake(slot, error), 0),
      refused: (error) => this.home.clock.setTimeout(() => this.refused(slot, error), 0),
      open: () => {
        const configuration = (): LogConfiguration => this.needs.configurationOf(name.topic);
        const { opened, log } = wakeLogIn(this.home, name, open, configuration, this.ownerOf(slot));
        slot.opened = opened;
        slot.sleeping = undefined;
        slot.resting = undefined;
        return log;
      },
    });
    slot.log = slot.sleeping;
  }

  /** Whether nothing of the log lies here, and nothing ever did that anybody was told of (S14). */
  private isNowhere(name: PartitionName): boolean {
    const { disk, directory } = this.home;
    const log = directoryOf(name);
    const { recoveryPoint, logStartOffset = 0 } = directory.checkpointed(log);
    return recoveryPoint === undefined && logStartOffset === 0 && !disk.exists(log);
  }

  /**
   * A log without a record needs no files: its directory is made when the first one comes (D1). Ten thousand new partitions would be ten
   * thousand directories in the file system's own journal, and every sync would wait behind them.
   */
  private begin(name: PartitionName, settled: () => void): Slot {
    const slot = this.slotOf(name, settled);
    const { clock, directory } = this.home;
    const begun = (): void => {
      // By now the topic may be gone (S23).
      if (this.slots.get(keyOf(name)) !== slot) return;
      this.sleep(slot, emptyLog(name.topicId), (opened) => opened.create());
      slot.settled?.();
      slot.settled = undefined;
    };
    clock.setTimeout(() => directory.whenForgotten(directoryOf(name), begun), 0);
    return slot;
  }

  private find(directory: string): PartitionName | undefined {
    const { topic, partition, topicId } = findLog(this.home.disk, directory) ?? {};
    if (topic === undefined || partition === undefined) return undefined;
    return topicId === undefined || topicId === METADATA_TOPIC_ID ? undefined : { topic, partition, topicId };
  }

  /** The logs for which the metadata has no place here any more. */
  orphans(isPlacedHere: (log: PartitionKey) => boolean): readonly PartitionName[] {
    return [...this.slots.values()].map((slot) => slot.name).filter((name) => !isPlacedHere(name));
  }

  /** Hands out the log that recovery opened, or makes a new one. */
  handOut(
    name: PartitionName,
    listener: LogListener,
    done: (opened: PartitionLog | LogFailure) => void,
  ): void {
    const answer = (slot: Slot): void => {
      // The partition was deleted while its log was being opened: nobody asks any more.
      if (this.slots.get(keyOf(name)) !== slot) return;
      slot.listener = listener;
      const opened = slot.failure ?? slot.log;
      if (opened === undefined)
        throw new Error(`${name.topic}-${name.partition} is asked for before it is recovered`);
      done(opened);
    };
    const known = this.slots.get(keyOf(name));
    if (known !== undefined && known.failure?.kind !== 'refusal') {
      answer(known);
      return;
    }
    // D11: the disk may open it now.
    if (known !== undefined) this.forget(known);
    const settled = (): void => answer(slot);
    const slot = this.isNowhere(name) ? this.begin(name, settled) : this.open(name, settled, false);
  }

  /** Closes a log in which a read found damage. Its files stay until it is healed. */
  giveUp(name: PartitionName, failure: LogFailure): void {
    const slot = this.slots.get(keyOf(name));
    if (slot === undefined) return;
    slot.failure = failure;
    abandon(slot);
  }

  /** Closes a log and takes its files away. */
  discard(name: PartitionName): void {
    const slot = this.slots.get(keyOf(name));
    if (slot === undefined) return;
    this.forget(slot);
    this.discarded.discard(directoryOf(name));
  }

  private forget(slot: Slot): void {
    this.slots.delete(keyOf(slot.name));
    slot.listener = undefined;
    abandon(slot);
    this.home.supervisor().stop(logActorId(slot.name));
  }

  checkpoint(highWatermarks: Iterable<readonly [PartitionName, Offset]>): void {
    const { directory } = this.home;
    for (const [name, highWatermark] of highWatermarks) {
      const slot = this.slots.get(keyOf(name));
      if (slot?.resting !== undefined) directory.note('highWatermark', directoryOf(name), highWatermark);
      else slot?.opened?.noteHighWatermark(highWatermark);
    }
  }

  applyRetention(highWatermarks: Iterable<readonly [PartitionName, Offset]>, wallMs: number): void {
    for (const [name, highWatermark] of highWatermarks) {
      const slot = this.slots.get(keyOf(name));
      if (slot === undefined) continue;
      const { sleeping, resting } = slot;
      if (resting !== undefined && mayExpire(resting, this.needs.configurationOf(slot.name.topic), wallMs))
        sleeping?.wakeUp();
      slot.opened?.log?.applyRetention(wallMs, highWatermark);
    }
  }

  /**
   * Flushes and closes all that are open, a few at a time. `ended`: of each, with the reason if it failed; of those too that are not open.
   * What such a log wrote may be gone from the page cache, or was not looked at in this life: the next start must do that (D3, D11). `done`
   * is given those that the next start can let sleep.
   */
  close(ended: (error?: string) => void, done: (resting: RestingLogs) => void): void {
    this.discarded.close();
    for (const { failure, log } of this.slots.values())
      if (log === undefined) ended(failure?.error ?? 'it was not opened yet');
    const closable = [...this.slots.values()].flatMap(({ log, opened }) =>
      log === undefined || opened === undefined ? [] : [opened],
    );
    const mayBeBare = closable.length > MOST_SAVED;
    const order = (opened: OpenedLog, hasEnded: () => void): void =>
      opened.close((error) => {
        ended(error);
        hasEnded();
      }, mayBeBare);
    fewAtOnce(closable, MOST_AT_ONCE, order, () => done(this.restingLogs()));
  }

  private restingLogs(): RestingLogs {
    const logs = new Map<string, RestingLog>();
    for (const { name, resting, opened } of this.slots.values()) {
      const left = resting ?? opened?.resting;
      if (left !== undefined) logs.set(directoryOf(name), left);
    }
    return logs;
  }

  private open(name: PartitionName, settled: () => void, isNamed: boolean): Slot {
    const slot = this.slotOf(name, settled);
    const configuration = (): LogConfiguration => this.needs.configurationOf(name.topic);
    slot.opened = startLogIn(this.home, { ...name, isNamed }, configuration, this.ownerOf(slot));
    return slot;
  }

  private slotOf(name: PartitionName, settled: (() => void) | undefined): Slot {
    const slot: Slot = {
      ...{ name, opened: undefined, listener: undefined, sleeping: undefined, resting: undefined },
      ...{ log: undefined, failure: undefined, settled },
    };
    this.slots.set(keyOf(name), slot);
    return slot;
  }

  private ownerOf(slot: Slot): LogOwner {
    return {
      opened: (log, report) => {
        slot.log = log;
        this.needs.recovered(report);
        this.settle(slot);
      },
      damaged: ({ file, position, message }) =>
        this.fail(slot, { kind: 'damage', error: `${file} at ${position}: ${message}` }),
      refused: (error) => this.fail(slot, { kind: 'refusal', error }),
      flushed: (end) => slot.listener?.flushed(end),
      failed: (error) => this.diskFailed(slot, error),
      readFoundDamage: (error) => slot.listener?.readFoundDamage?.(error),
    };
  }

  private cannotWake(slot: Slot, error: DiskError): void {
    if (isPassing(error)) this.refused(slot, error.message);
    else this.diskFailed(slot, error.message);
  }

  private diskFailed(slot: Slot, error: string): void {
    this.fail(slot, { kind: 'disk', error });
    slot.listener?.failed(error);
  }

  /** Of one that was asked for again, or opened, since, nothing is to be said. */
  private refused(slot: Slot, error: string): void {
    if (slot.sleeping === undefined) return;
    this.fail(slot, { kind: 'refusal', error });
    slot.listener?.refused?.(error);
  }

  private fail(slot: Slot, failure: LogFailure): void {
    slot.failure = failure;
    slot.sleeping = undefined;
    slot.log = undefined;
    this.settle(slot);
  }

  private settle(slot: Slot): void {
    const call = slot.settled;
    slot.settled = undefined;
    // Not within the transition of the log's own machine.
    if (call !== undefined) this.home.clock.setTimeout(call, 0);
  }
}

function abandon(slot: Slot): void {
  slot.sleeping?.end();
  slot.sleeping = undefined;
  slot.log = undefined;
  slot.resting = undefined;
  slot.opened?.abandon();
}

function directoryOf({ topic, partition }: PartitionName): string {
  return logDirectoryName(topic, partition);
}

function keyOf({ topicId, partition }: { readonly topicId: TopicId; readonly partition: number }): string {
  return partitionKey(topicId, partition);
}
