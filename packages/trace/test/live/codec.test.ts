// What is told arrives as it was told, and bytes that are no frames are refused by name.

import {
  anything,
  array,
  assert,
  boolean,
  constantFrom,
  dictionary,
  integer,
  letrec,
  oneof,
  option,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from 'fast-check';
import { Packr } from 'msgpackr/pack';
import { describe, expect, test } from 'vitest';
import {
  chartOf,
  LiveDecoder,
  LiveEncoder,
  type LiveMessage,
  LiveStreamError,
  readOpening,
  readRequest,
  type Streamed,
} from '../../src/index.ts';
import { voterMachine } from '../sample-machines.ts';

const name = constantFrom('broker-1', 'broker-1/orders-0', 'follower', 'über', '', '__proto__');
const time = integer({ min: 0, max: 2 ** 45 });
const id = integer({ min: -1, max: 2 ** 31 });
const { value: stateValue } = letrec((tie) => ({
  value: option(dictionary(constantFrom('log', 'inSyncSet', 'open'), tie('value'), { minKeys: 1 }), {
    nil: 'serving',
    maxDepth: 3,
  }),
}));
/** A record of which some fields may be absent, not undefined. */
function sometimes<T extends object>(model: T): T {
  return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined)) as T;
}
const maybe = <T>(arbitrary: Parameters<typeof option<T>>[0]) => option(arbitrary, { nil: undefined });
const edge = record({ source: name, target: maybe(name), guard: maybe(name), event: maybe(name) }).map(
  sometimes,
);
const eventValues = array(tuple(name, oneof(string(), id, boolean(), constantFrom(null))));
const actor = record({ path: name, machine: name, value: stateValue });
const partition = record({
  ...{ partition: id, leader: id, leaderEpoch: id },
  ...{ replicas: array(id), inSyncReplicas: array(id), eligibleLeaderReplicas: array(id) },
});

const messages = {
  hello: record({
    ...{ version: id, timeMs: time, about: string(), nodeId: maybe(id), clusterId: maybe(string()) },
    ...{ allowed: array(constantFrom('break', 'administer')), inParts: maybe(constantFrom(true)) },
    stepsAreGuessed: maybe(constantFrom(true)),
  }),
  machine: record({ chart: constantFrom(chartOf(voterMachine)) }),
  actors: record({ timeMs: time, all: boolean(), actors: array(actor) }),
  step: record({
    ...{ timeMs: time, actor: name, machine: name, event: name, from: name, to: name },
    ...{ edges: array(edge), value: stateValue, rule: maybe(name) },
    ...{ values: maybe(eventValues), changed: maybe(eventValues) },
    orders: maybe(
      array(
        record({
          ...{ name, more: maybe(id) },
          sent: maybe(array(record({ to: name, name, values: maybe(eventValues) }).map(sometimes))),
        }).map(sometimes),
      ),
    ),
  }),
  values: record({ timeMs: time, path: name, values: eventValues }),
  gone: record({ timeMs: time, path: name }),
  counts: record({
    ...{ timeMs: time, machine: name },
    ...{ edges: array(tuple(name, id)), states: array(tuple(name, id)) },
  }),
  cluster: record({
    ...{ timeMs: time, metadataEnd: id, controller: record({ id, epoch: id }), voters: array(id) },
    ...{ brokers: array(record({ id, state: name, host: name, port: id })), all: boolean() },
    topics: array(record({ name, topicId: name, partitions: array(partition) })),
    deletedTopics: array(name),
    losses: array(
      record({
        ...{ topic: name, partition: id, leaderEpoch: id, fromOffset: id },
        toOffset: option(id, { nil: null }),
      }),
    ),
    changed: maybe(array(record({ name, topicId: name, partitions: array(partition) }))),
  }).map(sometimes),
  replicas: record({
    timeMs: time,
    replicas: array(
      record({
        ...{ broker: id, topic: name, partition: id, role: constantFrom('leader', 'follower', 'none') },
        ...{ leaderEpoch: id, logStartOffset: id, highWatermark: id, logEndOffset: time },
        ...{ flushedEndOffset: id, sizeInBytes: maybe(time) },
      }).map(sometimes),
    ),
  }),
  messages: record({
    timeMs: time,
    sent: array(
      record({
        ...{ from: id, to: constantFrom('client', 3), name, count: id, partition: maybe(name) },
        ...{ sentMs: maybe(time), arrivesMs: maybe(time), isLost: maybe(constantFrom(true)) },
      }).map(sometimes),
    ),
  }),
  said: record({
    ...{ timeMs: time, level: constantFrom('info', 'warn', 'error'), actor: name, event: name },
    ...{ text: string(), rule: maybe(name), partition: maybe(name), times: maybe(id), sinceMs: maybe(time) },
  }),
  missed: record({ timeMs: time, messages: id }),
  whole: record({ timeMs: time }),
} satisfies Record<LiveMessage['kind'], unknown>;

type Kind = LiveMessage['kind'];
const kinds = Object.keys(messages) as Kind[];
const anyMessage = integer({ min: 0, max: kinds.length - 1 }).chain((at) => {
  const kind = kinds[at] as Kind;
  const arbitrary: { map(mapper: (fields: object) => Streamed): ReturnType<typeof array<Streamed>> } =
    messages[kind] as never;
  return arbitrary.map((fields) => sometimes({ kind, ...fields }) as LiveMessage) as never;
}) as unknown as Parameters<typeof array<Streamed>>[0];

describe('frames', () => {
  test('messages of all kinds arrive as they were told, names of a stream being sent once', () => {
    const seen = new Set<string>();
    assert(
      property(array(array(anyMessage, { maxLength: 8 }), { maxLength: 5 }), (frames) => {
        const encoder = new LiveEncoder();
        const decoder = new LiveDecoder();
        for (const [index, frame] of frames.entries()) {
          for (const message of frame) if ('kind' in message) seen.add(message.kind);
          expect(decoder.decode(encoder.encode(frame))).toEqual({ sequence: index + 1, messages: frame });
        }
      }),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual([...kinds].sort());
  });

  test('an answer travels among the messages', () => {
    const answer: Streamed = {
      ...{ answer: 'look', id: 7, path: 'a/b', state: { path: 'a/b', machine: 'm', value: { a: 'b' } } },
      context: { epoch: 5, list: [1, { deep: null }] },
      next: [{ source: 'a', target: 'b', event: 'go', guardSays: 'no', guard: 'may' }],
    };
    expect(new LiveDecoder().decode(new LiveEncoder().encode([answer])).messages).toEqual([answer]);
  });

  test('a step whose names are known takes few bytes', () => {
    const encoder = new LiveEncoder();
    const step: LiveMessage = {
      ...{ kind: 'step', timeMs: 1_900_000_000_000, actor: 'broker-1/orders-0/replica', machine: 'leader' },
      ...{ event: 'produce', from: 'serving', to: 'serving', value: 'serving' },
      edges: [{ source: 'serving', guard: 'too few are in sync' }],
    };
    encoder.encode([step]);
    expect(encoder.encode([step]).length).toBeLessThan(40);
    const carrying = [{ ...step, values: [['brokerId', 2] as const, ['body.epoch', 7] as const] }];
    encoder.encode(carrying);
    expect(encoder.encode(carrying).length).toBeLessThan(50);
  });

  test('names that never end make the table begin anew', () => {
    const encoder = new LiveEncoder();
    const decoder = new LiveDecoder();
    for (let frame = 0; frame < 60; frame++) {
      const gone = Array.from({ length: 1000 }, (_, n): LiveMessage => {
        return { kind: 'gone', timeMs: 0, path: `network/session-${frame * 1000 + n}` };
      });
      const bytes = encoder.encode(gone);
      expect(decoder.decode(bytes).messages).toEqual(gone);
      expect(bytes.length).toBeLessThan(1000 * 45);
    }
  });

  test('kinds and fields of a newer teller are passed over', () => {
    const newer = new Packr({ useRecords: false }).pack([
      ...[1, 0, ['a/b']],
      [
        [40, ['whatever']],
        [4, [17, 0, 'a field more']],
      ],
    ]);
    expect(new LiveDecoder().decode(newer).messages).toEqual([{ kind: 'gone', timeMs: 17, path: 'a/b' }]);
  });
});

describe('damage', () => {
  const pack = (value: unknown): Uint8Array => new Packr({ useRecords: false }).pack(value);

  test.each([
    [pack([2, 0, [], []]), 'frame 2 came after frame 0'],
    [pack([1, 5, [], []]), 'names from 5 on came after 0 names'],
    [pack([1, 0, [3], []]), 'a frame is damaged: its names are no texts'],
    [pack('frame'), 'a frame is damaged: it is no array'],
    [pack([1, 0, [], [[4, [0, 9]]]]), 'message 0 of frame 1 (gone).path is name 9 of 0'],
    [
      pack([1, 0, ['x'], [[3, [0, 0, 0, 0, 0, 0, [['source']], 0]]]]),
      'message 0 of frame 1 (step).edges[0].source is no name',
    ],
    [
      pack([1, 0, ['{'], [[2, [0, true, [[0, 0, 0]]]]]]),
      'message 0 of frame 1 (actors).actors[0].value is no JSON of a state',
    ],
    [pack([1, 0, [], [[1, ['{}']]]]), 'message 0 of frame 1 (machine).chart is no chart'],
    [pack([1, 0, [], [[9, [0, 7]]]]), 'message 0 of frame 1 (said).level is none of info, warn, error'],
    [
      Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff),
      'a frame is damaged: 4294967295 elements are claimed at byte 5, 0 bytes are there',
    ],
  ])('%# is refused by name', (bytes, message) => {
    expect(() => new LiveDecoder().decode(bytes)).toThrow(new LiveStreamError(message));
  });

  test('a state nested without an end is refused by name, not by the stack', () => {
    const deep = `${'{"a":'.repeat(100_000)}"b"${'}'.repeat(100_000)}`;
    const bytes = pack([1, 0, ['p', deep], [[2, [0, true, [[0, 0, 1]]]]]]);
    expect(() => new LiveDecoder().decode(bytes)).toThrow(LiveStreamError);
  });

  test('whatever the bytes are, they are read or refused, and nothing else happens', () => {
    const frame = (): Uint8Array =>
      new LiveEncoder().encode([
        { kind: 'machine', chart: chartOf(voterMachine) },
        { kind: 'actors', timeMs: 1, all: true, actors: [{ path: 'a', machine: 'm', value: { x: 'y' } }] },
        { kind: 'replicas', timeMs: 5, replicas: [] },
      ]);
    const read = (bytes: Uint8Array): void => {
      try {
        new LiveDecoder().decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(LiveStreamError);
      }
    };
    assert(property(uint8Array({ maxLength: 200 }), read), { numRuns: 3000 });
    const whole = frame();
    assert(
      property(
        array(tuple(integer({ min: 0, max: whole.length - 1 }), integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          read(bytes);
        },
      ),
      { numRuns: 3000 },
    );
    for (let end = 0; end < whole.length; end += 7) read(whole.subarray(0, end));
    assert(
      property(anything(), (value) => {
        let bytes: Uint8Array;
        try {
          bytes = pack([
            1,
            0,
            ['a'],
            [
              [3, value],
              [6, value],
            ],
          ]);
        } catch {
          // Not everything can be packed at all.
          return;
        }
        read(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what a viewer says', () => {
  test('requests and openings are read, or refused with what is allowed', () => {
    expect(readRequest('{"ask":"watch","machines":["log"],"everyMs":50,"more":1}')).toEqual({
      ...{ ask: 'watch', machines: ['log'], everyMs: 50 },
    });
    expect(readRequest('{"ask":"look","id":1,"path":"a"}')).toEqual({ ask: 'look', id: 1, path: 'a' });
    for (const wrong of [
      '',
      'null',
      '[]',
      '{"ask":"kill"}',
      '{"ask":"watch","machines":[1],"everyMs":1}',
      '{"ask":"watch","machines":"all","everyMs":"x"}',
      '{"ask":"look","id":1}',
      `"${'x'.repeat(20_000)}"`,
    ])
      expect(() => readRequest(wrong)).toThrow(LiveStreamError);
    expect(readOpening('{"stream":"x","next":1}')).toEqual({ stream: 'x', next: 1 });
    expect(() => readOpening('{"stream":"x","next":0}')).toThrow(LiveStreamError);
  });
});
