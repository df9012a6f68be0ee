import { describe, expect, it } from 'vitest';
import {
  alignProgressTable,
  isCaughtUp,
  newProgressTable,
  noteFetch,
  noteFlush,
  type ReplicaProgress,
} from '../src/replica-progress.ts';
import { registration } from './support/roles.ts';

function fresh(): ReplicaProgress {
  const progress = newProgressTable(registration, 1, 0).get(3);
  if (progress === undefined) throw new Error('no replica 3');
  return progress;
}

const fetchAt = (fetchOffset: number, flushedEnd = fetchOffset) => ({
  brokerId: 3,
  brokerEpoch: 33,
  currentLeaderEpoch: 3,
  fetchOffset,
  lastFetchedEpoch: 3,
  flushedEnd,
  logStartOffset: 0,
});

describe('the progress of a follower', () => {
  it('I2: a new epoch knows no ends, and in-sync members have just caught up', () => {
    const table = newProgressTable(registration, 1, 500);
    expect([...table.keys()]).toEqual([2, 3]);
    expect(table.get(2)).toMatchObject({ endOffset: -1, brokerEpoch: -1, lastCaughtUpMs: 500 });
    expect(table.get(3)).toMatchObject({
      endOffset: -1,
      brokerEpoch: -1,
      lastCaughtUpMs: Number.NEGATIVE_INFINITY,
    });
  });
  it('I1: one at the leader end is caught up now', () => {
    const progress = fresh();
    noteFetch(progress, fetchAt(10), 10, 700);
    expect(progress).toMatchObject({ endOffset: 10, brokerEpoch: 33, lastCaughtUpMs: 700 });
  });
  it('I1: one that has reached the end of the fetch before was caught up then', () => {
    const progress = fresh();
    noteFetch(progress, fetchAt(4), 10, 700);
    noteFetch(progress, fetchAt(10), 20, 800);
    expect(progress.lastCaughtUpMs).toBe(700);
    noteFetch(progress, fetchAt(15), 25, 900);
    expect(progress.lastCaughtUpMs).toBe(700);
  });
  it('I1 as amended: the mark stays until the flushed end has reached it, so a slow disk keeps up', () => {
    const progress = fresh();
    noteFetch(progress, fetchAt(0, 0), 10, 100);
    // It reads on in small steps, while one flush takes its time.
    for (let step = 1; step <= 5; step++)
      noteFetch(progress, fetchAt(step * 10, 0), step * 10 + 10, 100 + step * 100);
    expect(progress.lastCaughtUpMs).toBe(Number.NEGATIVE_INFINITY);
    expect(noteFlush(progress, flushed(50), 70, 700)).toBe(true);
    expect(progress).toMatchObject({ endOffset: 50, lastCaughtUpMs: 100, markMs: 700, markOffset: 70 });
  });
  it('I1: what is flushed beyond the accepted fetch does not count', () => {
    const progress = fresh();
    noteFetch(progress, fetchAt(5, 9), 10, 100);
    expect(progress.endOffset).toBe(5);
    noteFlush(progress, flushed(9), 10, 200);
    expect(progress.endOffset).toBe(5);
  });
  it('I1, S14: an end may go down when its disk is gone, but not by a report that comes late', () => {
    const progress = fresh();
    noteFetch(progress, fetchAt(10), 10, 100);
    noteFlush(progress, flushed(4), 10, 200);
    expect(progress.endOffset).toBe(10);
    noteFetch(progress, { ...fetchAt(0), brokerEpoch: 34 }, 10, 300);
    expect(progress).toMatchObject({ endOffset: 0, brokerEpoch: 34 });
    expect(noteFlush(progress, flushed(8), 10, 400)).toBe(false);
  });
  it('I1: a flush before the first fetch of the epoch says nothing', () => {
    expect(noteFlush(fresh(), flushed(8), 10, 400)).toBe(false);
  });
  it('S31: who is removed and added again begins unknown', () => {
    const table = newProgressTable(registration, 1, 0);
    const before = table.get(3);
    if (before !== undefined) noteFetch(before, fetchAt(10), 10, 100);
    alignProgressTable(table, { ...registration, replicas: [1, 2] }, 1);
    expect([...table.keys()]).toEqual([2]);
    alignProgressTable(table, registration, 1);
    expect(table.get(3)?.endOffset).toBe(-1);
  });
  it('L3, I4: caught up by end, or by time', () => {
    const progress = { ...fresh(), endOffset: 10, lastCaughtUpMs: 0 };
    expect(isCaughtUp(progress, 10, 99_999, 10)).toBe(true);
    expect(isCaughtUp(progress, 11, 10, 10)).toBe(true);
    expect(isCaughtUp(progress, 11, 11, 10)).toBe(false);
  });
});

function flushed(flushedEnd: number) {
  return { brokerId: 3, brokerEpoch: 33, leaderEpoch: 3, flushedEnd };
}
