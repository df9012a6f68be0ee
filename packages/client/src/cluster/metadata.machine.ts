// What the client knows of the cluster, and how it finds out: it asks one broker after another, the next as soon as one is silent or fails.

import { assign, setup } from 'xstate';

/** What the machine orders and asks of the cluster that it keeps up to date. */
export interface MetadataHost {
  /** Asks the candidate whose turn it is. */
  ask(generation: number): void;
  nextCandidate(): void;
  /** Begins again with the broker that answered last. */
  firstCandidate(): void;
  hasAnotherCandidate(): boolean;
  /** The candidate whose turn it is has not answered for a while. */
  noteSilence(): void;
  /** Takes over the answer that the event announces. */
  adopt(): void;
  /** Every candidate was tried. */
  reportUnreachable(): void;
  closeConnections(): void;
  /** The last answer is so recent that asking again at once would be a storm. */
  hasJustAnswered(): boolean;
  backOffMs(attempts: number): number;
  readonly maxAgeMs: number;
  /** After this time without an answer the next candidate is asked as well. */
  readonly patienceMs: number;
}

interface MetadataContext {
  readonly host: MetadataHost;
  /** Questions in a row, each soon after the other. */
  readonly attempts: number;
  /** Counts the rounds of questions, so that a late answer is known as such. */
  readonly generation: number;
  /** Candidates of this round that have neither answered nor failed. */
  readonly unanswered: number;
}

export type MetadataEvent =
  /** Somebody misses a topic or a leader, or has been told that what he knows is stale. */
  | { readonly type: 'metadata wanted' }
  | { readonly type: 'answered'; readonly generation: number }
  | { readonly type: 'candidate failed'; readonly generation: number }
  | { readonly type: 'close' };

export const metadataMachine = setup({
  types: {
    context: {} as MetadataContext,
    events: {} as MetadataEvent,
    input: {} as { readonly host: MetadataHost },
  },
  guards: {
    'is stale': ({ context, event }) => 'generation' in event && event.generation !== context.generation,
    'an answer has just come': ({ context }) => context.host.hasJustAnswered(),
    'others may answer yet': ({ context }) => context.unanswered > 1,
    'another candidate is left': ({ context }) => context.host.hasAnotherCandidate(),
  },
  actions: {
    'count the round': assign({ generation: ({ context }) => context.generation + 1, unanswered: 0 }),
    'count the question': assign({ unanswered: ({ context }) => context.unanswered + 1 }),
    'count the failure': assign({ unanswered: ({ context }) => context.unanswered - 1 }),
    'note that it is silent': ({ context }) => context.host.noteSilence(),
    ask: ({ context }) => context.host.ask(context.generation),
    'count the attempt': assign({ attempts: ({ context }) => context.attempts + 1 }),
    'forget attempts': assign({ attempts: 0 }),
    'begin with the first candidate': ({ context }) => context.host.firstCandidate(),
    'turn to the next candidate': ({ context }) => context.host.nextCandidate(),
    adopt: ({ context }) => context.host.adopt(),
    'report that nobody answers': ({ context }) => context.host.reportUnreachable(),
    'join the question': () => {},
    'note stale answer': () => {},
    'close connections': ({ context }) => context.host.closeConnections(),
  },
  delays: {
    'patience with one': ({ context }) => context.host.patienceMs,
    'metadata max age': ({ context }) => context.host.maxAgeMs,
    'retry back-off': ({ context }) => context.host.backOffMs(context.attempts),
  },
}).createMachine({
  id: 'metadata',
  context: ({ input }) => ({ host: input.host, attempts: 0, generation: 0, unanswered: 0 }),
  initial: 'resting',
  on: { close: '.closed' },
  states: {
    resting: {
      on: {
        'metadata wanted': [
          {
            guard: 'an answer has just come',
            actions: 'count the attempt',
            target: 'pausing',
            meta: { rule: 'E5' },
          },
          { actions: 'forget attempts', target: 'asking' },
        ],
      },
      after: { 'metadata max age': 'asking' },
    },
    asking: {
      entry: ['count the round', 'begin with the first candidate'],
      initial: 'one candidate',
      states: {
        'one candidate': {
          entry: ['count the question', 'ask'],
          after: {
            // E3: a paused process takes connections and says nothing. It may still be the first to answer.
            'patience with one': [
              {
                guard: 'another candidate is left',
                actions: ['note that it is silent', 'turn to the next candidate'],
                target: 'one candidate',
                reenter: true,
              },
              { actions: 'note that it is silent' },
            ],
          },
        },
      },
      on: {
        'metadata wanted': { actions: 'join the question' },
        answered: [
          { guard: 'is stale', actions: 'note stale answer' },
          { actions: 'adopt', target: 'resting' },
        ],
        'candidate failed': [
          { guard: 'is stale', actions: 'note stale answer' },
          {
            guard: 'another candidate is left',
            actions: ['count the failure', 'turn to the next candidate'],
            target: '.one candidate',
          },
          { guard: 'others may answer yet', actions: 'count the failure' },
          { actions: ['count the attempt', 'report that nobody answers'], target: 'pausing' },
        ],
      },
    },
    pausing: {
      description:
        'E5: stale knowledge is corrected by errors and hints; asking again is spaced and jittered',
      on: { 'metadata wanted': { actions: 'join the question' } },
      after: { 'retry back-off': 'asking' },
    },
    closed: { type: 'final', entry: 'close connections' },
  },
  options: { maxIterations: 100 },
});
