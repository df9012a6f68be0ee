import { describe, expect, it } from 'vitest';
import { bestDrawing, chartOf, costOf, type Drawing, type LayoutNode, mannersOf } from '../../src/index.ts';
import { replicaMachine, voterMachine } from '../sample-machines.ts';
import { drawn } from './drawn.ts';
import { laidOutInRows } from './row-layout.ts';

const textsOf = (drawing: Drawing): string[] =>
  [...drawing.states, ...drawing.arrows.map(({ label }) => label)].flatMap(({ blocks }) =>
    blocks.map(({ runs }) => runs.map(({ text }) => text).join(' ')),
  );

describe('a drawing', () => {
  it('says what the chart says: guards in the order they are asked in, actions, delays, rules, what a state does', () => {
    expect(textsOf(drawn(chartOf(voterMachine)))).toEqual([
      'voter',
      'follower',
      'runs file',
      'fetched',
      'candidate Q3',
      'asks for votes in a new epoch.',
      'asking',
      'entry / announce',
      'vote',
      '1 [isStale] ignored Q7',
      '2 [else] / countVote',
      'elected',
      'exit / announce',
      'stopped',
      'stop',
      'after electionTimeout / countTimeout',
      'always [hasVotes(needed = 2)]',
    ]);
  });

  it('says in an overview only names and events, and of what needs no event the guard', () => {
    expect(textsOf(drawn(chartOf(voterMachine), 'names'))).toEqual([
      ...['voter', 'follower', 'candidate Q3', 'asking', 'elected', 'stopped'],
      ...['stop', 'after electionTimeout', '[hasVotes(needed = 2)]'],
    ]);
  });

  it('tells what leaves a state from what is kept in it and what enters it anew', () => {
    const { states, arrows, chart } = drawn(chartOf(voterMachine));
    const stays = states.flatMap(({ blocks }) => blocks).filter(({ edge }) => edge !== undefined);
    expect(stays.map(({ edge = -1, stays }) => [chart.edges[edge]?.event, stays])).toEqual([
      ['fetched', 'again'],
      ['vote', 'kept'],
      ['vote', 'kept'],
    ]);
    expect(arrows.map(({ source, target, lines }) => [source, target, lines.length])).toEqual([
      ['', 'stopped', 1],
      ['follower', 'candidate.asking', 2],
      ['candidate.asking', 'candidate.elected', 2],
    ]);
  });

  it('knows regions, final states, and where states begin', () => {
    const { states } = drawn(chartOf(replicaMachine));
    expect(states.filter(({ isRegion }) => isRegion).map(({ path }) => path)).toEqual(['log', 'inSyncSet']);
    expect(states.filter(({ initial }) => initial !== undefined).map(({ path }) => path)).toEqual([
      'log',
      'inSyncSet',
    ]);
    expect(drawn(chartOf(voterMachine)).states.at(-1)).toMatchObject({ name: 'stopped', kind: 'final' });
  });

  it('is the same each time', () => {
    expect(drawn(chartOf(voterMachine))).toEqual(drawn(chartOf(voterMachine)));
  });

  it('turns arrows that lead back, which are laid out the other way round', () => {
    const chart = chartOf(replicaMachine);
    const back = drawn(chart).arrows.find(({ target }) => target === 'inSyncSet.settled');
    const { states } = drawn(chart);
    const target = states.find(({ path }) => path === 'inSyncSet.settled');
    const end = back?.lines.at(-1)?.at(-1);
    expect(end?.[1]).toBeGreaterThan(target?.y ?? Number.NaN);
    expect(end?.[1]).toBeLessThan((target?.y ?? 0) + (target?.height ?? 0));
  });
});

describe('the choice among drawings', () => {
  const base = drawn(chartOf(replicaMachine));

  it('is for fewer crossings, and against what is wider than a page', () => {
    expect(costOf({ ...base, width: 3000 })).toBeGreaterThan(costOf({ ...base, width: 1000 }) + 2000);
    const crossing: Drawing = {
      ...base,
      arrows: [
        {
          ...arrow,
          lines: [
            [
              [0, 5],
              [10, 5],
            ],
          ],
        },
        {
          ...arrow,
          lines: [
            [
              [5, 0],
              [5, 10],
            ],
          ],
        },
      ],
    };
    const apart: Drawing = {
      ...base,
      arrows: [
        {
          ...arrow,
          lines: [
            [
              [0, 5],
              [10, 5],
            ],
          ],
        },
        {
          ...arrow,
          lines: [
            [
              [5, 6],
              [5, 16],
            ],
          ],
        },
      ],
    };
    expect(costOf(crossing)).toBeGreaterThan(costOf(apart) + 100);
  });

  it('tries both directions, and asks again with what it has seen', () => {
    const graphs: LayoutNode[] = [];
    const drawing = bestDrawing(chartOf(voterMachine), 'all');
    let step = drawing.next();
    while (step.done !== true) {
      graphs.push(structuredClone(step.value));
      step = drawing.next(laidOutInRows(structuredClone(step.value)));
    }
    expect(graphs.length).toBe(3 * mannersOf('all').length);
    expect(new Set(graphs.map(({ layoutOptions }) => layoutOptions?.['elk.direction']))).toEqual(
      new Set(['DOWN', 'RIGHT']),
    );
  });
});

const arrow = {
  source: 'a',
  target: 'b',
  label: { x: 0, y: 0, width: 0, height: 0, blocks: [] },
} as const;
