// Opens a partition's log: puts the machine, the log and the broker's shared parts together. Fifty lines that decide nothing.

import { crc32c } from '@odradek/format';
import type { Clock, Compute, Disk, DiskDone, DiskError, LogListener, Offset, TopicId } from '@odradek/model';
import { type ActorRefFrom, createActor } from 'xstate';
import type { JournalMember } from './commit-journal.ts';
import { logDirectoryName } from './file-names.ts';
import type { FlushGroup, SyncOrder } from './flush-group.ts';
import type { FreeSpace } from './free-space.ts';
import type { JournalEntry } from './journal-format.ts';
import { type LogMachineHost, logMachine } from './log.machine.ts';
import type { LogConfiguration } from './log-configuration.ts';
import type { LogDirectory } from './log-directory.ts';
import { PartitionLog } from './partition-log.ts';
import { createLog, type Recovery, type RecoveryReport, recoverLog } from './recovery.ts';
import { reopenLog } from './reopen-log.ts';
import type { RestingLog } from './resting-logs.ts';
import type { SegmentPlace } from './segment.ts';
import { noteSyncFailure } from './sync-failure.ts';
import type { TailBudget } from './tail-budget.ts';

/** What a log tells its owner. Never called inside a call of the owner. */
export interface LogOwner extends LogListener {
  /** The log can be used from now on. Not called for one made by {@link startNewLog}. */
  opened(log: PartitionLog, report: RecoveryReport): void;
  /** Records that were durable are broken or gone (D8): do not lead, discard it ({@link DiscardedLogs}) and fetch again from a peer. */
  damaged(damage: Extract<Recovery, { outcome: 'damaged' }>): void;
  /** It was not opened: no room, or no file to spare (D11). Nothing is lost, and another {@link openLog} may succeed. Not given: it has failed. */
  refused?(error: string): void;
}

export interface OpenLogOptions {
  readonly disk: Disk;
  readonly directory: LogDirectory;
  readonly topic: string;
  readonly partition: number;
  readonly topicId: TopicId;
  /** Whether the directory is known to be of this topic, so that what it says need not be read. */
  readonly isNamed?: boolean;
  /** Asked anew each time: it may change while the log is open. */
  readonly configuration: () => LogConfiguration;
  readonly flushGroup: FlushGroup;
  readonly listener: LogOwner;
  readonly clock: Clock;
  readonly compute?: Partial<Pick<Compute, 'crc32c' | 'inflate'>>;
  /** What all logs of a broker keep of their tails. */
  readonly tails?: TailBudget;
  /** In the place of the one that ships. */
  readonly machine?: typeof logMachine;
  /** The room on the disk, which all logs of a broker share. */
  readonly freeSpace?: FreeSpace;
}

/** A log's machine and what belongs to it. */
export interface OpenedLog {
  readonly logic: typeof logMachine;
  readonly input: { readonly host: LogMachineHost };
  /** Tells the host which actor runs the machine; before the actor starts. */
  attach(actor: Pick<ActorRefFrom<typeof logMachine>, 'send'>): void;
  /** The log, once it is open. */
  readonly log: PartitionLog | undefined;
  /** Instead of recovering: opens a log that has rested since a clean end, at once. Throws a {@link DiskError}; then nothing has happened. */
  reopen(resting: RestingLog): PartitionLog;
  /** Instead of recovering: makes a log that is not there, at once. Throws a {@link DiskError}; another try may succeed. */
  create(): PartitionLog;
  /** Of a log that was closed: what the next start need not look for. */
  readonly resting: RestingLog | undefined;
  /** A belief of the owner, checkpointed with the log's other offsets; the recovery point never goes above it. */
  noteHighWatermark(offset: Offset): void;
  /**
   * Flushes, writes what makes the next start short, closes the files; `done` later, with the reason if it failed. `mayBeBare`: the owner
   * keeps what is {@link resting}, so that a small log need not be written more than that.
   */
  close(done: (error?: string) => void, mayBeBare?: boolean): void;
  /** Closes the files of a log that is going to be discarded: nothing is flushed, nothing answered any more. */
  abandon(): void;
  readonly isAbandoned: boolean;
}

/** Opens the log of a partition; the machine starts when the owner starts its actor. */
export function openLog(options: OpenLogOptions): OpenedLog {
  return new LogHost(options);
}

/** Opens it, runs the machine as an actor of its own, and returns it. */
export function startLog(options: OpenLogOptions): OpenedLog {
  return started(new LogHost(options), options.clock);
}

/** Makes a log that is not there yet and may be used at once; its directory becomes durable with the first flush. */
export function startNewLog(options: OpenLogOptions): {
  readonly opened: OpenedLog;
  readonly log: PartitionLog;
} {
  const host = new LogHost(options);
  options.directory.forget(host.name);
  const log = host.create();
  return { log, opened: started(host, options.clock) };
}

/** Opens one that has rested since a clean end, at once. Throws a {@link DiskError}. */
export function startRestingLog(
  options: OpenLogOptions,
  resting: RestingLog,
): { readonly opened: OpenedLog; readonly log: PartitionLog } {
  const host = new LogHost(options);
  const log = host.reopen(resting);
  return { log, opened: started(host, options.clock) };
}

function started(host: LogHost, clock: Clock): LogHost {
  const actor = createActor(host.logic, { input: host.input, clock, id: `log-${host.name}` });
  host.attach(actor);
  actor.start();
  return host;
}

type MachineEvent = Parameters<ActorRefFrom<typeof logMachine>['send']>[0];

class LogHost implements LogMachineHost, OpenedLog, JournalMember {
  readonly logic: typeof logMachine;
  readonly input = { host: this };
  readonly name: string;
  readonly topicId: TopicId;
  readonly #options: OpenLogOptions;
  readonly #order: SyncOrder;
  #committed: (() => void) | undefined;
  #isClosing = false;
  #actor: Pick<ActorRefFrom<typeof logMachine>, 'send'> | undefined;
  /** Until there is one: a log may be open before its machine is made. */
  readonly #unsent: MachineEvent[] = [];
  #log: PartitionLog | undefined;
  #report: RecoveryReport | undefined;
  #hasFailed = false;
  #isAbandoned = false;
  #hasEnded = false;

  constructor(options: OpenLogOptions) {
    this.#options = options;
    this.topicId = options.topicId;
    this.logic = options.machine ?? logMachine;
    this.name = logDirectoryName(options.topic, options.partition);
    this.#order = { sync: (ended) => this.#sync(ended), member: this };
  }

  get log(): PartitionLog | undefined {
    return this.#log;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get isDirty(): boolean {
    return this.#log?.isDirty ?? false;
  }

  get isAwaited(): boolean {
    return this.#log?.isAwaited ?? false;
  }

  attach(actor: Pick<ActorRefFrom<typeof logMachine>, 'send'>): void {
    this.#actor = actor;
    for (const event of this.#unsent.splice(0)) actor.send(event);
  }

  create(): PartitionLog {
    const { topicId, clock } = this.#options;
    const log = this.#logOf(createLog(this.#place, topicId, 0, clock.nowMs()));
    this.#log = log;
    return log;
  }

  reopen(resting: RestingLog): PartitionLog {
    const log = this.#logOf(reopenLog(this.#place, resting, this.#options.clock.nowMs()));
    this.#log = log;
    return log;
  }

  get resting(): RestingLog | undefined {
    const resting = this.#log?.sound?.resting;
    return resting && { topicId: this.topicId, ...resting };
  }

  get #place(): SegmentPlace {
    const { disk, configuration } = this.#options;
    return { disk, directory: this.name, indexIntervalBytes: configuration()['index.interval.bytes'] };
  }

  recover(): void {
    if (this.#log !== undefined) {
      this.#send({ type: 'opened' });
      return;
    }
    // What recovery finds out at once must also come later.
    this.#later(() => this.#options.directory.whenForgotten(this.name, () => this.#recover()));
  }

  #recover(): void {
    // By now the topic may be gone, and another log live in the directory (S23).
    if (this.#isAbandoned) return;
    const { disk, directory, topicId, clock, compute } = this.#options;
    const configuration = this.#options.configuration();
    const { recoveryPoint, logStartOffset = 0 } = directory.checkpointed(this.name);
    const order = {
      ...{ disk, topicId, logStartOffset, recoveryPoint: recoveryPoint ?? 0 },
      isKnown: recoveryPoint !== undefined,
      isNamed: this.#options.isNamed ?? false,
      directory: this.name,
      indexIntervalBytes: configuration['index.interval.bytes'],
      isCompacted: configuration['cleanup.policy'].includes('compact'),
      nowMs: clock.nowMs(),
      checksum: compute?.crc32c ?? crc32c,
      isClean: directory.previous.cleanBrokerEpoch !== undefined,
      isSameBoot: directory.isSameBoot,
    };
    recoverLog(order, (recovery) => this.#recovered(recovery));
  }

  handOver(): void {
    if (this.#log !== undefined && this.#report !== undefined)
      this.#options.listener.opened(this.#log, this.#report);
  }

  askForSync(): void {
    this.#options.flushGroup.request(this.#order, this.isAwaited);
  }

  tellFlushed(): void {
    const log = this.#log;
    if (log === undefined) return;
    this.#note(log);
    log.syncEnded();
    this.#options.listener.flushed(log.flushedEndOffset);
  }

  fail(error: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.flushGroup.failed(this.#order);
    this.#log?.fail(error);
    this.#later(() => this.#options.listener.failed(error));
  }

  refuse(error: string): void {
    this.#hasFailed = true;
    const { listener } = this.#options;
    this.#later(() => (listener.refused ?? listener.failed).call(listener, error));
  }

  tail(): JournalEntry | undefined {
    // A close leaves nothing to the journal.
    const tail = this.#isClosing ? undefined : this.#log?.sound?.durableTail();
    return tail === undefined ? undefined : { log: this.name, topicId: this.topicId, ...tail };
  }

  committing(): void {
    this.#send({ type: 'sync began' });
    this.#committed = this.#log?.sound?.commit();
  }

  committed(): void {
    if (this.#log === undefined || this.#log.failure !== undefined) return;
    this.#committed?.();
    this.#send({ type: 'sync ended' });
  }

  failed(error: DiskError): void {
    this.#send({ type: 'disk failed', error: error.message });
  }

  noteHighWatermark(offset: Offset): void {
    this.#options.directory.note('highWatermark', this.name, offset);
    if (this.#log !== undefined) this.#note(this.#log);
  }

  close(done: (error?: string) => void, mayBeBare = false): void {
    this.#isClosing = true;
    const log = this.#log;
    if (log === undefined || log.failure !== undefined) {
      this.#end(() => log?.close());
      this.#later(() => done(log?.failure));
      return;
    }
    const close = (error?: string): void => {
      if (error === undefined) this.#note(log);
      this.#options.flushGroup.forget(this.#order);
      this.#end(() => log.close(mayBeBare));
      done(error ?? log.failure);
    };
    if (log.isUnsettled) log.flush((result) => close('error' in result ? result.error : undefined));
    else this.#later(() => close());
  }

  abandon(): void {
    this.#hasFailed = true;
    this.#isAbandoned = true;
    this.#options.flushGroup.forget(this.#order);
    this.#end(() => this.#log?.abandon());
  }

  /** Once: a log that was given up is closed, and deleted or closed again with its broker. */
  #end(close: () => void): void {
    if (this.#hasEnded) return;
    close();
    this.#send({ type: 'close' });
    this.#hasEnded = true;
  }

  #sync(ended: (isSynced: boolean) => void): void {
    const log = this.#log;
    if (log === undefined || log.failure !== undefined) {
      ended(false);
      return;
    }
    this.#send({ type: 'sync began' });
    log.sync((end) => {
      if (end.outcome === 'synced') this.#send({ type: 'sync ended' });
      else if (end.outcome === 'failed')
        this.#send({ type: 'disk failed', error: this.#forgotten(end.error.message) });
      else {
        // Nobody waits for room while the node ends.
        if (this.#isClosing) log.refuseFlushes(end.error.message);
        this.#send({ type: 'no room', error: end.error.message });
      }
      ended(end.outcome === 'synced');
    });
  }

  /** C11: what a failed sync has made the system forget was acknowledged under `os` alone. */
  #forgotten(error: string): string {
    const { flushGroup, disk } = this.#options;
    return flushGroup.policy === 'os' ? noteSyncFailure(disk, this.name, error) : error;
  }

  readonly #later = (callback: () => void): void => {
    this.#options.clock.setTimeout(callback, 0);
  };

  #recovered(recovery: Recovery): void {
    if (this.#isAbandoned) {
      if (recovery.outcome === 'recovered') this.#logOf(recovery.contents).abandon();
      return;
    }
    if (recovery.outcome === 'recovered') {
      this.#log = this.#logOf(recovery.contents);
      this.#report = recovery.report;
      this.#send({ type: 'opened' });
      return;
    }
    if (recovery.outcome === 'failed') {
      const { mayPass, message: error } = recovery;
      this.#send({ type: mayPass ? 'no room' : 'disk failed', error });
      return;
    }
    // The owner hears of damage once, by its own name.
    this.#hasFailed = true;
    const { file, position, message } = recovery;
    this.#send({ type: 'found damaged', error: `${file} at ${position}: ${message}` });
    this.#options.listener.damaged(recovery);
  }

  #logOf(contents: ConstructorParameters<typeof PartitionLog>[1]): PartitionLog {
    const { disk, configuration, clock, flushGroup, compute, tails, directory, freeSpace } = this.#options;
    const hooks = {
      becameDirty: () => this.#send({ type: 'became dirty' }),
      truncated: (endOffset: Offset) => directory.lowerRecoveryPoint(this.name, endOffset),
      failed: (error: string) => this.#send({ type: 'disk failed', error }),
      readFoundDamage: (error: string) => this.#later(() => this.#tellDamage(error)),
    };
    const flushPolicy = flushGroup.policy;
    const options = {
      ...{ disk, directory: this.name, configuration, flushPolicy, clock, compute, freeSpace, tails, hooks },
      whenForgotten: (done: DiskDone) => flushGroup.whenForgotten(this.#order, done),
    };
    return new PartitionLog(options, contents);
  }

  #tellDamage(error: string): void {
    if (!this.#hasFailed) this.#options.listener.readFoundDamage?.(error);
  }

  #note(log: PartitionLog): void {
    const { directory } = this.#options;
    directory.note('logStartOffset', this.name, log.logStartOffset);
    const { recoveryPoint: known, highWatermark = 0 } = directory.checkpointed(this.name);
    // Before its first flush a log may vanish with the power, and nobody has lost anything: then it must not be known.
    if (known === undefined && log.syncedEndOffset <= log.logStartOffset) return;
    // Not above the high watermark, below which nobody cuts (F7): a checkpoint that says more than a log has after a cut and a
    // power loss would make the log look damaged.
    directory.note('recoveryPoint', this.name, Math.min(log.syncedEndOffset, highWatermark));
  }

  /** Of what was under way when the log ended it is told no more. */
  #send(event: MachineEvent): void {
    if (this.#hasEnded) return;
    if (this.#actor === undefined) this.#unsent.push(event);
    else this.#actor.send(event);
  }
}
