import { BatchView } from '@odradek/format';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, bytesFrom, TestBroker } from './support/broker.ts';

const asClient = { leaderEpoch: 1, wallMs: 1_700_000_000_000, origin: 'client' } as const;

/** How often the log's file is written while something is done. */
function writesOf(broker: TestBroker, work: () => void): number {
  let writes = 0;
  broker.fault = (operation, path) => {
    if (operation === 'append' && path.endsWith('.log')) writes++;
    return undefined;
  };
  work();
  broker.fault = undefined;
  return writes;
}

const sent = fc.record({
  /** None, or one of two that are idempotent. */
  producerId: fc.constantFrom(-1, 1, 1, 2),
  /** Mostly what comes next, so that whole runs are accepted. */
  skips: fc.constantFrom(0, 0, 0, 0, 0, -2, 1),
  raisesEpoch: fc.constantFrom(false, false, false, false, true),
  count: fc.integer({ min: 1, max: 3 }),
  fault: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'checksum', 'length'),
});

/** Batches as producers would send them, some of them wrong. */
function batchesOf(orders: readonly (typeof sent extends fc.Arbitrary<infer T> ? T : never)[]): Uint8Array[] {
  const next = new Map<number, { producerEpoch: number; sequence: number }>();
  return orders.map(({ producerId, skips, raisesEpoch, count, fault }) => {
    const known = next.get(producerId) ?? { producerEpoch: 0, sequence: 0 };
    const producerEpoch = known.producerEpoch + (raisesEpoch ? 1 : 0);
    const baseSequence = Math.max(0, (raisesEpoch ? 0 : known.sequence) + skips);
    next.set(producerId, { producerEpoch, sequence: baseSequence + count });
    const bytes = batchOf(count, producerId < 0 ? {} : { producerId, producerEpoch, baseSequence });
    if (fault === 'length') return bytes.subarray(0, bytes.length - 1);
    if (fault === 'checksum') bytes[70] = (bytes[70] ?? 0) ^ 1;
    return bytes;
  });
}

describe('batches that came together', () => {
  it('L1, P1: have the same places, refusals and duplicates as one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.array(sent, { maxLength: 8 }), { maxLength: 5 }), (calls) => {
        const options = { configuration: { 'segment.bytes': 900 } };
        const [together, twin] = [new TestBroker(options), new TestBroker(options)];
        together.create();
        twin.create();
        const batches = batchesOf(calls.flat()).map((bytes) => [bytes, bytes.slice()] as const);
        for (const call of calls) {
          const taken = batches.splice(0, call.length);
          const results = together.log.appendTogetherAsLeader(
            taken.map(([bytes]) => bytes),
            asClient,
          );
          expect(results).toEqual(taken.map(([, bytes]) => twin.log.appendAsLeader(bytes, asClient)));
        }
        expect(together.log.producers).toEqual(twin.log.producers);
        expect(together.log.segmentBaseOffsets).toEqual(twin.log.segmentBaseOffsets);
        expect(Buffer.from(bytesFrom(together, 0)).equals(bytesFrom(twin, 0))).toBe(true);
      }),
    );
  });

  it('P1: are one write, also of an idempotent producer with several in flight', () => {
    const broker = new TestBroker();
    broker.create();
    const batches = [0, 2, 4, 6, 8].map((baseSequence) =>
      batchOf(2, { producerId: 1, producerEpoch: 0, baseSequence }),
    );
    const writes = writesOf(broker, () => broker.log.appendTogetherAsLeader(batches, asClient));
    expect(writes).toBe(1);
    expect(batches.map((bytes) => new BatchView(bytes).baseOffset)).toEqual([0, 2, 4, 6, 8]);
    expect(broker.log.logEndOffset).toBe(10);
  });

  it('P1: a retry among them is a duplicate, and what was sent behind it is taken', () => {
    const log = new TestBroker().create();
    const of = (baseSequence: number) => batchOf(2, { producerId: 1, producerEpoch: 0, baseSequence });
    const results = log.appendTogetherAsLeader([of(0), of(0), of(2)], asClient);
    expect(results).toEqual([
      { outcome: 'appended', firstOffset: 0, lastOffset: 1 },
      { outcome: 'duplicate', firstOffset: 0, lastOffset: 1 },
      { outcome: 'appended', firstOffset: 2, lastOffset: 3 },
    ]);
  });

  it('D6: without room none of a write is there, and the same batches are taken later', () => {
    const broker = new TestBroker();
    const log = broker.create();
    const of = (baseSequence: number) => batchOf(2, { producerId: 1, producerEpoch: 0, baseSequence });
    const batches = [of(0), of(2), of(4)];
    broker.fault = (operation, path) =>
      operation === 'append' && path.endsWith('.log') ? { code: 'ENOSPC', keptBytes: 150 } : undefined;
    const refused = log.appendTogetherAsLeader(batches, asClient);
    expect(refused).toMatchObject(
      batches.map(() => ({ error: 'KAFKA_STORAGE_ERROR', mayPass: true, mayBeInLog: false })),
    );
    expect([log.logEndOffset, log.producers]).toEqual([0, []]);
    broker.fault = undefined;
    const taken = log.appendTogetherAsLeader(batches, asClient);
    expect(taken.map(({ outcome }) => outcome)).toEqual(['appended', 'appended', 'appended']);
    expect(bytesFrom(broker, 0).length).toBe(batches.reduce((sum, { length }) => sum + length, 0));
  });

  it('D3: when the disk fails for good, what was written before is there and the rest is refused', () => {
    const broker = new TestBroker({ configuration: { 'segment.bytes': 400 } });
    const log = broker.create();
    const batches = Array.from({ length: 6 }, () => batchOf(2));
    let writes = 0;
    broker.fault = (operation, path) => {
      if (operation !== 'append' || !path.endsWith('.log')) return undefined;
      writes += 1;
      return writes === 2 ? { code: 'EIO' } : undefined;
    };
    const results = log.appendTogetherAsLeader(batches, asClient);
    const appended = results.filter(({ outcome }) => outcome === 'appended').length;
    expect(appended).toBeGreaterThan(0);
    expect(log.logEndOffset).toBe(2 * appended);
    expect(results.slice(appended).map((one) => one.outcome === 'refused' && one.error)).toEqual(
      Array.from({ length: 6 - appended }, () => 'KAFKA_STORAGE_ERROR'),
    );
    expect(appended).toBeLessThan(6);
    expect(log.failure).toContain('EIO');
    // L6: what was under way may be in the file; what came afterwards is surely not.
    expect(results[appended]).toMatchObject({ mayPass: false, mayBeInLog: true });
    expect(log.appendTogetherAsLeader(batches.slice(0, 1), asClient)).toMatchObject([
      { error: 'KAFKA_STORAGE_ERROR', mayPass: false, mayBeInLog: false },
    ]);
  });
});
