// What an actor holds is told as what has changed, also of what is changed in place.

import { expect, test } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import { type Frame, watch } from '../src/transitions.ts';

const replicaMachine = setup({
  types: {
    context: {} as {
      epoch: number;
      pending: { generation: number } | undefined;
      readonly highWatermark: { offset: number };
      readonly progress: Map<number, { end: number }>;
    },
    events: {} as { type: 'moved' } | { type: 'asked' } | { type: 'answered' } | { type: 'nothing' },
  },
  actions: {
    move: ({ context }) => {
      context.highWatermark.offset += 1;
      context.progress.set(2, { end: 9 });
    },
    ask: assign({ epoch: 6, pending: { generation: 1 } }),
    settle: assign({ pending: undefined }),
  },
}).createMachine({
  id: 'replica',
  context: {
    epoch: 5,
    pending: undefined,
    highWatermark: { offset: 3 },
    progress: new Map([[2, { end: 4 }]]),
  },
  on: {
    moved: { actions: 'move' },
    asked: { actions: 'ask' },
    answered: { actions: 'settle' },
    nothing: {},
  },
});

test('of a start all values, then what has changed and what is there no more', () => {
  const frames: Frame[] = [];
  const actor = createActor(replicaMachine, { id: 'replica' });
  watch(actor, {
    nowMs: () => 0,
    onFrame: (frame) => frames.push(frame),
    onFailure(error) {
      throw error;
    },
    tellsValues: true,
  });
  actor.start();
  for (const type of ['moved', 'asked', 'nothing', 'answered'] as const) actor.send({ type });
  expect(frames.map(({ changed }) => changed)).toEqual([
    [
      ['epoch', 5],
      ['highWatermark.offset', 3],
      ['progress.2.end', 4],
    ],
    [
      ['highWatermark.offset', 4],
      ['progress.2.end', 9],
    ],
    [
      ['epoch', 6],
      ['pending.generation', 1],
    ],
    [],
    [['pending.generation', '(none)']],
  ]);
});
