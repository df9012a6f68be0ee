// What leaves an actor is told with the step that made it leave, and nothing else is.

import { describe, expect, test } from 'vitest';
import { type AnyActorRef, assign, createActor, sendParent, sendTo, setup } from 'xstate';
import { OrderWatch } from '../src/orders.ts';
import { type Frame, watch } from '../src/transitions.ts';
import { stoppedClock } from './sample-machines.ts';

type Ask = { type: 'asked'; epoch: number };

/** A voter whose host is the test: what it orders, the test does. */
const voterMachine = setup({
  types: {
    context: {} as { epoch: number; act: (order: string) => void },
    events: {} as Ask | { type: 'told' },
    input: {} as (order: string) => void,
  },
  actions: {
    'adopt the epoch': assign({ epoch: 7 }),
    'store the vote': ({ context }) => context.act('store the vote'),
    answer: ({ context }) => context.act('answer'),
    open: ({ context }) => context.act('open'),
  },
}).createMachine({
  id: 'voter',
  context: ({ input }) => ({ epoch: 0, act: input }),
  entry: 'open',
  on: { asked: { actions: ['adopt the epoch', 'store the vote', 'answer'] }, told: {} },
});

function watched(actor: AnyActorRef, orders = new OrderWatch()) {
  const frames: Frame[] = [];
  watch(actor, {
    nowMs: () => 0,
    onFrame: (frame) => frames.push(frame),
    onFailure(error) {
      throw error;
    },
    orders,
  });
  const of = (path: string) => frames.filter(({ actor }) => actor === path).map((frame) => frame.orders);
  return { frames, of };
}

const nothing = (): void => {};

describe('the orders of a step', () => {
  test('are the actions that were carried out, in their order; what changes the machine alone is none', () => {
    const voter = createActor(voterMachine, { id: 'voter-1', input: nothing });
    const { of } = watched(voter);
    voter.start();
    voter.send({ type: 'asked', epoch: 7 });
    voter.send({ type: 'told' });
    expect(of('voter-1')).toEqual([
      [{ name: 'open' }],
      [{ name: 'store the vote' }, { name: 'answer' }],
      undefined,
    ]);
  });

  test('have what was sent while they were carried out: to actors, and over the network', () => {
    const orders = new OrderWatch();
    const disk = createActor(voterMachine, { id: 'disk', input: nothing }).start();
    const voter = createActor(voterMachine, {
      id: 'voter-1',
      input(order) {
        if (order === 'store the vote') disk.send({ type: 'asked', epoch: 7 });
        if (order === 'answer') {
          const body = { epoch: 7, granted: true };
          orders.sent('node 2', 'vote answer', body);
          // The network says it again, when it is lost.
          orders.sent('node 2', 'vote answer', body);
        }
      },
    }).start();
    const { of } = watched(voter, orders);
    const { of: ofDisk } = watched(disk, orders);
    orders.sent('node 3', 'heartbeat', {});
    voter.send({ type: 'asked', epoch: 7 });
    expect(of('voter-1')).toEqual([
      [
        { name: 'store the vote', sent: [{ to: 'disk', name: 'asked', values: [['epoch', 7]] }] },
        {
          name: 'answer',
          sent: [
            {
              to: 'node 2',
              name: 'vote answer',
              values: [
                ['epoch', 7],
                ['granted', true],
              ],
            },
          ],
        },
      ],
    ]);
    expect(ofDisk('disk')).toEqual([[{ name: 'store the vote' }, { name: 'answer' }]]);
  });

  test('what an actor that was sent to sends in its turn is its own', () => {
    const orders = new OrderWatch();
    const last = createActor(voterMachine, { id: 'last', input: nothing }).start();
    const middle = createActor(voterMachine, {
      id: 'middle',
      input: (order) => order === 'answer' && last.send({ type: 'told' }),
    }).start();
    // What listens to it is heard after its step: no order of anybody has sent that.
    middle.subscribe(() => orders.sent('node 9', 'heard', {}));
    const first = createActor(voterMachine, {
      id: 'first',
      input: (order) => order === 'answer' && middle.send({ type: 'asked', epoch: 1 }),
    }).start();
    const seen = [first, middle, last].map((actor) => watched(actor, orders));
    first.send({ type: 'asked', epoch: 1 });
    const sentBy = (at: number, path: string) =>
      seen[at]?.of(path).map((given) => given?.flatMap(({ sent = [] }) => sent.map(({ to }) => to)));
    expect(sentBy(0, 'first')).toEqual([['middle']]);
    expect(sentBy(1, 'middle')).toEqual([['last']]);
    expect(sentBy(2, 'last')).toEqual([undefined]);
  });

  test('many messages of one order are counted', () => {
    const orders = new OrderWatch();
    const voter = createActor(voterMachine, {
      id: 'voter-1',
      input(order) {
        if (order === 'answer')
          for (let node = 0; node < 100; node++) orders.sent(`node ${node}`, 'fetch answer', {});
      },
    }).start();
    const { of } = watched(voter, orders);
    voter.send({ type: 'asked', epoch: 1 });
    const answer = of('voter-1')[0]?.at(-1);
    expect((answer?.sent?.length ?? 0) + (answer?.more ?? 0)).toBe(100);
    expect(answer?.sent?.length).toBeLessThan(10);
  });

  test('whose action has thrown sends nothing more', () => {
    const orders = new OrderWatch();
    const broken = createActor(voterMachine, {
      id: 'broken',
      input(order) {
        if (order === 'answer') throw new Error('no disk');
      },
    }).start();
    broken.subscribe({ error: nothing });
    const voter = createActor(voterMachine, { id: 'voter-1', input: nothing }).start();
    watched(broken, orders);
    const { of } = watched(voter, orders);
    broken.send({ type: 'asked', epoch: 1 });
    orders.sent('node 2', 'late', {});
    voter.send({ type: 'asked', epoch: 1 });
    expect(of('voter-1')).toEqual([[{ name: 'store the vote' }, { name: 'answer' }]]);
  });

  test('xstate’s own sending is told as it was ordered, timers are none', () => {
    const child = setup({ types: { events: {} as { type: 'ask' } } }).createMachine({
      id: 'child',
      on: { ask: { actions: sendParent({ type: 'answered', epoch: 3 }) } },
    });
    const parent = createActor(
      setup({
        types: { events: {} as { type: 'go' } | { type: 'answered'; epoch: number } },
        actors: { child },
      }).createMachine({
        id: 'parent',
        invoke: { src: 'child', id: 'child' },
        initial: 'waiting',
        states: {
          waiting: { after: { 100: 'late' }, on: { go: { actions: sendTo('child', { type: 'ask' }) } } },
          late: {},
        },
      }),
      { id: 'parent', clock: stoppedClock },
    ).start();
    const { of } = watched(parent);
    parent.send({ type: 'go' });
    expect(of('parent')[0]).toEqual([{ name: 'sendTo', sent: [{ to: 'parent/child', name: 'ask' }] }]);
    expect(of('parent/child')[0]).toEqual([
      { name: 'sendTo', sent: [{ to: 'parent', name: 'answered', values: [['epoch', 3]] }] },
    ]);
  });

  test('of whom no step is going to be told nothing is kept, and nothing is taken for another’s', () => {
    const orders = new OrderWatch((actor) => actor.id !== 'counted');
    const counted = createActor(voterMachine, {
      id: 'counted',
      input: () => orders.sent('node 2', 'vote answer', {}),
    }).start();
    const told = createActor(voterMachine, {
      id: 'told',
      input: (order) => order === 'answer' && counted.send({ type: 'asked', epoch: 1 }),
    }).start();
    const seen = [counted, told].map((actor) => watched(actor, orders));
    told.send({ type: 'asked', epoch: 1 });
    expect(seen[0]?.of('counted')).toEqual([undefined]);
    const sent = [{ to: 'counted', name: 'asked', values: [['epoch', 1]] }];
    expect(seen[1]?.of('told')).toEqual([[{ name: 'store the vote' }, { name: 'answer', sent }]]);
  });
});
