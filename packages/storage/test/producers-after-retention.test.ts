// What is known of producers outlives their records (P2): retention takes those, and a retry may still come.

import { describe, expect, it } from 'vitest';
import { append, TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const T = 1_700_000_000_000;

/** Of ten segments, each a batch, all on the disk. The first three are of one producer, the others of another. */
function tenBatches(): TestBroker {
  const broker = new TestBroker({ configuration: { 'segment.bytes': 100, 'retention.ms': 1000 } });
  broker.create();
  for (let offset = 0; offset < 10; offset++)
    append(broker.log, 1, {
      ...(offset < 3 ? { producerId: 7, baseSequence: offset } : { producerId: 8, baseSequence: offset - 3 }),
      ...{ producerEpoch: 0, timestamp: T },
    });
  broker.settle();
  broker.opened?.noteHighWatermark(10);
  broker.directory.checkpoint();
  broker.settle();
  return broker;
}

const lastSequences = (broker: TestBroker): (readonly (number | undefined)[])[] =>
  broker.log.producers.map(({ producerId, batches }) => [producerId, batches.at(-1)?.lastSequence]);

const ALL = [
  [7, 2],
  [8, 6],
];

describe('producers whose records are deleted', () => {
  it('P2, D12: are known after the power has failed at any moment', () => {
    const starts = new Set<number>();
    for (let steps = 0; steps < 30; steps++)
      for (let seed = 0; seed < 20; seed++) {
        const broker = tenBatches();
        broker.log.applyRetention(T + 100_000, 10);
        expect(broker.log.logStartOffset).toBe(10);
        broker.advance(steps);
        broker.power(seeded(seed));
        broker.open();
        const text = `after ${steps} steps, seed ${seed}`;
        expect([broker.damage, broker.log.logEndOffset], text).toEqual([undefined, 10]);
        expect(lastSequences(broker), text).toEqual(ALL);
        starts.add(broker.log.logStartOffset);
        broker.settle();
        broker.power(seeded(-seed));
        broker.open();
        expect(lastSequences(broker), `${text}, and again`).toEqual(ALL);
      }
    expect(starts.size).toBeGreaterThan(2);
  });

  it('P2, D12: are known though the power had taken their snapshots before', () => {
    for (let steps = 0; steps < 30; steps++)
      for (let seed = 0; seed < 20; seed++) {
        const broker = tenBatches();
        broker.power(seeded(seed));
        broker.open();
        broker.log.advanceLogStart(6, 10);
        broker.advance(steps);
        broker.power(seeded(-seed));
        broker.open();
        expect(lastSequences(broker), `after ${steps} steps, seed ${seed}`).toEqual(ALL);
      }
  });

  it('D6, D11: without room for a snapshot its segment goes all the same, without a file to spare it waits', () => {
    const left = (asked: string, code: string): number => {
      const broker = tenBatches();
      broker.fault = (operation) => (operation === asked ? { code } : undefined);
      broker.log.applyRetention(T + 100_000, 10);
      broker.settle();
      expect(broker.failures).toEqual([]);
      const segments = (): number =>
        broker.disk.list('orders-0').filter((name) => name.endsWith('.log')).length;
      const before = segments();
      broker.fault = undefined;
      append(broker.log, 1);
      append(broker.log, 1);
      broker.log.advanceLogStart(11, 12);
      broker.settle();
      expect(segments()).toBe(1);
      return before;
    };
    expect(left('readFile', 'EMFILE')).toBe(11);
    expect(left('replaceFile', 'EMFILE')).toBe(11);
    expect(left('replaceFile', 'ENOSPC')).toBe(1);
  });
});
