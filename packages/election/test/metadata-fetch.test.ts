import { memoryLog } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { fetchPosition, isBesideSnapshot, logEndAt } from '../src/metadata-fetch.ts';
import { batchOf } from './support/world.ts';

/** Offsets 0 and 1 of epoch 1, 2 of epoch 3, 3 and 4 of epoch 4. */
function leaderLog() {
  const log = memoryLog({ later: () => {} });
  for (const leaderEpoch of [1, 1, 3, 4, 4])
    log.appendAsLeader(batchOf('x'), { leaderEpoch, wallMs: 0, origin: 'coordinator' });
  return log;
}

describe('where a fetch stands', () => {
  it('Q7: valid, where the follower has a prefix', () => {
    const log = leaderLog();
    for (const [offset = 0, epoch = 0] of [
      [0, -1],
      [1, 1],
      [2, 1],
      [3, 3],
      [5, 4],
    ])
      expect(fetchPosition(log, undefined, offset, epoch)).toEqual({ kind: 'valid' });
  });
  it('Q7: diverging, where it has what the leader never had', () => {
    const log = leaderLog();
    expect(fetchPosition(log, undefined, 3, 1)).toEqual({
      kind: 'diverging',
      end: { epoch: 1, endOffset: 2 },
    });
    expect(fetchPosition(log, undefined, 4, 2)).toEqual({
      kind: 'diverging',
      end: { epoch: 1, endOffset: 2 },
    });
    expect(fetchPosition(log, undefined, 9, 4)).toEqual({
      kind: 'diverging',
      end: { epoch: 4, endOffset: 5 },
    });
    expect(fetchPosition(log, undefined, 9, -1)).toMatchObject({ kind: 'diverging' });
  });
  it('Q7, Q11: snapshot, below the log start, at it with another past, of an older epoch, and from nothing', () => {
    const log = leaderLog();
    const id = { endOffset: 3, epoch: 3 };
    expect(fetchPosition(log, id, 0, -1)).toEqual({ kind: 'snapshot', id });
    expect(fetchPosition(log, id, 2, 1)).toEqual({ kind: 'valid' });
    log.advanceLogStart(3, 5);
    expect(fetchPosition(log, id, 2, 1)).toEqual({ kind: 'snapshot', id });
    expect(fetchPosition(log, id, 3, 1)).toEqual({ kind: 'snapshot', id });
    expect(fetchPosition(log, id, 4, 2)).toEqual({ kind: 'snapshot', id });
    expect(fetchPosition(log, id, 3, 3)).toEqual({ kind: 'valid' });
    expect(fetchPosition(log, id, 4, 4)).toEqual({ kind: 'valid' });
  });
});

describe('a log beside its snapshot', () => {
  it('Q11: ends before the snapshot, or holds another past at its end', () => {
    const log = leaderLog();
    expect(isBesideSnapshot(log, { endOffset: 3, epoch: 3 })).toBe(false);
    expect(isBesideSnapshot(log, { endOffset: 6, epoch: 4 })).toBe(true);
    expect(isBesideSnapshot(log, { endOffset: 3, epoch: 2 })).toBe(true);
    log.advanceLogStart(3, 5);
    expect(isBesideSnapshot(log, { endOffset: 3, epoch: 3 })).toBe(false);
  });
});

describe('the end of a log', () => {
  it('Q2: has the epoch of its last record below it, or of the snapshot that it begins with', () => {
    const log = leaderLog();
    expect(logEndAt(log, undefined, 3)).toEqual({ lastEpoch: 3, endOffset: 3 });
    expect(logEndAt(log, undefined, 2)).toEqual({ lastEpoch: 1, endOffset: 2 });
    log.truncateFullyAndStartAt(9);
    expect(logEndAt(log, { endOffset: 9, epoch: 4 }, 9)).toEqual({ lastEpoch: 4, endOffset: 9 });
    expect(logEndAt(log, undefined, 9)).toEqual({ lastEpoch: -1, endOffset: 9 });
  });
});
