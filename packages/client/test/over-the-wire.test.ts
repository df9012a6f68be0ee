// The whole client over real links and sessions: frames, hello, heartbeats and all.

import { expect, it } from 'vitest';
import { createClient } from '../src/index.ts';
import { seededRandom, textOf } from './support/client-on-fakes.ts';
import { FakeCluster } from './support/fake-cluster.ts';
import { failureOf } from './support/outcome.ts';
import { VirtualClock } from './support/virtual-clock.ts';
import { wiredBrokers } from './support/wired-brokers.ts';

function clientOverTheWire(bootstrap = ['broker-1:9092', 'broker-2:9092'], seed = 7) {
  const clock = new VirtualClock();
  const cluster = new FakeCluster(clock);
  const brokers = wiredBrokers(cluster);
  const actors = new Set<string>();
  const client = createClient({
    bootstrap,
    clock,
    random: seededRandom(seed),
    socket: brokers.dial,
    inspect: (event) => {
      if (event.type === '@xstate.microstep' && 'id' in event.actorRef) actors.add(String(event.actorRef.id));
    },
  });
  return { clock, cluster, brokers, client, actors };
}

it('E3 E5 produces and consumes in order, each once, while connections are cut and leaders move', async () => {
  const { clock, cluster, brokers, client, actors } = clientOverTheWire();
  cluster.addTopic('orders', 3);
  const producer = client.producer({ lingerMs: 1 });
  const consumer = client.consumer();
  const places = [0, 1, 2].map((partition) => ({ topic: 'orders', partition }));
  consumer.assign(places.map((place) => ({ ...place, from: 'earliest' })));
  const sent: Promise<unknown>[] = [];
  for (let index = 0; index < 90; index++)
    clock.setTimeout(() => {
      sent.push(producer.send({ topic: 'orders', partition: index % 3, value: String(index) }));
    }, index * 20);
  for (const [atMs, broker] of [
    [300, 1],
    [700, 2],
    [900, 3],
  ] as const)
    clock.setTimeout(() => {
      brokers.cut(broker);
      cluster.moveLeader('orders', broker - 1, (broker % 3) + 1);
    }, atMs);
  const read: string[][] = [[], [], []];
  for (let count = 0; count < 90; ) {
    for (const { partition, value } of await clock.settle(consumer.poll())) {
      read[partition]?.push(textOf(value) ?? '');
      count += 1;
    }
  }
  await clock.settle(Promise.all(sent));
  const wanted = places.map(({ partition }) =>
    Array.from({ length: 30 }, (_, index) => String(index * 3 + partition)),
  );
  expect(read).toEqual(wanted);
  expect([...actors].some((id) => id.includes('broker-1'))).toBe(true);
  await clock.settle(client.close());
  brokers.close();
  clock.advance(60_000);
  expect(clock.pendingTimers).toBe(0);
});

it('E5 is acknowledged again soon after a killed leader was replaced: nobody waits for a back-off of another layer', async () => {
  for (let seed = 1; seed <= 10; seed++) await failovers(seed);
});

async function failovers(seed: number): Promise<void> {
  const { clock, cluster, brokers, client } = clientOverTheWire(undefined, seed);
  cluster.addTopic('orders', 1);
  cluster.hints = false;
  const producer = client.producer({ lingerMs: 0 });
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  await clock.settle(producer.send({ topic: 'orders', value: 'before' }));
  await clock.settle(consumer.poll());
  for (const electionMs of [50, 150, 230, 300, 600, 3000]) {
    const leader = cluster.partition('orders', 0).leader;
    cluster.down.add(leader);
    brokers.cut(leader);
    const killedMs = clock.nowMs();
    const next = producer.send({ topic: 'orders', value: `after ${electionMs}` });
    clock.setTimeout(() => cluster.moveLeader('orders', 0, (leader % 3) + 1), electionMs);
    await clock.settle(next);
    const mostLateMs = 50 + Math.min(electionMs / 3, 250);
    expect(clock.nowMs() - killedMs).toBeLessThan(electionMs + mostLateMs);
    expect((await clock.settle(consumer.poll())).map(({ value }) => textOf(value))).toEqual([
      `after ${electionMs}`,
    ]);
    expect(clock.nowMs() - killedMs).toBeLessThan(electionMs + 2 * mostLateMs);
    cluster.down.delete(leader);
  }
}

it('CONNECT names every address that was tried, and the next address is tried when one is down', async () => {
  const lost = clientOverTheWire(['nowhere:1', 'broker-9:9092']);
  const error = await lost.clock.settle(failureOf(lost.client.admin().clusterStatus()));
  expect([error.code, error.message]).toEqual(['CONNECT', expect.stringMatching(/nowhere:1.*broker-9:9092/)]);
  const half = clientOverTheWire();
  half.cluster.addTopic('orders', 1);
  half.cluster.down.add(1);
  half.cluster.moveLeader('orders', 0, 2);
  const place = await half.clock.settle(half.client.producer().send({ topic: 'orders', value: 'x' }));
  expect(place.offset).toBe(0);
});
