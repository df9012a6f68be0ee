// A log that begins anew, behind all that it had: whenever its process or the power ends, it is what it was, or what it became.

import { describe, expect, it } from 'vitest';
import { append, flushedLog, type TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const SMALL = { configuration: { 'segment.bytes': 400 } };
const AT = 100;

/** Of ten segments, all on the disk, which begins anew. */
function begunAnew(startOffset = AT): TestBroker {
  const broker = flushedLog(SMALL);
  broker.log.truncateFullyAndStartAt(startOffset);
  return broker;
}

const filesOf = (broker: TestBroker, extension: string): readonly string[] =>
  broker.disk.list('orders-0').filter((name) => name.endsWith(extension));

describe('a log that begins anew', () => {
  it('D12: power that fails at any moment leaves the log as it was, or the new one: never a hole, never nothing', () => {
    const ends = new Set<string>();
    for (let steps = 0; steps < 24; steps++)
      for (let seed = 0; seed < 40; seed++) {
        const broker = begunAnew();
        broker.advance(steps);
        broker.power(seeded(seed));
        broker.open();
        const text = `after ${steps} steps, seed ${seed}`;
        expect([broker.damage, broker.failures], text).toEqual([undefined, []]);
        ends.add(`${broker.log.logStartOffset} to ${broker.log.logEndOffset}`);
      }
    expect([...ends].sort()).toEqual(['0 to 20', '100 to 100']);
  });

  it('D1, D12: what is flushed of the new one is there after the power has failed, twice', () => {
    for (let steps = 0; steps < 30; steps++)
      for (let seed = 0; seed < 20; seed++) {
        const broker = begunAnew();
        append(broker.log, 2, { leaderEpoch: 2 });
        broker.advance(steps);
        const flushedEnd = broker.flushed.at(-1) ?? 0;
        broker.power(seeded(seed));
        broker.open();
        broker.power(seeded(-seed));
        broker.open();
        const { logEndOffset } = broker.log;
        expect(broker.damage, `after ${steps} steps, seed ${seed}`).toBe(undefined);
        if (flushedEnd > AT) expect(logEndOffset, `after ${steps} steps, seed ${seed}`).toBe(AT + 2);
      }
  });

  it('D1, V3: its beginning counts as flushed no sooner than it would be there after the power has failed', () => {
    const counted = new Set<boolean>();
    for (let steps = 0; steps < 24; steps++)
      for (let seed = 0; seed < 20; seed++) {
        const broker = begunAnew();
        broker.advance(steps);
        const isFlushed = broker.log.flushedEndOffset >= AT;
        counted.add(isFlushed);
        broker.power(seeded(seed));
        broker.open();
        if (isFlushed) expect(broker.log.logStartOffset, `after ${steps} steps, seed ${seed}`).toBe(AT);
      }
    expect(counted.size).toBe(2);
  });

  it('D7: a process that is killed at any moment leaves the new one', () => {
    for (let steps = 0; steps < 24; steps++) {
      const broker = begunAnew();
      append(broker.log, 2, { leaderEpoch: 2 });
      broker.advance(steps);
      broker.kill();
      broker.open();
      const { logStartOffset, logEndOffset } = broker.log;
      expect([broker.damage, logStartOffset, logEndOffset], `after ${steps} steps`).toEqual([
        undefined,
        AT,
        AT + 2,
      ]);
      broker.settle();
      expect(filesOf(broker, '.log'), `after ${steps} steps`).toEqual(['00000000000000000100.log']);
      expect(filesOf(broker, '.anew'), `after ${steps} steps`).toEqual([]);
    }
  });

  it('D12: power that fails while a start takes away what a killed process has left', () => {
    for (let seed = 0; seed < 60; seed++)
      for (let steps = 0; steps < 8; steps++) {
        const broker = begunAnew();
        broker.kill();
        broker.opening();
        broker.clock.advance(0);
        broker.advance(steps);
        broker.power(seeded(seed));
        broker.open();
        expect(broker.damage, `after ${steps} steps, seed ${seed}`).toBe(undefined);
      }
  });

  it('D10: what it had is removed, and with it what said so', () => {
    const broker = begunAnew();
    expect(filesOf(broker, '.log').length).toBeGreaterThan(2);
    broker.settle();
    expect(broker.disk.list('orders-0').filter((name) => name.startsWith('0'))).toEqual([
      '00000000000000000100.log',
    ]);
    broker.stopCleanly();
    broker.open();
    expect([broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([AT, AT]);
  });

  it('D12: anew, and anew again before the first is done: behind it, before it, at the same place', () => {
    for (const second of [300, 50, 10, AT])
      for (let steps = 0; steps < 12; steps++)
        for (let seed = 0; seed < 20; seed++) {
          const broker = begunAnew();
          broker.advance(steps);
          broker.log.truncateFullyAndStartAt(second);
          append(broker.log, 2, { leaderEpoch: 2 });
          broker.settle();
          expect(filesOf(broker, '.log')).toHaveLength(1);
          broker.power(seeded(seed));
          broker.open();
          const { logStartOffset, logEndOffset } = broker.log;
          const text = `${second} after ${steps} steps, seed ${seed}`;
          expect([broker.damage, logStartOffset, logEndOffset], text).toEqual([
            undefined,
            second,
            second + 2,
          ]);
        }
  });

  it('D12: a sign of a beginning that the power took is none for a segment that comes there later', () => {
    let alone = 0;
    for (let seed = 0; seed < 200; seed++) {
      const broker = begunAnew(30);
      broker.power(seeded(seed));
      const [signs, logs] = [filesOf(broker, '.anew'), filesOf(broker, '.log')];
      broker.open();
      if (broker.log.logEndOffset !== 20) continue;
      if (signs.length > 0 && !logs.includes('00000000000000000030.log')) alone += 1;
      expect(filesOf(broker, '.anew')).toEqual([]);
      while (broker.log.logEndOffset < 40) append(broker.log, 1, { leaderEpoch: 2 });
      broker.power(seeded(-seed));
      broker.open();
      expect([broker.damage, broker.log.logStartOffset]).toEqual([undefined, 0]);
    }
    expect(alone).toBeGreaterThan(5);
  });
});
