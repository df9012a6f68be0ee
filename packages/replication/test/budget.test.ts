import { describe, expect, it } from 'vitest';
import { batchOf, emptyLog, fill } from './support/log.ts';
import { testFollower, testLeader } from './support/roles.ts';

const produced = { wallMs: 0, origin: 'client' } as const;

describe('the budget of transitions of a partition (design §4)', () => {
  it('a produce request: one', () => {
    const { leader, transitions } = testLeader();
    leader.produce(batchOf('a'), 'all', produced);
    expect(transitions).toEqual(['produce']);
  });
  it('batches that came together: one, with a result for each in their order', () => {
    const { leader, transitions, log } = testLeader();
    const results = leader.produceTogether(['a', 'b', 'c'].map(batchOf), 'all', produced);
    expect(transitions).toEqual(['produce']);
    expect(results.map((result) => result.outcome === 'appended' && result.lastOffset)).toEqual([0, 1, 2]);
    expect(log.logEndOffset).toBe(3);
  });
  it('L6 batches that came together are refused together: one, with a result for each', () => {
    const { leader, transitions, log } = testLeader({ registration: { inSyncReplicas: [1] } });
    const results = leader.produceTogether(['a', 'b'].map(batchOf), 'all', produced);
    expect(transitions).toEqual(['produce']);
    expect(results.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
    expect(log.logEndOffset).toBe(0);
  });
  it('a refused one: one', () => {
    const { leader, transitions } = testLeader({ registration: { inSyncReplicas: [1] } });
    leader.produce(batchOf('a'), 'all', produced);
    expect(transitions).toEqual(['produce']);
  });
  it('a follower fetch that changes nothing: none; one that commits: one', () => {
    const { leader, transitions, fetch } = testLeader();
    fetch(2, 0);
    leader.produce(batchOf('a'), 'all', produced);
    transitions.length = 0;
    fetch(2, 0);
    expect(transitions).toEqual([]);
    fetch(2, 1);
    expect(transitions).toEqual(['follower progressed']);
    fetch(2, 1);
    expect(transitions).toEqual(['follower progressed']);
  });
  it('a follower flush that changes nothing: none; one that commits: one', () => {
    const { leader, transitions, fetch } = testLeader();
    fetch(2, 0);
    leader.produce(batchOf('a'), 'all', produced);
    fetch(2, 1, { flushedEnd: 0 });
    transitions.length = 0;
    const flush = { brokerId: 2, brokerEpoch: 2, leaderEpoch: 3 };
    leader.followerFlushed({ ...flush, flushedEnd: 0 });
    expect(transitions).toEqual([]);
    leader.followerFlushed({ ...flush, flushedEnd: 1 });
    expect(transitions).toEqual(['follower progressed']);
  });
  it('the own flush: one if it commits, else none', () => {
    const { leader, log, transitions, fetch } = testLeader({ holdsFlushes: true });
    leader.produce(batchOf('a'), 'all', produced);
    log.flushNow();
    transitions.length = 0;
    leader.flushed();
    expect(transitions).toEqual([]);
    fetch(2, 0);
    leader.produce(batchOf('b'), 'all', produced);
    fetch(2, 2);
    transitions.length = 0;
    log.flushNow();
    leader.flushed();
    expect(transitions).toEqual(['log flushed']);
  });
  it('a consumer read: none', () => {
    const { leader, transitions } = testLeader();
    leader.consumerRead({ fetchOffset: 0, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }, 1_000);
    leader.latestOffset(-1);
    leader.commitment(0);
    leader.describeEnds();
    expect(transitions).toEqual([]);
  });
  it('a fetch answer at the follower: one, whatever it brings', () => {
    const { follower, transitions } = testFollower();
    const leaderLog = emptyLog((callback) => callback());
    fill(leaderLog, 3, 6);
    for (const upToOffset of [3, 6, 6]) {
      const asked = follower.fetchPosition();
      const read = leaderLog.read(asked.fetchOffset, { upToOffset, maxBytes: 1_000_000 });
      const records = read.outcome === 'records' ? read.records : [];
      const ends = { highWatermark: 0, logStartOffset: 0, logEndOffset: 6 };
      follower.answered({ error: 'NONE', ...ends, diverging: null, records, producers: null }, asked);
    }
    expect(transitions).toEqual(['fetch answered', 'fetch answered', 'fetch answered']);
  });
});
