import { expect, it } from 'vitest';
import { decodePartitionMetadata } from '../src/checkpoint-files.ts';
import { DiscardedLogs } from '../src/discarded-logs.ts';
import { missingLogs } from '../src/find-logs.ts';
import { append, flushedLog, type TestBroker, TOPIC_ID } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const LOG = 'orders-0';
const ASIDE = 'orders-0.0-delete';

/** A log of several segments, closed. */
function closedLog(): TestBroker {
  const broker = flushedLog({ configuration: { 'segment.bytes': 400 } });
  broker.opened?.abandon();
  return broker;
}

const begun = (broker: TestBroker): DiscardedLogs => {
  const discarded = new DiscardedLogs(broker);
  discarded.begin();
  return discarded;
};

it('S23, D11: a log that is discarded is out of the way at once, and removed when nothing speaks of it any more', () => {
  const broker = closedLog();
  begun(broker).discard(LOG);
  expect([broker.disk.exists(LOG), broker.disk.list(ASIDE).length > 4]).toEqual([false, true]);
  broker.settle();
  expect(broker.disk.exists(ASIDE)).toBe(false);
  expect(broker.directory.flushedLogs).toEqual([]);
});

it('S23, D1: killed or without power at any moment, a discarded log lies there whole under its name, or not at all', () => {
  for (const ends of ['kill', 'power'] as const)
    for (let moment = 0; moment < 16; moment++)
      for (let seed = 0; seed < 20; seed++) {
        const broker = closedLog();
        const names = broker.disk.list(LOG);
        begun(broker).discard(LOG);
        for (let step = 0; step < moment; step++) {
          broker.queue.step();
          broker.clock.advance(0);
        }
        if (ends === 'kill') broker.kill();
        else broker.power(seeded(seed * 16 + moment));
        const at = `${ends} at ${moment}, seed ${seed}`;
        if (broker.disk.exists(LOG)) {
          expect(broker.disk.list(LOG), at).toEqual(names);
          const topic = broker.disk.readFile(`${LOG}/partition.metadata`) ?? new Uint8Array(0);
          expect(decodePartitionMetadata(topic), at).toBe(TOPIC_ID);
          continue;
        }
        // Nobody misses what was discarded, and the next start ends what was begun.
        expect(missingLogs(broker.disk, broker.directory.flushedLogs, new Set()), at).toEqual([]);
        begun(broker);
        broker.settle();
        expect(broker.disk.exists(ASIDE), at).toBe(false);
        expect(broker.directory.flushedLogs, at).toEqual([]);
      }
});

it('S23: the next log of the name is not taken for the one that is removed', () => {
  const broker = closedLog();
  const discarded = begun(broker);
  discarded.discard(LOG);
  broker.open();
  expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, 0]);
  append(broker.log, 2);
  broker.settle();
  expect(broker.disk.exists(ASIDE)).toBe(false);
  broker.power(seeded(1));
  broker.open();
  expect(broker.log.logEndOffset).toBe(2);
});

it('D3: where the directory cannot be synced the files stay, until the next start', () => {
  const broker = closedLog();
  broker.fault = (operation) => (operation === 'syncDirectory' ? { code: 'EIO' } : undefined);
  begun(broker).discard(LOG);
  broker.settle();
  expect(broker.disk.exists(ASIDE)).toBe(true);
  broker.fault = undefined;
  broker.kill();
  begun(broker);
  broker.settle();
  expect(broker.disk.exists(ASIDE)).toBe(false);
});

it('D11: without a file to spare it is tried again', () => {
  for (const failing of ['syncDirectory', 'remove'] as const) {
    const broker = closedLog();
    broker.fault = (operation) => (operation === failing ? { code: 'EMFILE' } : undefined);
    begun(broker).discard(LOG);
    broker.settle();
    expect(broker.disk.exists(ASIDE), failing).toBe(true);
    broker.fault = undefined;
    broker.clock.advance(1000);
    broker.settle();
    expect(broker.disk.exists(ASIDE), failing).toBe(false);
  }
});

it('D8: a log that a checkpoint knows and whose directory is gone is missed', () => {
  const broker = closedLog();
  broker.disk.remove(LOG);
  broker.kill();
  const missing = missingLogs(broker.disk, broker.directory.flushedLogs, new Set());
  expect(missing).toEqual([{ topic: 'orders', partition: 0 }]);
  expect(missingLogs(broker.disk, broker.directory.flushedLogs, new Set([LOG]))).toEqual([]);
});
