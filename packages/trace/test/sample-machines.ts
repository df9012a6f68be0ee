// Small machines that have, between them, everything a chart can show.

import { assign, createActor, fromTransition, setup, spawnChild } from 'xstate';

const file = fromTransition((state: number) => state, 0);

/** Nested states, guards with and without parameters, `after`, `always`, an invoked actor, rules, a refused event. */
export const voterMachine = setup({
  types: {
    context: {} as { readonly epoch: number; readonly votes: number },
    events: {} as { type: 'vote'; epoch: number } | { type: 'fetched' } | { type: 'stop' },
  },
  actors: { file },
  delays: { electionTimeout: 150 },
  guards: {
    isStale: ({ context, event }) => event.type === 'vote' && event.epoch < context.epoch,
    hasVotes: ({ context }, parameters: { needed: number }) => context.votes >= parameters.needed,
  },
  actions: {
    countVote: assign({ votes: ({ context }) => context.votes + 1 }),
    announce: () => {},
    countTimeout: () => {},
  },
}).createMachine({
  id: 'voter',
  initial: 'follower',
  context: { epoch: 5, votes: 0 },
  options: { maxIterations: 1000 },
  on: { stop: { target: '.stopped', description: 'Ends for good.' } },
  states: {
    follower: {
      invoke: { src: 'file', id: 'state-file' },
      tags: ['quiet'],
      on: { fetched: { target: 'follower', reenter: true } },
      after: { electionTimeout: { target: 'candidate.asking', actions: 'countTimeout' } },
    },
    candidate: {
      description: 'Q3: asks for votes in a new epoch.',
      initial: 'asking',
      states: {
        asking: {
          entry: 'announce',
          on: {
            vote: [{ guard: 'isStale', meta: { rule: 'Q7' } }, { actions: 'countVote' }],
          },
          always: { guard: { type: 'hasVotes', params: { needed: 2 } }, target: 'elected' },
        },
        elected: { exit: 'announce' },
      },
    },
    stopped: { type: 'final' },
  },
});

/** A parallel machine, whose root has to be drawn as a box. */
export const replicaMachine = setup({
  types: { events: {} as { type: 'fetch' } | { type: 'propose' } | { type: 'settle' } },
}).createMachine({
  id: 'replica',
  type: 'parallel',
  states: {
    log: { initial: 'establishing', states: { establishing: { on: { fetch: 'serving' } }, serving: {} } },
    inSyncSet: {
      initial: 'settled',
      states: { settled: { on: { propose: 'expanding' } }, expanding: { on: { settle: 'settled' } } },
    },
  },
});

export const brokerMachine = setup({ actors: { replica: replicaMachine } }).createMachine({
  id: 'broker',
  entry: spawnChild('replica', { id: 'orders-0' }),
});

/** A clock whose time stands still, so that no real timer runs. */
export const stoppedClock = { setTimeout: () => 0, clearTimeout: () => {} };

export function startVoter(options: NonNullable<Parameters<typeof createActor>[1]> = {}) {
  return createActor(voterMachine, { id: 'voter-1', clock: stoppedClock, ...options });
}
