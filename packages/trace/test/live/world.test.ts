// The picture that messages make.

import { array, assert, boolean, constantFrom, oneof, property, record, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LiveMessage } from '../../src/live/messages.ts';
import { World } from '../../src/live/world.ts';
import { readTrace, recordingOf, traceWriter } from '../../src/trace-file.ts';

const messages: readonly (readonly [LiveMessage, string])[] = [
  [{ kind: 'hello', version: 1, timeMs: 1, about: 'one', allowed: ['break'], nodeId: 1 }, 'watch'],
  [{ kind: 'hello', version: 1, timeMs: 1, about: 'two', allowed: [], nodeId: 2 }, 'watch/2'],
  [{ kind: 'machine', chart: { id: 'lamp', states: [], edges: [] } }, 'watch'],
  [
    {
      kind: 'actors',
      timeMs: 2,
      all: true,
      actors: [{ path: 'house-1/lamp', machine: 'lamp', value: 'lit' }],
    },
    'watch',
  ],
  [
    {
      kind: 'actors',
      timeMs: 3,
      all: true,
      actors: [{ path: 'house-2/lamp', machine: 'lamp', value: 'dark' }],
    },
    'watch/2',
  ],
  [{ kind: 'counts', timeMs: 4, machine: 'lamp', edges: [['a', 3]], states: [['lit', 5]] }, 'watch/2'],
  [
    {
      kind: 'cluster',
      timeMs: 5,
      metadataEnd: 9,
      controller: { id: 1, epoch: 2 },
      voters: [1, 2],
      brokers: [{ id: 1, state: 'running', host: 'h', port: 1 }],
      all: true,
      topics: [
        {
          name: 't',
          topicId: 'id',
          partitions: [
            {
              partition: 0,
              leader: 1,
              leaderEpoch: 0,
              replicas: [1],
              inSyncReplicas: [1],
              eligibleLeaderReplicas: [],
            },
          ],
        },
      ],
      deletedTopics: [],
      losses: [],
    },
    'watch',
  ],
  [{ kind: 'said', timeMs: 6, level: 'info', actor: 'house-1', event: 'e', text: 'a sentence' }, 'watch'],
];

describe('World', () => {
  test('what is told again makes the same picture, teller by teller', () => {
    const world = new World();
    for (const [message, source] of messages) world.apply(message, source);
    const again = new World();
    for (const { message, source } of world.retold()) again.apply(message, source);
    expect(again.statesOf('lamp')).toEqual(world.statesOf('lamp'));
    expect(again.statesOf('lamp').get('lit')).toBe(6);
    expect(again.heardMs).toEqual(
      new Map([
        ['watch', 6],
        ['watch/2', 4],
      ]),
    );
    expect({ ...again, actors: [...again.actors.keys()].sort() }).toEqual({
      ...world,
      actors: [...world.actors.keys()].sort(),
      edgesTaken: again.edgesTaken,
      counted: Reflect.get(again, 'counted'),
    });
    expect(again.edgesTaken.get('lamp')).toEqual(world.edgesTaken.get('lamp'));
    // An older picture of the metadata is still known to be older.
    again.apply({ ...clusterOf(world), metadataEnd: 8, controller: { id: 7, epoch: 7 } });
    expect(again.controller.id).toBe(1);
  });

  test('how many actors are in which state is what one would count', () => {
    const path = constantFrom('a', 'b', 'c', 'd');
    const machine = constantFrom('lamp', 'door');
    const value = constantFrom('lit', 'dark');
    const source = constantFrom('one', 'two');
    const rest = { event: 'e', from: '', to: '', edges: [], timeMs: 1 };
    const message = oneof(
      tuple(source, record({ path, machine, value }), boolean()).map(([by, actor, all]) => ({
        by,
        message: { kind: 'actors', timeMs: 1, all, actors: [actor] } satisfies LiveMessage,
      })),
      tuple(source, path, machine, value).map(([by, actor, one, to]) => ({
        by,
        message: { kind: 'step', ...rest, actor, machine: one, value: to } satisfies LiveMessage,
      })),
      tuple(source, path).map(([by, one]) => ({
        by,
        message: { kind: 'gone', timeMs: 1, path: one } satisfies LiveMessage,
      })),
    );
    assert(
      property(array(message, { maxLength: 40 }), (told) => {
        const world = new World();
        for (const { by, message: one } of told) world.apply(one, by);
        for (const one of ['lamp', 'door']) {
          const counted: Record<string, number> = {};
          for (const actor of world.actors.values())
            if (actor.machine === one) counted[String(actor.value)] = (counted[String(actor.value)] ?? 0) + 1;
          expect(Object.fromEntries(world.statesOf(one))).toEqual(counted);
          expect(Object.fromEntries(world.copy().statesOf(one))).toEqual(counted);
        }
      }),
    );
  });

  test('a message is under way from when it was sent until it arrives', () => {
    const world = new World();
    const sent = { from: 1, to: 2, name: 'fetch', count: 1, sentMs: 10, arrivesMs: 30 };
    world.apply({ kind: 'messages', timeMs: 10, sent: [sent] });
    world.apply({
      kind: 'messages',
      timeMs: 20,
      sent: [{ ...sent, from: 2, to: 1, sentMs: 20, arrivesMs: 25 }],
    });
    expect(world.underWay.map(({ from }) => from)).toEqual([1, 2]);
    world.apply({ kind: 'messages', timeMs: 30, sent: [] });
    expect(world.underWay).toEqual([]);
  });

  test('of who begins anew, what it sent last is forgotten with its actors: a node that has died sends nothing', () => {
    const world = new World();
    const sent = [{ from: 1, to: 2, name: 'fetch', count: 3 }];
    world.apply({ kind: 'messages', timeMs: 1, sent }, 'watch');
    expect(world.traffic.get('watch')?.sent).toEqual(sent);
    world.apply({ kind: 'actors', timeMs: 2, all: true, actors: [] }, 'watch');
    expect(world.traffic.has('watch')).toBe(false);
  });

  test('the last event of an actor is kept beside what it did at once after it, and since when all is counted', () => {
    const world = new World();
    const step = {
      kind: 'step',
      actor: 'a',
      machine: 'lamp',
      value: 'lit',
      from: 'dark',
      to: 'lit',
    } as const;
    world.apply({ kind: 'gone', timeMs: 7, path: 'b' });
    world.apply({ ...step, timeMs: 8, event: 'vote', edges: [{ source: 'dark' }], values: [['epoch', 5]] });
    world.apply({
      ...step,
      timeMs: 8,
      event: 'vote',
      edges: [{ source: 'dark', event: '', guard: 'has votes' }],
    });
    expect(world.actors.get('a')).toMatchObject({
      last: { edges: [{ guard: 'has votes' }] },
      lastOfEvent: { event: 'vote', edges: [{ source: 'dark' }], values: [['epoch', 5]] },
    });
    expect([world.beganMs, world.copy().beganMs]).toEqual([7, 7]);
  });

  test('what several tellers said so far stands in the order of its times', () => {
    const world = new World();
    const about = { kind: 'said', level: 'info', event: 'e' } as const;
    for (const [teller, times] of [
      ['broker-1', [1, 4, 6]],
      ['broker-2', [2, 4, 9]],
      ['broker-1', [10]],
    ] as const)
      for (const timeMs of times) world.apply({ ...about, timeMs, actor: teller, text: `${timeMs}` }, teller);
    expect(world.story.map(({ timeMs, actor }) => [timeMs, actor])).toEqual([
      [1, 'broker-1'],
      [2, 'broker-2'],
      [4, 'broker-1'],
      [4, 'broker-2'],
      [6, 'broker-1'],
      [9, 'broker-2'],
      [10, 'broker-1'],
    ]);
  });

  test('a change that a second teller tells too is none any more; who is no replica any more is dropped', () => {
    const world = new World();
    const facts = { leader: 1, leaderEpoch: 0, inSyncReplicas: [1, 2], eligibleLeaderReplicas: [] };
    const partitions = [0, 1].map((partition) => ({ ...facts, partition, replicas: [1, 2] }));
    const topic = { name: 't', topicId: 'id', partitions };
    const log = { logStartOffset: 0, highWatermark: 0, logEndOffset: 0, flushedEndOffset: 0 };
    const replica = { topic: 't', role: 'leader', leaderEpoch: 0, ...log } as const;
    const cluster = {
      ...({ kind: 'cluster', timeMs: 1, controller: { id: 1, epoch: 1 } } as const),
      ...{ voters: [], brokers: [], losses: [] },
      ...{ metadataEnd: 1, all: true, topics: [topic], deletedTopics: [] },
    } as const;
    world.apply(cluster, 'watch');
    const replicas = [1, 2].flatMap((broker) =>
      [0, 1].map((partition) => ({ ...replica, broker, partition })),
    );
    world.apply({ kind: 'replicas', timeMs: 1, replicas }, 'watch');
    const before = world.topicChanges;
    const moved = { ...facts, partition: 1, replicas: [1, 3], inSyncReplicas: [1, 3] };
    const changed = [{ ...topic, partitions: [moved] }];
    for (const teller of ['watch', 'watch/2'])
      world.apply({ ...cluster, metadataEnd: 2, all: false, topics: [], changed }, teller);
    expect(world.topicChanges).toBe(before + 1);
    expect(world.topics.get('t')?.partitions.map((one) => one.replicas)).toEqual([
      [1, 2],
      [1, 3],
    ]);
    expect([...world.replicas.keys()]).toEqual(['1/t-0', '1/t-1', '2/t-0']);
    // Once more the same, with another leader: that is news.
    world.apply(
      {
        ...cluster,
        metadataEnd: 3,
        all: false,
        topics: [],
        changed: [{ ...topic, partitions: [{ ...moved, leader: 3 }] }],
      },
      'watch',
    );
    expect(world.topicChanges).toBe(before + 2);
  });

  test('a file of several tellers is the picture that they made', () => {
    const world = new World();
    const lines: string[] = [];
    const { tell } = traceWriter('two nodes', (line) => lines.push(line));
    for (const [message, source] of messages) {
      world.apply(message, source);
      tell(message, source);
    }
    const trace = readTrace(lines.join(''));
    expect(new Set(trace.tellers)).toEqual(new Set(['watch', '', 'watch/2']));
    expect(recordingOf(trace).now.actors).toEqual(world.actors);
  });
});

function clusterOf(world: World) {
  const told = world.retold().find(({ message }) => message.kind === 'cluster')?.message;
  if (told?.kind !== 'cluster') throw new Error('no cluster was told again');
  return told;
}
