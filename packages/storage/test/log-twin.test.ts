import { stampBatch } from '@odradek/format';
import { memoryLog, type ReplicatedLog } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, everything, TestBroker } from './support/broker.ts';

type Order =
  | { readonly kind: 'lead'; readonly count: number; readonly size: number }
  | { readonly kind: 'follow'; readonly count: number; readonly pieces: number; readonly torn: number }
  | { readonly kind: 'epoch' }
  | { readonly kind: 'truncate'; readonly back: number }
  | { readonly kind: 'start over'; readonly ahead: number }
  | { readonly kind: 'move start'; readonly by: number }
  | { readonly kind: 'restart'; readonly isClean: boolean };

const small = (max: number) => fc.integer({ min: 0, max });
const order: fc.Arbitrary<Order> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('lead'),
      count: fc.integer({ min: 1, max: 4 }),
      size: small(60),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('follow'),
      count: fc.integer({ min: 1, max: 5 }),
      pieces: small(3),
      torn: small(1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('epoch') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate'), back: small(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start over'), ahead: small(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move start'), by: small(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), isClean: fc.boolean() }) },
);

/** Bytes that a leader would send: batches of the epoch, one after another, cut into pieces anywhere. */
function fetched(
  { logEndOffset }: ReplicatedLog,
  epoch: number,
  { count, pieces, torn }: Extract<Order, { kind: 'follow' }>,
) {
  const all: number[] = [];
  for (let index = 0; index < count; index++) {
    const batch = batchOf(2, {}, index);
    stampBatch(batch, 0, logEndOffset + index * 2, epoch);
    all.push(...batch);
  }
  const bytes = Uint8Array.from(all.slice(0, all.length - torn * 13));
  const cuts = Array.from({ length: pieces }, (_, index) =>
    Math.floor((bytes.length * (index + 1)) / (pieces + 1)),
  );
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

/** Reads all from an offset, through whichever way the log offers. */
function readAll(log: ReplicatedLog, fromOffset: number, maxBytes: number, settle: () => void): number[] {
  const found: number[] = [];
  for (let offset = fromOffset; ; ) {
    let next = offset;
    log.readLater(offset, { ...everything, maxBytes }, (result) => {
      expect(result.outcome).toBe('records');
      if (result.outcome !== 'records') return;
      found.push(...result.records.flatMap((piece) => [...piece]));
      next = result.nextOffset;
    });
    settle();
    if (next === offset) return found;
    offset = next;
  }
}

describe('twin: the log on a disk and the log in memory', () => {
  const run = (orders: readonly Order[], tailBytes: number): void => {
    const later: (() => void)[] = [];
    const twin = memoryLog({ later: (callback) => void later.push(callback) });
    const broker = new TestBroker({
      tailBytes,
      configuration: { 'segment.bytes': 500, 'index.interval.bytes': 100 },
    });
    broker.create();
    let epoch = 1;
    const both = <T>(action: (log: ReplicatedLog) => T): void => {
      expect(action(broker.log)).toEqual(action(twin));
    };
    for (const one of orders) {
      if (one.kind === 'lead') {
        const options = { leaderEpoch: epoch, wallMs: 1_700_000_000_000, origin: 'client' } as const;
        both((log) => log.appendAsLeader(batchOf(one.count, {}, one.size), options));
      } else if (one.kind === 'follow') both((log) => log.appendAsFollower(fetched(log, epoch, one)));
      else if (one.kind === 'epoch') both((log) => log.startEpoch(++epoch));
      else if (one.kind === 'truncate')
        both((log) => {
          // Not into the batch that has the log start in its middle: the twin keeps no order there.
          const least = Math.min(log.logEndOffset, log.logStartOffset + 4);
          log.truncateTo(Math.max(least, log.logEndOffset - one.back));
        });
      else if (one.kind === 'start over')
        both((log) => log.truncateFullyAndStartAt(log.logEndOffset + one.ahead));
      else if (one.kind === 'move start') {
        both((log) => {
          const start = Math.min(log.logEndOffset, log.logStartOffset + one.by);
          log.advanceLogStart(start, log.logEndOffset);
        });
      } else {
        const start = broker.log.logStartOffset;
        broker.settle();
        broker.opened?.noteHighWatermark(broker.log.logEndOffset);
        broker.directory.checkpoint();
        broker.settle();
        if (one.isClean) broker.stopCleanly();
        else broker.kill();
        broker.open();
        expect([broker.damage, broker.log.logStartOffset]).toEqual([undefined, start]);
      }
      both((log) => [log.logStartOffset, log.logEndOffset, log.lastEpoch]);
      // An epoch without a record is forgotten by a restart, and by a cut at its start.
      both((log) => log.epochs.filter(({ startOffset }) => startOffset < log.logEndOffset));
    }
    const settle = (): void => {
      broker.settle();
      for (const callback of later.splice(0)) callback();
    };
    both((log) => readAll(log, log.logStartOffset, 300, settle));
    both((log) => log.read(log.logEndOffset + 1, everything));
    broker.settle();
    expect(broker.log.flushedEndOffset).toBe(broker.log.logEndOffset);
  };

  it('twin: everything in memory', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 30 }), (orders) => run(orders, 2 ** 20)),
      { numRuns: 200 },
    );
  });

  it('twin: most of it cold', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 30 }), (orders) => run(orders, 200)),
      { numRuns: 200 },
    );
  });
});
