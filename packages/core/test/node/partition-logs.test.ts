import { buildBatch, crc32c, textBytes } from '@odradek/format';
import {
  defaultLogConfiguration,
  FlushGroup,
  LogDirectory,
  logMachine,
  MemoryDisk,
  TailBudget,
} from '@odradek/storage';
import { expect, it } from 'vitest';
import type { LogHome } from '../../src/node/log-home.ts';
import { PartitionLogs } from '../../src/node/partition-logs.ts';
import { Supervisor } from '../../src/node/supervisor.ts';
import { TestClock } from '../support/test-clock.ts';

const name = { topic: 'laser', topicId: 'BAAAAAAAAAAAAAAAAAAAAA', partition: 0 };
const listener = { flushed: () => {}, failed: () => {} };

/** The logs of an empty directory, on time that moves when told; or of one where others were, with its disk. */
function emptyDirectory(
  clock = new TestClock(),
  disk = new MemoryDisk({ later: (callback) => clock.setTimeout(callback, 0), bootId: 'boot' }),
) {
  const supervisor = new Supervisor('broker-1', clock, (error) => {
    throw error;
  });
  const flushPolicy = 'commit';
  const home: LogHome = {
    ...{ disk, clock, machine: logMachine, supervisor: () => supervisor },
    flushGroup: new FlushGroup({ policy: flushPolicy, clock }),
    tails: new TailBudget(),
    directory: new LogDirectory({
      ...{ disk, clock, flushPolicy, directoryId: 'AAAAAAAAAAAAAAAAAAAAAQ', incarnation: 'one' },
    }),
    compute: {
      crc32c,
      hmacSha256: () => new Uint8Array(0),
      inflate: () => {},
      deflate: () => {},
    },
  };
  const logs = new PartitionLogs(home, {
    configurationOf: () => defaultLogConfiguration,
    recovered: () => {},
  });
  return { logs, clock, disk, directory: home.directory };
}

it('C10 a log that is deleted at any moment of its opening is handed to nobody, and ends no node', () => {
  const turns = 12;
  const handedOut = Array.from({ length: turns }, (_, after) => {
    const { logs, clock, disk } = emptyDirectory();
    let count = 0;
    logs.handOut(name, listener, () => {
      count += 1;
    });
    for (let turn = 0; turn < after; turn += 1) clock.fireNext();
    const before = count;
    logs.discard(name);
    clock.advance(10);
    expect(count).toBe(before);
    expect(disk.list('').filter((left) => left.startsWith('laser'))).toEqual([]);
    return before;
  });
  expect([handedOut[0], handedOut.at(-1)]).toEqual([0, 1]);
});

it.each([
  { count: 20, files: ['index', 'log', 'snapshot', 'timeindex'] },
  { count: 120, files: ['log'] },
])('D7 P2 $count small logs end in order, with files of $files, and are there again', ({ count, files }) => {
  const { logs, clock, disk, directory } = emptyDirectory();
  const names = Array.from({ length: count }, (_, partition) => ({ ...name, partition }));
  const batch = buildBatch({ records: [{ timestamp: 1, key: null, value: textBytes('v') }] });
  for (const each of names)
    logs.handOut(each, listener, (log) => {
      if (!('appendAsLeader' in log)) throw new Error(log.error);
      log.startEpoch(3);
      log.appendAsLeader(batch, { leaderEpoch: 3, wallMs: 1, origin: 'client' });
    });
  clock.advance(1000);
  const ended: unknown[] = [];
  logs.close(
    (error) => ended.push(error),
    (resting) => directory.closeCleanly(7, resting, () => {}),
  );
  clock.advance(1000);
  expect(ended).toEqual(names.map(() => undefined));
  const endings = disk.list('laser-0').flatMap((file) => /^\d+\.(\w+)$/.exec(file)?.[1] ?? []);
  expect(endings.sort()).toEqual(files);

  const next = emptyDirectory(clock, disk);
  const told: unknown[] = [];
  next.logs.recover(() => {});
  clock.advance(1000);
  for (const each of names)
    next.logs.handOut(each, listener, (log) => {
      if (!('appendAsLeader' in log)) throw new Error(log.error);
      const read = log.read(0, { upToOffset: 1, maxBytes: 1000 });
      told.push([log.logEndOffset, log.lastEpoch, read.outcome]);
    });
  clock.advance(1000);
  expect(told).toEqual(names.map(() => [1, 3, 'cold']));
});
