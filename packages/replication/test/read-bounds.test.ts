import { describe, expect, it } from 'vitest';
import {
  clientEpochRefusal,
  consumerBoundsOf,
  epochRefusal,
  followerDivergence,
  latestOffsetOf,
} from '../src/read-bounds.ts';
import { emptyLog, fill } from './support/log.ts';

const log = emptyLog((callback) => callback());
fill(log, 1, 10);
log.startEpoch(3);

const position = (fetchOffset: number, lastFetchedEpoch: number) => ({
  currentLeaderEpoch: 3,
  fetchOffset,
  lastFetchedEpoch,
  flushedEnd: fetchOffset,
  logStartOffset: 0,
});

describe('who may read how far', () => {
  it('L9: an older epoch is fenced, a newer one unknown, and a client may name none', () => {
    expect(epochRefusal(3, 3)).toBeUndefined();
    expect(epochRefusal(2, 3)?.error).toBe('FENCED_LEADER_EPOCH');
    expect(epochRefusal(4, 3)?.error).toBe('UNKNOWN_LEADER_EPOCH');
    expect(epochRefusal(-1, 3)?.error).toBe('FENCED_LEADER_EPOCH');
    expect(clientEpochRefusal(-1, 3)).toBeUndefined();
  });
  it('L7: a consumer reads up to the high watermark; beyond the log end is out of range', () => {
    const at = (fetchOffset: number) =>
      consumerBoundsOf(log, 3, 6, { fetchOffset, currentLeaderEpoch: -1, lastFetchedEpoch: -1 });
    for (const offset of [0, 6, 8, 10]) expect(at(offset)).toEqual({ outcome: 'readable', upToOffset: 6 });
    expect(at(11)).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
  });
  it('L8: the latest offset is not available below the epoch start', () => {
    expect(latestOffsetOf(9, 10)).toBe('OFFSET_NOT_AVAILABLE');
    expect(latestOffsetOf(10, 10)).toBe(10);
  });
  it('F2: a follower that is a prefix does not part, an empty one neither', () => {
    expect(followerDivergence(log, position(10, 1))).toBeUndefined();
    expect(followerDivergence(log, position(4, 1))).toBeUndefined();
    expect(followerDivergence(log, position(0, -1))).toBeUndefined();
  });
  it('F2: parts where its last epoch ends here, also in an epoch that this log never had', () => {
    expect(followerDivergence(log, position(12, 1))).toEqual({
      outcome: 'diverging',
      diverging: { epoch: 1, endOffset: 10 },
    });
    expect(followerDivergence(log, position(8, 2))).toEqual({
      outcome: 'diverging',
      diverging: { epoch: 1, endOffset: 10 },
    });
  });
  it('F2: an epoch of which nothing is known, and an offset outside the log, are out of range', () => {
    expect(followerDivergence(log, position(5, 9))).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
    expect(followerDivergence(log, position(11, -1))).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
  });
});
