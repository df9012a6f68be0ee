// A broker's directory with several logs and a commit journal on a memory disk, driven by hand.

import { CommitJournal } from '../../src/commit-journal.ts';
import { DiscardedLogs } from '../../src/discarded-logs.ts';
import { FlushGroup } from '../../src/flush-group.ts';
import { defaultLogConfiguration, type LogConfiguration } from '../../src/log-configuration.ts';
import { LogDirectory } from '../../src/log-directory.ts';
import type { MemoryDisk } from '../../src/memory-disk.ts';
import { type OpenedLog, type OpenLogOptions, startLog, startNewLog } from '../../src/open-log.ts';
import type { PartitionLog } from '../../src/partition-log.ts';
import type { Survival } from '../../src/survival.ts';
import { append, DIRECTORY_ID, type FaultOf, incarnationOf } from './broker.ts';
import { diskWithQueue, ManualClock, type Queue, settle } from './queue.ts';

export const topicIdOf = (generation: number): string => `AAAAAAAAAAAAAAAAAAAA${generation}Q`;

/** The other way round. */
export function generationOf(topicId: string | undefined): number | undefined {
  return topicId === undefined ? undefined : Number(topicId.at(-2));
}

export interface ManyLogsOptions {
  readonly configuration?: Partial<LogConfiguration>;
  readonly fewestLogs?: number;
  readonly fileBytes?: number;
}

export class ManyLogs {
  readonly disk: MemoryDisk;
  readonly queue: Queue;
  /** Of the present process. */
  clock = new ManualClock();
  readonly failures: string[] = [];
  readonly damages: string[] = [];
  readonly opened = new Map<number, OpenedLog>();
  fault: FaultOf;
  journal: CommitJournal;
  directory: LogDirectory;
  discarded: DiscardedLogs;
  #group: FlushGroup;
  #lives = 0;
  readonly #options: ManyLogsOptions;
  readonly #configuration: LogConfiguration;

  constructor(options: ManyLogsOptions = {}) {
    this.#options = options;
    this.#configuration = { ...defaultLogConfiguration, 'retention.ms': -1, ...options.configuration };
    const made = diskWithQueue({ bootId: 'boot', fault: (operation, path) => this.fault?.(operation, path) });
    this.disk = made.disk;
    this.queue = made.queue;
    [this.directory, this.journal, this.discarded, this.#group] = this.#begin();
  }

  log(partition: number): PartitionLog {
    const log = this.opened.get(partition)?.log;
    if (log === undefined)
      throw new Error(`${partition} is not open: ${[...this.damages, ...this.failures]}`);
    return log;
  }

  create(partition: number, generation = 0): PartitionLog {
    const { opened, log } = startNewLog(this.#logOptions(partition, generation));
    this.opened.set(partition, opened);
    return log;
  }

  discard(partition: number): void {
    this.opened.get(partition)?.abandon();
    this.opened.delete(partition);
    this.discarded.discard(`orders-${partition}`);
  }

  /** Opens those that are there. */
  open(partitions: Iterable<number>, generationOf: (partition: number) => number = () => 0): void {
    for (const partition of partitions) {
      const opened = startLog(this.#logOptions(partition, generationOf(partition)));
      this.opened.set(partition, opened);
    }
    this.settle();
  }

  settle(): void {
    settle(this.queue, this.clock);
  }

  kill(): void {
    this.disk.crash();
    this.#restart();
  }

  power(left: Survival): void {
    this.disk.losePower(left);
    this.#restart();
  }

  stopCleanly(): void {
    for (const opened of this.opened.values()) opened.close(() => {});
    this.settle();
    this.#group.close();
    this.directory.closeCleanly(7, new Map(), () => {});
    this.settle();
    this.#restart();
  }

  #restart(): void {
    this.opened.clear();
    [this.directory, this.journal, this.discarded, this.#group] = this.#begin();
  }

  #begin(): [LogDirectory, CommitJournal, DiscardedLogs, FlushGroup] {
    this.clock = new ManualClock();
    const { disk, clock, queue } = this;
    this.#lives += 1;
    const directory = new LogDirectory({
      ...{ disk, clock, directoryId: DIRECTORY_ID, incarnation: incarnationOf(this.#lives) },
      flushPolicy: 'commit',
    });
    directory.begin((error) => {
      if (error !== undefined) this.failures.push(error.message);
    });
    this.queue.run();
    directory.settle(() => {});
    this.queue.run();
    const { fewestLogs = 2, fileBytes = 4000 } = this.#options;
    const journal = new CommitJournal({ disk, fewestLogs, fileBytes });
    const life = this.#lives;
    const soon = (callback: () => void): void =>
      queue.later(() => {
        if (life === this.#lives) callback();
      });
    const discarded = new DiscardedLogs({ disk, directory, clock });
    discarded.begin();
    return [directory, journal, discarded, new FlushGroup({ policy: 'commit', clock, journal, soon })];
  }

  #logOptions(partition: number, generation: number): OpenLogOptions {
    const { disk, clock, directory } = this;
    return {
      ...{ disk, clock, directory, topic: 'orders', partition, topicId: topicIdOf(generation) },
      configuration: () => this.#configuration,
      flushGroup: this.#group,
      listener: {
        opened: () => {},
        flushed: () => {},
        failed: (error) => void this.failures.push(error),
        readFoundDamage: (error) => void this.damages.push(error),
        damaged: ({ message }) => void this.damages.push(message),
      },
    };
  }
}

export const PARTITIONS = [0, 1, 2];

/** Logs that were flushed once themselves, as a journal needs it. */
export function flushedOnce(
  options: ManyLogsOptions = {},
  partitions: readonly number[] = PARTITIONS,
): ManyLogs {
  const broker = new ManyLogs(options);
  for (const partition of partitions) append(broker.create(partition), 1);
  broker.settle();
  return broker;
}

export function appendToAll(broker: ManyLogs, count = 2): void {
  for (const partition of broker.opened.keys()) append(broker.log(partition), count);
}
