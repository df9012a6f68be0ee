import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitmentOf, followerHighWatermark, highWatermarkAfter } from '../src/high-watermark.ts';
import { newProgressTable, type ProgressTable } from '../src/replica-progress.ts';
import { emptyLog, fill } from './support/log.ts';
import { registration, settings } from './support/roles.ts';

const log = emptyLog((callback) => callback());
fill(log, 3, 10);

/** Ends of 2 and 3; who is outside and not caught up has never been. */
function table(
  ends: Readonly<Record<number, number>>,
  caughtUpMs: Readonly<Record<number, number>> = {},
): ProgressTable {
  const made = newProgressTable(registration, 1, 0);
  for (const [id, progress] of made) {
    progress.fetchOffset = ends[id] ?? -1;
    progress.endOffset = ends[id] ?? -1;
    progress.lastCaughtUpMs = caughtUpMs[id] ?? Number.NEGATIVE_INFINITY;
  }
  return made;
}

const view = { log, registration, settings, maximalInSync: [1, 2], isEligible: () => true };

describe('the high watermark', () => {
  it('L3: is the lowest end in the maximal in-sync set', () => {
    expect(highWatermarkAfter(0, { ...view, table: table({ 2: 6, 3: 1 }) }, 50_000)).toBe(6);
  });
  it('L3, I2: does not move while an in-sync member has not fetched in this epoch', () => {
    expect(highWatermarkAfter(4, { ...view, table: table({ 3: 8 }) }, 50_000)).toBe(4);
  });
  it('L3: waits for one outside that is caught up and eligible, or it would be outrun for ever', () => {
    const caughtUp = table({ 2: 9, 3: 5 }, { 3: 45_000 });
    expect(highWatermarkAfter(0, { ...view, table: caughtUp }, 50_000)).toBe(5);
    expect(highWatermarkAfter(0, { ...view, table: caughtUp }, 60_000)).toBe(9);
  });
  it('L3, KAFKA-15021: does not wait for one outside that may not join', () => {
    const caughtUp = table({ 2: 9, 3: 5 }, { 3: 45_000 });
    expect(highWatermarkAfter(0, { ...view, table: caughtUp, isEligible: (id) => id !== 3 }, 50_000)).toBe(9);
  });
  it('L3, M12: does not move below min.insync.replicas, counted on the committed set', () => {
    const alone = { ...registration, inSyncReplicas: [1] };
    const ends = table({ 2: 9, 3: 9 });
    const frozen = { ...view, registration: alone, maximalInSync: [1, 2], table: ends };
    expect(highWatermarkAfter(3, frozen, 50_000)).toBe(3);
    const single = { ...frozen, settings: { ...settings, minInSyncReplicas: 1 } };
    expect(highWatermarkAfter(3, single, 50_000)).toBe(9);
  });
  it('L3: a min.insync.replicas above the number of replicas means all of them', () => {
    const two = { ...registration, replicas: [1, 2], inSyncReplicas: [1, 2] };
    const asked = { ...settings, minInSyncReplicas: 5 };
    expect(
      highWatermarkAfter(0, { ...view, registration: two, settings: asked, table: table({ 2: 4 }) }, 50_000),
    ).toBe(4);
  });
  it('L3: the own end counts as far as it is flushed', () => {
    const unflushed = emptyLog(() => {}, true);
    fill(unflushed, 3, 10);
    expect(highWatermarkAfter(0, { ...view, log: unflushed, table: table({ 2: 10 }) }, 50_000)).toBe(0);
    unflushed.flushNow();
    expect(highWatermarkAfter(0, { ...view, log: unflushed, table: table({ 2: 10 }) }, 50_000)).toBe(10);
  });
  it('L3: never falls, and is what ten obvious lines say (twin)', () => {
    const end = fc.integer({ min: -1, max: 12 });
    const replicas = fc.record({
      ends: fc.tuple(end, end),
      caughtUp: fc.tuple(fc.boolean(), fc.boolean()),
      eligible: fc.tuple(fc.boolean(), fc.boolean()),
      maximal: fc.subarray([2, 3]),
      current: fc.nat(10),
      minInSync: fc.integer({ min: 1, max: 3 }),
      committed: fc.subarray([2, 3]),
    });
    fc.assert(
      fc.property(replicas, ({ ends, caughtUp, eligible, maximal, current, minInSync, committed }) => {
        const made = table(
          { 2: ends[0], 3: ends[1] },
          { 2: caughtUp[0] ? 1_000 : -1e9, 3: caughtUp[1] ? 1_000 : -1e9 },
        );
        const actual = highWatermarkAfter(
          current,
          {
            log,
            table: made,
            registration: { ...registration, inSyncReplicas: [1, ...committed] },
            settings: { ...settings, minInSyncReplicas: minInSync },
            maximalInSync: [1, ...maximal],
            isEligible: (id) => eligible[id - 2] ?? false,
          },
          1_000,
        );
        const counted = [10];
        for (const [index, id] of [2, 3].entries()) {
          const isCaughtUp = caughtUp[index] || ends[index] === 10;
          if (maximal.includes(id) || (isCaughtUp && eligible[index])) counted.push(ends[index] ?? -1);
        }
        const isFrozen = committed.length + 1 < minInSync;
        expect(actual).toBe(isFrozen ? current : Math.max(current, Math.min(...counted)));
      }),
    );
  });
});

describe('acks=all', () => {
  it('L6: waits for the high watermark, then says whether enough were in sync', () => {
    expect(commitmentOf(5, 4, 2, 2)).toBe('waiting');
    expect(commitmentOf(5, 5, 2, 2)).toBe('committed');
    expect(commitmentOf(5, 5, 1, 2)).toBe('committed by too few');
  });
});

describe('a follower high watermark', () => {
  it('F4: is the leader one, within the own log; it may go down', () => {
    expect(followerHighWatermark(25, log)).toBe(10);
    expect(followerHighWatermark(3, log)).toBe(3);
    const started = emptyLog((callback) => callback());
    started.truncateFullyAndStartAt(7);
    expect(followerHighWatermark(0, started)).toBe(7);
  });
});
