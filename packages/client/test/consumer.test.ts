import { buildBatch } from '@odradek/format';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Client,
  type Consumer,
  type ConsumerRecord,
  LogTruncated,
  type Position,
} from '../src/index.ts';
import { clientOnFakes, type OnFakes, textOf } from './support/client-on-fakes.ts';
import { failureOf } from './support/outcome.ts';
import type { VirtualClock } from './support/virtual-clock.ts';

async function produce({ client, clock }: OnFakes, values: readonly string[], partition = 0): Promise<void> {
  const producer = client.producer({ lingerMs: 0, batchSize: 1 });
  for (const value of values) void producer.send({ topic: 'orders', partition, value });
  await clock.settle(producer.close());
}

async function taken(clock: VirtualClock, consumer: Consumer, count: number): Promise<ConsumerRecord[]> {
  const records: ConsumerRecord[] = [];
  while (records.length < count) records.push(...(await clock.settle(consumer.poll())));
  return records;
}

const texts = (records: readonly ConsumerRecord[]): (string | null)[] =>
  records.map(({ value }) => textOf(value));

async function readFrom(
  { client, clock }: OnFakes,
  from: Position,
  count: number,
): Promise<ConsumerRecord[]> {
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from }]);
  const records = await taken(clock, consumer, count);
  await consumer.close();
  return records;
}

it('reads from an offset, the beginning, N before the end, and a time', async () => {
  const fakes = clientOnFakes();
  fakes.cluster.addTopic('orders', 1);
  await produce(fakes, ['a', 'b', 'c']);
  fakes.clock.advance(10_000);
  const laterMs = fakes.clock.wallMs();
  await produce(fakes, ['d', 'e']);
  expect(texts(await readFrom(fakes, 'earliest', 5))).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(texts(await readFrom(fakes, 3, 2))).toEqual(['d', 'e']);
  expect(texts(await readFrom(fakes, -2, 2))).toEqual(['d', 'e']);
  expect(texts(await readFrom(fakes, -100, 5))).toHaveLength(5);
  expect(texts(await readFrom(fakes, { timestamp: laterMs }, 2))).toEqual(['d', 'e']);
});

it('reads from the end what comes later, with key, headers and timestamp, by an async iterator', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  await produce(fakes, ['before']);
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0 }]);
  const iterator = consumer[Symbol.asyncIterator]();
  const next = iterator.next();
  await clock.until(() => consumer.position({ topic: 'orders', partition: 0 }) === 1);
  const headers = [{ name: 'h', value: 'w' }];
  void client.producer().send({ topic: 'orders', key: 'k', value: null, headers, timestamp: 42 });
  const { value: record } = await clock.settle(next);
  expect(record).toMatchObject({ topic: 'orders', partition: 0, offset: 1, timestamp: 42, value: null });
  expect([textOf(record.key), record.headers.map((one: { name: string }) => one.name)]).toEqual(['k', ['h']]);
  const end = iterator.next();
  await consumer.close();
  expect((await clock.settle(end)).done).toBe(true);
});

it('reads what was compressed, and starts inside a batch without giving out what is before', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  const producer = client.producer({ compression: 'gzip' });
  for (const value of ['a', 'b', 'c', 'd']) void producer.send({ topic: 'orders', value });
  await clock.settle(producer.flush());
  expect(cluster.partition('orders', 0).log.batches).toHaveLength(1);
  expect(texts(await readFrom(fakes, 2, 2))).toEqual(['c', 'd']);
});

it('L9 follows the leader, and neither skips nor repeats', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  await produce(fakes, ['a', 'b']);
  expect(texts(await taken(clock, consumer, 2))).toEqual(['a', 'b']);
  cluster.hints = false;
  cluster.moveLeader('orders', 0, 3);
  await produce(fakes, ['c']);
  cluster.drop(3);
  expect(texts(await taken(clock, consumer, 1))).toEqual(['c']);
});

it('reads partitions of several leaders at once, none waiting for another', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 6);
  const consumer = client.consumer();
  const all = Array.from({ length: 6 }, (_, partition) => partition);
  consumer.assign(all.map((partition) => ({ topic: 'orders', partition, from: 'earliest' })));
  clock.advance(100);
  for (const partition of all) await produce(fakes, [`${partition}`], partition);
  const startMs = clock.nowMs();
  const records = await taken(clock, consumer, 6);
  expect(records.map(({ partition }) => partition).toSorted()).toEqual(all);
  expect(clock.nowMs() - startMs).toBeLessThan(200);
});

it('F2 tells that records which were read are gone, naming the offsets, and goes on where it is sent', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  await produce(fakes, ['a', 'b', 'c', 'd']);
  const consumer = client.consumer({ offsetReset: 'earliest' });
  const place = { topic: 'orders', partition: 0 };
  consumer.assign([{ ...place, from: 'earliest' }]);
  await taken(clock, consumer, 4);
  cluster.moveLeader('orders', 0, 2, 1);
  await produce(fakes, ['x', 'y', 'z', 'w', 'v']);
  const error = await clock.settle(failureOf(consumer.poll()));
  expect(error).toBeInstanceOf(LogTruncated);
  expect(error).toMatchObject({ ...place, divergesAt: 1, position: 4, code: 'OFFSET_OUT_OF_RANGE' });
  expect(error.message).toContain('offsets 1 to 3 were read');
  expect(await clock.settle(failureOf(consumer.poll()))).toBe(error);
  consumer.seek(place, 1);
  expect(texts(await taken(clock, consumer, 5))).toEqual(['x', 'y', 'z', 'w', 'v']);
});

it('F3 drops what was only read ahead, and gives out what the log has now', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  await produce(fakes, ['a', 'b', 'c', 'd']);
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  clock.advance(100);
  expect(texts(await taken(clock, consumer, 1))).toEqual(['a']);
  cluster.moveLeader('orders', 0, 2, 2);
  await produce(fakes, ['x']);
  clock.advance(2000);
  expect(texts(await taken(clock, consumer, 2))).toEqual(['b', 'x']);
});

it('tells an offset that the log does not have, unless a reset is configured', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  await produce(fakes, ['a', 'b']);
  const strict = client.consumer();
  strict.assign([{ topic: 'orders', partition: 0, from: 99 }]);
  const error = await clock.settle(failureOf(strict.poll()));
  expect(error.code).toBe('OFFSET_OUT_OF_RANGE');
  expect(error.message).toContain('offset 99 is not in the log, which has 0 to 2');
  const lenient = client.consumer({ offsetReset: 'earliest' });
  lenient.assign([{ topic: 'orders', partition: 0, from: 99 }]);
  expect(texts(await taken(clock, lenient, 2))).toEqual(['a', 'b']);
});

it('tells a damaged batch instead of its records', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  await produce(fakes, ['a', 'b']);
  const [, second] = cluster.partition('orders', 0).log.batches;
  if (second !== undefined) second[65] = (second[65] ?? 0) ^ 1;
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  const error = await clock.settle(failureOf(consumer.poll()));
  expect([error.code, error.message.includes('checksum')]).toEqual(['CORRUPT_MESSAGE', true]);
});

it('tells plainly of a batch that nothing here inflates, as zstd in browsers, after the records before it', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  await produce(fakes, ['a']);
  const records = [{ timestamp: 1, key: null, value: new Uint8Array(10) }];
  const compression = { codec: 'zstd', compress: (section: Uint8Array) => section } as const;
  cluster.partition('orders', 0).log.append(buildBatch({ records, compression }));
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  expect(texts(await taken(clock, consumer, 1))).toEqual(['a']);
  const error = await clock.settle(failureOf(consumer.poll()));
  expect([error.code, error.hint]).toEqual([
    'UNSUPPORTED_COMPRESSION_TYPE',
    'offset 2 is the first behind it: from there one can read on',
  ]);
  expect(error.message).toContain(
    'the batch at offset 1: its records are compressed by zstd, and nothing here inflates that',
  );
});

it('E4 reads no further ahead than its cap, and goes on when records are taken', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 1);
  const { log } = cluster.partition('orders', 0);
  for (let index = 0; index < 50; index++) {
    const value = new Uint8Array(1000);
    log.append(buildBatch({ records: [{ timestamp: 1, key: null, value }] }));
  }
  const consumer = client.consumer({ fetchAheadBytes: 5000, maxPartitionFetchBytes: 3000 });
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  clock.advance(5000);
  const fetched = cluster.seen.filter(({ api }) => api === 'fetch').length;
  expect(fetched).toBeLessThan(4);
  expect(await taken(clock, consumer, 50)).toHaveLength(50);
});

it('polls for a while only, knows positions, and asks leaders for ends', async () => {
  const fakes = clientOnFakes();
  const { client, clock, cluster } = fakes;
  cluster.addTopic('orders', 2);
  await produce(fakes, ['a', 'b', 'c']);
  const consumer = client.consumer();
  const places = [0, 1].map((partition) => ({ topic: 'orders', partition }));
  const ends = await clock.settle(consumer.offsets(places, 'latest'));
  expect(ends.map(({ offset }) => offset)).toEqual([3, 0]);
  consumer.assign(places.map((place) => ({ ...place, from: 'latest' })));
  const startMs = clock.nowMs();
  expect(await clock.settle(consumer.poll(1234))).toEqual([]);
  expect(clock.nowMs() - startMs).toBe(1234);
  expect(places.map((place) => consumer.position(place))).toEqual([3, 0]);
  const nowhere = await clock.settle(
    failureOf(consumer.offsets([{ topic: 'nowhere', partition: 0 }], 'latest')),
  );
  expect(nowhere.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(() => consumer.seek({ topic: 'other', partition: 0 }, 1)).toThrow('not assigned');
  expect(() => consumer.assign([{ topic: 'orders', partition: 0, from: 1.5 }])).toThrow('no position');
});

it('says that a topic does not exist, and that nobody can be reached', async () => {
  const { client, clock } = clientOnFakes();
  const consumer = client.consumer();
  consumer.assign([{ topic: 'nowhere', partition: 0 }]);
  expect((await clock.settle(failureOf(consumer.poll()))).code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  const alone = clientOnFakes({ bootstrap: ['nowhere:1'] });
  const lost: Client = alone.client;
  const other = lost.consumer();
  other.assign([{ topic: 'orders', partition: 0 }]);
  expect((await alone.clock.settle(failureOf(other.poll()))).code).toBe('CONNECT');
});

it('L9 E1 reads every record once and in order, whatever happens to leaders and connections (property)', async () => {
  const event = fc.record({
    atMs: fc.integer({ min: 50, max: 2000 }),
    partition: fc.nat(1),
    leader: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('move', 'drop', 'mute'),
  });
  const plan = fc.record({
    events: fc.array(event, { maxLength: 12 }),
    hints: fc.boolean(),
    seed: fc.nat(1000),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ events, hints, seed }) => {
      const fakes = clientOnFakes({ requestTimeoutMs: 300 }, seed);
      const { client, clock, cluster } = fakes;
      cluster.hints = hints;
      cluster.addTopic('orders', 2);
      for (const { atMs, partition, leader, kind } of events) {
        clock.setTimeout(() => {
          if (kind === 'move') cluster.moveLeader('orders', partition, leader);
          else if (kind === 'drop') cluster.drop(leader);
          else {
            cluster.mute.add(leader);
            clock.setTimeout(() => cluster.mute.delete(leader), 200);
          }
        }, atMs);
      }
      const producer = client.producer({ lingerMs: 0, batchSize: 50 });
      for (let index = 0; index < 60; index++) {
        clock.setTimeout(() => {
          void producer.send({ topic: 'orders', partition: index % 2, value: String(index) });
        }, index * 30);
      }
      const consumer = client.consumer({ fetchAheadBytes: 300 });
      consumer.assign([0, 1].map((partition) => ({ topic: 'orders', partition, from: 'earliest' as const })));
      const records = await taken(clock, consumer, 60);
      for (const partition of [0, 1]) {
        const own = records.filter((record) => record.partition === partition);
        expect(own.map(({ offset }) => offset)).toEqual(own.map((_, index) => index));
        expect(texts(own)).toEqual(
          cluster
            .partition('orders', partition)
            .log.texts()
            .map(({ text }) => text),
        );
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
