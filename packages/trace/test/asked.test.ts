// What is concluded of an event from the transition that was taken is what xstate has asked: a twin that listens to its guards.

import { array, assert, boolean, constantFrom, property, record, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { type Asked, askedOf, chartOf, edgesFrom, type Frame, watch } from '../src/index.ts';
import { startVoter, voterMachine } from './sample-machines.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
type Name = (typeof names)[number];
type Answers = Readonly<Record<Name, boolean>>;

/** Guards answer as a test says, and it hears that they were asked. */
let answers: Answers;
let heard: [Name, boolean][] = [];
const guard = (name: Name) => () => {
  heard.push([name, answers[name]]);
  return answers[name];
};

const house = setup({
  types: { events: {} as { type: 'go' } | { type: 'sync.begun' } | { type: 'sync' } },
  guards: Object.fromEntries(names.map((name) => [name, guard(name)])) as Record<Name, () => boolean>,
}).createMachine({
  id: 'house',
  initial: 'open',
  on: { go: { guard: 'h', target: '.shut' }, '*': { guard: 'g' } },
  states: {
    open: {
      type: 'parallel',
      on: { 'sync.*': { guard: 'f', actions: [] } },
      states: {
        role: {
          initial: 'leading',
          states: {
            leading: {
              on: {
                go: [
                  { guard: 'a', target: 'following' },
                  { guard: 'b', target: '#house.shut' },
                ],
              },
            },
            following: { on: { go: [{ guard: 'c', target: 'leading' }, {}], 'sync.begun': { guard: 'd' } } },
          },
        },
        disk: {
          initial: 'clean',
          on: { go: { guard: 'e' } },
          states: {
            clean: { on: { go: { guard: 'd', target: 'dirty' }, sync: 'dirty' } },
            dirty: { on: { 'sync.begun': [{ guard: 'e', target: 'clean' }, { guard: 'c' }] } },
          },
        },
      },
    },
    shut: { on: { go: [{ guard: 'a', target: 'open' }, { guard: 'b' }] } },
  },
});

describe('which guards were asked', () => {
  test('is what xstate asked, in its order, of nested states, regions and wildcards', () => {
    const chart = chartOf(house);
    const someAnswers = record(Object.fromEntries(names.map((name) => [name, boolean()])) as never);
    const events = array(tuple(constantFrom('go', 'sync.begun', 'sync'), someAnswers), { maxLength: 8 });
    const seen = new Set<string>();
    assert(
      property(events, (told) => {
        const actor = createActor(house).start();
        const frames: Frame[] = [];
        watch(actor, {
          nowMs: () => 0,
          onFrame: (frame) => frames.push(frame),
          onFailure: (error) => {
            throw error;
          },
        });
        for (const [type, answered] of told) {
          answers = answered as Answers;
          heard = [];
          actor.send({ type } as never);
          const frame = frames.at(-1);
          const asked = frame === undefined ? [] : (askedOf(chart, frame) ?? []);
          for (const { said } of asked) seen.add(said);
          if (asked.some(({ said }) => said === 'not known')) expect(frame?.to).toBe('shut');
          else expect(guardsOf(asked)).toEqual(heard);
          const taken = asked.filter(({ said }) => said === 'yes' || said === 'no guard');
          expect(taken).toHaveLength(frame?.edges.length ?? 0);
        }
      }),
      { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual(['no', 'no guard', 'not known', 'yes']);
  });

  test('of an event that is refused: the guard that said no before, and the rule of the one that held (Q7)', () => {
    const voter = startVoter().start();
    const frames: Frame[] = [];
    watch(voter, {
      nowMs: () => 0,
      onFrame: (frame) => frames.push(frame),
      onFailure: (error) => expect.unreachable(String(error)),
    });
    const chart = chartOf(voterMachine);
    voter.send({ type: 'xstate.after.electionTimeout.voter.follower' } as never);
    voter.send({ type: 'vote', epoch: 4 });
    voter.send({ type: 'vote', epoch: 5 });
    voter.send({ type: 'vote', epoch: 5 });
    expect(frames.map((frame) => askedOf(chart, frame)?.map(({ edge, said }) => [edge.guard, said]))).toEqual(
      [
        [[undefined, 'no guard']],
        [['isStale', 'yes']],
        [
          ['isStale', 'no'],
          [undefined, 'no guard'],
        ],
        [
          ['isStale', 'no'],
          [undefined, 'no guard'],
        ],
        // It was elected at once: that is no answer to an event.
        undefined,
      ],
    );
    expect(frames.map(({ values }) => values)).toEqual([
      [],
      [['epoch', 4]],
      [['epoch', 5]],
      [['epoch', 5]],
      undefined,
    ]);
    expect(askedOf(chart, { event: 'vote', from: 'follower', edges: [] })).toEqual([]);
    expect(askedOf(chart, { event: 'xstate.init', from: '', edges: [] })).toBeUndefined();
  });

  test('what can happen next are the transitions of the states it is in, inner ones first', () => {
    const from = (state: string) =>
      edgesFrom(chartOf(voterMachine), state).map(({ source, event, guard }) => [source, event, guard]);
    expect(from('candidate.asking')).toEqual([
      ['candidate.asking', 'vote', 'isStale'],
      ['candidate.asking', 'vote', undefined],
      ['candidate.asking', '', 'hasVotes(needed = 2)'],
      ['', 'stop', undefined],
    ]);
    expect(from('stopped')).toEqual([['', 'stop', undefined]]);
  });
});

function guardsOf(asked: readonly Asked[]): [string | undefined, boolean][] {
  return asked
    .filter(({ said }) => said !== 'no guard')
    .map(({ edge, said }) => [edge.guard, said === 'yes']);
}
