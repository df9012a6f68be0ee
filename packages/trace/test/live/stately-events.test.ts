// Events in the form of `@statelyai/inspect` 0.7.1 (`src/types.ts`, `src/createInspector.ts`), made here from a running actor as it
// makes them: the definition is the machine's configuration with functions as `{ type: name }`.

import { anything, assert, constantFrom, property, record, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assign, createActor, type InspectionEvent, sendTo, setup } from 'xstate';
import {
  chartOf,
  edgeKey,
  type LiveMessage,
  messagesOfStately,
  StatelyEvents,
  World,
} from '../../src/index.ts';
import { brokerMachine, stoppedClock, voterMachine } from '../sample-machines.ts';

const tillMachine = setup({ types: { events: {} as { type: 'take'; cents: number } } }).createMachine({
  id: 'till',
  on: { take: {} },
});

const orderMachine = setup({
  types: { events: {} as { type: 'pay'; cents: number }, context: {} as { paid: number } },
  actors: { till: tillMachine },
}).createMachine({
  id: 'order',
  context: { paid: 0 },
  invoke: { src: 'till', id: 'till' },
  on: {
    pay: {
      actions: [
        assign({ paid: ({ context, event }) => context.paid + event.cents }),
        sendTo('till', ({ event }) => ({ type: 'take', cents: event.cents })),
      ],
    },
  },
});

function wire(event: InspectionEvent): object | undefined {
  const actor = event.actorRef as unknown as {
    id: string;
    sessionId: string;
    _parent?: { sessionId: string };
    logic: { config?: object };
  };
  const common = {
    sessionId: actor.sessionId,
    rootId: event.rootId,
    createdAt: '1700000000000',
    _version: '1',
    id: null,
  };
  const plain = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'function' ? { type: one.name } : one)));
  switch (event.type) {
    case '@xstate.actor':
      return {
        ...common,
        ...{ type: event.type, name: actor.id, parentId: actor._parent?.sessionId },
        ...(actor.logic.config === undefined
          ? {}
          : { definition: JSON.stringify(plain(actor.logic.config)) }),
      };
    case '@xstate.snapshot': {
      const { status, value, context } = event.snapshot as unknown as Record<string, unknown>;
      const snapshot = { status, value, context: plain(context) };
      return { ...common, type: event.type, event: plain(event.event), snapshot };
    }
    case '@xstate.event':
      return {
        ...{ ...common, type: event.type, event: plain(event.event) },
        sourceId: event.sourceRef?.sessionId,
      };
    default:
      return undefined;
  }
}

/** What an app that is inspected tells, and the picture that it makes. */
function translated(run: (inspect: (event: InspectionEvent) => void) => void) {
  const events = new StatelyEvents();
  const messages: LiveMessage[] = [];
  const world = new World();
  run((event) => {
    const given = wire(event);
    for (const message of given === undefined ? [] : events.translate(JSON.stringify(given))) {
      messages.push(message);
      world.apply(message);
    }
  });
  return { messages, world };
}

describe('StatelyEvents', () => {
  test('an app is seen as if it told us: its chart, its actors, its steps with their edges', () => {
    const { world, messages } = translated((inspect) => {
      const actor = createActor(voterMachine, { id: 'voter-1', clock: stoppedClock, inspect }).start();
      actor.send({ type: 'xstate.after.electionTimeout.voter.follower' } as never);
      actor.send({ type: 'vote', epoch: 5 });
      actor.send({ type: 'stop' });
    });
    expect(messages[0]).toMatchObject({ kind: 'hello', about: 'an xstate app, by @statelyai/inspect' });
    const chart = world.charts.get('voter');
    const own = chartOf(voterMachine);
    expect(chart?.states.map(({ path, type, initial }) => [path, type, initial])).toEqual(
      own.states.map(({ path, type, initial }) => [path, type, initial]),
    );
    const edgesOf = (edges: typeof own.edges) =>
      edges
        .filter(({ event }) => !event.startsWith('xstate'))
        .map(({ source, target }) => `${source} ${target}`)
        .sort();
    expect(edgesOf(chart?.edges ?? [])).toEqual(edgesOf(own.edges));
    const steps = messages.filter((message) => message.kind === 'step');
    expect(steps.map(({ from, to }) => [from, to])).toEqual([
      ['', 'follower'],
      ['follower', 'candidate.asking'],
      ['candidate.asking', 'candidate.asking'],
      ['candidate.asking', 'stopped'],
    ]);
    expect(world.edgesTaken.get('voter')?.get(edgeKey('stop', { source: '', target: 'stopped' }))).toBe(1);
    expect(world.actors.has('voter-1')).toBe(false);
  });

  test('actors below others have paths', () => {
    const { world } = translated((inspect) => {
      createActor(brokerMachine, { id: 'broker-1', inspect }).start();
    });
    expect([...world.actors.keys()]).toEqual(['broker-1/orders-0']);
    expect(world.actors.get('broker-1/orders-0')?.value).toEqual({
      log: 'establishing',
      inSyncSet: 'settled',
    });
  });

  test('what an actor sends is told with its step, and what it holds as it changes', () => {
    const { messages } = translated((inspect) => {
      const app = createActor(orderMachine, { id: 'order', inspect }).start();
      app.send({ type: 'pay', cents: 300 });
      app.send({ type: 'pay', cents: 500 });
    });
    const steps = messages.filter((message) => message.kind === 'step');
    const of = (path: string) => steps.filter(({ actor }) => actor === path);
    const asked = (cents: number) => [
      { name: 'sends', sent: [{ to: 'order/till', name: 'take', values: [['cents', cents]] }] },
    ];
    expect(of('order').map(({ orders }) => orders)).toEqual([undefined, asked(300), asked(500)]);
    expect(of('order/till').map(({ values }) => values)).toEqual([
      undefined,
      [['cents', 300]],
      [['cents', 500]],
    ]);
    expect(of('order').map(({ changed }) => changed)).toEqual([
      [['paid', 0]],
      [['paid', 300]],
      [['paid', 800]],
    ]);
  });

  test('a file of events is read, as a list or line by line; what is none is not', () => {
    const lines: string[] = [];
    const inspect = (event: InspectionEvent): void => {
      const given = wire(event);
      if (given !== undefined) lines.push(JSON.stringify(given));
    };
    createActor(brokerMachine, { id: 'broker-1', inspect }).start();
    const read = messagesOfStately(`${lines.join('\n')}\n`);
    expect(read?.[0]?.kind).toBe('hello');
    expect(read?.some(({ kind }) => kind === 'step')).toBe(true);
    expect(messagesOfStately(`[${lines.join(',')}]`)).toEqual(read);
    expect(messagesOfStately(JSON.stringify(lines))).toEqual(read);
    for (const other of ['', '[', '[]', '{"trace":"odradek","version":1,"about":"x"}\n', 'milk\n'])
      expect(messagesOfStately(other)).toBeUndefined();
  });

  test('what has no text is passed over where a text is expected', () => {
    const definition = '{"id":"a","states":{"b":{}}}';
    const [silent] = JSON.parse('[{"toString":false,"valueOf":false}]') as [object];
    const events = new StatelyEvents();
    const actor = { type: '@xstate.actor', sessionId: 'x:1', createdAt: '1', definition };
    expect(events.translate({ ...actor, createdAt: [silent] })).toEqual([]);
    expect(events.translate({ ...actor, parentId: [silent] }).map(({ kind }) => kind)).toContain('machine');
  });

  test('whatever comes is translated or passed over', () => {
    const kinds = constantFrom('@xstate.actor', '@xstate.snapshot', '@xstate.event', 'else');
    const event = record({
      ...{ type: kinds, sessionId: string(), createdAt: constantFrom('1', 'x'), name: anything() },
      ...{ definition: constantFrom('{"id":"a","states":{"b":{"on":{"e":"c"}},"c":7}}', '{', 'null', '[]') },
      ...{ snapshot: anything(), event: anything(), parentId: anything() },
    });
    const events = new StatelyEvents();
    assert(property(event, (one) => void events.translate(one)));
    assert(property(anything(), (one) => void events.translate(one)));
  });
});
