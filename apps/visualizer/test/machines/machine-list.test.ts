import { expect, it } from 'vitest';
import { actorsOf } from '../../src/machines/machine-list.ts';
import { worldOf } from '../world-of.ts';

const path = (partition: number): string => `broker-1/laser-${partition}/log`;
const world = worldOf([
  {
    kind: 'actors',
    timeMs: 1,
    all: true,
    actors: [10, 2, 1].map((partition) => ({ path: path(partition), machine: 'log', value: 'clean' })),
  },
]);

it('actors are listed by name, as people count, not as they were made', () => {
  const paths = (words: string, most: number): string[] =>
    actorsOf(world, 'log', words, most).shown.map((actor) => actor.path);
  expect(paths('', 10)).toEqual([1, 2, 10].map(path));
  expect(paths('laser-1', 10)).toEqual([1, 10].map(path));
  expect(paths('clean', 2)).toEqual([2, 10].map(path));
});
