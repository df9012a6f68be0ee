import { describe, expect, it } from 'vitest';
import { allRecords, inWords } from './support/log.ts';
import { Pair, settledPair } from './support/pair.ts';

describe('fetching from a leader broker', () => {
  it('asks once for a crowd of partitions, and waits at the leader', () => {
    const pair = settledPair(3);
    expect(pair.fetches).toHaveLength(1);
    expect(pair.fetches[0]).toMatchObject({ sessionId: 0, sessionEpoch: 0, brokerEpoch: 2 });
    expect(pair.fetches[0]?.partitions).toHaveLength(3);
    expect(pair.parked.count).toBe(1);
  });
  it('is answered when there are records, and the next fetch commits them (I1, L3)', () => {
    const pair = settledPair(2);
    pair.produce(1, 3);
    pair.clock.pass(5);
    const { follower, followerLog, leader } = pair.partition(1);
    expect(inWords(allRecords(followerLog))).toBe('0..2@3');
    expect(leader.highWatermark).toBe(3);
    expect(follower.state).toBe('fetching');
  });
  it('sends only what has changed, and is told only what is news (KIP-227)', () => {
    const pair = settledPair(3);
    pair.produce(1, 3);
    pair.clock.pass(5);
    expect(pair.answers.at(0)?.partitions.map(({ partition }) => partition)).toEqual([1, 0, 2]);
    expect(pair.fetches[1]).toMatchObject({ sessionId: 1, sessionEpoch: 1, forgotten: [] });
    expect(pair.fetches[1]?.partitions.map(({ partition }) => partition)).toEqual([1]);
    pair.produce(2);
    pair.clock.pass(5);
    expect(pair.answers.at(1)?.partitions.map(({ partition }) => partition)).toEqual([2, 1]);
  });
  it('learns a high watermark with the next answer, at the latest when the wait is over', () => {
    const pair = settledPair(1);
    pair.produce(0, 3);
    pair.clock.pass(5);
    expect(pair.partition(0).follower.highWatermark).toBe(0);
    pair.clock.pass(600);
    expect(pair.partition(0).follower.highWatermark).toBe(3);
    expect(pair.partition(0).follower.state).toBe('caught up');
  });
  it('waits quietly: one request for each wait, none in a tight loop (W5)', () => {
    const pair = settledPair(3);
    pair.clock.pass(10_000);
    expect(pair.fetches.length).toBeLessThan(25);
    expect(pair.fetches.slice(3).every((fetch) => fetch.partitions.length === 0)).toBe(true);
  });
  it('does not make a new partition wait for the poll that waits', () => {
    const pair = new Pair(2);
    pair.lead(0);
    pair.lead(1);
    pair.produce(1, 2);
    pair.follow(0);
    pair.clock.pass(100);
    pair.follow(1);
    pair.clock.pass(10);
    expect(inWords(allRecords(pair.partition(1).followerLog))).toBe('0..1@3');
    pair.produce(0);
    pair.clock.pass(10);
    expect(inWords(allRecords(pair.partition(0).followerLog))).toBe('0@3');
  });
  it('F1: a new leader epoch begins anew at the log end, and what was asked in the old one is ignored', () => {
    const pair = settledPair(2);
    pair.produce(0, 2);
    pair.clock.pass(5);
    pair.newEpoch(0, 4);
    pair.follow(0);
    pair.clock.pass(20);
    const asked = pair.fetches.at(-1)?.partitions.find(({ partition }) => partition === 0);
    expect(asked).toMatchObject({ currentLeaderEpoch: 4, fetchOffset: 2, lastFetchedEpoch: 3 });
    pair.produce(0);
    pair.clock.pass(10);
    expect(inWords(allRecords(pair.partition(0).followerLog))).toBe('0..1@3 2@4');
  });
  it('F1: an old epoch is fenced, and not asked for again until the metadata have come', () => {
    const pair = settledPair(2);
    const old = pair.partition(0).follower;
    pair.newEpoch(0, 4);
    pair.clock.pass(2_000);
    const after = pair.fetches.length;
    pair.clock.pass(2_000);
    expect(pair.fetches.slice(after).every((fetch) => fetch.partitions.length === 0)).toBe(true);
    expect(pair.fetches.some((fetch) => fetch.forgotten.some(({ partition }) => partition === 0))).toBe(true);
    expect(old.state).toBe('reconciling');
    pair.follow(0);
    pair.clock.pass(600);
    expect(pair.partition(0).follower.state).toBe('caught up');
  });
  it('opens its session once the crowd that is coming has come, not with each part of it', () => {
    const pair = new Pair(20);
    pair.isCrowdComing = true;
    for (let index = 0; index < 20; index++) {
      pair.lead(index);
      pair.follow(index);
      pair.clock.pass(10);
    }
    expect(pair.fetches).toHaveLength(0);
    pair.isCrowdComing = false;
    pair.clock.pass(10);
    expect(pair.fetches[0]?.partitions).toHaveLength(20);
    // Who has a session goes on with it.
    pair.isCrowdComing = true;
    pair.produce(3);
    pair.clock.pass(10);
    expect(inWords(allRecords(pair.partition(3).followerLog))).toBe('0@3');
  });
  it('I4: a crowd that takes seconds to come is fetched as it comes, each partition named once and few requests made', () => {
    const pair = new Pair(300);
    pair.isCrowdComing = true;
    for (let index = 0; index < 300; index++) {
      pair.lead(index);
      pair.follow(index);
      pair.clock.pass(10);
      const earlier = pair.partitions[index - 60];
      if (earlier !== undefined) expect(earlier.follower.state).toBe('caught up');
    }
    expect(pair.fetches.length).toBeLessThan(30);
    pair.isCrowdComing = false;
    pair.clock.pass(600);
    const named = pair.fetches.flatMap(({ partitions }) => partitions.map(({ partition }) => partition));
    expect([...named].sort((one, other) => one - other)).toEqual(Array.from({ length: 300 }, (_, at) => at));
  });
  it('a leader that refuses a crowd takes up its places just now: it is asked less often (L9)', () => {
    const asked = (count: number): number => {
      const pair = new Pair(count, { settings: { backOffMs: 1000 } });
      for (let index = 0; index < count; index++) pair.follow(index);
      pair.clock.pass(320);
      const { length } = pair.fetches;
      for (let index = 0; index < count; index++) {
        pair.lead(index);
        pair.produce(index);
      }
      pair.clock.pass(2000);
      expect(new Set(pair.partitions.map(({ followerLog }) => followerLog.logEndOffset))).toEqual(
        new Set([1]),
      );
      return length;
    };
    expect(asked(1)).toBeGreaterThan(asked(640));
  });
  it('one partition that is refused rests alone, the others go on (L9)', () => {
    const pair = new Pair(2);
    pair.lead(0);
    pair.follow(0);
    pair.follow(1);
    pair.clock.pass(50);
    pair.produce(0);
    pair.clock.pass(5);
    expect(inWords(allRecords(pair.partition(0).followerLog))).toBe('0@3');
    pair.lead(1);
    pair.produce(1);
    pair.clock.pass(220);
    expect(inWords(allRecords(pair.partition(1).followerLog))).toBe('0@3');
    expect(pair.fetches.length).toBeLessThan(20);
  });
  it('ends a rest in time though its timer comes a moment too early, not with the poll of the others (W2)', () => {
    const pair = new Pair(2);
    pair.clock.earlyMs = 0.4;
    pair.lead(0);
    pair.follow(0);
    pair.follow(1);
    pair.clock.pass(6);
    pair.lead(1);
    pair.produce(1);
    pair.clock.pass(60);
    expect(inWords(allRecords(pair.partition(1).followerLog))).toBe('0@3');
  });
  it('W3: a rest that ends while another request is on its way ends, though nothing is named anew', () => {
    const pair = new Pair(3);
    for (const index of [0, 2]) pair.lead(index);
    pair.follow(0);
    pair.clock.pass(520);
    const { leaderLog } = pair.partition(0);
    const warm = leaderLog.read.bind(leaderLog);
    const readLater = (from: number, limits: Parameters<typeof warm>[1], done: (read: object) => void) =>
      pair.clock.setTimeout(() => done(warm(from, limits)), 40);
    Object.assign(leaderLog, { read: () => ({ outcome: 'cold' }), readLater });
    for (const index of [0, 1]) pair.produce(index);
    // Refused by an answer that waits for the disk; the next request goes when the one before it is answered.
    pair.follow(1);
    pair.clock.pass(30);
    pair.follow(2);
    pair.clock.pass(15);
    pair.lead(1);
    pair.clock.pass(1_000);
    expect(inWords(allRecords(pair.partition(1).followerLog))).toBe('0@3');
  });
  it('asks again soon where the leader has not heard of its election yet, then ever more seldom', () => {
    const pair = new Pair(1);
    pair.follow(0);
    pair.clock.pass(30);
    expect(pair.fetches.length).toBeGreaterThan(1);
    pair.clock.pass(970);
    expect(pair.fetches.length).toBeLessThan(10);
    const before = pair.fetches.length;
    pair.clock.pass(1_000);
    expect(pair.fetches.length - before).toBeLessThan(6);
    pair.lead(0);
    pair.produce(0);
    pair.clock.pass(210);
    expect(inWords(allRecords(pair.partition(0).followerLog))).toBe('0@3');
  });
  it('backs off when the leader fails, then begins a new session with every partition', () => {
    const pair = settledPair(2);
    pair.isCut = true;
    pair.produce(0);
    pair.clock.pass(2_000);
    expect(pair.fetches.length).toBeLessThan(20);
    pair.isCut = false;
    pair.clock.pass(300);
    expect(pair.fetches.findLast((fetch) => fetch.sessionEpoch === 0)?.partitions).toHaveLength(2);
    expect(inWords(allRecords(pair.partition(0).followerLog))).toBe('0@3');
  });
  it('begins anew at once when the leader has forgotten the session', () => {
    const pair = settledPair(1);
    pair.parked.close();
    pair.clock.pass(10);
    expect(pair.fetches.map(({ sessionEpoch }) => sessionEpoch)).toEqual([0, 1, 0]);
    pair.produce(0);
    pair.clock.pass(5);
    expect(inWords(allRecords(pair.partition(0).followerLog))).toBe('0@3');
  });
  it('begins anew in a new life of the broker', () => {
    const pair = settledPair(1);
    pair.brokerEpoch = 12;
    pair.produce(0);
    pair.clock.pass(600);
    expect(pair.fetches.at(-1)).toMatchObject({ brokerEpoch: 12 });
    expect(pair.partition(0).leader.highWatermark).toBe(1);
  });
  it('unfollows: nothing is asked and nothing taken any more', () => {
    const pair = settledPair(2);
    pair.fetcher.unfollow('t', 0);
    pair.produce(0);
    pair.clock.pass(50);
    expect(pair.partition(0).followerLog.logEndOffset).toBe(0);
    expect(pair.fetches.at(-1)?.forgotten).toEqual([{ topicId: 't', partition: 0 }]);
    pair.fetcher.stop();
    const { length } = pair.fetches;
    pair.clock.pass(5_000);
    expect([pair.fetches.length, pair.clock.pending]).toEqual([length, 0]);
  });
});

describe('flushes of a follower', () => {
  it('reads on while it flushes, and reports a flush at once while a poll waits (I1)', () => {
    const pair = settledPair(2, { holdsFollowerFlushes: true });
    const { leader, followerLog, key } = pair.partition(0);
    pair.produce(0, 2);
    pair.clock.pass(5);
    pair.produce(0, 2);
    pair.clock.pass(5);
    expect([followerLog.logEndOffset, leader.highWatermark]).toEqual([4, 0]);
    followerLog.flushNow();
    pair.fetcher.flushed([key]);
    pair.clock.pass(1);
    expect(leader.highWatermark).toBe(4);
    expect(pair.reports).toHaveLength(1);
    expect(pair.reports[0]?.partitions).toEqual([
      { topicId: 't', partition: 0, leaderEpoch: 3, flushedEnd: 4 },
    ]);
  });
  it('reports nothing twice, and says it again with the next fetch', () => {
    const pair = settledPair(1, { holdsFollowerFlushes: true });
    const { followerLog, key } = pair.partition(0);
    pair.produce(0, 2);
    pair.clock.pass(5);
    followerLog.flushNow();
    pair.fetcher.flushed([key]);
    pair.fetcher.flushed([key]);
    pair.clock.pass(600);
    expect(pair.reports).toHaveLength(1);
    const saying = pair.fetches.filter(({ partitions }) =>
      partitions.some(({ flushedEnd }) => flushedEnd === 2),
    );
    expect(saying).toHaveLength(1);
  });
  it('never reports beyond the fetch that the leader has accepted', () => {
    const pair = settledPair(1, { holdsFollowerFlushes: true });
    const { followerLog, key, leader } = pair.partition(0);
    pair.produce(0, 2);
    pair.clock.pass(2);
    // The records are here and the next fetch is on its way, but not the one that names their end.
    expect(pair.fetches).toHaveLength(2);
    followerLog.flushNow();
    pair.fetcher.flushed([key]);
    pair.clock.pass(1);
    expect(leader.highWatermark).toBe(2);
  });
});
