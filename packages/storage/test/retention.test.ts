import { buildBatch, textBytes } from '@odradek/format';
import { InvariantError } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { append, everything, TestBroker } from './support/broker.ts';
import { seeded } from './support/queue.ts';

const T = 1_700_000_000_000;

function tenSegments(configuration: ConstructorParameters<typeof TestBroker>[0] = {}): TestBroker {
  const broker = new TestBroker({
    ...configuration,
    configuration: { 'segment.bytes': 100, 'retention.ms': -1, ...configuration.configuration },
  });
  broker.create();
  for (let index = 0; index < 10; index++) append(broker.log, 1, { timestamp: T + index * 1000 });
  broker.settle();
  return broker;
}

describe('L10: retention', () => {
  it('L10: deletes what is too old, never past the high watermark', () => {
    const broker = tenSegments({ configuration: { 'retention.ms': 60_000 } });
    broker.log.applyRetention(T + 64_500, 3);
    expect([broker.log.logStartOffset, broker.log.segmentBaseOffsets[0]]).toEqual([3, 3]);
    broker.log.applyRetention(T + 64_500, 10);
    expect(broker.log.logStartOffset).toBe(5);
    expect(broker.log.epochs).toEqual([{ epoch: 1, startOffset: 5 }]);
  });

  it('L10: deletes what is too much by size', () => {
    const broker = tenSegments();
    broker.configuration = { ...broker.configuration, 'retention.bytes': 350 };
    broker.log.applyRetention(T, 10);
    expect(broker.log.sizeInBytes).toBeGreaterThanOrEqual(350);
    expect(broker.log.logStartOffset).toBeGreaterThan(5);
  });

  it('ends the active segment before it deletes it, and goes on at the same offset', () => {
    const broker = tenSegments({ configuration: { 'retention.ms': 1000 } });
    broker.log.applyRetention(T + 100_000, 10);
    expect([broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([10, 10]);
    expect(append(broker.log, 1)).toBe(10);
    broker.stopCleanly();
    broker.open();
    expect([broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([10, 11]);
  });

  it('L10: the log start moves on order, and not past the high watermark', () => {
    const broker = tenSegments();
    broker.log.advanceLogStart(4, 8);
    expect(broker.log.read(3, { upToOffset: 10, maxBytes: 1 }).outcome).toBe('out of range');
    expect(() => broker.log.advanceLogStart(9, 8)).toThrow(InvariantError);
    broker.settle();
    expect(broker.disk.exists('orders-0/00000000000000000003.log')).toBe(false);
    broker.directory.checkpoint();
    broker.settle();
    broker.kill();
    broker.open();
    expect(broker.log.logStartOffset).toBe(4);
  });
});

describe('D10, D12, L10: power loss while segments are deleted', () => {
  /** Deletes the first seven of ten, cuts the power after some completions, and opens what is left. */
  function cutPower(order: (log: TestBroker['log']) => void, completions: number, seed: number): TestBroker {
    const broker = tenSegments();
    order(broker.log);
    for (let step = 0; step < completions; step++) {
      broker.clock.advance(0);
      broker.queue.step();
    }
    broker.power(seeded(seed));
    return broker.open();
  }
  const orders: readonly [string, (log: TestBroker['log']) => void][] = [
    ['all at once', (log) => log.advanceLogStart(7, 10)],
    [
      'one by one',
      (log) => {
        for (let start = 1; start <= 7; start++) log.advanceLogStart(start, 10);
      },
    ],
  ];

  it.each(orders)('leaves no hole, and cuts no record above it: %s', (_, order) => {
    for (let completions = 0; completions < 12; completions++)
      for (let seed = 0; seed < 30; seed++) {
        const broker = cutPower(order, completions, seed);
        expect(broker.damage, broker.damage?.message).toBe(undefined);
        expect(broker.report?.cut).toBe(undefined);
        expect(broker.log.logEndOffset).toBe(10);
        expect(broker.log.logStartOffset).toBeLessThanOrEqual(7);
      }
  });

  it('goes on with the deletion after the next start, where the log start was checkpointed', () => {
    const broker = tenSegments();
    broker.log.advanceLogStart(7, 10);
    broker.opened?.noteHighWatermark(10);
    broker.stopCleanly();
    broker.open();
    broker.settle();
    const segments = broker.disk.list('orders-0').filter((name) => name.endsWith('.log'));
    expect(segments).toEqual(
      broker.log.segmentBaseOffsets.map((base) => `${String(base).padStart(20, '0')}.log`),
    );
    expect(broker.log.segmentBaseOffsets[0]).toBe(7);
  });

  it('D3: a sync that fails is final; D11: one that finds no file to spare is asked again with the next', () => {
    const broker = tenSegments();
    const fault = (code: string) => (operation: string, path: string) =>
      operation === 'syncDirectory' && path === 'orders-0' ? ({ code } as const) : undefined;
    broker.fault = fault('EMFILE');
    broker.log.advanceLogStart(3, 10);
    broker.queue.step();
    expect(broker.failures).toEqual([]);
    expect(broker.disk.exists('orders-0/00000000000000000001.log')).toBe(true);
    broker.fault = undefined;
    broker.log.advanceLogStart(4, 10);
    broker.settle();
    expect(broker.disk.exists('orders-0/00000000000000000003.log')).toBe(false);
    broker.fault = fault('EIO');
    broker.log.advanceLogStart(5, 10);
    broker.settle();
    expect(broker.failures).toHaveLength(1);
  });

  it('a log that begins again takes along what was not deleted yet', () => {
    const broker = tenSegments();
    broker.log.advanceLogStart(7, 10);
    broker.log.truncateFullyAndStartAt(2);
    append(broker.log, 1);
    broker.settle();
    expect(broker.disk.list('orders-0').filter((name) => name.endsWith('.log'))).toEqual([
      '00000000000000000002.log',
    ]);
    expect([broker.log.logStartOffset, broker.log.logEndOffset]).toEqual([2, 3]);
  });
});

describe('segments roll', () => {
  it('by age: of records where they have a time, else of the segment', () => {
    const broker = new TestBroker({
      configuration: { 'segment.ms': 5000, 'message.timestamp.after.max.ms': 1e9 },
    });
    broker.create();
    append(broker.log, 1, { timestamp: T });
    append(broker.log, 1, { timestamp: T + 5000 });
    append(broker.log, 1, { timestamp: T + 5001 });
    expect(broker.log.segmentBaseOffsets).toEqual([0, 2]);
    append(broker.log, 1, { timestamp: -1 });
    expect(broker.log.segmentBaseOffsets).toEqual([0, 2]);
  });

  it('by a full index', () => {
    const configuration = { 'segment.index.bytes': 60, 'index.interval.bytes': 0 };
    const broker = new TestBroker({ configuration });
    broker.create();
    for (let index = 0; index < 20; index++) append(broker.log, 1, { timestamp: T + index });
    expect(broker.log.segmentBaseOffsets.length).toBeGreaterThan(2);
  });
});

describe('a segment that is gone', () => {
  it('D9 is an error for whoever reads there, never passed over', () => {
    const broker = tenSegments();
    const bases = broker.log.segmentBaseOffsets;
    broker.stopCleanly();
    broker.settle();
    const name = String(bases[4]).padStart(20, '0');
    broker.disk.remove(`orders-0/${name}.log`);
    broker.open();
    const read = (offset: number): unknown => {
      let outcome: unknown;
      broker.log.readLater(offset, everything, (result) => {
        outcome = result.outcome;
      });
      broker.settle();
      return outcome;
    };
    expect([read(0), read(bases[4] ?? -1), read(bases[5] ?? -1)]).toEqual(['records', 'failed', 'records']);
  });
});

describe('finding by time', () => {
  it('the first record at or after it, whichever segment has it', () => {
    const broker = tenSegments();
    const find = (timestamp: number): unknown => {
      let found: unknown = 'none came';
      broker.log.offsetForTimestamp(timestamp, (result) => {
        found = result !== undefined && 'offset' in result ? result.offset : result;
      });
      expect(found).toBe('none came');
      broker.settle();
      return found;
    };
    expect([find(0), find(T + 3000), find(T + 3001), find(T + 9000), find(T + 9001)]).toEqual([
      0,
      3,
      4,
      9,
      undefined,
    ]);
    broker.log.advanceLogStart(5, 10);
    expect(find(0)).toBe(5);
  });

  it.each([
    ['no further than the record sought', 2000, { offset: 0, timestamp: T, leaderEpoch: 1 }],
    ['and beyond its cap not at all', 17 * 2 ** 20, { error: expect.stringContaining('TOO_LARGE') }],
  ])('X5 what a stranger has compressed is looked through %s', (_, inflatedBytes, wanted) => {
    const asked: number[] = [];
    const broker: TestBroker = new TestBroker({
      inflate(_codec, bytes, maxBytes, done) {
        asked.push(maxBytes);
        // The first record is whole; what follows is not what the header says, and nobody gets there.
        const section = new Uint8Array(inflatedBytes);
        section.set(bytes);
        broker.queue.later(() => done(inflatedBytes > maxBytes ? { error: 'TOO_LARGE' } : section));
      },
    });
    broker.create();
    const records = [{ timestamp: T, key: null, value: textBytes('first') }];
    const compression = { codec: 'gzip' as const, compress: (section: Uint8Array) => section };
    const batch = buildBatch({ records, compression });
    const options = { leaderEpoch: 1, wallMs: T, origin: 'client' as const };
    broker.log.startEpoch(1);
    expect(broker.log.appendAsLeader(batch, options).outcome).toBe('appended');
    let found: unknown;
    broker.log.offsetForTimestamp(T, (result) => {
      found = result;
    });
    broker.settle();
    expect(found).toEqual(wanted);
    expect(asked).toEqual([16 * 2 ** 20]);
  });
});
