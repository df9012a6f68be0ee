// A leader that was succeeded and does not know it (it was paused, or is cut off from its peers) still answers clients. What it
// says of offsets is no reason to go elsewhere.

import type { ClientRequest } from '@odradek/model';
import { expect, it } from 'vitest';
import {
  type Client,
  type ClientEvent,
  type ClientOptions,
  type Consumer,
  clientOver,
} from '../../src/index.ts';
import { clientOnFakes, seededRandom, textOf } from '../support/client-on-fakes.ts';
import type { FakeCluster } from '../support/fake-cluster.ts';
import { failureOf } from '../support/outcome.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';

const place = { topic: 'orders', partition: 0 };

interface World {
  readonly clock: VirtualClock;
  readonly cluster: FakeCluster;
  readonly events: ClientEvent[];
  /** A client that knows nothing yet but the address of the leader that was deposed. */
  readonly fresh: Client;
}

/** Broker 1 led orders-0 with one record; broker 2 leads it since, and has three. Broker 1 and whoever is `unaware` do not know it. */
async function worldWithDeposedLeader(unaware: readonly number[] = [1]): Promise<World> {
  const { clock, cluster, client } = clientOnFakes();
  cluster.addTopic('orders', 1);
  await clock.settle(client.producer({ lingerMs: 0 }).send({ ...place, value: 'a' }));
  const known: ClientRequest = { api: 'metadata', body: { topics: ['orders'] } };
  const asItWas = cluster.handle(1, known);
  cluster.moveLeader('orders', 0, 2);
  const elsewhere = clientAt(cluster, clock, { bootstrap: ['broker-2:9092'] });
  const producer = elsewhere.producer({ lingerMs: 0, batchSize: 1 });
  for (const value of ['b', 'c']) void producer.send({ ...place, value });
  await clock.settle(elsewhere.close());
  cluster.override = (broker, request, mayWait) => {
    if (!unaware.includes(broker)) return undefined;
    if (request.api === 'metadata') return { ...(asItWas as object), answeredBy: broker };
    if (broker === 1 && request.api === 'fetch') return staleFetch(request, mayWait);
    return undefined;
  };
  const events: ClientEvent[] = [];
  const fresh = clientAt(cluster, clock, {
    bootstrap: ['broker-1:9092'],
    onEvent: (event) => void events.push(event),
  });
  return { clock, cluster, events, fresh };
}

function clientAt(
  cluster: FakeCluster,
  clock: VirtualClock,
  options: Pick<ClientOptions, 'bootstrap' | 'onEvent'>,
): Client {
  return clientOver({ ...options, clock, random: seededRandom(7) }, cluster.connect);
}

/** Of a log that ends at 1. */
function staleFetch({ body }: ClientRequest<'fetch'>, mayWait: boolean): unknown {
  if (mayWait && body.partitions.every(({ fetchOffset }) => fetchOffset <= 1)) return 'nothing yet';
  const partitions = body.partitions.map(({ topicId, partition, fetchOffset }) => ({
    ...{ topicId, partition, errorMessage: null, leaderHint: -1, diverging: null, records: [] },
    ...{ highWatermark: 1, logStartOffset: 0, error: fetchOffset > 1 ? 'OFFSET_OUT_OF_RANGE' : 'NONE' },
  }));
  return { error: 'NONE', errorMessage: null, partitions };
}

async function firstOf({ clock }: World, consumer: Consumer): Promise<string | null> {
  const [record] = await clock.settle(consumer.poll());
  return record === undefined ? null : textOf(record.value);
}

it.each(['none', 'earliest', 'latest'] as const)(
  'L9 an acknowledged offset is read, though a leader that was succeeded does not have it (offsetReset %s)',
  async (offsetReset) => {
    const world = await worldWithDeposedLeader();
    const consumer = world.fresh.consumer({ offsetReset });
    consumer.assign([{ ...place, from: 2 }]);
    expect(await firstOf(world, consumer)).toBe('c');
    expect(world.events.map(({ type }) => type)).not.toContain('position reset');
  },
);

it('L9 goes to the newest leader that any broker knows of, not only the first that is asked', async () => {
  const world = await worldWithDeposedLeader([1, 3]);
  world.cluster.brokers = [3, 1, 2];
  const consumer = world.fresh.consumer({ offsetReset: 'earliest' });
  consumer.assign([{ ...place, from: 2 }]);
  expect(await firstOf(world, consumer)).toBe('c');
});

it.each(['refuses', 'is silent'])(
  'L9 waits while every other broker %s: none of them can say that the leader still leads',
  async (what) => {
    const world = await worldWithDeposedLeader();
    const { clock, cluster } = world;
    const gone = what === 'refuses' ? cluster.down : cluster.mute;
    for (const broker of [2, 3]) gone.add(broker);
    const consumer = world.fresh.consumer({ offsetReset: 'earliest' });
    consumer.assign([{ ...place, from: 2 }]);
    expect(await clock.settle(consumer.poll(10_000))).toEqual([]);
    gone.clear();
    expect(await firstOf(world, consumer)).toBe('c');
  },
);

it('L9 tells after a while that nobody else can say who leads, and resets nothing', async () => {
  const world = await worldWithDeposedLeader();
  const { clock, cluster, events } = world;
  for (const broker of [2, 3]) cluster.down.add(broker);
  const consumer = world.fresh.consumer({ offsetReset: 'earliest' });
  consumer.assign([{ ...place, from: 2 }]);
  const error = await clock.settle(failureOf(consumer.poll(120_000)));
  expect(error.code).toBe('OFFSET_OUT_OF_RANGE');
  expect(error.message).toContain('broker 1 says that its log has 0 to 1');
  expect(error.message).toContain('no other broker answers');
  expect(consumer.position(place)).toBe(2);
  expect(events.map(({ type }) => type)).not.toContain('position reset');
});

it('resets where the leader that the others name says the same, and tells it', async () => {
  const world = await worldWithDeposedLeader();
  const consumer = world.fresh.consumer({ offsetReset: 'earliest' });
  consumer.assign([{ ...place, from: 99 }]);
  expect(await firstOf(world, consumer)).toBe('a');
  const reset = world.events.filter(({ type }) => type === 'position reset');
  expect(reset).toEqual([
    {
      ...{ type: 'position reset', reason: 'offset out of range', ...place },
      ...{ offset: 99, to: 'earliest', logStartOffset: 0, highWatermark: 3 },
    },
  ]);
});

it('believes the only broker of a cluster at once', async () => {
  const { clock, cluster, client } = clientOnFakes();
  cluster.brokers = [1];
  cluster.addTopic('orders', 1);
  const consumer = client.consumer();
  consumer.assign([{ ...place, from: 5 }]);
  const startMs = clock.nowMs();
  expect((await clock.settle(failureOf(consumer.poll()))).message).toContain('offset 5 is not in the log');
  expect(clock.nowMs() - startMs).toBeLessThan(100);
});

it('M7 a seek ends the doubt', async () => {
  const world = await worldWithDeposedLeader();
  const { clock, cluster } = world;
  for (const broker of [2, 3]) cluster.mute.add(broker);
  const consumer = world.fresh.consumer();
  consumer.assign([{ ...place, from: 2 }]);
  expect(await clock.settle(consumer.poll(1000))).toEqual([]);
  cluster.mute.clear();
  consumer.seek(place, 1);
  consumer.seek(place, 0);
  cluster.override = () => undefined;
  expect(await firstOf(world, consumer)).toBe('a');
});
