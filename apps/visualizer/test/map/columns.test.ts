import { World } from '@odradek/trace';
import { expect, it } from 'vitest';
import { columnsOf } from '../../src/map/columns.ts';

it('the part of a node in the quorum is told as long as it runs', () => {
  const world = new World();
  world.apply({
    ...{ kind: 'actors', timeMs: 1, all: true },
    actors: [{ path: 'broker-1/quorum', machine: 'quorum', value: { leader: 'sure' } }],
  });
  const quorumWhile = (state: string): string | undefined => {
    world.brokers.set(1, { id: 1, state, host: 'localhost', port: 9092 });
    return columnsOf(world)[0]?.quorum;
  };
  expect(quorumWhile('running')).toBe('leader');
  expect(quorumWhile('down')).toBeUndefined();
});
