import type { FlushPolicy } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiscardedLogs } from '../src/discarded-logs.ts';
import { append, bytesFrom, flushedLog, TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const FIRST = 'orders-0/00000000000000000000.log';

const sizeOf = (broker: TestBroker, path: string): number => broker.disk.readFile(path)?.length ?? -1;

describe('D7: opening', () => {
  it('D7: trusts what a clean end left, and reads nothing but the last interval', () => {
    const broker = flushedLog({ configuration: { 'segment.bytes': 500 } });
    const before = [...bytesFrom(broker, 0)];
    const epochs = broker.log.epochs;
    broker.stopCleanly({ brokerEpoch: 42 });
    expect(broker.directory.previous.cleanBrokerEpoch).toBe(42);
    broker.open();
    expect(broker.report?.scannedBytes).toBeLessThan(500);
    expect([broker.log.logEndOffset, broker.log.flushedEndOffset]).toEqual([20, 20]);
    expect(broker.log.epochs).toEqual(epochs);
    expect([...bytesFrom(broker, 0)]).toEqual(before);
  });

  it('D7: a full segment has its indexes on the disk, also where nothing of it was unflushed: a crash costs no reading of it', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 1000, 'index.interval.bytes': 100 } });
    const log = broker.create();
    for (let batch = 0; batch < 20; batch++) {
      append(log, 1, {}, 300);
      broker.settle();
    }
    expect(log.segmentBaseOffsets.length).toBeGreaterThan(5);
    broker.opened?.noteHighWatermark(20);
    broker.directory.checkpoint();
    broker.settle();
    broker.kill();
    broker.open();
    expect(broker.report?.scannedBytes).toBeLessThan(1000);
  });

  it('D7: the marker of a clean end counts once (KAFKA-10471)', () => {
    const broker = flushedLog();
    broker.stopCleanly({ brokerEpoch: 42 });
    broker.kill();
    expect(broker.directory.previous.cleanBrokerEpoch).toBe(undefined);
  });

  it('D7: a killed process loses nothing that it appended; the rest is flushed before it is reported', () => {
    const broker = flushedLog();
    append(broker.log, 3);
    broker.kill();
    broker.open();
    expect(broker.log.logEndOffset).toBe(23);
    expect(broker.report?.cut).toBe(undefined);
    expect(broker.log.flushedEndOffset).toBe(23);
    expect(broker.flushed).toEqual([23]);
  });

  it('D7: a torn tail is cut, and the cut reported with its bytes', () => {
    const broker = flushedLog();
    const size = sizeOf(broker, FIRST);
    broker.fault = (operation) => (operation === 'append' ? { code: 'EIO', keptBytes: 33 } : undefined);
    expect(() => append(broker.log, 2)).toThrow('KAFKA_STORAGE_ERROR');
    broker.fault = undefined;
    broker.kill();
    broker.open();
    expect(broker.report?.cut).toMatchObject({ file: FIRST, position: size, bytes: 33 });
    expect(broker.log.logEndOffset).toBe(20);
    expect(append(broker.log, 1)).toBe(20);
  });

  it('D7: caches that are broken or missing are made again', () => {
    const files = ['.index', '.timeindex', '.snapshot'];
    for (const how of ['garbage', 'missing'] as const) {
      const broker = flushedLog({ configuration: { 'segment.bytes': 500, 'index.interval.bytes': 1 } });
      broker.stopCleanly();
      const names = broker.disk.list('orders-0');
      const image = new Map(names.map((name) => [name, broker.disk.readFile(`orders-0/${name}`)]));
      for (const name of names) {
        if (!files.some((end) => name.endsWith(end)) && name !== 'leader-epoch-checkpoint') continue;
        if (how === 'missing') broker.disk.remove(`orders-0/${name}`);
        else broker.disk.writeFile(`orders-0/${name}`, new Uint8Array(21).fill(0x31));
      }
      broker.open();
      expect([broker.log.logEndOffset, broker.log.epochs.length]).toEqual([20, 1]);
      broker.stopCleanly();
      for (const name of names.filter((one) => one.endsWith('index'))) {
        expect(broker.disk.readFile(`orders-0/${name}`), name).toEqual(image.get(name));
      }
    }
  });

  it('D10: stale and missing checkpoints are survived', () => {
    for (const content of [undefined, new Uint8Array(0), new TextEncoder().encode('0\n1\norders 0 4\n')]) {
      const broker = flushedLog();
      broker.disk.remove('recovery-point-offset-checkpoint');
      if (content !== undefined) broker.disk.writeFile('recovery-point-offset-checkpoint', content);
      broker.kill();
      broker.open();
      expect(broker.log.logEndOffset).toBe(20);
    }
  });

  it('F8, D7: an epoch that was cut away is not found again where older records were fetched since', () => {
    const broker = flushedLog();
    append(broker.log, 1, { leaderEpoch: 5 });
    broker.settle();
    broker.log.truncateTo(20);
    append(broker.log, 2);
    const { epochs } = broker.log;
    expect(epochs).toEqual([{ epoch: 1, startOffset: 0 }]);
    broker.kill();
    broker.open();
    expect([broker.log.logEndOffset, broker.log.epochs]).toEqual([22, epochs]);
  });

  it('D10, F8: epochs that were cut to a log start which was not checkpointed are made again from the batches', () => {
    const broker = flushedLog();
    broker.log.advanceLogStart(11, 20);
    broker.settle();
    const { epochs } = broker.log;
    broker.kill();
    broker.open();
    expect(broker.log.logStartOffset).toBe(0);
    expect(broker.log.epochs).toEqual(epochs.map(({ epoch }) => ({ epoch, startOffset: 0 })));
  });
});

describe('S14: a directory that was wiped', () => {
  const wipe = (broker: TestBroker): void => {
    for (const name of broker.disk.list('orders-0')) broker.disk.remove(`orders-0/${name}`);
  };

  it('S14, D8: is damage as soon as anything of the log was flushed, whenever checkpoints are due', () => {
    const broker = new TestBroker();
    append(broker.create(), 2);
    broker.settle();
    broker.kill();
    wipe(broker);
    broker.open();
    expect(broker.damage?.message).toBe('its segments are missing');
  });

  it('D1: is none before that: what was never flushed may go with the power', () => {
    const broker = new TestBroker();
    broker.create();
    broker.opened?.noteHighWatermark(0);
    broker.directory.checkpoint();
    broker.settle();
    broker.kill();
    wipe(broker);
    broker.open();
    expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, 0]);
  });
});

describe('D8: damage is never cut', () => {
  it('D8: a bad batch below the recovery point, even after power loss', () => {
    const broker = flushedLog();
    broker.disk.corrupt(FIRST, 300, Uint8Array.of(1, 2, 3));
    const size = sizeOf(broker, FIRST);
    broker.power(seeded(1));
    broker.open();
    expect(broker.opened?.log).toBe(undefined);
    expect(broker.damage).toMatchObject({ outcome: 'damaged', file: FIRST });
    expect(sizeOf(broker, FIRST)).toBe(size);
    expect(broker.failures).toEqual([]);
  });

  it('D8: a damaged log is discarded on order, and begins anew for its peers to fill', () => {
    const broker = flushedLog();
    broker.disk.corrupt(FIRST, 300, Uint8Array.of(1, 2, 3));
    broker.kill();
    broker.open();
    expect(broker.damage?.outcome).toBe('damaged');
    broker.opened?.abandon();
    new DiscardedLogs(broker).discard('orders-0');
    broker.settle();
    broker.damage = undefined;
    broker.open();
    expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, 0]);
    expect(append(broker.log, 1)).toBe(0);
  });

  it('D8: with the boot id unchanged, a bad batch anywhere but an incomplete last one', () => {
    const broker = flushedLog();
    const size = sizeOf(broker, FIRST);
    append(broker.log, 2);
    append(broker.log, 2);
    broker.disk.corrupt(FIRST, size + 70, Uint8Array.of(1, 2, 3));
    broker.kill();
    broker.open();
    expect(broker.damage?.position).toBe(size);
  });

  it('D1, D8: what the power tore is no damage to the second process that comes after it', () => {
    let torn = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const broker = new TestBroker();
      const log = broker.create();
      append(log, 1);
      broker.settle();
      for (let batch = 0; batch < 5; batch++) append(log, 3, {}, 300);
      broker.power(seeded(seed));
      // Killed while it recovers: nothing is cut yet.
      broker.kill();
      broker.open();
      expect(broker.damage, `seed ${seed}`).toBe(undefined);
      if (broker.report?.cut !== undefined) torn += 1;
    }
    expect(torn).toBeGreaterThan(5);
  });

  it('D8: a log that ends below its recovery point', () => {
    const broker = flushedLog();
    const file = broker.disk.open(FIRST, { create: false });
    file.truncate(sizeOf(broker, FIRST) - 200);
    broker.kill();
    broker.open();
    expect(broker.damage?.outcome).toBe('damaged');
  });

  it('D8: a log that was cut by its owner, below what was committed, is none (F7)', () => {
    const broker = flushedLog();
    broker.log.truncateTo(6);
    broker.kill();
    broker.open();
    expect(broker.damage).toBe(undefined);
    expect(broker.log.logEndOffset).toBe(6);
  });
});

type Step =
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'truncate'; readonly back: number }
  | { readonly kind: 'settle' }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'step' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('append'), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('truncate'), back: fc.integer({ min: 0, max: 5 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('checkpoint') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('step') }) },
);

describe('D1, D2: whatever was flushed is there', () => {
  const run = (steps: readonly Step[], seed: number, end: 'kill' | 'power'): void => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 400, 'index.interval.bytes': 150 } });
    broker.create();
    let value = 0;
    let highWatermark = 0;
    let ends: number[] = [];
    for (const one of steps) {
      if (one.kind === 'append') {
        append(broker.log, one.count, { leaderEpoch: ++value }, value % 50);
        ends.push(broker.log.logEndOffset);
      } else if (one.kind === 'truncate') {
        broker.log.truncateTo(Math.max(highWatermark, broker.log.logEndOffset - one.back));
        ends = ends.filter((offset) => offset <= broker.log.logEndOffset);
      } else if (one.kind === 'settle') broker.settle();
      else if (one.kind === 'checkpoint') {
        // Between two batches, and lagging as the real one does.
        const committed = ends.findLast((offset) => offset <= broker.log.flushedEndOffset - 3) ?? 0;
        highWatermark = Math.max(highWatermark, committed);
        broker.opened?.noteHighWatermark(highWatermark);
        broker.directory.checkpoint();
      } else broker.queue.step();
    }
    const { flushedEndOffset, logEndOffset, epochs } = broker.log;
    // What is cold may ask the disk, whose completions would flush more: the tail has it all.
    const flushed = broker.log.read(0, { upToOffset: flushedEndOffset, maxBytes: 2 ** 30 });
    const expected = flushed.outcome === 'records' ? flushed.records.flatMap((piece) => [...piece]) : [];
    if (end === 'kill') broker.kill();
    else broker.power(seeded(seed));
    broker.open();
    expect(broker.damage, broker.damage?.message).toBe(undefined);
    expect(broker.failures).toEqual([]);
    expect(broker.log.logEndOffset).toBeGreaterThanOrEqual(flushedEndOffset);
    if (end === 'kill') expect(broker.log.logEndOffset).toBe(logEndOffset);
    // Where nothing was flushed the power may have left later segments alone: the log begins with them.
    if (expected.length > 0) expect([...bytesFrom(broker, 0)].slice(0, expected.length)).toEqual(expected);
    for (const entry of epochs.filter(({ startOffset }) => startOffset < flushedEndOffset))
      expect(broker.log.epochs).toContainEqual(entry);
    append(broker.log, 1, { leaderEpoch: 1000 });
    broker.settle();
    expect(broker.log.flushedEndOffset).toBe(broker.log.logEndOffset);
  };

  it('D1: a killed process: everything, flushed or not', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer(), (steps, seed) => run(steps, seed, 'kill')),
    );
  });

  it('D1, D2: power loss: every flushed record, its bytes and its epoch', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer(), (steps, seed) =>
        run(steps, seed, 'power'),
      ),
      { numRuns: 300 },
    );
  });
});

describe('D3, C11: a log whose last sync has failed', () => {
  const failed = (policy: FlushPolicy): TestBroker => {
    const broker = new TestBroker({ policy });
    append(broker.create(), 2);
    broker.log.flush(() => {});
    broker.settle();
    broker.fault = (operation, path) =>
      operation === 'sync' && path.endsWith('.log') ? { code: 'EIO' } : undefined;
    append(broker.log, 2);
    broker.log.flush(() => {});
    broker.settle();
    broker.fault = undefined;
    expect(broker.failures).toHaveLength(1);
    return broker;
  };

  it('under os is damaged after a kill: what the system has forgotten was acknowledged', () => {
    const broker = failed('os');
    broker.kill();
    broker.open();
    expect(broker.damage).toMatchObject({ message: expect.stringContaining('D3') });
  });

  it('under os is opened after a loss of power: then all logs are lossy, and the next kill means nothing', () => {
    const broker = failed('os');
    broker.power(seeded(1));
    broker.open();
    expect(broker.damage).toBeUndefined();
    const { logEndOffset } = broker.log;
    broker.kill();
    broker.open();
    expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, logEndOffset]);
  });

  it('under commit is opened: nothing was acknowledged that is not there', () => {
    const broker = failed('commit');
    broker.kill();
    broker.open();
    expect([broker.damage, broker.log.logEndOffset]).toEqual([undefined, 2]);
  });

  it('says so if that cannot be written down', () => {
    const broker = new TestBroker({ policy: 'os' });
    append(broker.create(), 2);
    broker.fault = (operation) =>
      operation === 'sync' || operation === 'writeFile' ? { code: 'EIO' } : undefined;
    broker.log.flush(() => {});
    broker.settle();
    expect(broker.failures).toEqual([expect.stringContaining('nor could that be written down')]);
  });
});
