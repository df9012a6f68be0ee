import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  divergence,
  type EpochHistory,
  endOfEpoch,
  truncatedFromEnd,
  truncatedFromStart,
  truncationTarget,
  withEpoch,
} from '../src/index.ts';

const history: EpochHistory = [
  { epoch: 1, startOffset: 0 },
  { epoch: 3, startOffset: 10 },
  { epoch: 6, startOffset: 25 },
];

describe('endOfEpoch', () => {
  it('F2: the latest epoch ends at the log end', () => {
    expect(endOfEpoch(history, 6, 40)).toEqual({ epoch: 6, endOffset: 40 });
  });
  it('F2: an earlier epoch ends where the next higher begins', () => {
    expect(endOfEpoch(history, 1, 40)).toEqual({ epoch: 1, endOffset: 10 });
  });
  it('F2: an epoch this log never had is answered by its floor', () => {
    expect(endOfEpoch(history, 4, 40)).toEqual({ epoch: 3, endOffset: 25 });
  });
  it('F2: below the first epoch the end is the start of the first higher', () => {
    expect(endOfEpoch(history, 0, 40)).toEqual({ epoch: 0, endOffset: 0 });
  });
  it('F2: an epoch above the latest, or none, is undefined', () => {
    expect(endOfEpoch(history, 7, 40)).toBeUndefined();
    expect(endOfEpoch(history, -1, 40)).toBeUndefined();
    expect(endOfEpoch([], 0, 0)).toBeUndefined();
  });
});

describe('withEpoch', () => {
  it('F8: a new entry removes tail entries with an epoch or a start not below its own', () => {
    expect(withEpoch(history, 7, 20)).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 3, startOffset: 10 },
      { epoch: 7, startOffset: 20 },
    ]);
    expect(withEpoch(history, 2, 30)).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 2, startOffset: 30 },
    ]);
  });
  it('F8: the history stays monotone whatever is entered', () => {
    const entries = fc.array(fc.tuple(fc.nat(20), fc.nat(50)), { maxLength: 30 });
    fc.assert(
      fc.property(entries, (given) => {
        const made = given.reduce<EpochHistory>((so, [epoch, start]) => withEpoch(so, epoch, start), []);
        for (const [index, entry] of made.entries()) {
          const before = made[index - 1];
          if (before === undefined) continue;
          expect(entry.epoch).toBeGreaterThan(before.epoch);
          expect(entry.startOffset).toBeGreaterThan(before.startOffset);
        }
      }),
    );
  });
});

describe('truncation of a history', () => {
  it('F5: epochs that begin at or after the cut are gone', () => {
    expect(truncatedFromEnd(history, 25)).toEqual(history.slice(0, 2));
    expect(truncatedFromEnd(history, 26)).toEqual(history);
  });
  it('keeps the epoch that covers the new log start', () => {
    expect(truncatedFromStart(history, 12)).toEqual([
      { epoch: 3, startOffset: 12 },
      { epoch: 6, startOffset: 25 },
    ]);
  });
});

/** A log as bare epochs, one a record: the slow and obvious twin. */
type Epochs = readonly number[];
const historyOf = (log: Epochs): EpochHistory =>
  log.reduce<EpochHistory>((so, epoch, offset) => withEpoch(so, epoch, offset), []);

/** Runs the follower's side of reconciliation with the leader of `epoch` until it finds no divergence. */
function reconcile(leader: Epochs, epoch: number, follower: Epochs): Epochs {
  // L2: a new leader enters its epoch at once, also when it has appended nothing yet.
  const history = withEpoch(
    historyOf(leader),
    epoch,
    leader.at(-1) === epoch ? leader.indexOf(epoch) : leader.length,
  );
  let log = follower;
  for (let round = 0; round < 100; round++) {
    const diverging = divergence(history, leader.length, log.length, log.at(-1) ?? -1);
    if (diverging === undefined) return log;
    log = log.slice(0, truncationTarget(historyOf(log), log.length, diverging).offset);
  }
  throw new Error('reconciliation does not end');
}

describe('reconciliation', () => {
  it('S03: a fast failover cuts to the end of the last common epoch', () => {
    const one = Array<number>(20).fill(1);
    const two = [...Array<number>(15).fill(1), ...Array<number>(10).fill(2)];
    expect(reconcile(one, 3, two)).toEqual(Array<number>(15).fill(1));
  });
  it('F3: ends at the common prefix of two logs whose epochs have one history each', () => {
    // Lineages of a partition: within one epoch one leader writes, so equal (offset, epoch) means an equal prefix (V5).
    const lineages = fc.array(fc.record({ from: fc.nat(3), keep: fc.nat(12), add: fc.nat(4) }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(lineages, (steps) => {
        const logs: Epochs[] = [[], [], [], []];
        steps.forEach((step, epoch) => {
          const leader = logs[step.from] ?? [];
          const grown = [...leader, ...Array<number>(step.add).fill(epoch)];
          logs[step.from] = grown;
          const next = (step.from + 1 + (step.keep % 3)) % 4;
          const common = reconcile(grown, epoch, logs[next] ?? []);
          const prefix = common.every((entry, offset) => grown[offset] === entry);
          expect(prefix).toBe(true);
          logs[next] = [...common, ...grown.slice(common.length, common.length + step.keep)];
        });
      }),
    );
  });
});
