// Logs as a clean end has left them: what is told of them, and how they are opened again.

import { textBytes } from '@odradek/format';
import { describe, expect, it } from 'vitest';
import { defaultLogConfiguration } from '../src/log-configuration.ts';
import type { PartitionLog } from '../src/partition-log.ts';
import {
  decodeRestingLogs,
  encodeRestingLogs,
  liesAsItWasLeft,
  mayExpire,
  type RestingLog,
} from '../src/resting-logs.ts';
import { append, everything, TestBroker, TOPIC_ID } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const LOG_FILE = 'orders-0/00000000000000000000.log';

const orders: RestingLog = {
  topicId: TOPIC_ID,
  logStartOffset: 3,
  logEndOffset: 12,
  baseOffset: 0,
  sizeInBytes: 900,
  latestTimestamp: 1_700_000_000_000,
  hasProducers: true,
  isBare: true,
  epochs: [
    { epoch: 1, startOffset: 3 },
    { epoch: 4, startOffset: 9 },
  ],
};

describe('the file that tells of them', () => {
  it('D10 is read with the marker of the same end, and with no other', () => {
    const bytes = encodeRestingLogs(7, new Map([['orders-0', orders]]));
    expect(decodeRestingLogs(bytes, 7)).toEqual(new Map([['orders-0', orders]]));
    for (const epoch of [6, 8, undefined]) expect(decodeRestingLogs(bytes, epoch).size).toBe(0);
    expect(decodeRestingLogs(undefined, 7).size).toBe(0);
  });

  it('D10 tells nothing when it is torn, or foreign', () => {
    const text = new TextDecoder().decode(encodeRestingLogs(7, new Map([['orders-0', orders]])));
    for (let length = 0; length < text.length; length++)
      expect(decodeRestingLogs(textBytes(text.slice(0, length)), 7).size).toBe(0);
    for (const logs of ['{}', '[1]', '[[]]', '[["orders-0","AAAAAAAAAAAAAAAAAAAAAQ",1,2,3,4,"5",true,[]]]'])
      expect(decodeRestingLogs(textBytes(`{"version":1,"brokerEpoch":7,"logs":${logs}}`), 7).size).toBe(0);
  });

  it('L10 a log may expire by the age of its last record', () => {
    const configuration = { ...defaultLogConfiguration, 'retention.ms': 1000 };
    const at = (afterMs: number, log = orders): boolean =>
      mayExpire(log, configuration, orders.latestTimestamp + afterMs);
    expect([at(1000), at(1001)]).toEqual([false, true]);
    expect(at(5000, { ...orders, sizeInBytes: 0, latestTimestamp: -1 })).toBe(false);
    expect(mayExpire(orders, { ...configuration, 'retention.ms': -1 }, Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(
      mayExpire(orders, { ...configuration, 'cleanup.policy': ['compact'] }, Number.MAX_SAFE_INTEGER),
    ).toBe(false);
  });
});

describe('a log that rested', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7].flatMap((seed) => [false, true].map((isBare) => ({ seed, isBare }))))(
    'D7 P2 is what recovery would have made of it, and goes on as it would; seed $seed, bare $isBare',
    ({ seed, isBare }) => {
      const [looked, reopened] = [written(seed, isBare), written(seed, isBare)];
      expect(reopened.directory.resting.get('orders-0')?.isBare).toBe(isBare && seed > 0);
      looked.open();
      reopened.reopen();
      expect(told(reopened.log)).toEqual(told(looked.log));
      for (const broker of [looked, reopened]) {
        append(broker.log, 3, { leaderEpoch: 20 });
        broker.settle();
        broker.power(seeded(seed));
        broker.open();
      }
      expect(told(reopened.log)).toEqual(told(looked.log));
      expect(reopened.damage).toBeUndefined();
    },
  );

  it.each(['open', 'reopen'] as const)(
    'D1 one that never had a record is durable with its first flush, as a new one is: %s',
    (how) => {
      for (let seed = 0; seed < 20; seed++) {
        const broker = new TestBroker();
        broker.create();
        broker.settle();
        broker.stopCleanly();
        broker[how]();
        append(broker.log, 2);
        broker.settle();
        expect(broker.log.flushedEndOffset).toBe(2);
        broker.power(seeded(seed));
        broker.open();
        expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, 2]);
      }
    },
  );

  it('D7 without its indexes it is opened all the same', () => {
    const broker = written(3);
    const before = told(written(3).open().log);
    for (const ending of ['index', 'timeindex'])
      broker.disk.remove(`orders-0/00000000000000000000.${ending}`);
    expect(told(broker.reopen())).toEqual(before);
  });

  it('P2 a small one that may be bare is left without small files, a large one with all of them', () => {
    const small = written(2, true);
    expect(filesOf(small)).toEqual(['00000000000000000000.log', ...always]);
    const large = new TestBroker();
    large.create();
    append(large.log, 1, {}, 20_000);
    large.settle();
    large.stopCleanly({ mayBeBare: true });
    const kept = ['00000000000000000000.index', '00000000000000000000.log', '00000000000000000000.timeindex'];
    expect(filesOf(large)).toEqual([...kept, '00000000000000000001.snapshot', ...always]);
  });

  it('D9 indexes of an earlier end are not taken for those of a bare one, whether it is reopened or recovered', () => {
    for (const how of ['open', 'reopen'] as const) {
      const broker = written(4);
      broker.open();
      append(broker.log, 1, { leaderEpoch: 20 });
      broker.settle();
      broker.kill();
      broker.open();
      broker.log.truncateTo(2);
      append(broker.log, 7, { leaderEpoch: 21 }, 100);
      broker.settle();
      const before = told(broker.log);
      broker.stopCleanly({ mayBeBare: true });
      expect(filesOf(broker).filter((name) => name.endsWith('index'))).toEqual([]);
      broker[how]();
      expect(told(broker.log)).toEqual(before);
    }
  });

  it('D9 one whose file was changed does not lie as it was left, and is not opened', () => {
    const broker = written(1);
    const resting = broker.directory.resting.get('orders-0');
    if (resting === undefined) throw new Error('it does not rest');
    expect(liesAsItWasLeft(broker.disk, 'orders-0', resting)).toBe(true);
    const file = broker.disk.open(LOG_FILE, { create: false });
    file.truncate(resting.sizeInBytes - 1);
    file.close();
    expect(liesAsItWasLeft(broker.disk, 'orders-0', resting)).toBe(false);
    expect(() => broker.reopen()).toThrow('not as the last run has left it');
    broker.disk.remove(LOG_FILE);
    expect(liesAsItWasLeft(broker.disk, 'orders-0', resting)).toBe(false);
  });

  it('D3 of one that has failed, or that has more than one segment, nothing is told', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 200 } });
    broker.create();
    for (let count = 0; count < 5; count++) append(broker.log, 2);
    broker.settle();
    expect(broker.opened?.resting).toBeUndefined();
    const other = new TestBroker();
    other.create();
    other.fault = (operation) => (operation === 'append' ? { code: 'EIO' } : undefined);
    other.log.appendAsFollower([]);
    expect(other.opened?.resting).toBeDefined();
    other.log.fail('the disk is gone');
    expect(other.opened?.resting).toBeUndefined();
  });
});

const always = ['leader-epoch-checkpoint', 'partition.metadata'];

function filesOf({ disk }: TestBroker): readonly string[] {
  return [...disk.list('orders-0')].sort();
}

/** A broker whose log has some records by some producers in some epochs, and which has ended in order. */
function written(seed: number, mayBeBare = false): TestBroker {
  const broker = new TestBroker({ configuration: { 'index.interval.bytes': 300 } });
  broker.create();
  for (let count = 0; count < seed * 3; count++)
    append(broker.log, 1 + (count % 3), {
      leaderEpoch: 1 + Math.floor(count / 5),
      timestamp: 1_700_000_000_000 + ((count * 7919) % 1000),
      ...(count % 2 === 0 ? {} : { producerId: 5, producerEpoch: 0, baseSequence: sequenceAt(count) }),
    });
  broker.log.startEpoch(15);
  broker.settle();
  broker.stopCleanly({ mayBeBare });
  return broker;
}

/** Of the odd batches, which have one to three records in turn. */
function sequenceAt(count: number): number {
  let sequence = 0;
  for (let before = 1; before < count; before += 2) sequence += 1 + (before % 3);
  return sequence;
}

/** All that can be seen of a log. */
function told(log: PartitionLog) {
  const { logStartOffset, logEndOffset, flushedEndOffset, syncedEndOffset, lastEpoch, epochs } = log;
  const { sizeInBytes, segmentBaseOffsets, producers } = log;
  const read = log.read(0, everything);
  return {
    ...{ logStartOffset, logEndOffset, flushedEndOffset, syncedEndOffset, lastEpoch, epochs },
    ...{ sizeInBytes, segmentBaseOffsets, producers, read: read.outcome },
  };
}
