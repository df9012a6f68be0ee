import { BatchView, partitionOfKey } from '@odradek/format';
import { expect, it } from 'vitest';
import { LogTruncated } from '../src/index.ts';
import { clientOnFakes } from './support/client-on-fakes.ts';
import { failureOf } from './support/outcome.ts';

it('says where each record is, and sends those of one moment in one batch', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer();
  const sent = Promise.all(['a', 'b', 'c'].map((value) => producer.send({ topic: 'orders', value })));
  expect(await clock.settle(sent)).toEqual(
    [0, 1, 2].map((offset) => ({ topic: 'orders', partition: 0, offset })),
  );
  expect(cluster.partition('orders', 0).log.batches).toHaveLength(1);
});

it('puts a key where every Kafka client puts it (murmur2), and an explicit partition where it says', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 7);
  const producer = client.producer();
  const keyed = await clock.settle(producer.send({ topic: 'orders', key: 'laser', value: 'x' }));
  expect(keyed.partition).toBe(partitionOfKey(new TextEncoder().encode('laser'), 7));
  const chosen = await clock.settle(
    producer.send({ topic: 'orders', key: 'laser', value: 'x', partition: 5 }),
  );
  expect(chosen.partition).toBe(5);
  const wrong = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'x', partition: 7 })));
  expect([wrong.code, wrong.outcome]).toEqual(['UNKNOWN_TOPIC_OR_PARTITION', 'refused']);
});

it('E5 follows a leader that moved by the hint, without waiting for metadata', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  cluster.moveLeader('orders', 0, 2);
  const place = await clock.settle(producer.send({ topic: 'orders', value: 'two' }));
  expect(place.offset).toBe(1);
});

it('P1 S40 does not repeat a batch whose acknowledgement was lost', async () => {
  const { clock, cluster, client } = clientOnFakes({ requestTimeoutMs: 300 });
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  cluster.mute.add(1);
  const second = producer.send({ topic: 'orders', value: 'two' });
  await clock.until(() => cluster.partition('orders', 0).log.end === 2);
  cluster.mute.delete(1);
  cluster.moveLeader('orders', 0, 3);
  expect((await clock.settle(second)).offset).toBe(1);
  expect(
    cluster
      .partition('orders', 0)
      .log.texts()
      .map(({ text }) => text),
  ).toEqual(['one', 'two']);
});

it('L6 keeps asking while replicas are missing, then fails by the name of it, surely not in the log', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  cluster.lacksReplicas = true;
  const producer = client.producer({ deliveryTimeoutMs: 2000 });
  const error = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'x' })));
  expect([error.code, error.outcome]).toEqual(['NOT_ENOUGH_REPLICAS', 'refused']);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(2000);
  cluster.lacksReplicas = false;
  expect((await clock.settle(producer.send({ topic: 'orders', value: 'y' }))).offset).toBe(0);
});

it('marks the outcome unknown when no answer ever excluded the effect', async () => {
  const { clock, cluster, client } = clientOnFakes({ requestTimeoutMs: 200 });
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0, deliveryTimeoutMs: 1000 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  cluster.mute.add(1);
  const error = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'two' })));
  expect(error.outcome).toBe('unknown');
  cluster.mute.clear();
  const after = await clock.settle(producer.send({ topic: 'orders', value: 'three' }));
  expect(after.offset).toBe(2);
  const texts = cluster
    .partition('orders', 0)
    .log.texts()
    .map(({ text }) => text);
  expect(texts).toEqual(['one', 'two', 'three']);
});

it('P1 begins anew, in order, when the leader lacks what it had acknowledged, and says so', async () => {
  const events: string[] = [];
  const { clock, cluster, client } = clientOnFakes({ onEvent: (event) => events.push(event.type) });
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  for (const value of ['a', 'b', 'c']) await clock.settle(producer.send({ topic: 'orders', value }));
  cluster.moveLeader('orders', 0, 2, 1);
  const rest = Promise.all(['d', 'e'].map((value) => producer.send({ topic: 'orders', value })));
  expect((await clock.settle(rest)).map(({ offset }) => offset)).toEqual([1, 2]);
  expect(
    cluster
      .partition('orders', 0)
      .log.texts()
      .map(({ text }) => text),
  ).toEqual(['a', 'd', 'e']);
  expect(events).toContain('sequence restarted');
});

it('P1 S47 takes another producer id when the epoch cannot be raised any further', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const ids = [
    { producerId: 7, producerEpoch: 32_766 },
    { producerId: 8, producerEpoch: 0 },
  ];
  cluster.override = (_, request) =>
    request.api === 'initProducerId' ? { error: 'NONE', errorMessage: null, ...ids.shift() } : undefined;
  const producer = client.producer({ lingerMs: 0 });
  for (const value of ['a', 'b']) await clock.settle(producer.send({ topic: 'orders', value }));
  cluster.moveLeader('orders', 0, 2, 1);
  const rest = Promise.all(['c', 'd'].map((value) => producer.send({ topic: 'orders', value })));
  expect((await clock.settle(rest)).map(({ offset }) => offset)).toEqual([1, 2]);
  const views = cluster.partition('orders', 0).log.batches.map((batch) => new BatchView(batch));
  expect(views.map(({ producerId, producerEpoch }) => [producerId, producerEpoch])).toEqual([
    [7, 32_766],
    [8, 0],
  ]);
});

it('says why there is no producer id, when the quorum gives none in time', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const errorMessage = 'no quorum: voters 2 and 3 are missing';
  cluster.override = (_, request) =>
    request.api === 'initProducerId'
      ? { error: 'NOT_CONTROLLER', errorMessage, producerId: -1, producerEpoch: -1 }
      : undefined;
  const producer = client.producer({ deliveryTimeoutMs: 2000 });
  const error = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'x' })));
  expect([error.code, error.outcome]).toEqual(['NOT_CONTROLLER', 'refused']);
  expect(error.message).toContain('voters 2 and 3 are missing');
});

it('S42 a batch alone is refused, those behind it wait for it: order is kept', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0, batchSize: 1 });
  await clock.settle(producer.send({ topic: 'orders', value: '0' }));
  let refusals = 1;
  cluster.override = (_, request) => {
    if (request.api !== 'produce' || refusals === 0) return undefined;
    refusals -= 1;
    const [{ topicId = '', partition = 0 } = {}] = request.body.partitions;
    const refused = { topicId, partition, error: 'NOT_ENOUGH_REPLICAS', errorMessage: null };
    const nowhere = { baseOffset: -1, logStartOffset: -1, leaderHint: -1 };
    return { error: 'NONE', errorMessage: null, partitions: [{ ...refused, ...nowhere }] };
  };
  const values = ['1', '2', '3', '4', '5', '6', '7'];
  await clock.settle(Promise.all(values.map((value) => producer.send({ topic: 'orders', value }))));
  expect(
    cluster
      .partition('orders', 0)
      .log.texts()
      .map(({ text }) => text),
  ).toEqual(['0', ...values]);
});

it('P1 sends the first batch alone: a leader that knows nothing of a producer takes any sequence', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0, batchSize: 1 });
  cluster.lacksReplicas = true;
  const values = ['0', '1', '2', '3'];
  const all = Promise.all(values.map((value) => producer.send({ topic: 'orders', value })));
  await clock.until(() => cluster.seen.some(({ api }) => api === 'produce'));
  cluster.lacksReplicas = false;
  await clock.settle(all);
  expect(
    cluster
      .partition('orders', 0)
      .log.texts()
      .map(({ text }) => text),
  ).toEqual(values);
});

it('E4 waits for memory, and says so when it gets none in time', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  cluster.lacksReplicas = true;
  const producer = client.producer({ bufferMemory: 400, batchSize: 100, maxBlockMs: 1000 });
  const value = 'x'.repeat(100);
  const first = failureOf(producer.send({ topic: 'orders', value }));
  const others = [1, 2, 3, 4].map(() => failureOf(producer.send({ topic: 'orders', value })));
  const last = others.at(-1);
  if (last === undefined) throw new Error('no promise');
  const error = await clock.settle(last);
  expect([error.code, error.outcome]).toEqual(['TIMEOUT', 'refused']);
  expect(error.message).toContain('no memory');
  expect((await clock.settle(first)).code).toBe('NOT_ENOUGH_REPLICAS');
});

it('gives up what was under way to a topic that was deleted, by name, long before its time is over', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 2);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one', partition: 0 }));
  cluster.topics.delete('orders');
  const startMs = clock.nowMs();
  const lost = [0, 1, 0].map((partition) =>
    failureOf(producer.send({ topic: 'orders', value: 'two', partition })),
  );
  for (const { code, outcome } of await clock.settle(Promise.all(lost)))
    expect([code, outcome]).toEqual(['UNKNOWN_TOPIC_OR_PARTITION', 'refused']);
  await clock.settle(producer.flush());
  expect(clock.nowMs() - startMs).toBeLessThan(5000);
  // One of that name that is made again takes records as any other.
  cluster.addTopic('orders', 1);
  const place = await clock.settle(producer.send({ topic: 'orders', value: 'new' }));
  expect([place.partition, place.offset]).toEqual([0, 0]);
  await clock.settle(producer.close());
});

it('refuses what can never be sent, at once and by name', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ maxRequestSize: 1000 });
  const large = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'x'.repeat(2000) })));
  expect(large.code).toBe('MESSAGE_TOO_LARGE');
  const nowhere = await clock.settle(failureOf(producer.send({ topic: 'nowhere', value: 'x' })));
  expect(nowhere.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(clock.nowMs()).toBeLessThan(5000);
  await expect(producer.send({ topic: 'orders', value: 'x', partition: -1 })).rejects.toThrow('partition -1');
  expect(() => client.producer({ acks: 0, idempotence: true })).toThrow('idempotence needs answers');
});

it.each(['none', 'gzip'] as const)(
  'P1 a batch that is too large (%s) goes in parts, in order and each record once, as do those behind it',
  async (compression) => {
    const { clock, cluster, client } = clientOnFakes();
    cluster.addTopic('orders', 1);
    const producer = client.producer({ batchSize: 4000, compression });
    await clock.settle(producer.send({ topic: 'orders', value: 'first' }));
    cluster.mostBatchBytes = 600;
    const values = Array.from({ length: 300 }, (_, index) => `${index} ${String(index ** 7).repeat(4)}`);
    const sent = values.map((value) => producer.send({ topic: 'orders', value, key: 'k' }));
    const startMs = clock.nowMs();
    const places = await clock.settle(Promise.all(sent));
    expect(places.map(({ offset }) => offset)).toEqual(values.map((_, index) => index + 1));
    expect(clock.nowMs() - startMs).toBeLessThan(2000);
    const { log } = cluster.partition('orders', 0);
    expect(log.texts().map(({ text }) => text)).toEqual(['first', ...values]);
    // The numbering went on: nothing had to be given up.
    const epochs = new Set(log.batches.map((batch) => new BatchView(batch).producerEpoch));
    expect([...epochs]).toEqual([0]);
    // What it has learned it keeps: later batches are not refused again.
    const before = cluster.seen.filter(({ api }) => api === 'produce').length;
    const batches = log.batches.length;
    await clock.settle(Promise.all(values.map((value) => producer.send({ topic: 'orders', value }))));
    const requests = cluster.seen.filter(({ api }) => api === 'produce').length - before;
    expect(requests).toBe(log.batches.length - batches);
  },
);

it('a record that is too large alone fails by name, those around it do not', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  cluster.mostBatchBytes = 600;
  const producer = client.producer();
  const values = ['a', 'b', 'x'.repeat(1000), 'c'];
  const sent = values.map((value) => producer.send({ topic: 'orders', value }));
  const outcomes = await clock.settle(Promise.allSettled(sent));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  const error = await failureOf(sent[2] ?? Promise.resolve());
  expect([error.code, error.outcome]).toEqual(['MESSAGE_TOO_LARGE', 'refused']);
  const texts = cluster.partition('orders', 0).log.texts();
  expect(texts.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
});

it('P1 a batch that may be in the log is not split: its parts could be there a second time', async () => {
  const { clock, cluster, client } = clientOnFakes({ requestTimeoutMs: 200 });
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: '0' }));
  cluster.mute.add(1);
  const sent = ['1', '2'].map((value) => failureOf(producer.send({ topic: 'orders', value })));
  await clock.until(() => cluster.partition('orders', 0).log.end === 3);
  cluster.mostBatchBytes = 10;
  cluster.mute.clear();
  const outcomes = (await clock.settle(Promise.all(sent))).map(({ code, outcome }) => [code, outcome]);
  expect(outcomes).toEqual(Array.from({ length: 2 }, () => ['MESSAGE_TOO_LARGE', 'unknown']));
  cluster.mostBatchBytes = 1000;
  await clock.settle(producer.send({ topic: 'orders', value: '3' }));
  const texts = cluster.partition('orders', 0).log.texts();
  expect(texts.map(({ text }) => text)).toEqual(['0', '1', '2', '3']);
});

it('flushes what was sent before, though more is being sent, and closes after the last acknowledgement', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 60_000 });
  let acknowledged = 0;
  const count = (): void => {
    acknowledged += 1;
  };
  void producer.send({ topic: 'orders', value: 'one' }).then(count);
  await clock.settle(producer.flush());
  expect(acknowledged).toBe(1);
  void producer.send({ topic: 'orders', value: 'two' }).then(count);
  await clock.settle(producer.close());
  expect(acknowledged).toBe(2);
  expect(clock.nowMs()).toBeLessThan(60_000);
  expect((await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'three' })))).code).toBe(
    'CLOSED',
  );
});

it('without idempotence tells that an outcome is unknown rather than sending twice', async () => {
  const { clock, cluster, client } = clientOnFakes({ requestTimeoutMs: 200 });
  cluster.addTopic('orders', 1);
  const producer = client.producer({ idempotence: false, lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  cluster.mute.add(1);
  const error = await clock.settle(failureOf(producer.send({ topic: 'orders', value: 'two' })));
  expect([error.code, error.outcome]).toEqual(['REQUEST_TIMED_OUT', 'unknown']);
  cluster.mute.clear();
  await clock.settle(producer.send({ topic: 'orders', value: 'three' }));
  expect(
    cluster
      .partition('orders', 0)
      .log.texts()
      .map(({ text }) => text),
  ).toEqual(['one', 'two', 'three']);
});

it('acks=0 gives no offset, and every record still arrives', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ acks: 0 });
  expect((await clock.settle(producer.send({ topic: 'orders', value: 'one' }))).offset).toBe(-1);
  expect(cluster.partition('orders', 0).log.end).toBe(1);
});

it('CONNECT names every address that was tried', async () => {
  const { clock, client } = clientOnFakes({ bootstrap: ['nowhere:1', '[::1]:2'] });
  const error = await clock.settle(failureOf(client.producer().send({ topic: 'orders', value: 'x' })));
  expect(error.code).toBe('CONNECT');
  expect(error.message).toContain('nowhere:1 (refused');
  expect(error.message).toContain('[::1]:2 (refused');
  expect(error).not.toBeInstanceOf(LogTruncated);
});

it('closes within a time: what was sent and not answered is unknown, what was never sent is not in the log', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0, batchSize: 100 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  cluster.mute.add(1);
  const values = Array.from({ length: 20 }, (_, index) => `${index} ${'.'.repeat(60)}`);
  const failures = [
    ...values.map((value) => ({ topic: 'orders', value })),
    { topic: 'unheard', value: 'x' },
  ].map((record) => failureOf(producer.send(record)));
  const isClosed = Promise.all([producer.close(), producer.close({ timeoutMs: 2000 })]);
  const beganMs = clock.nowMs();
  await clock.settle(isClosed);
  expect(clock.nowMs() - beganMs).toBeLessThanOrEqual(2100);
  const told = await clock.settle(Promise.all(failures));
  const inLog = cluster.partition('orders', 0).log.texts().length - 1;
  expect(told.map(({ code }) => code)).toEqual(told.map(() => 'TIMEOUT'));
  expect(told.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(inLog);
  expect(inLog).toBeGreaterThan(0);
  expect(told.at(-1)?.outcome).toBe('refused');
  expect(told.at(0)?.message).toBe('orders-0: not acknowledged within the 2000 ms that closing may take');
  await clock.settle(client.close());
});
