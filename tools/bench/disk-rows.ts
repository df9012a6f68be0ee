// What the disk costs: a group commit of many dirty logs, and opening ten thousand of them. Storage alone, on the disk of this machine.

import { createNodeDisk, nodeClock, nodeCompute } from '@odradek/host-node';
import type { Disk } from '@odradek/model';
import {
  CommitJournal,
  defaultLogConfiguration,
  FlushGroup,
  LogDirectory,
  type OpenedLog,
  type OpenLogOptions,
  startLog,
  startNewLog,
} from '@odradek/storage';
import { batchOf } from './batches.ts';
import { median } from './load.ts';
import type { Row } from './rows.ts';
import type { BenchOptions } from './setting.ts';

const DIRTY_LOGS = [1, 12, 200, 1000];
const BATCH_BYTES = 1024;
const MANY_LOGS = 10_000;
const OPENED_AT_ONCE = 32;
/** How much dearer 200 dirty logs may be than one, before a journal for all of them would be worth its recovery. */
const DEAREST_FLUSH = 5;
const DIRECTORY_ID = 'AAAAAAAAAAAAAAAAAAAAAg';
const INCARNATION = 'AAAAAAAAAAAAAAAAAAAAAw';
const TOPIC_ID = 'BAAAAAAAAAAAAAAAAAAAAQ';

/** The logs of one broker's directory in this process. */
class Logs {
  readonly #options: Omit<OpenLogOptions, 'partition' | 'listener'>;
  readonly #directory: LogDirectory;
  readonly opened: OpenedLog[] = [];
  #flushed: () => void = () => {};

  private constructor(disk: Disk) {
    this.#directory = new LogDirectory({
      disk,
      clock: nodeClock,
      directoryId: DIRECTORY_ID,
      incarnation: INCARNATION,
      flushPolicy: 'commit',
    });
    this.#options = {
      ...{ disk, clock: nodeClock, compute: nodeCompute, topic: 'bench', topicId: TOPIC_ID },
      directory: this.#directory,
      configuration: () => defaultLogConfiguration,
      flushGroup: new FlushGroup({
        ...{ policy: 'commit', clock: nodeClock, soon: setImmediate },
        journal: new CommitJournal({
          disk,
          checksum: (bytes, start, end) => nodeCompute.crc32c(bytes, start, end),
        }),
      }),
    };
  }

  static async in(directory: string): Promise<Logs> {
    const logs = new Logs(createNodeDisk(directory));
    await new Promise<void>((begun) => logs.#directory.begin(() => begun()));
    return logs;
  }

  make(count: number): void {
    for (let partition = 0; partition < count; partition++)
      this.opened.push(startNewLog({ ...this.#options, partition, listener: this.#listener() }).opened);
  }

  /** Opens what lies there, a few at a time, as a broker does. */
  async open(count: number): Promise<void> {
    await new Promise<void>((done) => {
      let begun = 0;
      let ended = 0;
      const next = (): void => {
        if (begun === count) return;
        const opened = (): void => {
          ended += 1;
          if (ended === count) done();
          else next();
        };
        this.opened.push(
          startLog({ ...this.#options, partition: begun++, listener: { ...this.#listener(), opened } }),
        );
      };
      for (let count = 0; count < OPENED_AT_ONCE; count++) next();
    });
  }

  /** Appends to the first `count` logs, and waits until all of it is on the disk. */
  async commit(count: number, batches = batchesOf(count)): Promise<void> {
    const all = this.opened.slice(0, count);
    all.forEach(({ log }, index) => {
      const options = { leaderEpoch: 1, wallMs: Date.now(), origin: 'client' } as const;
      log?.appendAsLeader(batches[index] ?? new Uint8Array(0), options);
    });
    let first = 0;
    await new Promise<void>((done) => {
      this.#flushed = () => {
        while (all[first]?.log?.flushedEndOffset === all[first]?.log?.logEndOffset && first < count)
          first += 1;
        if (first === count) done();
      };
    });
  }

  async close(isClean: boolean): Promise<void> {
    await Promise.all(this.opened.map((log) => new Promise<void>((done) => log.close(() => done()))));
    await new Promise<void>((done) => {
      if (isClean) this.#directory.closeCleanly(1, new Map(), () => done());
      else this.#directory.close(() => done());
    });
  }

  #listener(): OpenLogOptions['listener'] {
    const stop = (message: string): never => {
      throw new Error(message);
    };
    return {
      opened: () => {},
      flushed: () => this.#flushed(),
      failed: stop,
      readFoundDamage: stop,
      damaged: ({ message }) => stop(message),
    };
  }
}

function batchesOf(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, () => batchOf(BATCH_BYTES));
}

/** `npm run bench -- disk`. */
export async function* diskRows(options: BenchOptions): AsyncGenerator<Row> {
  yield* commitRows(options);
  yield* openRows(options);
}

async function* commitRows({ directory, turns, wants }: BenchOptions): AsyncGenerator<Row> {
  const wanted = DIRTY_LOGS.filter((count) => wants(commitName(count)));
  if (wanted.length === 0) return;
  const logs = await Logs.in(`${directory}/commits`);
  logs.make(Math.max(...wanted));
  await logs.commit(logs.opened.length);
  const one = median(await commits(logs, 1, turns));
  for (const count of wanted) {
    const values = await commits(logs, count, turns);
    const value = Math.round(one * 10 * (count > 1 ? DEAREST_FLUSH : 2)) / 10;
    yield { name: commitName(count), unit: 'ms', values, aim: { value, is: 'most' } };
  }
  await logs.close(true);
}

function commitName(count: number): string {
  return `group commit of ${count} dirty ${count === 1 ? 'log' : 'logs'}`;
}

async function commits(logs: Logs, count: number, turns: number): Promise<number[]> {
  const values: number[] = [];
  for (let turn = 0; turn < turns * 4; turn++) {
    const batches = batchesOf(count);
    const beganMs = performance.now();
    await logs.commit(count, batches);
    values.push(performance.now() - beganMs);
  }
  return values;
}

async function* openRows({ directory, turns, wants }: BenchOptions): AsyncGenerator<Row> {
  const names = {
    clean: `opening ${MANY_LOGS} logs after a clean end`,
    killed: `opening ${MANY_LOGS} logs after kill -9`,
  };
  if (![names.clean, names.killed].some(wants)) return;
  const first = await Logs.in(`${directory}/many`);
  first.make(MANY_LOGS);
  await first.commit(MANY_LOGS);
  await first.close(true);
  const opening = async (isClean: boolean): Promise<number[]> => {
    const values: number[] = [];
    for (let turn = 0; turn < Math.min(turns, 3); turn++) {
      const beganMs = performance.now();
      const logs = await Logs.in(`${directory}/many`);
      await logs.open(MANY_LOGS);
      values.push(performance.now() - beganMs);
      await logs.close(isClean);
    }
    return values;
  };
  yield { name: names.clean, unit: 'ms', values: await opening(true), aim: { value: 2000, is: 'most' } };
  // Without the marker every log is checked, as after a crash. The first turn still has it.
  const [, ...killed] = await opening(false);
  yield { name: names.killed, unit: 'ms', values: killed, aim: { value: 6000, is: 'most' } };
}
