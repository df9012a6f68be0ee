import type { LogReadDone } from '@odradek/model';
import { expect, it } from 'vitest';
import { administer } from '../../src/api/admin.ts';
import { consumerFetch } from '../../src/api/consumer-fetch.ts';
import { LeaderLookup } from '../../src/api/leader-lookup.ts';
import { listOffsets } from '../../src/api/list-offsets.ts';
import { ProduceDesk } from '../../src/api/produce.ts';
import { ProducerIds } from '../../src/api/producer-ids.ts';
import { Traffic } from '../../src/measures/traffic.ts';
import { ControllerChannel } from '../../src/node/controller-channel.ts';
import { Deadlines } from '../../src/waiting/deadlines.ts';
import { Wakers } from '../../src/waiting/wakers.ts';
import { clientBatch, imageWithTopic, ledPartition, topicId } from '../support/led-partition.ts';
import { TestClock } from '../support/test-clock.ts';

function broker() {
  const clock = new TestClock();
  const partition = ledPartition(clock);
  const leaders = new LeaderLookup(new Map([[partition.hosted.key, partition.hosted]]), imageWithTopic);
  const deadlines = new Deadlines(clock);
  const traffic = new Traffic();
  const needs = {
    leaders,
    deadlines,
    clock,
    traffic,
    maxBytes: () => 10_000_000,
    soon: (callback: () => void) => callback(),
    grown: () => {},
  };
  const desk = new ProduceDesk(needs);
  const commit = (count: number): void => {
    partition.followerAt(0);
    for (let index = 0; index < count; index++) {
      const part = { topicId, partition: 0, leaderEpoch: 3, records: [clientBatch('a')] };
      desk.take({ acks: 0, timeoutMs: 1, partitions: [part] }, () => {});
    }
    partition.flushOwn();
    partition.followerAt(partition.log.logEndOffset);
  };
  const part = {
    topicId,
    partition: 0,
    leaderEpoch: 3,
    fetchOffset: 0,
    lastFetchedEpoch: -1,
    maxBytes: 1000,
  };
  return { ...partition, clock, needs, desk, deadlines, commit, part };
}

/** As many partitions as are asked for; all of them are the one that there is. */
function manyParts<Part extends object>({ needs }: ReturnType<typeof broker>, count: number, part: Part) {
  const found = needs.leaders.find(topicId, 0, 3);
  needs.leaders.find = () => found;
  return Array.from({ length: count }, (_, partition) => ({ ...part, partition }));
}

/** The log as if all of it were on the disk alone; who reads it is told when the test says so. */
function madeCold({ log }: Pick<ReturnType<typeof broker>, 'log'>) {
  const reads: ((read: LogReadDone) => void)[] = [];
  log.read = () => ({ outcome: 'cold' });
  log.readLater = (_fromOffset, _limits, done) => {
    reads.push(done);
  };
  return reads;
}

it('X9 a request that names a partition twice is refused, and leaves no trace', () => {
  const { log, needs, desk, part, commit, hosted } = broker();
  commit(1);
  const end = log.logEndOffset;
  const answers: { readonly error: string; readonly errorMessage: string | null }[] = [];
  const answer = (response: (typeof answers)[number]): void => void answers.push(response);
  const fetched = { maxWaitMs: 500, minBytes: 1_000_000, maxBytes: 1_000_000, partitions: [part, part] };
  consumerFetch(needs, fetched, answer);
  const batch = { topicId, partition: 0, leaderEpoch: 3, records: [clientBatch('a')] };
  desk.take({ acks: 0, timeoutMs: 1, partitions: [batch, batch] }, answer);
  const asked = { topicId, partition: 0, leaderEpoch: 3 };
  listOffsets(needs.leaders, { partitions: [-1, -2].map((timestamp) => ({ ...asked, timestamp })) }, answer);
  expect(answers.map(({ error }) => error)).toEqual(Array(3).fill('INVALID_REQUEST'));
  expect(answers[0]?.errorMessage).toBe(`partition 0 of topic ${topicId} is named twice: once is allowed`);
  expect([log.logEndOffset, hosted.readers.size]).toEqual([end, 0]);
});

it('X5 X6 times of many partitions are looked up one after the other', () => {
  const { needs, log } = broker();
  const found: (() => void)[] = [];
  log.offsetForTimestamp = (_timestamp, done) => {
    found.push(() => done(undefined));
  };
  const asked = { topicId, partition: 0, leaderEpoch: 3, timestamp: 5 };
  const partitions = [asked, { ...asked, partition: 1 }, { ...asked, partition: 2 }];
  const answers: number[] = [];
  const leaders = new LeaderLookup(new Map(), imageWithTopic);
  leaders.find = () => needs.leaders.find(topicId, 0, 3);
  listOffsets(leaders, { partitions }, (response) => answers.push(response.partitions.length));
  for (let count = 1; count <= 3; count++) {
    expect([found.length, answers]).toEqual([count, []]);
    found.at(-1)?.();
  }
  expect(answers).toEqual([3]);
});

it('X6 what lies on the disk alone counts for what it may cost, however little was asked for', () => {
  const opened = broker();
  const { needs, part, commit } = opened;
  commit(1);
  const reads = madeCold(opened);
  const partitions = manyParts(opened, 1000, { ...part, maxBytes: 1 });
  consumerFetch(needs, { maxWaitMs: 500, minBytes: 1, maxBytes: 1_000_000_000, partitions }, () => {});
  expect(reads.length).toBeGreaterThan(1);
  expect(reads.length).toBeLessThan(20);
});

it.each([-1, -(2 ** 40), Number.NaN])(
  'X9 a fetch of at most %d bytes reads no more than any other',
  (maxBytes) => {
    const opened = broker();
    const { needs, part, commit } = opened;
    commit(1);
    const limits: number[] = [];
    opened.log.read = () => ({ outcome: 'cold' });
    opened.log.readLater = (_from, limit) => {
      limits.push(limit.maxBytes);
    };
    const partitions = manyParts(opened, 2, part).map((one, index) => ({
      ...one,
      maxBytes: index === 0 ? maxBytes : 2 ** 50,
    }));
    consumerFetch(needs, { maxWaitMs: 500, minBytes: 1, maxBytes: 1_000_000_000, partitions }, () => {});
    for (const limit of limits) {
      expect(limit).toBeGreaterThanOrEqual(0);
      expect(limit).toBeLessThanOrEqual(10_000_000);
    }
  },
);

it('W2 a change that comes while the disk is read wakes a fetch that goes on waiting', () => {
  const opened = broker();
  const { needs, part, commit, log } = opened;
  commit(1);
  const warm = { read: log.read, readLater: log.readLater };
  const reads = madeCold(opened);
  const answered: number[] = [];
  const batch = clientBatch('a');
  const body = { maxWaitMs: 500, minBytes: batch.length + 1, maxBytes: 1_000_000, partitions: [part] };
  consumerFetch(needs, body, ({ partitions }) => answered.push(partitions[0]?.records.length ?? 0));
  Object.assign(log, warm);
  commit(2);
  reads[0]?.({ outcome: 'records', records: [batch], nextOffset: 1 });
  expect(answered).toEqual([3]);
  expect(opened.hosted.readers.size).toBe(0);
});

it.each([2 ** 40, Number.POSITIVE_INFINITY, Number.NaN, -1])(
  'W2 whoever would wait %d ms is answered, some day, and nobody else waits for it',
  (delayMs) => {
    const { needs, desk, part, clock, deadlines } = broker();
    const answers: string[] = [];
    const body = { maxWaitMs: delayMs, minBytes: 1, maxBytes: 1000, partitions: [part] };
    consumerFetch(needs, body, () => answers.push('fetch'));
    consumerFetch(needs, { ...body, maxWaitMs: 100 }, () => answers.push('other fetch'));
    const batch = { topicId, partition: 0, leaderEpoch: 3, records: [clientBatch('a')] };
    desk.take({ acks: -1, timeoutMs: delayMs, partitions: [batch] }, () => answers.push('produce'));
    clock.advance(120);
    expect(answers).toContain('other fetch');
    clock.advance(3_600_000);
    expect(answers.toSorted()).toEqual(['fetch', 'other fetch', 'produce']);
    expect(deadlines.size).toBe(0);
  },
);

it.each(['STALE_BROKER_EPOCH', 'BROKER_ID_NOT_REGISTERED', 'NOT_CONTROLLER'])(
  'P1 a producer is never told %s of the broker it asked: it may ask again',
  (error) => {
    const ids = new ProducerIds((done) => done({ error, firstProducerId: -1, count: 0 }));
    const errors: string[] = [];
    ids.give((response) => errors.push(response.error));
    expect(errors).toEqual(['COORDINATOR_NOT_AVAILABLE']);
  },
);

it.each([2 ** 40, Number.NaN, -5])(
  'W2 a command that may take %d ms waits five minutes at most',
  (timeoutMs) => {
    const waits: number[] = [];
    const network = {
      request: (_to: number, _channel: string, _request: unknown, waitMs: number) => waits.push(waitMs),
      address: () => {},
      probe: () => {},
      serve: () => {},
    };
    administer(
      {
        controller: new ControllerChannel(network, () => 2),
        isControllerGone: () => false,
        missingQuorum: () => '',
        graceMs: 1000,
        deadlines: new Deadlines(new TestClock()),
        image: imageWithTopic,
        imageChanges: new Wakers(),
      },
      { api: 'deleteTopics', body: { timeoutMs, names: ['laser'] } },
      () => {},
    );
    expect(waits).toEqual([timeoutMs > 0 ? 301_000 : 1000]);
  },
);
