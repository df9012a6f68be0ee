// What of the cluster is told when it changes: no more than what has changed, and no less.

import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClusterFacts, FactsTold } from '../../src/live/facts.ts';
import type { ClusterTold, PartitionFacts, TopicFacts } from '../../src/live/messages.ts';
import { World } from '../../src/live/world.ts';

const partition = (number: number, leader: number): PartitionFacts => ({
  partition: number,
  leader,
  leaderEpoch: 1,
  replicas: [1, 2],
  inSyncReplicas: [1],
  eligibleLeaderReplicas: [],
});

const topicOf = (name: string, partitions: readonly PartitionFacts[], topicId = name): TopicFacts => ({
  name,
  topicId,
  partitions,
});

const clusterOf = (metadataEnd: number, topics: readonly TopicFacts[]): ClusterFacts => ({
  metadataEnd,
  controller: { id: 1, epoch: 1 },
  voters: [1],
  brokers: [],
  losses: [],
  topics: new Map(topics.map((topic) => [topic.name, topic])),
});

/** What is told of clusters that follow each other. */
function toldOf(...clusters: readonly ClusterFacts[]): ClusterTold[] {
  const facts = new FactsTold();
  return clusters.flatMap((cluster) =>
    facts.news({ cluster: () => cluster }, 1).filter((message) => message.kind === 'cluster'),
  );
}

describe('FactsTold', () => {
  test('of a topic of ten thousand partitions the one that has changed is told', () => {
    const many = Array.from({ length: 10_000 }, (_, number) => partition(number, 1));
    const moved = [...many.slice(0, 7000), partition(7000, 2), ...many.slice(7001)];
    const [first, second] = toldOf(
      clusterOf(1, [topicOf('large', many)]),
      clusterOf(2, [topicOf('large', moved)]),
    );
    expect(first?.topics[0]?.partitions.length).toBe(10_000);
    expect(second).toMatchObject({ all: false, topics: [], deletedTopics: [] });
    expect(second?.changed).toEqual([topicOf('large', [partition(7000, 2)])]);
  });

  test('partitions that are added are told alone; a topic that is made anew is told whole', () => {
    const [one, two] = [partition(0, 1), partition(1, 1)];
    const [, more, anew] = toldOf(
      clusterOf(1, [topicOf('a', [one])]),
      clusterOf(2, [topicOf('a', [one, two])]),
      clusterOf(3, [topicOf('a', [one, two], 'another')]),
    );
    expect(more?.changed).toEqual([topicOf('a', [two])]);
    expect(anew).toMatchObject({ topics: [topicOf('a', [one, two], 'another')] });
    expect(anew?.changed).toBeUndefined();
  });

  test('whatever changes, the picture is the cluster as it is', () => {
    const change = record({
      name: constantFrom('a', 'b', 'c'),
      isGone: boolean(),
      isAnew: boolean(),
      leader: integer({ min: 1, max: 3 }),
      at: integer({ min: 0, max: 6 }),
    });
    assert(
      property(array(change, { maxLength: 30 }), (changes) => {
        const facts = new FactsTold();
        const world = new World();
        let topics: readonly TopicFacts[] = [];
        for (const [index, { name, isGone, isAnew, leader, at }] of changes.entries()) {
          const others = topics.filter((topic) => topic.name !== name);
          const known = topics.find((topic) => topic.name === name);
          const before = isAnew ? [] : (known?.partitions ?? []);
          const place = Math.min(at, before.length);
          const partitions = before.toSpliced(place, 1, partition(place, leader));
          const topicId = isAnew || known === undefined ? `${name} ${index}` : known.topicId;
          topics = isGone ? others : [...others, topicOf(name, partitions, topicId)];
          const cluster = clusterOf(index, topics);
          for (const message of facts.news({ cluster: () => cluster }, index)) world.apply(message);
          expect(world.topics).toEqual(cluster.topics);
        }
        const late = new World();
        for (const message of facts.whole(99)) late.apply(message);
        expect(late.topics).toEqual(world.topics);
      }),
    );
  });
});
