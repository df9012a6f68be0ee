// What logs cost to which nothing happens: a broker has thousands of them.

import { describe, expect, it } from 'vitest';
import type { DiskOperation } from '../src/memory-disk.ts';
import { append, TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const syncs: readonly DiskOperation[] = ['sync', 'replaceFile', 'syncDirectory'];
const writes: readonly DiskOperation[] = [...syncs, 'append', 'write', 'writeFile', 'truncate', 'rename'];

/** The operations of these kinds on the log's own files while `work` is done. */
function operations(broker: TestBroker, kinds: readonly DiskOperation[], work: () => void): string[] {
  const seen: string[] = [];
  broker.fault = (operation, path) => {
    if (kinds.includes(operation) && path.startsWith('orders-0')) seen.push(`${operation} ${path}`);
    return undefined;
  };
  work();
  broker.settle();
  broker.fault = undefined;
  return seen;
}

describe('a log to which nothing happens', () => {
  it('D1 F8 a new log, and a leader epoch without a record, wait for the first record before anything is synced', () => {
    const broker = new TestBroker();
    const made = operations(broker, syncs, () => broker.create().startEpoch(4));
    expect(made).toEqual([]);
    expect(broker.log.flushedEndOffset).toBe(0);
    const flushed = operations(broker, syncs, () => append(broker.log, 1, { leaderEpoch: 4 }));
    expect(flushed).toContain('sync orders-0/00000000000000000000.log');
    expect(flushed).toContain('syncDirectory orders-0');
    expect(flushed).toContain('replaceFile orders-0/leader-epoch-checkpoint');
    expect(flushed).toContain('replaceFile orders-0/partition.metadata');
    broker.power(seeded(1));
    broker.open();
    expect([broker.log.logEndOffset, broker.log.epochs]).toEqual([1, [{ epoch: 4, startOffset: 0 }]]);
  });

  it.each(['kill', 'power'] as const)('D8 a log that never had a record is opened after %s', (how) => {
    for (let seed = 0; seed < 20; seed++) {
      const broker = new TestBroker();
      broker.create().startEpoch(2);
      broker.settle();
      if (how === 'kill') broker.kill();
      else broker.power(seeded(seed));
      broker.open();
      expect([broker.damage, broker.failures, broker.log.logEndOffset]).toEqual([undefined, [], 0]);
      append(broker.log, 2);
      broker.settle();
      broker.power(seeded(seed + 100));
      broker.open();
      expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, 2]);
    }
  });

  it('D7 after a clean end it is opened and closed again without a write', () => {
    const broker = new TestBroker();
    broker.create();
    append(broker.log, 3);
    broker.settle();
    broker.stopCleanly();
    const again = operations(broker, writes, () => {
      broker.open();
      broker.log.startEpoch(9);
      broker.stopCleanly({ brokerEpoch: 8 });
    });
    expect(again).toEqual([]);
    broker.open();
    expect([broker.log.logEndOffset, broker.report]).toEqual([3, { scannedBytes: expect.any(Number) }]);
  });

  it('D7 after kill -9 what was known to be durable is not synced again; the rest is', () => {
    const broker = new TestBroker();
    broker.create();
    append(broker.log, 3);
    broker.settle();
    broker.opened?.noteHighWatermark(3);
    broker.directory.checkpoint();
    broker.settle();
    broker.kill();
    expect(operations(broker, syncs, () => broker.open())).toEqual([]);
    expect(broker.log.flushedEndOffset).toBe(3);
    append(broker.log, 1);
    broker.queue.step();
    broker.kill();
    expect(operations(broker, syncs, () => broker.open())).toContain(
      'sync orders-0/00000000000000000000.log',
    );
    expect([broker.log.logEndOffset, broker.log.flushedEndOffset]).toEqual([4, 4]);
  });

  it('F5 what was cut, and a log start that has moved, are synced although no record is new', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 200 } });
    const log = broker.create();
    for (let count = 0; count < 6; count++) append(log, 1);
    broker.settle();
    expect(operations(broker, syncs, () => log.truncateTo(4))).not.toEqual([]);
    expect(operations(broker, syncs, () => log.advanceLogStart(2, 4))).not.toEqual([]);
    expect(operations(broker, syncs, () => log.truncateFullyAndStartAt(9))).not.toEqual([]);
  });
});
