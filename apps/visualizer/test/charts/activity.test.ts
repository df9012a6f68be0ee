import { edgeKey, World } from '@odradek/trace';
import { describe, expect, it } from 'vitest';
import {
  activityOf,
  actorsInStates,
  countText,
  coverageOf,
  edgeKeysOf,
  heatOf,
  takenSince,
} from '../../src/charts/activity.ts';
import { chart, step } from './sample-chart.ts';

describe('the states that are lit', () => {
  it('are counted once for each actor, however many regions it is in', () => {
    const actorsIn = actorsInStates(
      new Map([
        ['open.role.leading + open.disk.clean', 3],
        ['open.role.following + open.disk.clean', 4],
        ['failed', 2],
      ]),
    );
    expect(Object.fromEntries(actorsIn)).toEqual({
      '': 9,
      open: 7,
      'open.role': 7,
      'open.role.leading': 3,
      'open.role.following': 4,
      'open.disk': 7,
      'open.disk.clean': 7,
      failed: 2,
    });
  });
});

describe('the activity of a chart', () => {
  const keys = edgeKeysOf(chart);
  const world = new World();
  world.apply(step('a', 'produce', 2));
  world.apply(step('a', 'produce', 2));
  world.apply(step('b', 'produce', 1));
  world.apply({
    kind: 'counts',
    timeMs: 9,
    machine: 'log',
    edges: [[edgeKey('disk failed', { source: 'open', target: 'failed' }), 1200]],
    states: [['failed', 1200]],
  });

  it('counts each transition apart from those that differ in the guard alone', () => {
    expect(activityOf(world, chart, keys, undefined).taken).toEqual([0, 1, 2, 1200]);
  });

  it('is of all actors, or of the picked one: its state and its last step', () => {
    const picked = world.actors.get('b');
    const all = activityOf(world, chart, keys, undefined);
    expect(all.last).toEqual([]);
    expect(all.actorsIn.get('failed')).toBe(1200);
    const one = activityOf(world, chart, keys, picked);
    expect(one.last).toEqual([1]);
    expect(one.actorsIn.get('failed')).toBeUndefined();
    expect(one.actorsIn.get('open.role.leading')).toBe(1);
  });

  it('marks the guards that said no to the last event of the picked actor, and none where steps are guessed', () => {
    const asked = new World();
    asked.apply({ ...step('a', 'produce', 2), from: 'open.role.leading + open.disk.clean' });
    expect(activityOf(asked, chart, keys, asked.actors.get('a')).saidNo).toEqual([1]);
    expect(activityOf(asked, chart, keys, undefined).saidNo).toEqual([]);
    const hello = { kind: 'hello', version: 2, timeMs: 1, about: '', allowed: [] } as const;
    asked.apply({ ...hello, stepsAreGuessed: true });
    expect(activityOf(asked, chart, keys, asked.actors.get('a')).saidNo).toEqual([]);
  });

  it('knows no transition of an event that was passed over', () => {
    world.apply(step('c', 'produce', undefined));
    expect(activityOf(world, chart, keys, world.actors.get('c')).last).toEqual([]);
  });
});

describe('what has happened between two moments', () => {
  it('is what was counted more often; going back in time nothing happens', () => {
    expect(takenSince([1, 2, 3], [1, 3, 4])).toEqual([1, 2]);
    expect(takenSince([1, 2, 3], [0, 0, 0])).toEqual([]);
  });

  it('is told by heat and coverage', () => {
    expect([0, 1, 9, 10, 999, 1000, 5_000_000].map(heatOf)).toEqual([0, 1, 1, 2, 3, 4, 4]);
    expect(coverageOf([0, 3, 0])).toEqual({ never: 2, all: 3 });
    expect([7, 9999, 12_345, 3_400_000].map(countText)).toEqual(['7', '9,999', '12 k', '3.4 M']);
  });
});
