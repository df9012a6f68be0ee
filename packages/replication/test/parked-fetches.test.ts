import { describe, expect, it } from 'vitest';
import { Pair, settledPair } from './support/pair.ts';
import { registration } from './support/roles.ts';

const request = {
  brokerId: 2,
  brokerEpoch: 2,
  sessionId: 0,
  sessionEpoch: 0,
  maxWaitMs: 0,
  maxBytes: 1_000_000,
  partitions: [],
  forgotten: [],
};

describe('fetches at the leader', () => {
  it('X8: nobody fetches or reports in the name of another', () => {
    const { parked } = settledPair(1);
    parked.fetch(3, request, (response) => expect(response.error).toBe('CLUSTER_AUTHORIZATION_FAILED'));
    expect(parked.flushed(3, { brokerId: 2, brokerEpoch: 2, partitions: [] }).error).toBe(
      'CLUSTER_AUTHORIZATION_FAILED',
    );
  });
  it('F2, F7, I1: a position that was named before its leader began is compared once it leads, and tells no high watermark before', () => {
    const pair = settledPair(1);
    pair.produce(0);
    pair.clock.pass(1_000);
    const { key, leader } = pair.partition(0);
    const told: unknown[] = [];
    const ask = (change: object) =>
      pair.parked.fetch(2, { ...request, ...change }, ({ sessionId, partitions: [part] }) => {
        session = sessionId;
        told.push(part?.error === 'NONE' ? part.diverging : part?.error);
      });
    let session = 0;
    // It ends where the leader ends, by a record of an older epoch.
    const parted = {
      ...{ topicId: 't', partition: 0, maxBytes: 1_000 },
      ...{ currentLeaderEpoch: leader.leaderEpoch, lastFetchedEpoch: leader.leaderEpoch - 1 },
      ...{ fetchOffset: 1, flushedEnd: 1, logStartOffset: 0 },
    };
    pair.leaders.delete(key);
    ask({ partitions: [parted] });
    pair.leaders.set(key, leader);
    pair.parked.wake([key]);
    pair.parked.tell(key);
    ask({ sessionId: session, sessionEpoch: 1 });
    expect(told).toEqual(['NOT_LEADER_OR_FOLLOWER', { epoch: leader.leaderEpoch - 1, endOffset: 0 }]);
  });
  it('F2, I1: who asks a leader that is about to begin is not refused, but heard and served as soon as it begins', () => {
    const pair = new Pair(2);
    const [early, other] = [pair.partition(0), pair.partition(1)];
    pair.toLead.add(early.key);
    pair.lead(1);
    pair.follow(0);
    pair.follow(1);
    pair.clock.pass(2_000);
    pair.produce(0);
    pair.produce(1);
    pair.clock.pass(2_000);
    expect([early, other].map(({ followerLog }) => followerLog.logEndOffset)).toEqual([0, 1]);
    pair.lead(0);
    pair.parked.begun(early.key);
    pair.clock.pass(5);
    expect(early.followerLog.logEndOffset).toBe(1);
    pair.clock.pass(1_000);
    expect([early.leader.highWatermark, early.follower.highWatermark]).toEqual([1, 1]);
    const refused = pair.answers.flatMap(({ partitions }) =>
      partitions.filter(({ error }) => error !== 'NONE'),
    );
    expect(refused).toEqual([]);
  });
  it('I1: a follower that waited and has all is told so by the next answer', () => {
    const pair = new Pair(2);
    const { key, leader, follower } = pair.partition(0);
    pair.toLead.add(key);
    pair.lead(1);
    for (const index of [0, 1]) pair.follow(index);
    pair.clock.pass(1_000);
    pair.produce(1);
    pair.clock.pass(1_000);
    pair.lead(0);
    pair.parked.begun(key);
    pair.clock.pass(1_000);
    expect(pair.answers.flatMap(({ partitions }) => partitions.map((one) => one.partition))).toContain(0);
    expect(follower.highWatermark).toBe(leader.highWatermark);
  });
  it('L9: who waited for a leader that does not begin after all is refused with the next fetch', () => {
    const pair = new Pair(1);
    const { key } = pair.partition(0);
    pair.toLead.add(key);
    pair.follow(0);
    pair.clock.pass(2_000);
    expect(pair.answers.flatMap(({ partitions }) => partitions)).toEqual([]);
    pair.toLead.delete(key);
    pair.clock.pass(600);
    expect(pair.answers.at(-1)?.partitions).toMatchObject([{ error: 'NOT_LEADER_OR_FOLLOWER' }]);
  });
  it('P2, X1: whoever is out of range is told of producers, of no more partitions at once than the answer has room for', () => {
    const pair = new Pair(3);
    const producers = new Uint8Array(100);
    for (const index of [0, 1, 2]) {
      pair.lead(index);
      Object.assign(pair.partition(index).leaderLog, { producersAtStart: () => producers });
    }
    const position = {
      ...{ fetchOffset: 30, flushedEnd: 30 },
      ...{ lastFetchedEpoch: -1, logStartOffset: 30 },
    };
    const partitions = [0, 1, 2].map((partition) => ({
      ...{ topicId: 't', partition, maxBytes: 1_000, ...position },
      currentLeaderEpoch: pair.partition(partition).leader.leaderEpoch,
    }));
    const told: unknown[] = [];
    let session = 0;
    const ask = (change: object) =>
      pair.parked.fetch(2, { ...request, maxBytes: 150, ...change }, ({ sessionId, partitions: parts }) => {
        session = sessionId;
        told.push(
          parts
            .filter(({ error }) => error !== 'NONE')
            .map((part) => [part.partition, part.error, part.producers?.length]),
        );
      });
    ask({ partitions });
    const out = (partition: number) => [partition, 'OFFSET_OUT_OF_RANGE', 100];
    expect(told).toEqual([[out(0), out(1)]]);
    const begun = partitions
      .slice(0, 2)
      .map((one) => ({ ...one, fetchOffset: 0, flushedEnd: 0, logStartOffset: 0 }));
    ask({ sessionId: session, sessionEpoch: 1, partitions: begun });
    expect(told[1]).toEqual([out(2)]);
  });
  it('P2: a leader whose disk does not give what it knows of producers has its follower ask again', () => {
    const pair = new Pair(1);
    pair.lead(0);
    Object.assign(pair.partition(0).leaderLog, { producersAtStart: () => undefined });
    const asked = {
      ...{ topicId: 't', partition: 0, maxBytes: 1_000, lastFetchedEpoch: -1 },
      ...{ currentLeaderEpoch: pair.partition(0).leader.leaderEpoch },
      ...{ fetchOffset: 30, flushedEnd: 30, logStartOffset: 30 },
    };
    pair.parked.fetch(2, { ...request, partitions: [asked] }, ({ partitions: [part] }) =>
      expect(part?.error).toBe('KAFKA_STORAGE_ERROR'),
    );
    expect.assertions(1);
  });
  it('KIP-227: a session goes on only where it was', () => {
    const { parked } = settledPair(1);
    const errors: string[] = [];
    const ask = (change: object) =>
      parked.fetch(2, { ...request, ...change }, ({ error }) => errors.push(error));
    ask({ sessionId: 7, sessionEpoch: 1 });
    ask({ sessionId: 1, sessionEpoch: 5 });
    ask({ sessionId: 1, sessionEpoch: 1, brokerEpoch: 3 });
    ask({ sessionId: 1, sessionEpoch: 1 });
    expect(errors).toEqual([
      'FETCH_SESSION_ID_NOT_FOUND',
      'INVALID_FETCH_SESSION_EPOCH',
      'FETCH_SESSION_ID_NOT_FOUND',
      'NONE',
    ]);
  });
  it('a partition that loses its leader here is answered at once (L9)', () => {
    const pair = settledPair(2);
    pair.leaders.delete(pair.partition(1).key);
    pair.parked.wake([pair.partition(1).key]);
    expect(pair.answers.at(-1)?.partitions.find(({ partition }) => partition === 1)).toMatchObject({
      error: 'NOT_LEADER_OR_FOLLOWER',
    });
    expect(pair.parked.count).toBe(0);
  });
  it('W5 a fetch costs what has happened, not how many partitions the session has', () => {
    const pair = settledPair(300);
    pair.clock.pass(2_000);
    const before = pair.looks;
    pair.produce(7);
    pair.clock.pass(2_000);
    expect(pair.partition(7).followerLog.logEndOffset).toBe(1);
    expect(pair.looks - before).toBeLessThan(20);
  });
  it('a high watermark and a log start that have moved travel with the next answer, though nobody was woken', () => {
    const pair = settledPair(2);
    pair.produce(1, 2);
    pair.clock.pass(1_000);
    const { leaderLog, leader, follower } = pair.partition(1);
    expect([leader.highWatermark, follower.highWatermark]).toEqual([2, 2]);
    leaderLog.advanceLogStart(1, 2);
    pair.parked.tellLogStarts();
    pair.clock.pass(1_000);
    expect(follower.log.logStartOffset).toBe(1);
  });
  it('I3: who waits and may join the in-sync set is answered and asks again at once; who is in sync goes on waiting', () => {
    const pair = settledPair(1);
    const { key, leader } = pair.partition(0);
    const before = pair.fetches.length;
    pair.parked.listen(key);
    pair.clock.pass(5);
    expect(pair.fetches.length).toBe(before);
    const { partitionEpoch } = registration;
    const alone = { leaderEpoch: leader.leaderEpoch, replicas: [1, 2], inSyncReplicas: [1] };
    leader.partitionChanged({ ...registration, ...alone, partitionEpoch: partitionEpoch + 1 });
    pair.clock.pass(5);
    expect(pair.fetches.length).toBe(before + 1);
    expect(leader.maximalInSync).toEqual([1, 2]);
  });
  it('I3, W5 who waits is looked at for the leaders that have begun to listen since, not for all that listen', () => {
    const pair = settledPair(100);
    const before = pair.looks;
    for (let index = 0; index < 100; index++) {
      pair.parked.listen(pair.partition(index).key);
      pair.clock.pass(1);
    }
    expect(pair.looks - before).toBeLessThan(500);
  });
  it('a partition of somebody else wakes nobody', () => {
    const pair = settledPair(1);
    pair.parked.wake(['t:99']);
    pair.parked.wake([pair.partition(0).key]);
    expect(pair.parked.count).toBe(1);
  });
  it('gives no more than fits, and who got records goes last next time', () => {
    const pair = settledPair(3, { settings: { maxBytes: 150 } });
    for (const index of [0, 1, 2]) pair.produce(index, 2, 'x'.repeat(40));
    pair.clock.pass(50);
    const order = pair.answers.flatMap(({ partitions }) =>
      partitions.filter(({ records }) => records.length > 0).map(({ partition }) => partition),
    );
    expect(order.slice(0, 3).sort()).toEqual([0, 1, 2]);
    for (const { followerLog } of pair.partitions) expect(followerLog.logEndOffset).toBe(2);
  });
  it('reads what is cold later, and asks again whether it still leads (L9)', () => {
    const pair = settledPair(2);
    for (const { leaderLog } of pair.partitions)
      Object.assign(leaderLog, { read: () => ({ outcome: 'cold' }) });
    const warm = Object.getPrototypeOf(pair.partition(0).leaderLog).read;
    for (const { leaderLog } of pair.partitions)
      Object.assign(leaderLog, {
        readLater: (from: number, limits: object, done: (result: unknown) => void) =>
          pair.clock.setTimeout(() => done(warm.call(leaderLog, from, limits)), 5),
      });
    pair.produce(0);
    expect(pair.answers).toHaveLength(0);
    pair.clock.pass(7);
    expect(pair.partition(0).followerLog.logEndOffset).toBe(1);
    pair.produce(1);
    pair.leaders.delete(pair.partition(1).key);
    pair.clock.pass(7);
    expect(pair.partition(1).followerLog.logEndOffset).toBe(0);
    expect(pair.answers.flatMap(({ partitions }) => partitions.map(({ error }) => error))).toContain(
      'NOT_LEADER_OR_FOLLOWER',
    );
  });
  it('W2: one timer for all that wait, and none when nobody does', () => {
    const pair = settledPair(2);
    const before = pair.clock.pending;
    pair.parked.close();
    expect(pair.parked.count).toBe(0);
    // Its timer is gone; the answer is under way.
    expect(pair.clock.pending).toBe(before);
  });
});

/** Fetches of broker 2 as they come to the leader, without a fetcher, and what they are answered. */
function fetchesOf(pair: Pair) {
  let sessionEpoch = 0;
  return (
    positions: Readonly<Record<number, number>> = {},
    { maxWaitMs = 0, flushedEnd = Number.POSITIVE_INFINITY } = {},
  ) => {
    const partitions = Object.entries(positions).map(([partition, fetchOffset]) => ({
      topicId: 't',
      partition: Number(partition),
      maxBytes: 1_000,
      currentLeaderEpoch: pair.partition(Number(partition)).leader.leaderEpoch,
      fetchOffset,
      lastFetchedEpoch: fetchOffset === 0 ? -1 : 3,
      flushedEnd: Math.min(fetchOffset, flushedEnd),
      logStartOffset: 0,
    }));
    const session = { sessionId: sessionEpoch === 0 ? 0 : 1, sessionEpoch };
    sessionEpoch += 1;
    const answers: ReturnType<typeof inShort>[] = [];
    pair.parked.fetch(2, { ...request, ...session, maxWaitMs, partitions }, (response) => {
      expect(response.error).toBe('NONE');
      answers.push(inShort(response.partitions));
    });
    return answers;
  };
}

type Answered = { partition: number; error: string; highWatermark: number; records: readonly unknown[] };

function inShort(partitions: readonly Answered[]) {
  return partitions.map(({ partition, error, highWatermark, records }) => ({
    ...{ partition, error, highWatermark },
    batches: records.length,
  }));
}

function withLeaders(count: number): Pair {
  const pair = new Pair(count);
  for (let index = 0; index < count; index++) pair.lead(index);
  return pair;
}

/** What a partition's log has is on the disk alone; its reads end when the test says how. */
function coldReads(pair: Pair, index: number) {
  const { leaderLog } = pair.partition(index);
  const waiting: ((result: object | undefined) => void)[] = [];
  const warm = leaderLog.read.bind(leaderLog);
  Object.assign(leaderLog, {
    read: () => ({ outcome: 'cold' }),
    readLater: (from: number, limits: Parameters<typeof warm>[1], done: (result: object) => void) => {
      waiting.push((result) => done(result ?? warm(from, limits)));
    },
  });
  return { end: (result?: object) => waiting.shift()?.(result) };
}

describe('a session forgets no partition of which there is news', () => {
  it('W3: a partition that was refused is looked at again, though it is not named again', () => {
    const pair = new Pair(1);
    pair.produce(0, 2);
    const fetch = fetchesOf(pair);
    expect(fetch({ 0: 0 })).toMatchObject([[{ error: 'NOT_LEADER_OR_FOLLOWER' }]]);
    pair.lead(0);
    expect(fetch()).toMatchObject([[{ error: 'NONE', batches: 2 }]]);
  });
  it('I1, W3: a fetch that was refused is heard again, though it is not named again', () => {
    const pair = new Pair(1);
    pair.produce(0, 2);
    const fetch = fetchesOf(pair);
    fetch({ 0: 2 });
    pair.lead(0);
    fetch();
    expect(pair.partition(0).leader.highWatermark).toBe(2);
  });
  it.each([{ outcome: 'failed' }, { outcome: 'records', records: [], nextOffset: 0 }])(
    'W3: a cold read that gave nothing is taken up by the next fetch ($outcome)',
    (result) => {
      const pair = withLeaders(1);
      pair.produce(0, 2);
      const cold = coldReads(pair, 0);
      const fetch = fetchesOf(pair);
      const first = fetch({ 0: 0 });
      cold.end(result);
      expect(first).toMatchObject([[{ batches: 0 }]]);
      const second = fetch();
      cold.end();
      expect(second).toMatchObject([[{ batches: 2 }]]);
    },
  );
  it('W3: what is read for an older request does not end what a newer one asks', () => {
    const pair = withLeaders(2);
    pair.produce(0, 3);
    const cold = coldReads(pair, 0);
    const fetch = fetchesOf(pair);
    fetch({ 0: 0 });
    const second = fetch({ 0: 1 });
    cold.end({ outcome: 'out of range' });
    cold.end({ outcome: 'failed' });
    expect(second).toMatchObject([[{ error: 'KAFKA_STORAGE_ERROR' }]]);
    const third = fetch();
    cold.end();
    expect(third).toMatchObject([[{ batches: 2 }]]);
  });
  it('W3: what a newer request is to be told does not go with the answer to an older one', () => {
    const pair = withLeaders(2);
    pair.produce(0, 1);
    const cold = coldReads(pair, 0);
    const fetch = fetchesOf(pair);
    const first = fetch({ 0: 0 });
    const second = fetch({ 0: 1, 1: 0 }, { maxWaitMs: 500 });
    cold.end();
    expect(first).toMatchObject([[{ partition: 0, batches: 1 }]]);
    pair.clock.pass(500);
    expect(second).toMatchObject([[{ partition: 0, highWatermark: 1 }, { partition: 1 }]]);
  });
  it('a high watermark that moves while the disk is read is told with the answer', () => {
    const pair = withLeaders(2);
    pair.produce(0, 2);
    pair.produce(1, 1);
    const reads = [coldReads(pair, 0), coldReads(pair, 1)];
    const fetch = fetchesOf(pair);
    const first = fetch({ 0: 1, 1: 0 }, { flushedEnd: 0 });
    reads[0]?.end();
    const report = { topicId: 't', partition: 0, leaderEpoch: 3, flushedEnd: 1 };
    pair.parked.flushed(2, { brokerId: 2, brokerEpoch: 2, partitions: [report] });
    const { highWatermark } = pair.partition(0).leader;
    reads[1]?.end();
    expect(first).toMatchObject([[{ partition: 0, highWatermark }, { partition: 1 }]]);
    expect(highWatermark).toBe(1);
  });
});
