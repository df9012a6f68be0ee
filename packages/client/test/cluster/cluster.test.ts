import type { ClientRequest } from '@odradek/model';
import { expect, it } from 'vitest';
import { clientOnFakes, type OnFakes, textOf } from '../support/client-on-fakes.ts';

/** Broker 1 is cut off from its peers, not from its clients: it goes on telling what it knew, and commits nothing. */
function isolateBroker1({ cluster }: OnFakes, produced: 'is refused' | 'is never answered'): void {
  const metadata: ClientRequest = { api: 'metadata', body: { topics: null } };
  const asItWas = cluster.handle(1, metadata);
  cluster.override = (broker, request, mayWait) => {
    if (broker !== 1) return undefined;
    if (request.api === 'metadata') return asItWas;
    if (request.api === 'fetch') return mayWait ? 'nothing yet' : answerTo(request.body.partitions, 'NONE');
    if (request.api !== 'produce') return undefined;
    if (produced === 'is never answered') return 'nothing ever';
    return answerTo(request.body.partitions, 'NOT_ENOUGH_REPLICAS');
  };
}

function answerTo(
  asked: readonly { readonly topicId: string; readonly partition: number }[],
  error: string,
): object {
  const nothing = { errorMessage: null, highWatermark: 1, logStartOffset: 0, baseOffset: -1, leaderHint: -1 };
  const partitions = asked.map(({ topicId, partition }) => ({
    ...{ ...nothing, topicId, partition, error, diverging: null, records: [] },
  }));
  return { error: 'NONE', errorMessage: null, partitions };
}

it('L9 leaves a leader that is cut off from its peers and refuses, though it still answers about itself', async () => {
  const world = clientOnFakes();
  const { clock, cluster, client } = world;
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  isolateBroker1(world, 'is refused');
  cluster.moveLeader('orders', 0, 2);
  const startMs = clock.nowMs();
  expect((await clock.settle(producer.send({ topic: 'orders', value: 'two' }))).offset).toBe(1);
  expect(clock.nowMs() - startMs).toBeLessThan(1000);
});

it('L9 P1 leaves a leader that is cut off and does not answer, as soon as another one is known', async () => {
  const world = clientOnFakes();
  const { clock, cluster, client } = world;
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  isolateBroker1(world, 'is never answered');
  const startMs = clock.nowMs();
  const values = ['two', 'three', 'four'];
  const sent = values.map((value) => producer.send({ topic: 'orders', value }));
  clock.setTimeout(() => cluster.moveLeader('orders', 0, 2), 3000);
  await clock.settle(Promise.all(sent));
  expect(clock.nowMs() - startMs).toBeLessThan(6000);
  const texts = cluster.partition('orders', 0).log.texts();
  expect(texts.map(({ text }) => text)).toEqual(['one', ...values]);
});

it('L9 a consumer leaves a leader that is cut off and has nothing new', async () => {
  const world = clientOnFakes();
  const { clock, cluster, client } = world;
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  expect((await clock.settle(consumer.poll())).map(({ value }) => textOf(value))).toEqual(['one']);
  isolateBroker1(world, 'is refused');
  cluster.moveLeader('orders', 0, 2);
  const elsewhere = clientOnFakes();
  cluster.partition('orders', 0).log.append(await batchOf(elsewhere, 'two'));
  const startMs = clock.nowMs();
  expect((await clock.settle(consumer.poll())).map(({ value }) => textOf(value))).toEqual(['two']);
  expect(clock.nowMs() - startMs).toBeLessThan(120_000);
});

it('L9 asks those who answered before those who did not, and none of them twice in a row in vain', async () => {
  const { clock, cluster, client } = clientOnFakes({ metadataMaxAgeMs: 1000 });
  cluster.addTopic('orders', 1);
  const producer = client.producer({ lingerMs: 0 });
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  const asked: number[] = [];
  cluster.override = (broker, request) => {
    if (request.api === 'metadata') asked.push(broker);
    return undefined;
  };
  cluster.down.add(2);
  await clock.until(() => asked.length === 6);
  expect(['1,3,1,3,1,3', '3,1,3,1,3,1']).toContain(asked.join());
});

it('E3 asks the next broker soon when the first is silent, and remembers who was', async () => {
  const { clock, cluster, client } = clientOnFakes({
    bootstrap: ['broker-1:9092', 'broker-2:9092', 'broker-3:9092'],
  });
  cluster.addTopic('orders', 1);
  cluster.moveLeader('orders', 0, 2);
  cluster.mute.add(1);
  const startMs = clock.nowMs();
  const sent = client.producer({ lingerMs: 0 }).send({ topic: 'orders', value: 'one' });
  expect((await clock.settle(sent)).offset).toBe(0);
  expect(clock.nowMs() - startMs).toBeLessThan(700);
  const asked: number[] = [];
  cluster.override = (broker, request) => {
    if (request.api === 'metadata') asked.push(broker);
    return undefined;
  };
  cluster.moveLeader('orders', 0, 3);
  cluster.hints = false;
  await clock.settle(client.producer({ lingerMs: 0 }).send({ topic: 'orders', value: 'two' }));
  expect(asked).not.toContain(1);
});

it('E3 takes the answer of whoever answers first, also of one that was given up on', async () => {
  const { clock, cluster, client } = clientOnFakes({ bootstrap: ['broker-1:9092', 'broker-2:9092'] });
  cluster.addTopic('orders', 1);
  cluster.latencyMs = 400;
  const startMs = clock.nowMs();
  cluster.mute.add(2);
  const sent = client.producer({ lingerMs: 0 }).send({ topic: 'orders', value: 'one' });
  await clock.settle(sent);
  // Metadata, a producer id, the record; not once the time after which a silent broker has failed.
  expect(clock.nowMs() - startMs).toBeLessThan(2500);
});

/** A batch with one record, as another client would have sent it. */
async function batchOf({ clock, cluster, client }: OnFakes, value: string): Promise<Uint8Array> {
  cluster.nextProducerId = 5000;
  cluster.addTopic('elsewhere', 1);
  await clock.settle(client.producer({ lingerMs: 0 }).send({ topic: 'elsewhere', value }));
  const [batch] = cluster.partition('elsewhere', 0).log.batches;
  if (batch === undefined) throw new Error('nothing was sent');
  return batch;
}
