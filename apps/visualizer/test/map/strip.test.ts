import type { ReplicaFacts } from '@odradek/trace';
import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runsOf, sharedEndOf, squareAt, windowOf } from '../../src/map/strip.ts';

function replica(broker: number, ends: Partial<ReplicaFacts>): ReplicaFacts {
  const logEndOffset = ends.logEndOffset ?? 0;
  return {
    ...{ broker, topic: 't', partition: 0, role: 'follower', leaderEpoch: 0, logStartOffset: 0 },
    ...{ highWatermark: 0, logEndOffset, flushedEndOffset: logEndOffset },
    ...ends,
  };
}

describe('the strip of a replica', () => {
  test('L3: below the high watermark it is committed, below all ends in sync it is in sync, above only appended', () => {
    const leader = replica(1, { highWatermark: 3, logEndOffset: 9 });
    const follower = replica(2, { highWatermark: 2, logEndOffset: 6, flushedEndOffset: 5 });
    const window = windowOf([leader, follower], 20);
    const shared = sharedEndOf([leader, follower], { leaderEpoch: 0, inSyncReplicas: [1, 2] });
    expect(shared.offset).toBe(5);
    expect(runsOf(leader, shared, window)).toEqual([
      { kind: 'committed', from: 0, to: 3 },
      { kind: 'in sync', from: 3, to: 5 },
      { kind: 'appended', from: 5, to: 9 },
    ]);
    expect(runsOf(follower, shared, window).map(({ kind, to }) => [kind, to])).toEqual([
      ['committed', 2],
      ['in sync', 5],
      ['appended', 6],
    ]);
  });

  test('a replica that is out of sync holds nobody up', () => {
    const leader = replica(1, { highWatermark: 8, logEndOffset: 9 });
    const state = { leaderEpoch: 0, inSyncReplicas: [1] };
    expect(sharedEndOf([leader, replica(2, { logEndOffset: 1 })], state).offset).toBe(9);
  });

  test('F3: a deposed leader’s record above what was committed is its own, whatever the others have at its offset', () => {
    const deposed = replica(1, { role: 'leader', leaderEpoch: 0, highWatermark: 2, logEndOffset: 3 });
    const leader = replica(2, { role: 'leader', leaderEpoch: 1, highWatermark: 2, logEndOffset: 4 });
    const follower = replica(3, { leaderEpoch: 1, highWatermark: 2, logEndOffset: 4 });
    const all = [deposed, leader, follower];
    const window = windowOf(all, 20);
    const shared = sharedEndOf(all, { leaderEpoch: 1, inSyncReplicas: [2, 3] });
    expect(runsOf(deposed, shared, window)).toEqual([
      { kind: 'committed', from: 0, to: 2 },
      { kind: 'appended', from: 2, to: 3 },
    ]);
    expect(runsOf(follower, shared, window).at(-1)).toEqual({ kind: 'in sync', from: 2, to: 4 });
    // While it still is in the set, its record holds the others up.
    expect(sharedEndOf(all, { leaderEpoch: 1, inSyncReplicas: [1, 2, 3] }).offset).toBe(2);
  });

  test('below the log start there is nothing', () => {
    const trimmed = replica(1, { logStartOffset: 4, highWatermark: 6, logEndOffset: 6 });
    expect(runsOf(trimmed, { offset: 6, leaderEpoch: 0 }, windowOf([trimmed], 20))).toEqual([
      { kind: 'gone', from: 0, to: 4 },
      { kind: 'committed', from: 4, to: 6 },
    ]);
  });

  test('whatever the ends, all of them are seen at once, and runs follow one another without a gap', () => {
    const offset = integer({ min: 0, max: 2 ** 40 });
    assert(
      property(offset, offset, integer({ min: 12, max: 60 }), (one, other, squares) => {
        const [high, end] = [Math.min(one, other), Math.max(one, other)];
        const leader = replica(1, { highWatermark: high, logEndOffset: end });
        const window = windowOf([leader, replica(2, { logEndOffset: high })], squares);
        expect(squareAt(end, window)).toBeLessThanOrEqual(squares);
        expect(squareAt(high, window)).toBeGreaterThanOrEqual(0);
        const runs = runsOf(leader, { offset: high, leaderEpoch: 0 }, window);
        runs.forEach((run, index) => {
          expect(run.from).toBe(index === 0 ? 0 : runs[index - 1]?.to);
        });
        expect(runs.at(-1)?.to ?? 0).toBeCloseTo(squareAt(end, window), 6);
      }),
    );
  });

  test('a window stays where it is while its log grows in it, so that equal offsets stay in place', () => {
    const from = (end: number): number => windowOf([replica(1, { logEndOffset: end })], 24).fromOffset;
    expect(new Set([100, 101, 102, 103].map(from)).size).toBeLessThanOrEqual(2);
    expect(from(4)).toBe(0);
  });
});
