import { World } from '@odradek/trace';
import { expect, it } from 'vitest';
import { columnsOf, hasNoController } from '../../src/map/columns.ts';

const leads = { path: 'broker-1/quorum', machine: 'quorum', value: { leader: 'sure' } };

function seen(nodeId?: number): World {
  const world = new World();
  const node = nodeId === undefined ? {} : { nodeId };
  world.apply({ kind: 'hello', version: 2, timeMs: 1, about: '', allowed: [], ...node }, 'watch');
  world.apply({ kind: 'actors', timeMs: 1, all: true, actors: [leads] }, 'watch');
  return world;
}

function quorumWhile(world: World, state: string): string | undefined {
  world.brokers.set(1, { id: 1, state, host: 'localhost', port: 9092 });
  return columnsOf(world)[0]?.quorum;
}

it('the part of a node in the quorum is told as long as it runs', () => {
  expect(quorumWhile(seen(), 'running')).toBe('leader');
  expect(quorumWhile(seen(), 'down')).toBe('not running');
  expect(quorumWhile(seen(), 'paused')).toBe('leader when it was paused');
});

it('of a fenced node that nobody hears, nothing of the quorum is said; of one that is heard, all', () => {
  const world = seen(1);
  expect(quorumWhile(world, 'fenced')).toBe('leader');
  world.apply({ kind: 'actors', timeMs: 2, all: true, actors: [] }, 'watch');
  expect(quorumWhile(world, 'fenced')).toBe('not heard');
  expect(columnsOf(world)[0]?.isHeard).toBe(false);
});

it('a node that stands still closes no connection: what it told last is not said to be so, and for how long it has been silent', () => {
  const world = seen(1);
  world.apply({ kind: 'hello', version: 2, timeMs: 1, about: '', allowed: [], nodeId: 2 }, 'watch/2');
  world.apply({ kind: 'missed', timeMs: 5000, messages: 0 }, 'watch/2');
  expect(quorumWhile(world, 'fenced')).toBe('leader');
  world.apply({ kind: 'missed', timeMs: 9001, messages: 0 }, 'watch/2');
  expect(quorumWhile(world, 'fenced')).toBe('not heard for 9 s');
  expect(columnsOf(world)[0]?.isHeard).toBe(false);
  // Its clock may be another than that of the others: what counts is when it was heard here.
  world.apply({ kind: 'missed', timeMs: 3, messages: 0 }, 'watch');
  expect(quorumWhile(world, 'running')).toBe('leader');
});

it('while a page opens, a broker that runs and has not told yet is not called unheard', () => {
  const world = seen(1);
  for (const [id, state] of [
    [2, 'running'],
    [3, 'fenced'],
  ] as const)
    world.brokers.set(id, { id, state, host: 'localhost', port: 9092 });
  expect(columnsOf(world).map(({ isHeard }) => isHeard)).toEqual([true, false]);
});

it('a node of whose picture only a part has come is not called unheard', () => {
  const world = seen(1);
  const hello = { kind: 'hello', version: 2, timeMs: 1, about: '', allowed: [], nodeId: 2 } as const;
  world.apply({ ...hello, inParts: true }, 'watch/2');
  world.brokers.set(2, { id: 2, state: 'running', host: 'localhost', port: 9092 });
  expect(columnsOf(world)[0]).toMatchObject({ isHeard: true, quorum: 'voter' });
  world.apply({ kind: 'whole', timeMs: 2 }, 'watch/2');
  expect(columnsOf(world)[0]).toMatchObject({ isHeard: false });
});

it('a controller that is no broker and has no machine does not run, where one stream tells of all', () => {
  const world = seen();
  world.voters = [1, 101];
  expect(columnsOf(world)[1]).toMatchObject({ id: 101, quorum: 'voter', isHeard: true });
  world.apply({ kind: 'machine', chart: { id: 'quorum', states: [], edges: [] } }, 'watch');
  expect(columnsOf(world)[1]).toMatchObject({ id: 101, quorum: 'not running', isHeard: false });
});

it('nobody decides who leads while the quorum has elected none, or is not heard of the one it has elected', () => {
  const world = seen(1);
  world.voters = [1, 2, 3];
  expect(hasNoController(world)).toBe(true);
  world.controller = { id: 1, epoch: 1 };
  expect(hasNoController(world)).toBe(false);
  world.brokers.set(1, { id: 1, state: 'running', host: 'localhost', port: 9092 });
  world.apply({ kind: 'actors', timeMs: 2, all: true, actors: [] }, 'watch');
  expect(hasNoController(world)).toBe(true);
  expect(columnsOf(world)[0]?.isController).toBe(false);
  // It has not told yet, as far as this page knows.
  world.controller = { id: 2, epoch: 2 };
  expect(hasNoController(world)).toBe(false);
});

it('a broker that is heard no more is not called running, though nobody is left to say otherwise', () => {
  const world = seen(1);
  world.brokers.set(1, { id: 1, state: 'running', host: 'localhost', port: 9092 });
  world.controller = { id: 1, epoch: 1 };
  world.voters = [1];
  expect(columnsOf(world)[0]).toMatchObject({ state: 'running', isController: true, quorum: 'leader' });
  const silent = { state: 'not heard', isHeard: false, isController: false };
  expect(columnsOf(world, false)[0]).toMatchObject({ ...silent, quorum: 'was leader' });
  world.apply({ kind: 'actors', timeMs: 2, all: true, actors: [] }, 'watch');
  expect(columnsOf(world)[0]).toMatchObject({ ...silent, quorum: 'not heard' });
  world.brokers.set(1, { id: 1, state: 'fenced', host: 'localhost', port: 9092 });
  expect(columnsOf(world)[0]).toMatchObject({ state: 'fenced' });
});
