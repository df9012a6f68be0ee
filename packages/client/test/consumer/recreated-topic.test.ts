// A topic that was deleted and made again has its name, and none of its records: a position belongs to the topic's id (KIP-516, S23).

import type { ClientRequest } from '@odradek/model';
import { expect, it } from 'vitest';
import { type ClientEvent, type Consumer, type ConsumerOptions, TopicRecreated } from '../../src/index.ts';
import { clientOnFakes, type OnFakes, textOf } from '../support/client-on-fakes.ts';
import { failureOf } from '../support/outcome.ts';

const place = { topic: 'orders', partition: 0 };
const newId = 'id-of-the-new';

async function produce({ client, clock }: OnFakes, values: readonly string[]): Promise<void> {
  const producer = client.producer({ lingerMs: 0, batchSize: 1 });
  for (const value of values) void producer.send({ ...place, value });
  await clock.settle(producer.close());
}

async function taken({ clock }: OnFakes, consumer: Consumer, count: number): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  while (texts.length < count)
    for (const { value } of await clock.settle(consumer.poll())) texts.push(textOf(value));
  return texts;
}

interface Reading extends OnFakes {
  readonly consumer: Consumer;
  readonly events: ClientEvent[];
}

/** A consumer that has read `old` from the beginning, when the topic is deleted and made again with `fresh`. */
async function readAndRecreated(
  old: readonly string[],
  fresh: readonly string[],
  options: ConsumerOptions = {},
): Promise<Reading> {
  const events: ClientEvent[] = [];
  const fakes = clientOnFakes({ onEvent: (event) => void events.push(event) });
  fakes.cluster.addTopic('orders', 1);
  await produce(fakes, old);
  const consumer = fakes.client.consumer(options);
  consumer.assign([{ ...place, from: 'earliest' }]);
  await taken(fakes, consumer, old.length);
  fakes.cluster.addTopic('orders', 1, newId);
  await produce(fakes, fresh);
  return { ...fakes, consumer, events };
}

const three = ['a', 'b', 'c'];

it.each([
  ['as many records', ['x', 'y', 'z']],
  ['more records', ['x', 'y', 'z', 'w', 'v']],
  ['fewer records', ['x']],
])(
  'S23 KIP-516 a consumer is told that its topic was made again, with %s, and reads none of them by its old offset',
  async (_, fresh) => {
    const reading = await readAndRecreated(three, fresh);
    const { clock, consumer } = reading;
    const error = await clock.settle(failureOf(consumer.poll()));
    expect(error).toBeInstanceOf(TopicRecreated);
    expect(error).toMatchObject({
      ...{ ...place, position: 3, topicId: 'id-of-orders', newTopicId: newId, code: 'UNKNOWN_TOPIC_ID' },
      message: `orders-0: topic orders was deleted and made again: offset 3 was a place in the one with id id-of-orders, now it is ${newId}`,
    });
    expect(await clock.settle(failureOf(consumer.poll()))).toBe(error);
    consumer.seek(place, 0);
    expect(await taken(reading, consumer, fresh.length)).toEqual(fresh);
  },
);

it('KIP-516 a reset that is configured goes to the new topic, and is told', async () => {
  const reading = await readAndRecreated(three, ['x', 'y', 'z', 'w'], { offsetReset: 'earliest' });
  expect(await taken(reading, reading.consumer, 4)).toEqual(['x', 'y', 'z', 'w']);
  expect(reading.events.filter(({ type }) => type === 'position reset')).toEqual([
    {
      ...{ type: 'position reset', reason: 'topic recreated', ...place, offset: 3 },
      ...{ to: 'earliest', logStartOffset: 0, highWatermark: 4 },
    },
  ]);
});

it('KIP-516 a seek to an offset by whom nobody has told of the new topic names a record of the old one', async () => {
  const { clock, consumer } = await readAndRecreated(three, ['x', 'y', 'z', 'w']);
  consumer.seek(place, 1);
  const error = await clock.settle(failureOf(consumer.poll()));
  expect(error).toMatchObject({ name: 'TopicRecreated', position: 1 });
});

it('a seek to the beginning means the topic that is there', async () => {
  const reading = await readAndRecreated(three, ['x', 'y']);
  reading.consumer.seek(place, 'earliest');
  expect(await taken(reading, reading.consumer, 2)).toEqual(['x', 'y']);
});

it.each([
  ['nobody else answers', []],
  ['one of the others knows no better', [2, 3]],
])(
  'L9 a broker that still leads the topic which was deleted makes nobody believe that it is the new one, while %s',
  async (_, answering) => {
    const fakes = clientOnFakes();
    const { clock, cluster, client } = fakes;
    cluster.addTopic('orders', 1);
    const asItWas = cluster.handle(1, { api: 'metadata', body: { topics: ['orders'] } });
    cluster.addTopic('orders', 1, newId);
    cluster.moveLeader('orders', 0, 2);
    await produce(fakes, ['x', 'y', 'z']);
    const consumer = client.consumer({ offsetReset: 'earliest' });
    consumer.assign([{ ...place, from: 'earliest' }]);
    expect(await taken(fakes, consumer, 3)).toEqual(['x', 'y', 'z']);
    clock.advance(50);
    // Broker 1 wakes up from before the deletion, broker 3 has not heard of it, and the leader serves nothing for a while.
    let answered = 0;
    cluster.override = (broker, request) => {
      if (broker !== 1 && !answering.includes(broker)) return 'nothing ever';
      if (request.api === 'metadata')
        return broker === 2 ? undefined : { ...(asItWas as object), answeredBy: broker };
      if (broker !== 1 || request.api !== 'fetch')
        return { error: 'BROKER_NOT_AVAILABLE', errorMessage: null, partitions: [] };
      answered += 1;
      return emptyLogOf('id-of-orders', request);
    };
    if (!answering.includes(2)) cluster.down.add(2);
    cluster.drop(2);
    expect(await clock.settle(consumer.poll(8000))).toEqual([]);
    expect(answered).toBeGreaterThan(0);
    cluster.override = () => undefined;
    cluster.down.clear();
    await produce(fakes, ['w']);
    expect(await taken(fakes, consumer, 1)).toEqual(['w']);
  },
);

function emptyLogOf(topic: string, { body }: ClientRequest<'fetch'>): object {
  const partitions = body.partitions.map(({ topicId, partition }) => ({
    ...{ topicId, partition, errorMessage: null, leaderHint: -1, diverging: null, records: [] },
    ...{ highWatermark: 0, logStartOffset: 0, error: topicId === topic ? 'NONE' : 'UNKNOWN_TOPIC_ID' },
  }));
  return { error: 'NONE', errorMessage: null, partitions };
}
