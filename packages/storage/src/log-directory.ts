// The files that a broker's logs share: the checkpoints of offsets, the marker of a clean shutdown, the record of the run. Checkpoints
// are written now and then, after fsyncs only, and may be stale (D10).

import type {
  BrokerEpoch,
  Clock,
  DirectoryId,
  Disk,
  DiskDone,
  FlushPolicy,
  Incarnation,
  Offset,
  TimerHandle,
} from '@odradek/model';
import {
  decodeCleanShutdown,
  decodeOffsets,
  encodeCleanShutdown,
  encodeOffsets,
  type OffsetsByLog,
} from './checkpoint-files.ts';
import { replayJournal } from './journal-replay.ts';
import {
  carefulRun,
  decodeRun,
  encodeRun,
  isSameBoot,
  type PreviousRun,
  type RunRecord,
} from './restart-class.ts';
import { decodeRestingLogs, encodeRestingLogs, type RestingLogs } from './resting-logs.ts';

const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
const RUN_FILE = 'odradek-run.json';
const RESTING_FILE = 'odradek-resting-logs.json';

/** Kafka's checkpoints of offsets, by what they say. */
export const CHECKPOINT_FILES = {
  recoveryPoint: 'recovery-point-offset-checkpoint',
  highWatermark: 'replication-offset-checkpoint',
  logStartOffset: 'log-start-offset-checkpoint',
} as const;

type Checkpoint = keyof typeof CHECKPOINT_FILES;
const CHECKPOINTS = ['recoveryPoint', 'highWatermark', 'logStartOffset'] as const;

export interface LogDirectoryOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly directoryId: DirectoryId;
  /** The process whose run this is, as it will be registered. */
  readonly incarnation: Incarnation;
  readonly flushPolicy: FlushPolicy;
  /** How long after a change the checkpoints are written; 5 s. */
  readonly checkpointIntervalMs?: number;
}

const CHECKPOINT_INTERVAL_MS = 5_000;
/** Between two writes for new logs: ten thousand lines are some milliseconds of the processor, and as many are written. */
const REST_MS = 100;

/** One directory of logs. Opening it reads what the previous run left, and takes its marker away (C9, KAFKA-10471). */
export class LogDirectory {
  readonly previous: PreviousRun;
  /** Whether the page cache is as the previous run left it. */
  readonly isSameBoot: boolean;
  /** Logs as the previous run's clean end has left them; none after any other end. */
  readonly resting: RestingLogs;
  readonly #options: LogDirectoryOptions;
  readonly #offsets: Record<Checkpoint, Map<string, Offset>>;
  readonly #changed = new Set<Checkpoint>();
  readonly #replacing = new Set<Checkpoint>();
  #recoveryPointsOnDisk: OffsetsByLog;
  #timer: TimerHandle | undefined;
  #soon: TimerHandle | undefined;
  /** When it was last written before its time. */
  #writtenSoonMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #hasSettled = false;
  /** Who waits until the files say nothing any more of a log that was deleted. */
  #waiting: (() => void)[] = [];
  readonly #forgotten = new Set<string>();
  /** What the directory ends with, until the writes under way have ended. */
  #lastWrites: (() => void) | undefined;

  constructor(options: LogDirectoryOptions) {
    const { disk } = options;
    this.#options = options;
    const run = disk.readFile(RUN_FILE);
    const marker = disk.readFile(CLEAN_SHUTDOWN_FILE);
    this.previous = {
      run: run && decodeRun(run),
      cleanBrokerEpoch: marker && decodeCleanShutdown(marker),
    };
    this.isSameBoot = isSameBoot(this.previous, disk.bootId);
    const { cleanBrokerEpoch } = this.previous;
    this.resting =
      cleanBrokerEpoch === undefined
        ? new Map()
        : decodeRestingLogs(disk.readFile(RESTING_FILE), cleanBrokerEpoch);
    const offsets = (name: Checkpoint): Map<string, Offset> =>
      new Map(readOffsets(disk, CHECKPOINT_FILES[name]));
    this.#offsets = {
      recoveryPoint: offsets('recoveryPoint'),
      highWatermark: offsets('highWatermark'),
      logStartOffset: offsets('logStartOffset'),
    };
    this.#recoveryPointsOnDisk = new Map(this.#offsets.recoveryPoint);
    disk.remove(CLEAN_SHUTDOWN_FILE);
  }

  /** Makes the beginning of this run durable, promising no more than the previous one; a broker does nothing else before that. */
  begin(done: DiskDone): void {
    const { disk } = this.#options;
    const isClean = this.previous.cleanBrokerEpoch !== undefined;
    replayJournal({ disk, isClean, isSameBoot: this.isSameBoot }, (error) => {
      if (error === undefined) this.#beginRun(done);
      else done(error);
    });
  }

  #beginRun(done: DiskDone): void {
    const { disk } = this.#options;
    const run = carefulRun(this.previous, this.#present);
    if (run === undefined) disk.syncDirectory('', done);
    else
      disk.replaceFile(RUN_FILE, encodeRun(run), (error) => {
        if (error === undefined) disk.syncDirectory('', done);
        else done(error);
      });
  }

  /**
   * All logs are recovered, and what was found is known to the controller: from now on this run speaks for itself. Without it, as after
   * an error, the next start only promises less than it could.
   */
  settle(done: DiskDone): void {
    if (this.#hasSettled || this.#isClosed) return;
    this.#hasSettled = true;
    this.#options.disk.replaceFile(RUN_FILE, encodeRun(this.#present), done);
  }

  get #present(): RunRecord {
    const { disk, flushPolicy, directoryId, incarnation } = this.#options;
    return { flushPolicy, directoryId, bootId: disk.bootId ?? null, incarnations: [incarnation] };
  }

  /** The logs of which records were flushed once, by the checkpoints. */
  get flushedLogs(): readonly string[] {
    return [...this.#offsets.recoveryPoint.keys()];
  }

  /** What was checkpointed for a log (`orders-0`); hints only. */
  checkpointed(log: string): Readonly<Record<Checkpoint, Offset | undefined>> {
    return {
      recoveryPoint: this.#offsets.recoveryPoint.get(log),
      highWatermark: this.#offsets.highWatermark.get(log),
      logStartOffset: this.#offsets.logStartOffset.get(log),
    };
  }

  /** Enters an offset; it is written with the next checkpoint. That there is a log with flushed records is written at once (S14). */
  note(checkpoint: Checkpoint, log: string, offset: Offset): void {
    const known = this.#offsets[checkpoint].get(log);
    if (known === offset) return;
    this.#offsets[checkpoint].set(log, offset);
    this.#changed.add(checkpoint);
    if (known === undefined && checkpoint === 'recoveryPoint') this.#writeSoon();
    else this.#setTimer();
  }

  /** Once for all logs of this turn; and of the next, when there are more and more new logs: each time all of them are written. */
  #writeSoon(): void {
    const { clock } = this.#options;
    const restMs = this.#writtenSoonMs + REST_MS - clock.nowMs();
    this.#soon ??= clock.setTimeout(
      () => {
        this.#soon = undefined;
        if (this.#isClosed || !this.#changed.delete('recoveryPoint')) return;
        this.#writtenSoonMs = clock.nowMs();
        this.#replace('recoveryPoint');
      },
      Math.max(0, restMs),
    );
  }

  /**
   * A log was cut: the recovery point on the disk must not say more, or the next start would take the log for damaged. Only an unclean
   * election cuts below it. Written at once; if power fails before it is durable, the log is refetched: costly, never wrong.
   */
  lowerRecoveryPoint(log: string, endOffset: Offset): void {
    // A high watermark of what was there before would be believed by the next process: of records that came to these offsets since.
    const committed = this.#offsets.highWatermark.get(log);
    if (committed !== undefined && committed > endOffset) {
      this.#offsets.highWatermark.set(log, endOffset);
      this.#options.disk.writeFile(
        CHECKPOINT_FILES.highWatermark,
        encodeOffsets(this.#offsets.highWatermark),
      );
      this.#replace('highWatermark');
    }
    const before = this.#offsets.recoveryPoint.get(log);
    if (before !== undefined && before > endOffset) this.#offsets.recoveryPoint.set(log, endOffset);
    if ((this.#recoveryPointsOnDisk.get(log) ?? 0) <= endOffset) return;
    this.#options.disk.writeFile(CHECKPOINT_FILES.recoveryPoint, encodeOffsets(this.#offsets.recoveryPoint));
    this.#replace('recoveryPoint');
  }

  /** A log was deleted; written at once. */
  forget(log: string): void {
    for (const checkpoint of CHECKPOINTS) {
      if (!this.#offsets[checkpoint].delete(log)) continue;
      this.#forgotten.add(log);
      this.#changed.add(checkpoint);
    }
    this.checkpoint();
  }

  /**
   * Calls back once no file speaks of an earlier log of this name: at once, but for one that was just deleted. Else the next start
   * would take the offsets of a deleted topic for those of the one that was made after it (D10).
   */
  whenForgotten(log: string, callback: () => void): void {
    if (this.#forgotten.has(log)) this.#waiting.push(callback);
    else callback();
  }

  /** Writes the checkpoints that have changed. */
  checkpoint(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const checkpoint of changed) this.#replace(checkpoint);
  }

  /**
   * Ends the run in order: checkpoints, what the logs are like, then the marker, durable. Every log has been flushed and closed before.
   */
  closeCleanly(brokerEpoch: BrokerEpoch, resting: RestingLogs, done: DiskDone): void {
    const logs = { path: RESTING_FILE, bytes: encodeRestingLogs(brokerEpoch, resting) };
    this.#end([logs, { path: CLEAN_SHUTDOWN_FILE, bytes: encodeCleanShutdown(brokerEpoch) }], done);
  }

  /** Ends the run without the marker: the checkpoints are durable once it is `done`, and nothing is written any more. */
  close(done: DiskDone): void {
    this.#end([], done);
  }

  #end(more: readonly SmallFile[], done: DiskDone): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#soon !== undefined) this.#options.clock.clearTimeout(this.#soon);
    this.#soon = undefined;
    const checkpoints = CHECKPOINTS.map((name) => ({
      path: CHECKPOINT_FILES[name],
      bytes: encodeOffsets(this.#offsets[name]),
    }));
    // One write of a file at a time, also now.
    this.#lastWrites = () => replaceInOrder(this.#options.disk, [...checkpoints, ...more], done);
    if (this.#replacing.size === 0) this.#endWrites();
  }

  #endWrites(): void {
    const write = this.#lastWrites;
    this.#lastWrites = undefined;
    write?.();
  }

  #setTimer(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      this.checkpoint();
    }, this.#options.checkpointIntervalMs ?? CHECKPOINT_INTERVAL_MS);
  }

  /** Writes through to the disk; one write of a file at a time, so that an older one never ends last. */
  #replace(checkpoint: Checkpoint): void {
    if (this.#isClosed) return;
    if (this.#replacing.has(checkpoint)) {
      this.#changed.add(checkpoint);
      return;
    }
    this.#replacing.add(checkpoint);
    if (checkpoint === 'recoveryPoint') this.#recoveryPointsOnDisk = new Map(this.#offsets.recoveryPoint);
    const bytes = encodeOffsets(this.#offsets[checkpoint]);
    this.#options.disk.replaceFile(CHECKPOINT_FILES[checkpoint], bytes, () => {
      // An error is no matter here: a checkpoint is a hint, and a disk that fails is noticed by the logs on it.
      this.#replacing.delete(checkpoint);
      if (this.#isClosed && this.#replacing.size === 0) this.#endWrites();
      else if (this.#changed.delete(checkpoint)) this.#replace(checkpoint);
      if (!this.#isClosed && this.#replacing.size === 0) this.#written();
    });
  }

  #written(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#forgotten.clear();
    for (const callback of waiting) callback();
  }
}

interface SmallFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

function replaceInOrder(disk: Disk, [first, ...others]: readonly SmallFile[], done: DiskDone): void {
  if (first === undefined) {
    done();
    return;
  }
  disk.replaceFile(first.path, first.bytes, (error) => {
    if (error === undefined) replaceInOrder(disk, others, done);
    else done(error);
  });
}

function readOffsets(disk: Disk, path: string): OffsetsByLog {
  const bytes = disk.readFile(path);
  return (bytes && decodeOffsets(bytes)) ?? new Map();
}
