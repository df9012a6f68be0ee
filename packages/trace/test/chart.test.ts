import { describe, expect, it } from 'vitest';
import { and, setup } from 'xstate';
import { chartJson, chartOf } from '../src/index.ts';
import { replicaMachine, voterMachine } from './sample-machines.ts';

const chart = chartOf(voterMachine);
const stateAt = (path: string) => chart.states.find((state) => state.path === path);
const edgesFrom = (source: string) => chart.edges.filter((edge) => edge.source === source);

describe('the chart of a machine', () => {
  it('has every state under its path, parents first', () => {
    expect(chart.states.map((state) => [state.path, state.parent, state.type])).toEqual([
      ['', null, 'compound'],
      ['follower', '', 'atomic'],
      ['candidate', '', 'compound'],
      ['candidate.asking', 'candidate', 'atomic'],
      ['candidate.elected', 'candidate', 'atomic'],
      ['stopped', '', 'final'],
    ]);
    expect(stateAt('candidate')?.initial).toBe('candidate.asking');
  });

  it('names entry and exit actions, tags and invoked actors, without the timers of `after`', () => {
    expect(stateAt('candidate.asking')?.entry).toEqual(['announce']);
    expect(stateAt('candidate.elected')?.exit).toEqual(['announce']);
    expect(stateAt('follower')).toMatchObject({
      entry: [],
      exit: [],
      tags: ['quiet'],
      invokes: [{ id: 'state-file', source: 'file' }],
    });
  });

  it('shows `after` by the name of its delay', () => {
    expect(edgesFrom('follower')).toContainEqual({
      source: 'follower',
      event: 'xstate.after.electionTimeout.voter.follower',
      delay: 'electionTimeout',
      target: 'candidate.asking',
      actions: ['countTimeout'],
    });
  });

  it('includes `always` with the parameters of its guard', () => {
    expect(edgesFrom('candidate.asking')).toContainEqual({
      source: 'candidate.asking',
      event: '',
      always: true,
      guard: 'hasVotes(needed = 2)',
      target: 'candidate.elected',
      actions: [],
    });
  });

  it('keeps the order of guarded transitions, and a refused event as an edge without target', () => {
    expect(edgesFrom('candidate.asking').filter((edge) => edge.event === 'vote')).toEqual([
      { source: 'candidate.asking', event: 'vote', guard: 'isStale', rule: 'Q7', actions: [] },
      { source: 'candidate.asking', event: 'vote', actions: ['countVote'] },
    ]);
  });

  it('cites rules from meta and from the start of a description', () => {
    expect(stateAt('candidate')?.rule).toBe('Q3');
    expect(stateAt('follower')).not.toHaveProperty('rule');
  });

  it('marks re-entry and keeps descriptions', () => {
    expect(edgesFrom('follower')).toContainEqual({
      source: 'follower',
      event: 'fetched',
      target: 'follower',
      reenter: true,
      actions: [],
    });
    expect(edgesFrom('')).toEqual([
      { source: '', event: 'stop', target: 'stopped', actions: [], description: 'Ends for good.' },
    ]);
  });

  it('shows the regions of a parallel machine', () => {
    const replica = chartOf(replicaMachine);
    expect(replica.states.filter((state) => state.parent === '').map((state) => state.path)).toEqual([
      'log',
      'inSyncSet',
    ]);
    expect(replica.states[0]).toMatchObject({ type: 'parallel' });
  });

  it('shows a composed guard by the name it has in setup', () => {
    const machine = setup({
      guards: { isLeader: () => true, isReady: () => true, mayServe: and(['isLeader', 'isReady']) },
    }).createMachine({ on: { fetch: { guard: 'mayServe' } } });
    expect(chartOf(machine).edges[0]?.guard).toBe('mayServe');
  });

  it('survives JSON unchanged', () => {
    expect(JSON.parse(chartJson(chart))).toEqual({ version: 1, ...chart });
  });
});
