import { describe, expect, it } from 'vitest';
import { edgesPicked, isSame, nameOf } from '../../src/charts/picked.ts';
import { chart } from './sample-chart.ts';

describe('what is picked in a chart', () => {
  it('is a state with all that begins in it, or what leads from one state to another', () => {
    const ofState = edgesPicked(chart, { kind: 'state', path: 'open.role.leading' });
    expect(ofState.map(({ index }) => index)).toEqual([0, 1, 2]);
    const ofArrow = edgesPicked(chart, { kind: 'arrow', source: 'open', target: 'failed' });
    expect(ofArrow.map(({ index }) => index)).toEqual([3]);
  });

  it('says in which order guards are asked', () => {
    const edges = edgesPicked(chart, { kind: 'state', path: 'open.role.leading' });
    expect(edges.map(({ order, rivals }) => `${order}/${rivals}`)).toEqual(['1/1', '1/2', '2/2']);
  });

  it('has names that say where it is', () => {
    expect(nameOf(chart, '')).toBe('log');
    expect(nameOf(chart, 'open.role.leading')).toBe('leading in role in open');
  });

  it('is the same when it is picked again', () => {
    const path = { kind: 'state', path: 'open' } as const;
    const arrow = { kind: 'arrow', source: 'open', target: 'failed' } as const;
    expect(isSame(undefined, path)).toBe(false);
    expect(isSame(path, { ...path })).toBe(true);
    expect(isSame(path, arrow)).toBe(false);
    expect(isSame(arrow, { ...arrow, target: 'open' })).toBe(false);
  });
});
