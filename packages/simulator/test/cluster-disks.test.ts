import { expect, it } from 'vitest';
import { ClusterWorld } from '../src/cluster-world.ts';

/** Broker 3 has flushed a record of a log that is new, and is dead now. */
function died(afterMs: number): ClusterWorld {
  const world = new ClusterWorld({ seed: 1, controllers: 1 });
  world.startAll();
  world.play(`
    until all-running; tick 500 ms
    topic t 1,2,3; until in-sync t-0 1 2 3 within 5000 ms
    produce t-0 a; until flushed 3 t-0 1 within 2000 ms; tick ${afterMs} ms
    crash 3
  `);
  return world;
}

it('D14, D8: a log is taken away once the recovery points name it, since before that nobody could miss it (seed 1006)', () => {
  const world = died(500);
  world.play('take-away 3 t-0');
  expect(world.disk(3).list('t-0')).toEqual([]);
  const early = died(0);
  expect(() => early.play('take-away 3 t-0')).toThrow('The recovery points of 3 do not name t-0 yet');
  expect(early.disk(3).list('t-0')).not.toEqual([]);
});
