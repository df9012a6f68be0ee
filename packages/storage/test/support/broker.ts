// A broker's directory with one log on a memory disk, driven by hand: crash it, cut its power, start it again.

import { buildBatch, textBytes } from '@odradek/format';
import type { Compute, FlushPolicy, Random } from '@odradek/model';
import { FlushGroup } from '../../src/flush-group.ts';
import { FreeSpace } from '../../src/free-space.ts';
import { defaultLogConfiguration, type LogConfiguration } from '../../src/log-configuration.ts';
import { LogDirectory } from '../../src/log-directory.ts';
import type { MemoryDisk } from '../../src/memory-disk.ts';
import {
  type OpenedLog,
  type OpenLogOptions,
  startLog,
  startNewLog,
  startRestingLog,
} from '../../src/open-log.ts';
import type { PartitionLog } from '../../src/partition-log.ts';
import type { Recovery, RecoveryReport } from '../../src/recovery.ts';
import { TailBudget } from '../../src/tail-budget.ts';
import { diskWithQueue, ManualClock, type Queue, settle } from './queue.ts';

export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
export const DIRECTORY_ID = 'AAAAAAAAAAAAAAAAAAAAAg';
/** The process of a life, the first is 1. */
export function incarnationOf(life: number): string {
  return `life ${life}`;
}

export const FREE_MIN_BYTES = 10_000;
export const everything = { upToOffset: Number.MAX_SAFE_INTEGER, maxBytes: 2 ** 30 };

/** Faults, by name, that the disk asks for. */
export type FaultOf = NonNullable<Parameters<typeof diskWithQueue>[0]>['fault'];

export class TestBroker {
  readonly disk: MemoryDisk;
  readonly queue: Queue;
  readonly clock = new ManualClock();
  readonly policy: FlushPolicy;
  configuration: LogConfiguration;
  directory: LogDirectory;
  /** How many processes this directory has had. */
  lives = 0;
  opened: OpenedLog | undefined;
  report: RecoveryReport | undefined;
  damage: Extract<Recovery, { outcome: 'damaged' }> | undefined;
  readonly failures: string[] = [];
  readonly damageRead: string[] = [];
  readonly flushed: number[] = [];
  fault: FaultOf;
  /** What the disk says to have left, and what the log says of it. */
  freeBytes = Number.MAX_SAFE_INTEGER;
  readonly said: string[] = [];
  readonly #tailBytes: number | undefined;
  readonly #inflate: Compute['inflate'] | undefined;

  constructor(
    options: {
      policy?: FlushPolicy;
      configuration?: Partial<LogConfiguration>;
      tailBytes?: number;
      inflate?: Compute['inflate'];
    } = {},
  ) {
    this.policy = options.policy ?? 'commit';
    this.configuration = { ...defaultLogConfiguration, 'retention.ms': -1, ...options.configuration };
    this.#tailBytes = options.tailBytes;
    this.#inflate = options.inflate;
    const made = diskWithQueue({
      bootId: 'boot',
      fault: (operation, path) => this.fault?.(operation, path),
      freeBytes: () => this.freeBytes,
    });
    this.disk = made.disk;
    this.queue = made.queue;
    this.directory = this.#newDirectory();
  }

  get log(): PartitionLog {
    const log = this.opened?.log;
    if (log === undefined) throw new Error(`the log is not open: ${this.damage?.message ?? this.failures}`);
    return log;
  }

  /** Makes the log. */
  create(): PartitionLog {
    const { opened, log } = startNewLog(this.#options());
    this.opened = opened;
    this.#known();
    return log;
  }

  /** Opens the log as it was left, and waits until that has ended, and until the metadata has this life's registration. */
  open({ registers } = { registers: true }): this {
    this.opening();
    this.settle();
    if (registers) this.#known();
    return this;
  }

  /** Begins to open the log as it was left. */
  opening(): void {
    this.opened = startLog(this.#options());
  }

  /** Opens the log as the clean end has left it, without looking. */
  reopen(): PartitionLog {
    const resting = this.directory.resting.get('orders-0');
    if (resting === undefined) throw new Error('the log does not rest');
    const { opened, log } = startRestingLog(this.#options(), resting);
    this.opened = opened;
    this.#known();
    return log;
  }

  /** The controller knows of this life. */
  #known(): void {
    this.directory.settle(() => {});
    this.settle();
  }

  settle(): void {
    settle(this.queue, this.clock);
  }

  /** So many completions of the disk, one by one, and before each of them the timers that are due. */
  advance(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.clock.advance(0);
      this.queue.step();
    }
  }

  stopCleanly({ brokerEpoch = 7, mayBeBare = false } = {}): void {
    const { opened } = this;
    opened?.close(() => {
      const resting = opened.resting;
      const logs = new Map(resting === undefined ? [] : [['orders-0', resting] as const]);
      this.directory.closeCleanly(brokerEpoch, logs, () => {});
    }, mayBeBare);
    this.settle();
    this.#restarted();
  }

  kill(): void {
    this.disk.crash();
    this.#restarted();
  }

  power(random: Random): void {
    this.disk.power(random);
    this.#restarted();
  }

  #restarted(): void {
    this.opened = undefined;
    this.report = undefined;
    this.damage = undefined;
    this.flushed.length = 0;
    this.directory = this.#newDirectory();
  }

  #newDirectory(): LogDirectory {
    const { disk, clock, policy } = this;
    this.lives += 1;
    const directory = new LogDirectory({
      ...{ disk, clock, directoryId: DIRECTORY_ID, incarnation: incarnationOf(this.lives) },
      flushPolicy: policy,
    });
    directory.begin(() => {});
    this.queue.run();
    return directory;
  }

  #options(): OpenLogOptions {
    const { disk, clock, policy, directory } = this;
    return {
      ...{ disk, clock, directory },
      topic: 'orders',
      partition: 0,
      topicId: TOPIC_ID,
      configuration: () => this.configuration,
      flushGroup: new FlushGroup({ policy, clock }),
      freeSpace: new FreeSpace({
        disk,
        clock,
        minBytes: FREE_MIN_BYTES,
        say: (line) => void this.said.push(line),
      }),
      ...(this.#tailBytes === undefined ? {} : { tails: new TailBudget(this.#tailBytes) }),
      ...(this.#inflate === undefined ? {} : { compute: { inflate: this.#inflate } }),
      listener: {
        opened: (_log, report) => {
          this.report = report;
        },
        flushed: (end) => void this.flushed.push(end),
        failed: (error) => void this.failures.push(error),
        readFoundDamage: (error) => void this.damageRead.push(error),
        damaged: (damage) => {
          this.damage = damage;
        },
      },
    };
  }
}

export interface BatchOptions {
  readonly timestamp?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
}

/** A batch of `count` records whose values are `valueBytes` long. */
export function batchOf(count: number, options: BatchOptions = {}, valueBytes = 20): Uint8Array {
  const { timestamp = 1_700_000_000_000, ...rest } = options;
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp,
    key: textBytes(`key-${index}`),
    value: new Uint8Array(valueBytes).fill(index),
  }));
  return buildBatch({ ...rest, records });
}

/** Appends as leader, which must succeed; returns the first offset. */
export function append(log: PartitionLog, count = 1, options: BatchOptions = {}, valueBytes = 20): number {
  const batch = batchOf(count, options, valueBytes);
  const { leaderEpoch = 1 } = options;
  const result = log.appendAsLeader(batch, { leaderEpoch, wallMs: 1_700_000_000_000, origin: 'client' });
  if (result.outcome !== 'appended') throw new Error(`append: ${JSON.stringify(result)}`);
  return result.firstOffset;
}

/** A log of ten batches of two records, flushed, its recovery point checkpointed. */
export function flushedLog(options: ConstructorParameters<typeof TestBroker>[0] = {}): TestBroker {
  const broker = new TestBroker(options);
  broker.create();
  for (let index = 0; index < 10; index++) append(broker.log, 2);
  broker.settle();
  broker.opened?.noteHighWatermark(20);
  broker.directory.checkpoint();
  broker.settle();
  return broker;
}

/** All bytes of the log from an offset on, whether they are in memory or on the disk. */
export function bytesFrom(broker: TestBroker, fromOffset: number, maxBytes = 2 ** 30): Uint8Array {
  const pieces: Uint8Array[] = [];
  const { log } = broker;
  for (let offset = fromOffset; offset < log.logEndOffset; ) {
    let next: number | undefined;
    log.readLater(offset, { ...everything, maxBytes }, (result) => {
      if (result.outcome !== 'records') throw new Error(`read from ${offset}: ${result.outcome}`);
      pieces.push(...result.records);
      next = result.nextOffset;
    });
    broker.settle();
    if (next === undefined || next <= offset) throw new Error(`a read from ${offset} gave nothing`);
    offset = next;
  }
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
