// What a leader knows of producers goes on to a follower that begins anew behind their records (P2).

import { describe, expect, it } from 'vitest';
import { encodeProducerSnapshot } from '../src/producer-snapshot.ts';
import { append, flushedLog, TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const MANY = 1_000_000;

/** Ten batches, by turns of two producers; another one has written the first. */
function written(configuration: { 'segment.bytes'?: number } = {}): TestBroker {
  const broker = new TestBroker({ configuration });
  broker.create();
  append(broker.log, 1, { producerId: 9, producerEpoch: 2, baseSequence: 0 });
  for (let index = 0; index < 10; index++)
    append(broker.log, 1, {
      producerId: 7 + (index % 2),
      producerEpoch: 0,
      baseSequence: Math.floor(index / 2),
    });
  broker.settle();
  return broker;
}

/** Producers by id, and the last sequence of each. */
const known = (broker: TestBroker): readonly (readonly (number | undefined)[])[] =>
  broker.log.producers
    .map(({ producerId, batches }) => [producerId, batches.at(-1)?.lastSequence] as const)
    .sort(([one], [other]) => one - other);

function begunAnew(startOffset: number, producers: Uint8Array | undefined): TestBroker {
  const broker = flushedLog({ configuration: { 'segment.bytes': 400 } });
  broker.log.truncateFullyAndStartAt(startOffset, producers);
  return broker;
}

describe('P2: producers, as they are known at the log start', () => {
  it.each([
    [
      'the end',
      11,
      [
        [7, 4],
        [8, 4],
        [9, 0],
      ],
    ],
    [
      'a place within a segment',
      6,
      [
        [7, 2],
        [8, 1],
        [9, 0],
      ],
    ],
    ['where nobody has written below', 0, []],
  ])('%s', (_, start, expected) => {
    for (const configuration of [{}, { 'segment.bytes': 300 }]) {
      const leader = written(configuration);
      leader.log.advanceLogStart(start, 11);
      leader.settle();
      const follower = begunAnew(start + 40, leader.log.producersAtStart(MANY));
      expect(known(follower)).toEqual(expected);
    }
  });

  it('a follower that goes on from there knows what the leader knows', () => {
    const leader = written();
    leader.log.advanceLogStart(5, 11);
    const follower = new TestBroker();
    follower.create();
    follower.log.truncateFullyAndStartAt(5, leader.log.producersAtStart(MANY));
    const read = leader.log.read(5, { upToOffset: 11, maxBytes: MANY });
    follower.log.appendAsFollower(read.outcome === 'records' ? read.records : []);
    expect(follower.log.logEndOffset).toBe(11);
    expect(known(follower)).toEqual(known(leader));
    const again = { producerId: 8, producerEpoch: 0, baseSequence: 4 };
    expect(() => append(follower.log, 1, again)).toThrow('duplicate');
  });

  it('a cut in the middle of the batch where the log starts forgets none who wrote below', () => {
    const broker = new TestBroker();
    broker.create();
    append(broker.log, 1, { producerId: 9, producerEpoch: 0, baseSequence: 0 });
    append(broker.log, 4, { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    broker.log.advanceLogStart(3, 5);
    broker.log.truncateTo(4);
    expect([broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([3, 3]);
    expect(known(broker)).toEqual([[9, 0]]);
  });

  it('of more than there is room for those go who wrote last; what cannot be read is as nothing', () => {
    const leader = written();
    leader.log.advanceLogStart(11, 11);
    const two = encodeProducerSnapshot(leader.log.producers.slice(0, 2)).length;
    const told = leader.log.producersAtStart(two);
    expect(known(begunAnew(100, told))).toEqual([
      [7, 4],
      [8, 4],
    ]);
    expect(leader.log.producersAtStart(0)).toHaveLength(0);
    expect(known(begunAnew(100, told?.slice(1)))).toEqual([]);
  });

  it('D11: says that the disk does not give it, and goes on', () => {
    const leader = written();
    leader.log.advanceLogStart(6, 11);
    leader.settle();
    leader.fault = (operation) => (operation === 'read' ? { code: 'EMFILE' } : undefined);
    expect(leader.log.producersAtStart(MANY)).toBeUndefined();
    leader.fault = undefined;
    expect(leader.log.producersAtStart(MANY)?.length).toBeGreaterThan(0);
    expect(leader.failures).toEqual([]);
  });
});

describe('P2: a log that has begun anew', () => {
  const producers = handedOn();
  function handedOn(): Uint8Array | undefined {
    const { log } = written();
    log.advanceLogStart(11, 11);
    return log.producersAtStart(MANY);
  }

  it('D7: knows them after its process was killed at any moment', () => {
    for (let steps = 0; steps < 24; steps++) {
      const broker = begunAnew(100, producers);
      broker.advance(steps);
      broker.kill();
      broker.open();
      expect(broker.log.logStartOffset).toBe(100);
      expect(known(broker), `after ${steps} steps`).toEqual([
        [7, 4],
        [8, 4],
        [9, 0],
      ]);
      broker.settle();
      broker.stopCleanly();
      broker.open();
      expect(known(broker), `after ${steps} steps, and a clean end`).toEqual([
        [7, 4],
        [8, 4],
        [9, 0],
      ]);
    }
  });

  it('D1, D12: knows them after power has failed, once a record of it was flushed or nothing is left of what it had', () => {
    let flushes = 0;
    for (let steps = 0; steps < 30; steps++)
      for (let seed = 0; seed < 20; seed++) {
        const broker = begunAnew(100, producers);
        append(broker.log, 1, { leaderEpoch: 2 });
        broker.advance(steps);
        const isFlushed = (broker.flushed.at(-1) ?? 0) > 100;
        const isAlone = broker.disk.list('orders-0').filter((name) => name.endsWith('.log')).length === 1;
        broker.power(seeded(seed));
        broker.open();
        expect(broker.damage).toBeUndefined();
        if (!isFlushed && !isAlone) continue;
        flushes++;
        expect(known(broker), `after ${steps} steps, seed ${seed}`).toEqual([
          [7, 4],
          [8, 4],
          [9, 0],
        ]);
      }
    expect(flushes).toBeGreaterThan(100);
  });

  it('knows nobody any more where it begins anew once more, and is told of nobody', () => {
    for (const second of [50, 100, 200])
      for (let steps = 0; steps < 16; steps++) {
        const broker = begunAnew(100, producers);
        broker.advance(steps);
        broker.log.truncateFullyAndStartAt(second);
        broker.settle();
        const snapshots = broker.disk.list('orders-0').filter((name) => name.endsWith('.snapshot'));
        expect(snapshots, `at ${second}, after ${steps} steps`).toEqual([]);
        broker.kill();
        broker.open();
        expect(known(broker)).toEqual([]);
      }
  });

  it('D10, L10: and its records may be deleted at any moment, those of the new log too', () => {
    for (let steps = 0; steps < 16; steps++) {
      const broker = begunAnew(100, producers);
      broker.advance(steps);
      for (let sequence = 5; sequence < 40; sequence++)
        append(broker.log, 1, { producerId: 7, producerEpoch: 0, baseSequence: sequence, leaderEpoch: 2 });
      broker.log.advanceLogStart(130, 135);
      broker.settle();
      const bases = broker.log.segmentBaseOffsets.map((base) => `${String(base).padStart(20, '0')}`);
      const files = broker.disk.list('orders-0');
      expect(files.filter((name) => name.endsWith('.log'))).toEqual(bases.map((base) => `${base}.log`));
      expect(files.filter((name) => name.endsWith('.anew'))).toEqual([]);
      broker.power(seeded(steps));
      broker.open();
      expect(known(broker), `after ${steps} steps`).toEqual([
        [7, 39],
        [8, 4],
        [9, 0],
      ]);
    }
  });

  it('D6, D11: is flushed without a file to spare later, and without room for what is known all the same', () => {
    for (const code of ['EMFILE', 'ENOSPC']) {
      const broker = flushedLog({ configuration: { 'segment.bytes': 400 } });
      broker.fault = (operation, path) =>
        operation === 'replaceFile' && path.endsWith('.snapshot') ? { code } : undefined;
      broker.log.truncateFullyAndStartAt(100, producers);
      append(broker.log, 1, { leaderEpoch: 2 });
      for (let rounds = 0; rounds < 4; rounds++) broker.settle();
      expect([code, broker.failures, broker.flushed.includes(101)]).toEqual([code, [], code === 'ENOSPC']);
      broker.fault = undefined;
      broker.clock.advance(10_000);
      broker.settle();
      expect([broker.failures, broker.flushed.at(-1)]).toEqual([[], 101]);
    }
  });
});
