// Group commits of many logs by one sync, and what is left of them when the power fails at any moment.

import { describe, expect, it } from 'vitest';
import { findLog } from '../src/find-logs.ts';
import { JOURNAL_FILES } from '../src/journal-replay.ts';
import { nothingSurvives } from '../src/survival.ts';
import { append } from './support/broker.ts';
import { bytesOf, newLogs, PARTITIONS, storedBytes, survivals } from './support/journalled-logs.ts';
import { ManyLogs, type ManyLogsOptions, topicIdOf } from './support/many-logs.ts';

/** The same, once each was flushed itself. */
function flushedOnce(options: ManyLogsOptions = {}, partitions: readonly number[] = PARTITIONS): ManyLogs {
  const broker = newLogs(options, partitions);
  broker.clock.advance(10_000);
  broker.settle();
  expect(partitions.map((one) => broker.log(one).syncedEndOffset)).toEqual(partitions.map(() => 1));
  return broker;
}

function syncsOf(broker: ManyLogs, work: () => void): string[] {
  const seen: string[] = [];
  broker.fault = (operation, path) => {
    if (operation === 'sync') seen.push(path);
    return undefined;
  };
  work();
  broker.fault = undefined;
  return seen;
}

const appendToAll = (broker: ManyLogs, count = 2): void => {
  for (const partition of broker.opened.keys()) append(broker.log(partition), count);
};

describe('a group commit of many logs', () => {
  it('D2: is one sync, and each log is durable up to its end', () => {
    const many = Array.from({ length: 20 }, (_, partition) => partition);
    const broker = flushedOnce({ fewestLogs: 16, fileBytes: 2 ** 20 }, many);
    const syncs = syncsOf(broker, () => {
      appendToAll(broker);
      broker.settle();
    });
    expect(syncs).toEqual([JOURNAL_FILES[0]]);
    for (const partition of many) {
      const { flushedEndOffset, logEndOffset, syncedEndOffset } = broker.log(partition);
      expect([flushedEndOffset, logEndOffset, syncedEndOffset]).toEqual([3, 3, 1]);
    }
    broker.power(nothingSurvives);
    broker.open(many);
    expect(many.map((partition) => broker.log(partition).logEndOffset)).toEqual(many.map(() => 3));
  });

  it('a few logs, or one that has more than bytes to sync, are synced themselves', () => {
    const broker = flushedOnce({ fewestLogs: 3 });
    const few = syncsOf(broker, () => {
      for (const partition of [0, 1]) append(broker.log(partition), 1);
      broker.settle();
    });
    expect(few.every((path) => path.startsWith('orders-'))).toBe(true);
    const rolled = flushedOnce({ configuration: { 'segment.bytes': 100 } });
    const withNames = syncsOf(rolled, () => {
      for (const partition of PARTITIONS) append(rolled.log(partition), 1);
      rolled.settle();
    });
    expect(withNames.every((path) => path.startsWith('orders-'))).toBe(true);
  });

  it('D1: the first records of many logs are one sync, and with the power gone the logs are there, of their topics', () => {
    const many = Array.from({ length: 300 }, (_, partition) => partition);
    const broker = new ManyLogs({ fewestLogs: 16, fileBytes: 2 ** 20 });
    for (const partition of many) broker.create(partition, 3).startEpoch(5);
    const syncs = syncsOf(broker, () => {
      for (const partition of many) append(broker.log(partition), 1, { leaderEpoch: 5 });
      broker.settle();
      for (const partition of many) append(broker.log(partition), 1, { leaderEpoch: 6 });
      broker.settle();
    });
    expect(syncs).toEqual([JOURNAL_FILES[0], JOURNAL_FILES[0]]);
    expect(many.map((partition) => broker.log(partition).flushedEndOffset)).toEqual(many.map(() => 2));
    for (const left of survivals(1)) {
      broker.power(left());
      expect(many.map((partition) => findLog(broker.disk, `orders-${partition}`)?.topicId)).toEqual(
        many.map(() => topicIdOf(3)),
      );
      broker.open(many, () => 3);
      expect([broker.damages, broker.failures]).toEqual([[], []]);
      for (const partition of many) {
        const { flushedEndOffset, epochs } = broker.log(partition);
        expect([flushedEndOffset, epochs.map(({ epoch }) => epoch)]).toEqual([2, [5, 6]]);
      }
    }
  });

  it('D1: new logs become durable themselves, so that their journal can be emptied, and are known from then on (S14)', () => {
    const broker = newLogs();
    expect(broker.directory.flushedLogs).toEqual([]);
    broker.clock.advance(10_000);
    broker.settle();
    expect(broker.journal.isEmpty).toBe(true);
    expect(broker.directory.flushedLogs).toHaveLength(PARTITIONS.length);
    broker.power(nothingSurvives);
    broker.open(PARTITIONS);
    expect(PARTITIONS.map((partition) => broker.log(partition).logEndOffset)).toEqual([1, 1, 1]);
  });

  it('S14: new logs whose directories somebody took away come back from the journal', () => {
    const broker = newLogs();
    for (const partition of [0, 1]) broker.disk.remove(`orders-${partition}`);
    broker.kill();
    broker.open(PARTITIONS);
    expect(PARTITIONS.map((partition) => broker.log(partition).logEndOffset)).toEqual([1, 1, 1]);
  });

  it('D1: logs that were cut while the journal is emptied wait for all others, which do not wait for them', () => {
    const many = Array.from({ length: 12 }, (_, partition) => partition);
    const broker = flushedOnce({}, many);
    appendToAll(broker);
    broker.settle();
    broker.clock.advance(10_000);
    for (const partition of many.slice(0, 4)) broker.log(partition).truncateTo(1);
    broker.settle();
    expect(broker.journal.isEmpty).toBe(true);
    for (const partition of many.slice(0, 4)) append(broker.log(partition), 1, { leaderEpoch: 9 });
    broker.settle();
    expect(many.map((partition) => broker.log(partition).flushedEndOffset)).toEqual(
      many.map((partition) => (partition < 4 ? 2 : 3)),
    );
  });

  it('D1: once its time has come the logs are synced themselves, and the journal is empty', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.settle();
    expect(broker.disk.readFile(JOURNAL_FILES[0])?.length).toBeGreaterThan(0);
    broker.clock.advance(10_000);
    broker.settle();
    expect(broker.disk.readFile(JOURNAL_FILES[0])?.length).toBe(0);
    expect(PARTITIONS.map((partition) => broker.log(partition).syncedEndOffset)).toEqual([3, 3, 3]);
    expect(broker.journal.isEmpty).toBe(true);
  });

  it('one file is filled while the other is emptied, and never both for long', () => {
    const broker = flushedOnce({ fileBytes: 1500 }, [0, 1, 2, 3, 4, 5, 6, 7]);
    const paths = new Set<string>();
    for (let round = 0; round < 30; round++)
      for (const path of syncsOf(broker, () => {
        appendToAll(broker);
        for (let step = 0; step < 4; step++) broker.queue.step();
      }))
        paths.add(path);
    expect([...paths].filter((path) => !path.startsWith('orders-')).sort()).toEqual([...JOURNAL_FILES]);
    for (const path of JOURNAL_FILES) expect(broker.disk.readFile(path)?.length).toBeLessThan(5000);
  });

  it('C9: a clean end leaves nothing to the journal', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.settle();
    broker.stopCleanly();
    for (const path of JOURNAL_FILES) expect(broker.disk.readFile(path)?.length ?? 0).toBe(0);
    broker.open(PARTITIONS);
    expect(PARTITIONS.map((partition) => broker.log(partition).flushedEndOffset)).toEqual([3, 3, 3]);
  });
});

describe('what the disk refuses', () => {
  it('D6: without room for the journal each log is synced itself', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.fault = (operation, path) =>
      operation === 'append' && path === JOURNAL_FILES[0] ? { code: 'ENOSPC', keptBytes: 30 } : undefined;
    broker.settle();
    broker.fault = undefined;
    expect(broker.failures).toEqual([]);
    expect(PARTITIONS.map((partition) => broker.log(partition).syncedEndOffset)).toEqual([3, 3, 3]);
    appendToAll(broker);
    broker.settle();
    broker.power(nothingSurvives);
    broker.open(PARTITIONS);
    expect(PARTITIONS.map((partition) => broker.log(partition).logEndOffset)).toEqual([5, 5, 5]);
  });

  it('D3: a sync of the journal that fails is final for every log that it may have lost something of', () => {
    const broker = flushedOnce({}, [0, 1, 2, 3]);
    for (const partition of [0, 1]) append(broker.log(partition), 1);
    broker.settle();
    for (const partition of [2, 3]) append(broker.log(partition), 1);
    broker.fault = (operation, path) =>
      operation === 'sync' && path === JOURNAL_FILES[0] ? { code: 'EIO' } : undefined;
    broker.settle();
    broker.fault = undefined;
    expect(broker.failures).toHaveLength(4);
    for (const failure of broker.failures) expect(failure).toContain('EIO');
    expect([2, 3].map((partition) => broker.log(partition).flushedEndOffset)).toEqual([1, 1]);
  });
});

describe('D1: a log with another history than the journal tells', () => {
  it('F5: what was cut does not come back once what replaced it was reported', () => {
    for (const left of survivals(3)) {
      const broker = flushedOnce();
      appendToAll(broker);
      broker.settle();
      broker.log(0).truncateTo(1);
      append(broker.log(0), 2, { leaderEpoch: 9 });
      broker.settle();
      expect(broker.log(0).flushedEndOffset).toBe(3);
      const expected = bytesOf(broker, 0, 3);
      broker.power(left());
      expect(storedBytes(broker, 0).slice(0, expected.length)).toEqual(expected);
      broker.open(PARTITIONS);
      expect([broker.damages, broker.log(0).logEndOffset]).toEqual([[], 3]);
    }
  });

  it.each([0, 1])(
    'S23: a log that is deleted and made again (topic id of generation %i) has none of its past',
    (generation) => {
      for (const left of survivals(3)) {
        const broker = flushedOnce();
        appendToAll(broker, 6);
        broker.settle();
        broker.discard(0);
        broker.settle();
        broker.create(0, generation);
        broker.log(0).startEpoch(5);
        append(broker.log(0), 1, { leaderEpoch: 5 });
        broker.settle();
        expect(broker.log(0).flushedEndOffset).toBe(1);
        const expected = bytesOf(broker, 0, 1);
        broker.power(left());
        broker.open(PARTITIONS, (partition) => (partition === 0 ? generation : 0));
        expect([broker.damages, broker.log(0).logEndOffset]).toEqual([[], 1]);
        expect(storedBytes(broker, 0).slice(0, expected.length)).toEqual(expected);
      }
    },
  );

  it('S23: a log that was made again, while the journal has the first records of the one before, does not begin in the journal', () => {
    const broker = newLogs();
    broker.discard(0);
    broker.settle();
    broker.create(0);
    for (const count of [1, 2]) {
      append(broker.log(0), count, { leaderEpoch: 5 });
      append(broker.log(1), 1);
      broker.settle();
    }
    append(broker.log(0), 3, { leaderEpoch: 5 });
    broker.settle();
    expect(broker.log(0).flushedEndOffset).toBe(6);
    const expected = bytesOf(broker, 0, 6);
    broker.power(nothingSurvives);
    broker.open(PARTITIONS);
    expect(storedBytes(broker, 0)).toEqual(expected);
  });

  it('D1: a process that was killed leaves the logs as they were, whatever the journal has', () => {
    const broker = flushedOnce();
    appendToAll(broker);
    broker.settle();
    broker.log(0).truncateTo(1);
    append(broker.log(0), 1, { leaderEpoch: 9 });
    const expected = storedBytes(broker, 0);
    broker.kill();
    expect(storedBytes(broker, 0)).toEqual(expected);
    broker.open(PARTITIONS);
    expect(broker.log(0).logEndOffset).toBe(2);
    broker.power(nothingSurvives);
    broker.open(PARTITIONS);
    expect([1, 2].map((partition) => broker.log(partition).logEndOffset)).toEqual([3, 3]);
  });
});
