import { DRAWING_VERSION, type Drawing, World } from '@odradek/trace';
import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { activityOf, edgeKeysOf } from '../../src/charts/activity.ts';
import { LitChart } from '../../src/charts/lit-chart.ts';
import { chart, step } from './sample-chart.ts';

const box = { x: 0, y: 0, width: 1, height: 1 };

const drawing: Drawing = {
  version: DRAWING_VERSION,
  chart,
  width: 1,
  height: 1,
  states: chart.states.map(({ path, type }) => ({ ...box, path, name: path, kind: type, blocks: [] })),
  arrows: [
    {
      source: 'open.role.leading',
      target: 'open.role.following',
      lines: [],
      label: { ...box, blocks: [] },
    },
    { source: 'open', target: 'failed', lines: [], label: { ...box, blocks: [] } },
  ],
};

const keys = edgeKeysOf(chart);
const all = (world: World) => activityOf(world, chart, keys, undefined);

describe('the lights of a drawing', () => {
  it('change only where something has changed', () => {
    const lit = new LitChart(drawing);
    const world = new World();
    world.apply(step('a', 'produce', 2));
    lit.show(all(world), false, 0);
    const changed: string[] = [];
    for (const [at, actors] of lit.actors.entries())
      effect(() => void changed.push(`${chart.states[at]?.path}: ${actors.value}`));
    for (const arrow of lit.arrows) effect(() => void changed.push(`heat ${arrow.value.heat}`));
    changed.length = 0;
    lit.show(all(world), false, 1);
    expect(changed).toEqual([]);
    world.apply(step('b', 'produce', 2));
    lit.show(all(world), false, 2);
    expect(changed).not.toContain('failed: 0');
    expect(changed).toContain('open.role.leading: 2');
    expect(changed.filter((one) => one.startsWith('heat'))).toEqual([]);
  });

  it('show for a while what was taken just now, and not what had been taken when one began to look', () => {
    const lit = new LitChart(drawing);
    const world = new World();
    world.apply(step('a', 'deposed', 0));
    expect(lit.show(all(world), false, 1000)).toBe(false);
    expect(lit.arrows[0]?.value).toEqual({ heat: 1, isFresh: false });
    world.apply(step('b', 'deposed', 0));
    expect(lit.show(all(world), false, 2000)).toBe(true);
    expect(lit.arrows[0]?.value).toEqual({ heat: 1, isFresh: true });
    expect(lit.edges[0]?.value.isFresh).toBe(true);
    expect(lit.show(all(world), false, 2600)).toBe(true);
    expect(lit.show(all(world), false, 2800)).toBe(false);
    expect(lit.arrows[0]?.value).toEqual({ heat: 1, isFresh: false });
  });

  it('of a picked actor keep its last step lit', () => {
    const lit = new LitChart(drawing);
    const world = new World();
    world.apply(step('a', 'produce', 1));
    world.apply(step('b', 'deposed', 0));
    const of = (path: string) => activityOf(world, chart, keys, world.actors.get(path));
    lit.show(of('b'), true, 0);
    expect(lit.arrows[0]?.value.isFresh).toBe(true);
    lit.show(of('b'), true, 60_000);
    expect(lit.arrows[0]?.value.isFresh).toBe(true);
    lit.show(of('a'), true, 60_001);
    expect(lit.arrows[0]?.value.isFresh).toBe(false);
    expect(lit.edges[1]?.value.isFresh).toBe(true);
  });
});
