import { divergence, type EpochHistory, InvariantError, type LogView, withEpoch } from '@odradek/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isAfterUncleanElection,
  restartAbove,
  restartBelow,
  truncate,
  truncationAtDivergence,
  truncationReport,
} from '../src/truncation.ts';
import { emptyLog, fill } from './support/log.ts';
import { registration } from './support/roles.ts';

function logOf(...runs: readonly (readonly [epoch: number, count: number])[]) {
  const log = emptyLog((callback) => callback());
  for (const [epoch, count] of runs) fill(log, epoch, count);
  return log;
}

const afterUnclean = { ...registration, uncleanLeaderEpoch: 3 };

describe('truncation', () => {
  it('F3: to the end of the epoch that both have', () => {
    const log = logOf([1, 15], [2, 10]);
    expect(truncationAtDivergence(log, 0, { epoch: 1, endOffset: 20 }, registration).endOffset).toBe(15);
    expect(truncationAtDivergence(log, 0, { epoch: 1, endOffset: 12 }, registration).endOffset).toBe(12);
  });
  it('F7: above the high watermark nothing is asked, and nothing reported', () => {
    const cut = truncationAtDivergence(logOf([1, 10]), 6, { epoch: 1, endOffset: 6 }, registration);
    expect(cut).toEqual({ endOffset: 6, dropsEverything: false });
  });
  it('F7, V14: below it, without an unclean election since, the node must stop', () => {
    const cut = () => truncationAtDivergence(logOf([1, 10]), 6, { epoch: 1, endOffset: 5 }, registration);
    expect(cut).toThrow(InvariantError);
    expect(cut).toThrow(/high watermark 6.*unclean/s);
  });
  it('F7: after an unclean election it is lawful, and the report says what is dropped', () => {
    const log = logOf([1, 10]);
    const cut = truncationAtDivergence(log, 6, { epoch: 1, endOffset: 5 }, afterUnclean);
    const report = truncationReport(log, 6, cut, afterUnclean);
    expect(report).toEqual({ leaderEpoch: 3, fromOffset: 5, toOffset: 10, highWatermark: 6 });
  });
  it('F7: without a cut the report is empty, and says where the log ends', () => {
    const log = logOf([1, 10]);
    expect(truncationReport(log, 6, undefined, afterUnclean)).toMatchObject({ fromOffset: 10, toOffset: 10 });
    // The leader begins above our end: nothing of this log is lost by its election.
    expect(
      truncationReport(log, 6, restartAbove({ logStartOffset: 40, producers: null }), afterUnclean),
    ).toMatchObject({
      fromOffset: 10,
      toOffset: 10,
    });
  });
  it('F7: there is something to report until the log has a record of the unclean leader', () => {
    const logs = [logOf(), logOf([1, 10]), logOf([1, 10], [3, 1])];
    expect(logs.map((log) => isAfterUncleanElection(log, afterUnclean))).toEqual([true, true, false]);
    expect(isAfterUncleanElection(logOf(), registration)).toBe(false);
  });
  it('F7: an unclean election that this log has already followed excuses nothing', () => {
    const seen = () =>
      truncationAtDivergence(logOf([1, 5], [3, 5]), 9, { epoch: 3, endOffset: 8 }, afterUnclean);
    expect(seen).toThrow(InvariantError);
  });
  it('F6: a leader that begins above our end loses nothing', () => {
    expect(restartAbove({ logStartOffset: 40, producers: null })).toEqual({
      endOffset: 40,
      dropsEverything: true,
    });
  });
  it('F6, F7: a leader that ends below our start is followed from its start, lawfully or not at all', () => {
    expect(
      restartBelow(logOf([1, 10]), 6, { logStartOffset: 0, producers: null }, afterUnclean),
    ).toMatchObject({
      endOffset: 0,
      dropsEverything: true,
    });
    expect(() =>
      restartBelow(logOf([1, 10]), 6, { logStartOffset: 0, producers: null }, registration),
    ).toThrow(InvariantError);
  });
});

describe('cutting', () => {
  it('F5, KAFKA-10706: takes the epochs with it, even where no record goes', () => {
    const log = logOf([1, 5]);
    log.startEpoch(2);
    truncate(log, { endOffset: 5, dropsEverything: false });
    expect(log.epochs).toEqual([{ epoch: 1, startOffset: 0 }]);
  });
  it('F6, L10: drops everything where the log start has passed the cut meanwhile', () => {
    const log = logOf([1, 10]);
    log.advanceLogStart(7, 8);
    truncate(log, { endOffset: 5, dropsEverything: false });
    expect([log.logStartOffset, log.logEndOffset]).toEqual([5, 5]);
  });
});

/** A log as the list of its records' epochs, and the epochs that its replica has led. */
interface PlainLog {
  records: number[];
  led: EpochHistory;
}

const historyOf = ({ records, led }: PlainLog): EpochHistory => {
  let history: EpochHistory = [];
  for (const [offset, epoch] of records.entries()) history = withEpoch(history, epoch, offset);
  const last = led.at(-1);
  return last !== undefined &&
    last.epoch > (history.at(-1)?.epoch ?? -1) &&
    last.startOffset <= records.length
    ? withEpoch(history, last.epoch, last.startOffset)
    : history;
};

const viewOf = (log: PlainLog): LogView => ({
  ...emptyLog((callback) => callback()),
  read: () => ({ outcome: 'out of range' }),
  readLater: () => {},
  logStartOffset: 0,
  logEndOffset: log.records.length,
  flushedEndOffset: log.records.length,
  lastEpoch: log.records.at(-1) ?? -1,
  epochs: historyOf(log),
});

const commonPrefix = (one: PlainLog, other: PlainLog): number => {
  let length = 0;
  while (
    length < one.records.length &&
    length < other.records.length &&
    one.records[length] === other.records[length]
  )
    length += 1;
  return length;
};

describe('reconciliation', () => {
  it('F3, KIP-279: ends at the common prefix, whatever the elections were (twin)', () => {
    const step = fc.record({
      leader: fc.nat(2),
      appends: fc.nat(4),
      followers: fc.array(fc.record({ follower: fc.nat(2), copies: fc.nat(6) }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const logs: PlainLog[] = [0, 1, 2].map(() => ({ records: [], led: [] }));
        const at = (index: number) => logs[index] ?? { records: [], led: [] };
        for (const [epoch, { leader, appends, followers }] of steps.entries()) {
          const led = at(leader);
          led.led = [{ epoch, startOffset: led.records.length }];
          for (let count = 0; count < appends; count++) led.records.push(epoch);
          for (const { follower, copies } of followers) {
            if (follower === leader) continue;
            const common = reconciled(at(follower), led);
            expect(common).toBe(commonPrefix(at(follower), led));
            at(follower).records = led.records.slice(0, common + copies);
            at(follower).led = [];
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The follower asks until the leader says no more that their logs part; returns where its log ends then. */
function reconciled(follower: PlainLog, leader: PlainLog): number {
  const log: PlainLog = { records: [...follower.records], led: follower.led };
  for (;;) {
    const last = log.records.at(-1) ?? -1;
    const diverging = divergence(historyOf(leader), leader.records.length, log.records.length, last);
    if (diverging === undefined) return log.records.length;
    const { endOffset } = truncationAtDivergence(viewOf(log), 0, diverging, registration);
    expect(endOffset).toBeLessThan(log.records.length);
    log.records.length = endOffset;
    log.led = log.led.filter((entry) => entry.startOffset < endOffset);
  }
}
