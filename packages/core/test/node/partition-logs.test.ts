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

/** The logs of an empty directory, on time that moves when told. */
function emptyDirectory() {
  const clock = new TestClock();
  const disk = new MemoryDisk({ later: (callback) => clock.setTimeout(callback, 0), bootId: 'boot' });
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
      crc32c: () => 0,
      hmacSha256: () => new Uint8Array(0),
      inflate: () => {},
      deflate: () => {},
    },
  };
  const logs = new PartitionLogs(home, {
    configurationOf: () => defaultLogConfiguration,
    recovered: () => {},
  });
  return { logs, clock, disk };
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
