// What a quorum does while nobody writes: nothing polls, and what comes over and over costs one step.

import { describe, expect, it } from 'vitest';
import { type Member, World } from './support/world.ts';

/** Counts a member's steps from now on, by the event that they are taken for. */
function counted({ running }: Member): Map<string, number> {
  const steps = new Map<string, number>();
  running.actor.system.inspect((inspection) => {
    if (inspection.type !== '@xstate.microstep') return;
    const { type } = inspection.event;
    steps.set(type, (steps.get(type) ?? 0) + 1);
  });
  return steps;
}

function atRest(voters: readonly number[], observers: readonly number[] = []) {
  const world = new World(voters, observers).start();
  const leader = world.settle();
  world.run(1000);
  return { world, leader };
}

describe('at rest', () => {
  it.each([
    ['voter', [1, 2, 3], []],
    ['observer', [1], [7]],
  ])(
    'Q5: an answer that brings nothing costs a %s one step, and its log no append',
    (_, voters, observers) => {
      const { world, leader } = atRest(voters, observers);
      const other = world.member([...voters, ...observers].find((id) => id !== leader.id) ?? 0);
      const end = other.log.logEndOffset;
      let [answers, appends] = [0, 0];
      other.running.actor.system.inspect((inspection) => {
        if (inspection.type === '@xstate.event' && inspection.event.type === 'fetch answered') answers++;
      });
      const append = other.log.appendAsFollower.bind(other.log);
      other.log.appendAsFollower = (records) => {
        appends++;
        return append(records);
      };
      const steps = counted(other);
      world.run(10_000);
      expect(answers).toBeGreaterThan(10);
      expect(Object.fromEntries(steps)).toEqual({ 'fetch answered': answers });
      expect([appends, other.log.logEndOffset]).toEqual([0, end]);
    },
  );
  it('Q8, Q9: a leader listens by one timer, which comes once in half a fetch timeout', () => {
    const { world, leader } = atRest([1, 2, 3]);
    const steps = counted(leader);
    world.run(6000);
    const timers = [...steps].filter(([event]) => event.startsWith('xstate.after'));
    expect(timers.map(([, times]) => times)).toEqual([20]);
  });
  it('Q8: a lone voter does nothing at all', () => {
    const { world, leader } = atRest([1]);
    const steps = counted(leader);
    world.run(10_000);
    expect(Object.fromEntries(steps)).toEqual({});
  });
});
