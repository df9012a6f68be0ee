import { expect, it } from 'vitest';
import { consumerFetch } from '../../src/api/consumer-fetch.ts';
import { LeaderLookup } from '../../src/api/leader-lookup.ts';
import { listOffsets } from '../../src/api/list-offsets.ts';
import { ProduceDesk } from '../../src/api/produce.ts';
import { Traffic } from '../../src/measures/traffic.ts';
import { Deadlines } from '../../src/waiting/deadlines.ts';
import { clientBatch, imageWithTopic, ledPartition, topicId } from '../support/led-partition.ts';
import { TestClock } from '../support/test-clock.ts';

function brokerWithPartition() {
  const clock = new TestClock();
  const partition = ledPartition(clock);
  const image = imageWithTopic();
  const leaders = new LeaderLookup(new Map([[partition.hosted.key, partition.hosted]]), () => image);
  const deadlines = new Deadlines(clock);
  const traffic = new Traffic();
  const answers: string[] = [];
  const soon = (callback: () => void): void => callback();
  const desk = new ProduceDesk({ leaders, clock, deadlines, traffic, soon, grown: () => {} });
  const send = (acks: number, partitionIndex = 0, leaderEpoch = -1): void => {
    const part = { topicId, partition: partitionIndex, leaderEpoch, records: [clientBatch('a')] };
    desk.take({ acks, timeoutMs: 1000, partitions: [part] }, (response) => {
      const [first] = response.partitions;
      answers.push(first === undefined ? response.error : `${first.error} ${first.baseOffset}`);
    });
  };
  const fetched: string[] = [];
  const fetch = (fetchOffset: number, maxWaitMs = 500): void => {
    const part = { topicId, partition: 0, leaderEpoch: 3, fetchOffset, lastFetchedEpoch: -1, maxBytes: 1000 };
    const body = { maxWaitMs, minBytes: 1, maxBytes: 1000, partitions: [part] };
    consumerFetch(
      { leaders, deadlines, traffic, maxBytes: () => 1_000_000 },
      body,
      ({ partitions: [first] }) => {
        const size = first?.records.reduce((sum, piece) => sum + piece.length, 0) ?? 0;
        fetched.push(`${first?.error} ${size > 0 ? 'records' : 'nothing'} hw ${first?.highWatermark}`);
      },
    );
  };
  return { ...partition, clock, leaders, traffic, answers, send, fetched, fetch };
}

it('L6 acks=all is answered once all in-sync replicas have flushed it', () => {
  const { send, answers, followerAt, flushOwn } = brokerWithPartition();
  followerAt(0);
  send(-1);
  flushOwn();
  expect(answers).toEqual([]);
  followerAt(1);
  expect(answers).toEqual(['NONE 0']);
});

it('L1 L6 what comes in one turn is appended in its order, each as its own acks ask, and followers are told once', () => {
  const clock = new TestClock();
  const { hosted, log, flushOwn } = ledPartition(clock);
  const leaders = new LeaderLookup(new Map([[hosted.key, hosted]]), imageWithTopic);
  const turns: (() => void)[] = [];
  const grown: (readonly string[])[] = [];
  const desk = new ProduceDesk({
    ...{ leaders, clock, deadlines: new Deadlines(clock), traffic: new Traffic() },
    soon: (callback) => turns.push(callback),
    grown: (partitions) => grown.push(partitions.map(({ key }) => key)),
  });
  const answers: string[] = [];
  [-1, 0, 1, -1].forEach((acks, index) => {
    const part = { topicId, partition: index === 3 ? 7 : 0, leaderEpoch: 3, records: [clientBatch('a')] };
    desk.take({ acks, timeoutMs: 1000, partitions: [part] }, ({ partitions: [first] }) =>
      answers.push(`acks=${acks} ${first?.error} ${first?.baseOffset}`),
    );
  });
  expect([turns.length, log.logEndOffset, answers]).toEqual([1, 0, []]);
  turns[0]?.();
  expect([log.logEndOffset, grown]).toEqual([3, [[hosted.key]]]);
  expect(answers).toEqual(['acks=-1 UNKNOWN_TOPIC_OR_PARTITION -1', 'acks=0 NONE 1']);
  flushOwn();
  expect(answers.slice(2)).toEqual(['acks=1 NONE 2']);
});

it('L9 a leader that has left before the turn is over appends nothing', () => {
  const clock = new TestClock();
  const { hosted, log } = ledPartition(clock);
  const leaders = new LeaderLookup(new Map([[hosted.key, hosted]]), imageWithTopic);
  const turns: (() => void)[] = [];
  const desk = new ProduceDesk({
    ...{ leaders, clock, deadlines: new Deadlines(clock), traffic: new Traffic() },
    soon: (callback) => turns.push(callback),
    grown: () => {},
  });
  const errors: string[] = [];
  const part = { topicId, partition: 0, leaderEpoch: 3, records: [clientBatch('a')] };
  desk.take({ acks: -1, timeoutMs: 1000, partitions: [part] }, ({ partitions: [first] }) =>
    errors.push(first?.error ?? ''),
  );
  hosted.endRole();
  turns[0]?.();
  expect([errors, log.logEndOffset]).toEqual([['NOT_LEADER_OR_FOLLOWER'], 0]);
});

it('L6 an answer says whether anything was appended: one error’s name has causes of both kinds', () => {
  const clock = new TestClock();
  const { hosted, log } = ledPartition(clock);
  const leaders = new LeaderLookup(new Map([[hosted.key, hosted]]), imageWithTopic);
  const desk = new ProduceDesk({
    ...{ leaders, clock, deadlines: new Deadlines(clock), traffic: new Traffic() },
    soon: (callback) => callback(),
    grown: () => {},
  });
  const answers: [string | undefined, boolean | undefined][] = [];
  const send = (): void => {
    const part = { topicId, partition: 0, leaderEpoch: -1, records: [clientBatch('a')] };
    desk.take({ acks: -1, timeoutMs: 1000, partitions: [part] }, ({ partitions: [first] }) =>
      answers.push([first?.error, first?.isRefused]),
    );
  };
  const { appendTogetherAsLeader } = log;
  for (const mayBeInLog of [undefined, false, true]) {
    const refused = { outcome: 'refused', error: 'KAFKA_STORAGE_ERROR', message: 'no room' } as const;
    log.appendTogetherAsLeader = () => [mayBeInLog === undefined ? refused : { ...refused, mayBeInLog }];
    send();
  }
  log.appendTogetherAsLeader = appendTogetherAsLeader;
  send();
  hosted.endRole();
  send();
  expect(answers).toEqual([
    ['KAFKA_STORAGE_ERROR', true],
    ['KAFKA_STORAGE_ERROR', true],
    ['KAFKA_STORAGE_ERROR', false],
    // Of the batch that waited for the other replica, and of the one that came when the leader had gone.
    ['NOT_LEADER_OR_FOLLOWER', false],
    ['NOT_LEADER_OR_FOLLOWER', true],
  ]);
});

it('L6 acks=1 is answered after the leader’s own flush, acks=0 at once', () => {
  const { send, answers, flushOwn } = brokerWithPartition();
  send(0);
  expect(answers).toEqual(['NONE 0']);
  send(1);
  expect(answers).toHaveLength(1);
  flushOwn();
  expect(answers).toEqual(['NONE 0', 'NONE 1']);
});

it('L6, S50 whoever waits when the leadership is lost is told that the outcome is not known here, and no offset', () => {
  const { send, answers, hosted } = brokerWithPartition();
  send(-1);
  hosted.endRole();
  expect(answers).toEqual(['NOT_LEADER_OR_FOLLOWER -1']);
});

it('W2 a batch that is not committed in time is answered as such, once', () => {
  const { send, answers, clock, followerAt, flushOwn } = brokerWithPartition();
  send(-1);
  clock.advance(1020);
  expect(answers).toEqual(['REQUEST_TIMED_OUT -1']);
  flushOwn();
  followerAt(1);
  expect(answers).toHaveLength(1);
});

it('L9 an epoch that is older or newer than the leader’s is refused, as is a partition that is not there', () => {
  const { send, answers } = brokerWithPartition();
  send(-1, 0, 2);
  send(-1, 0, 4);
  send(-1, 7);
  send(5);
  expect(answers).toEqual([
    'FENCED_LEADER_EPOCH -1',
    'UNKNOWN_LEADER_EPOCH -1',
    'UNKNOWN_TOPIC_OR_PARTITION -1',
    'INVALID_REQUIRED_ACKS',
  ]);
});

it('L7 a consumer’s fetch is parked until the high watermark moves, and never sees above it', () => {
  const { send, fetch, fetched, followerAt, flushOwn } = brokerWithPartition();
  followerAt(0);
  send(-1);
  fetch(0);
  flushOwn();
  expect(fetched).toEqual([]);
  followerAt(1);
  expect(fetched).toEqual(['NONE records hw 1']);
});

it('L7 a parked fetch is answered empty when its time is over', () => {
  const { fetch, fetched, clock } = brokerWithPartition();
  fetch(0);
  clock.advance(520);
  expect(fetched).toEqual(['NONE nothing hw 0']);
});

it('L9 a parked fetch learns that its leader has gone', () => {
  const { fetch, fetched, hosted } = brokerWithPartition();
  fetch(0);
  hosted.endRole();
  expect(fetched).toEqual(['NOT_LEADER_OR_FOLLOWER nothing hw -1']);
});

it('L8 the latest offset is the high watermark, the earliest the log start', () => {
  const { leaders, send, followerAt, flushOwn } = brokerWithPartition();
  const offsets: number[] = [];
  const ask = (timestamp: number): void =>
    listOffsets(
      leaders,
      { partitions: [{ topicId, partition: 0, leaderEpoch: 3, timestamp }] },
      (response) => {
        offsets.push(response.partitions[0]?.offset ?? NaN);
      },
    );
  followerAt(0);
  send(-1);
  ask(-1);
  flushOwn();
  followerAt(1);
  ask(-1);
  ask(-2);
  ask(-7);
  expect(offsets).toEqual([0, 1, 0, -1]);
});
