import { expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import { stateCounts, stateCountsInSteps } from '../src/state-counts.ts';

const lamp = setup({}).createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { press: 'on' } },
    on: { initial: 'dim', states: { dim: { on: { press: 'bright' } }, bright: {} } },
  },
});

const house = setup({ actors: { lamp } }).createMachine({
  id: 'house',
  invoke: [
    { src: 'lamp', id: 'hall' },
    { src: 'lamp', id: 'kitchen' },
    { src: 'lamp', id: 'attic' },
  ],
});

it('counts the machines below the roots by state, parents too', () => {
  const root = createActor(house, { id: 'house-1' }).start();
  const { hall, kitchen } = root.getSnapshot().children;
  for (const child of [hall, kitchen, kitchen]) child?.send({ type: 'press' });
  expect(
    Object.fromEntries([...stateCounts([root])].map(([id, states]) => [id, Object.fromEntries(states)])),
  ).toEqual({ house: { '': 1 }, lamp: { 'on.dim': 1, 'on.bright': 1, off: 1 } });
});

it('in steps it counts the same, and lets go after so many', () => {
  const actors = Array.from({ length: 7 }, () => createActor(lamp).start());
  const counting = stateCountsInSteps(actors, 3);
  expect([counting.next(), counting.next()].map(({ done }) => done)).toEqual([false, false]);
  expect(counting.next()).toEqual({ done: true, value: stateCounts(actors) });
});
