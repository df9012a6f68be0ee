// A picture that is told in parts is the picture that is told in one go, and says that it is not complete until it is.

import { describe, expect, test } from 'vitest';
import { type AnyActorRef, createActor, setup } from 'xstate';
import { LiveDecoder } from '../../src/live/codec.ts';
import { LiveStream } from '../../src/live/live-stream.ts';
import type { ClusterTold, LiveMessage, PartitionFacts, ReplicaFacts } from '../../src/live/messages.ts';
import { factsIn, mostFacts, partsOf } from '../../src/live/parts.ts';
import { Teller } from '../../src/live/teller.ts';
import { World } from '../../src/live/world.ts';

const partitionsOf = (count: number, leader: number): PartitionFacts[] =>
  Array.from({ length: count }, (_, partition) => ({
    ...{ partition, leader, leaderEpoch: leader },
    ...{ replicas: [1, 2], inSyncReplicas: [1, 2], eligibleLeaderReplicas: [] },
  }));

function clusterOf(metadataEnd: number, leader = 1): ClusterTold {
  return {
    ...{ kind: 'cluster', timeMs: 1, metadataEnd, controller: { id: 1, epoch: 1 }, voters: [1] },
    ...{ brokers: [{ id: 1, state: 'running', host: 'h', port: 1 }], losses: [] },
    ...{ all: true, deletedTopics: [] },
    topics: [
      { name: 'a', topicId: 'A', partitions: partitionsOf(1700, leader) },
      { name: 'b', topicId: 'B', partitions: partitionsOf(800, leader) },
      { name: 'c', topicId: 'C', partitions: [] },
    ],
  };
}

const replicasOf = (broker: number): LiveMessage => ({
  ...{ kind: 'replicas', timeMs: 2 },
  replicas: partitionsOf(1700, 1).map(
    ({ partition }): ReplicaFacts => ({
      ...{ broker, topic: 'a', partition, role: 'leader', leaderEpoch: 0, logStartOffset: 0 },
      ...{ highWatermark: 1, logEndOffset: 1, flushedEndOffset: 1 },
    }),
  ),
});

const actors: LiveMessage = {
  ...{ kind: 'actors', timeMs: 1, all: true },
  actors: partitionsOf(2500, 1).map(({ partition }) => ({
    path: `broker-1/a-${partition}`,
    machine: 'partition',
    value: 'leading',
  })),
};

function worldOf(messages: readonly LiveMessage[]): World {
  const world = new World();
  for (const message of messages) world.apply(message, 'watch');
  return world;
}

describe('a message in parts', () => {
  test('no part is larger than is read at once, and together they make the same picture', () => {
    const messages = [actors, clusterOf(5), replicasOf(1)];
    const parts = messages.flatMap(partsOf);
    expect(parts.length).toBeGreaterThan(7);
    for (const part of parts) expect(factsIn(part)).toBeLessThanOrEqual(mostFacts + 10);
    const [whole, inParts] = [worldOf(messages), worldOf(parts)];
    expect(inParts.actors).toEqual(whole.actors);
    expect(inParts.replicas).toEqual(whole.replicas);
    expect([...inParts.topics.values()]).toEqual([...whole.topics.values()]);
  });

  test('of small ones there is one', () => {
    const small: LiveMessage = { kind: 'gone', timeMs: 1, path: 'a' };
    expect(partsOf(small)).toEqual([small]);
  });

  test('a cluster told again in parts takes nothing away meanwhile: not the replicas that others told', () => {
    const world = worldOf([...partsOf(clusterOf(5)), replicasOf(1), replicasOf(2)]);
    const [first, ...rest] = partsOf(clusterOf(6, 2));
    if (first !== undefined) world.apply(first, 'watch');
    expect(world.replicas.size).toBe(3400);
    expect(world.topics.get('a')?.partitions.length).toBe(1700);
    for (const part of rest) world.apply(part, 'watch');
    expect(world.topics.get('a')?.partitions.every(({ leader }) => leader === 2)).toBe(true);
    expect(world.replicas.size).toBe(3400);
  });

  test('a topic that is not among all is gone, and one of its name that was made anew begins anew', () => {
    const world = worldOf([clusterOf(5), replicasOf(1)]);
    const { topics, ...cluster } = clusterOf(6);
    const anew = { name: 'a', topicId: 'A2', partitions: partitionsOf(2, 1) };
    world.apply({ ...cluster, topics: [anew] }, 'watch');
    expect([...world.topics.values()]).toEqual([anew]);
    world.apply({ ...clusterOf(7), topics: topics.slice(1) }, 'watch');
    expect([...world.topics.keys()]).toEqual(['b', 'c']);
    expect(world.replicas.size).toBe(0);
  });
});

const lampMachine = setup({ types: { events: {} as { type: 'switch' } } }).createMachine({
  id: 'lamp',
  initial: 'dark',
  states: { dark: { on: { switch: 'lit' } }, lit: { on: { switch: 'dark' } } },
});

function houseOf(lamps: number): AnyActorRef {
  const house = setup({ actors: { lamp: lampMachine } }).createMachine({
    id: 'house',
    invoke: Array.from({ length: lamps }, (_, n) => ({ src: 'lamp' as const, id: `lamp-${n}` })),
  });
  return createActor(house, { id: 'house' }).start();
}

function tellerOf(root: AnyActorRef) {
  const turns = new Set<() => void>();
  const teller = new Teller({
    hello: { about: 'a house', allowed: [] },
    nowMs: () => 1,
    every(_periodMs, callback) {
      turns.add(callback);
      return () => void turns.delete(callback);
    },
    onFailure(error) {
      throw error;
    },
  });
  teller.attach(root);
  const turn = (): void => {
    for (const callback of turns) callback();
  };
  return { teller, turn };
}

describe('a picture in parts', () => {
  test('is not called complete before the last actor was looked at; who comes later hears so too', () => {
    const { teller, turn } = tellerOf(houseOf(2500));
    const [first, second] = [new World(), new World()];
    teller.open((message) => first.apply(message));
    teller.open((message) => second.apply(message));
    expect(first.arriving).toMatchObject([{ about: 'a house' }]);
    expect(first.actors.size).toBeLessThan(2501);
    expect(first.actors.has('house')).toBe(true);
    turn();
    turn();
    for (const world of [first, second]) {
      expect(world.arriving).toEqual([]);
      expect(world.actors.size).toBe(2501);
    }
    const third = new World();
    const heard: LiveMessage[] = [];
    teller.open((message) => {
      heard.push(message);
      third.apply(message);
    });
    expect(heard[0]).toMatchObject({ kind: 'hello', inParts: true });
    expect(third.arriving).toEqual([]);
    expect(third.actors.size).toBe(2501);
  });

  test('a small one comes as a whole, without a word of it', () => {
    const { teller, turn } = tellerOf(houseOf(3));
    const heard: LiveMessage[] = [];
    teller.open((message) => heard.push(message));
    turn();
    expect(heard[0]).not.toHaveProperty('inParts');
    expect(heard.map(({ kind }) => kind)).not.toContain('whole');
  });

  test('travels as frames that are each read at once, the next one soon after; a connection that breaks between them goes on', () => {
    const { teller } = tellerOf(houseOf(1800));
    const stream = new LiveStream(teller, { id: 'one', nowMs: () => 1 });
    const usualMs = stream.everyMs;
    const decoder = new LiveDecoder();
    const world = new World();
    const pauses: number[] = [];
    for (let frame = stream.take(); frame !== undefined; frame = stream.take()) {
      pauses.push(stream.everyMs);
      const { messages } = decoder.decode(stream.since(decoder.last)?.[0] ?? frame);
      let facts = 0;
      for (const message of messages)
        if ('kind' in message) {
          facts += factsIn(message);
          world.apply(message);
        }
      expect(facts).toBeLessThanOrEqual(mostFacts + 10);
    }
    expect(pauses.length).toBeGreaterThan(1);
    expect(pauses.slice(0, -1).every((pauseMs) => pauseMs < usualMs)).toBe(true);
    expect(pauses.at(-1)).toBe(usualMs);
    expect(world.actors.size).toBe(1801);
    expect(world.arriving).toEqual([]);
  });
});
