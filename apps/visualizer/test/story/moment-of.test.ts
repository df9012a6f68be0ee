// The moment of a sentence is one at which what it says is so.

import { type LiveMessage, Recording, type Said } from '@odradek/trace';
import { expect, test } from 'vitest';
import { momentOf } from '../../src/story/moment-of.ts';
import { subjectOf } from '../../src/story/place-of.ts';

const leads: Said = {
  ...{ kind: 'said', timeMs: 100, level: 'info', actor: 'broker-2/controller', event: 'decided' },
  ...{ text: 'laser-0: broker 2 leads', partition: 'laser-0' },
};

function clusterAt(timeMs: number, leader: number): LiveMessage {
  const facts = { partition: 0, leaderEpoch: leader, replicas: [1, 2], inSyncReplicas: [2] };
  return {
    ...{ kind: 'cluster', timeMs, metadataEnd: timeMs, controller: { id: 2, epoch: 1 }, voters: [2] },
    ...{ brokers: [], all: false, deletedTopics: [], losses: [] },
    topics: [{ name: 'laser', topicId: 'L', partitions: [{ ...facts, leader, eligibleLeaderReplicas: [] }] }],
  };
}

function recordingOf(...messages: readonly LiveMessage[]): Recording {
  const recording = new Recording();
  for (const message of messages) recording.add(message);
  return recording;
}

function leaderAt(recording: Recording, position: number): number | undefined {
  return recording.at(position).topics.get('laser')?.partitions[0]?.leader;
}

test('who follows a sentence of a leader sees that leader, which was told a little later', () => {
  const gone: LiveMessage = { kind: 'gone', timeMs: 150, path: 'a' };
  const recording = recordingOf(clusterAt(1, 1), leads, gone, clusterAt(180, 2), clusterAt(190, 1));
  expect(leaderAt(recording, momentOf(recording, leads))).toBe(2);
});

test('what was told much later, or of something else, does not count', () => {
  const recording = recordingOf(clusterAt(1, 1), leads, clusterAt(900, 2));
  expect(momentOf(recording, leads)).toBe(2);
  const { partition, ...other } = { ...leads, actor: 'broker-2/quorum' };
  const soon = recordingOf(clusterAt(1, 1), other, clusterAt(150, 2));
  expect(momentOf(soon, other)).toBe(2);
});

const lead: LiveMessage = {
  ...{ kind: 'step', timeMs: 99, actor: 'broker-1/laser-0', machine: 'partition', event: 'place changed' },
  ...{ from: 'hosted.following', to: 'hosted.leading', edges: [], value: { hosted: 'leading' } },
};
const leadsHere: Said = {
  ...{ kind: 'said', timeMs: 100, level: 'info', actor: 'broker-1/laser-0', event: 'place changed' },
  ...{ text: 'leads in epoch 2', partition: 'laser-0' },
};

test('a sentence leads to the step that it is about, with what came of it at once, and not later', () => {
  const other: LiveMessage = { ...lead, timeMs: 100, actor: 'broker-1/broker', machine: 'broker' };
  const live = recordingOf(clusterAt(1, 2), lead, leadsHere, other, clusterAt(180, 1));
  expect(momentOf(live, leadsHere)).toBe(3);
  // In a simulation the cluster is told in the same millisecond.
  const simulated = recordingOf(
    clusterAt(1, 2),
    { ...lead, timeMs: 100 },
    leadsHere,
    other,
    clusterAt(100, 1),
  );
  expect(momentOf(simulated, leadsHere)).toBe(5);
  const { partition, ...own } = leadsHere;
  expect(momentOf(recordingOf(clusterAt(1, 2), lead, own, other, clusterAt(100, 1)), own)).toBe(3);
});

test('where the step was counted, or the sentence is older than what was heard, it leads to its time', () => {
  const long: LiveMessage = { ...lead, timeMs: 80 };
  const another: LiveMessage = { ...lead, event: 'log opened' };
  for (const before of [long, another])
    expect(momentOf(recordingOf(clusterAt(1, 2), before, leadsHere, clusterAt(180, 1)), leadsHere)).toBe(4);
  expect(momentOf(recordingOf(clusterAt(1, 2), lead, clusterAt(180, 1)), leadsHere)).toBe(3);
});

test('whose sentence it is is said once', () => {
  expect(subjectOf({ ...leads, actor: 'broker-1/laser-0' })).toBe('broker 1, laser-0');
  const { partition, ...said } = leads;
  expect(subjectOf({ ...said, actor: 'controller-101/controller' })).toBe('controller 101');
  expect(subjectOf({ ...said, actor: 'broker-2/controller' })).toBe('broker 2, controller');
  expect(subjectOf({ ...said, actor: 'controller-101/quorum' })).toBe('controller 101, quorum');
});
