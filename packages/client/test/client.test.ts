import { expect, it, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { ClientEvent } from '../src/index.ts';
import { clientOnFakes } from './support/client-on-fakes.ts';
import { failureOf } from './support/outcome.ts';

it('leaves no timer behind when it is closed, whatever was under way', async () => {
  const { client, clock, cluster } = clientOnFakes();
  cluster.addTopic('orders', 2);
  const producer = client.producer();
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  const consumer = client.consumer();
  consumer.assign([0, 1].map((partition) => ({ topic: 'orders', partition, from: 'earliest' })));
  await clock.settle(consumer.poll());
  const waiting = client.consumer();
  waiting.assign([{ topic: 'nowhere', partition: 0 }]);
  await clock.settle(client.close());
  clock.advance(1000);
  expect(clock.pendingTimers).toBe(0);
});

it('leaves no timer behind when nobody could ever be reached', async () => {
  const { client, clock } = clientOnFakes({ bootstrap: ['nowhere:1'] });
  await clock.settle(failureOf(client.producer().send({ topic: 'orders', value: 'x' })));
  await clock.settle(client.close());
  clock.advance(1000);
  expect(clock.pendingTimers).toBe(0);
});

it('closes once, whoever asks for it again', async () => {
  const { client, clock, cluster } = clientOnFakes();
  cluster.addTopic('orders', 1);
  const warnings = vi.spyOn(console, 'warn');
  const producer = client.producer();
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  const consumer = client.consumer();
  consumer.assign([{ topic: 'orders', partition: 0, from: 'earliest' }]);
  await clock.settle(consumer.poll());
  for (const one of [producer, producer, consumer, consumer, client, client]) await clock.settle(one.close());
  expect(warnings).not.toHaveBeenCalled();
  warnings.mockRestore();
});

it('shows its machines to whoever looks, and tells when a leader changes', async () => {
  const actors = new Set<string>();
  const events: ClientEvent[] = [];
  const inspect = (event: InspectionEvent): void => {
    if (event.type === '@xstate.actor' && 'id' in event.actorRef) actors.add(String(event.actorRef.id));
  };
  const { client, clock, cluster } = clientOnFakes({ inspect, onEvent: (event) => events.push(event) });
  cluster.addTopic('orders', 1);
  cluster.hints = false;
  const producer = client.producer();
  await clock.settle(producer.send({ topic: 'orders', value: 'one' }));
  cluster.moveLeader('orders', 0, 3);
  await clock.settle(producer.send({ topic: 'orders', value: 'two' }));
  expect([...actors]).toEqual(['client/metadata', 'client/producer-1', 'client/producer-1/orders-0']);
  expect(events).toEqual([
    { type: 'leader changed', topic: 'orders', partition: 0, leader: 3, leaderEpoch: 2 },
  ]);
});
