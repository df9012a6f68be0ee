// A producer's life: who it is (an id, so that retries never repeat, P1), and whether it takes records.

import { assign, raise, setup } from 'xstate';

/** What the machine orders and asks of its producer. */
export interface ProducerHost {
  readonly isIdempotent: boolean;
  askForId(generation: number): void;
  /** The id has arrived: batches may be sent. */
  announceId(): void;
  /** Everything that waits, and every record from now on, fails: no id will be given. */
  failEverything(): void;
  /** No batch waits for its linger time. */
  sendWhatWaits(): void;
  /** Everything unsettled fails, what is on its way as unknown. */
  giveUpUnsettled(): void;
  reportClosed(): void;
  hasUnsettled(): boolean;
  backOffMs(attempts: number): number;
}

interface ProducerContext {
  readonly host: ProducerHost;
  readonly attempts: number;
  /** Counts the questions for an id, so that a late answer is known as such. */
  readonly generation: number;
}

export type ProducerEvent =
  | { readonly type: 'record accepted' }
  | { readonly type: 'id granted'; readonly generation: number }
  /** `isFinal`: asking again cannot help. */
  | { readonly type: 'id refused'; readonly generation: number; readonly isFinal: boolean }
  | { readonly type: 'id exhausted' }
  | { readonly type: 'flush' }
  /** Every record sent before the last flush was acknowledged or has failed. */
  | { readonly type: 'flushed' }
  | { readonly type: 'close' }
  /** Closing has taken as long as it may. */
  | { readonly type: 'closing time over' }
  /** Of the machine to itself: no record is left that needs an id. */
  | { readonly type: 'ended' };

export const producerMachine = setup({
  types: {
    context: {} as ProducerContext,
    events: {} as ProducerEvent,
    input: {} as { readonly host: ProducerHost },
  },
  guards: {
    'is idempotent': ({ context }) => context.host.isIdempotent,
    'is stale': ({ context, event }) => 'generation' in event && event.generation !== context.generation,
    'asking again cannot help': ({ event }) => event.type === 'id refused' && event.isFinal,
    'nothing is unsettled': ({ context }) => !context.host.hasUnsettled(),
    'something is unsettled': ({ context }) => context.host.hasUnsettled(),
  },
  actions: {
    'count the question': assign({ generation: ({ context }) => context.generation + 1 }),
    'ask for an id': ({ context }) => context.host.askForId(context.generation),
    'announce the id': ({ context }) => context.host.announceId(),
    'count the attempt': assign({ attempts: ({ context }) => context.attempts + 1 }),
    'forget attempts': assign({ attempts: 0 }),
    'fail everything': ({ context }) => context.host.failEverything(),
    'send what waits': ({ context }) => context.host.sendWhatWaits(),
    'give up what is unsettled': ({ context }) => context.host.giveUpUnsettled(),
    'report closed': ({ context }) => context.host.reportClosed(),
    end: raise({ type: 'ended' }),
    'note stale answer': () => {},
    'note that one is asked for': () => {},
  },
  delays: {
    'retry back-off': ({ context }) => context.host.backOffMs(context.attempts),
  },
}).createMachine({
  id: 'producer',
  context: ({ input }) => ({ host: input.host, attempts: 0, generation: 0 }),
  type: 'parallel',
  states: {
    identity: {
      initial: 'idle',
      on: { ended: '.over' },
      states: {
        idle: {
          on: {
            'record accepted': [
              { guard: 'is idempotent', target: 'acquiring id', meta: { rule: 'P1' } },
              { target: 'ready' },
            ],
          },
        },
        'acquiring id': {
          entry: ['count the question', 'ask for an id'],
          on: {
            'id granted': [
              { guard: 'is stale', actions: 'note stale answer' },
              { actions: ['forget attempts', 'announce the id'], target: 'ready' },
            ],
            'id refused': [
              { guard: 'is stale', actions: 'note stale answer' },
              { guard: 'asking again cannot help', target: 'refused' },
              { actions: 'count the attempt', target: 'backing off' },
            ],
            'id exhausted': { actions: 'note that one is asked for' },
          },
        },
        'backing off': {
          on: { 'id exhausted': { actions: 'note that one is asked for' } },
          after: { 'retry back-off': 'acquiring id' },
        },
        ready: {
          on: { 'id exhausted': 'acquiring id' },
        },
        refused: { entry: 'fail everything' },
        over: { type: 'final' },
      },
    },
    records: {
      initial: 'taking',
      states: {
        taking: {
          on: {
            flush: { guard: 'something is unsettled', target: 'flushing' },
            close: [{ guard: 'something is unsettled', target: 'closing' }, { target: 'closed' }],
          },
        },
        flushing: {
          entry: 'send what waits',
          on: {
            flushed: 'taking',
            close: 'closing',
          },
        },
        closing: {
          entry: 'send what waits',
          on: {
            flushed: { guard: 'nothing is unsettled', target: 'closed' },
            'closing time over': { actions: 'give up what is unsettled', target: 'closed' },
          },
        },
        closed: { type: 'final', entry: ['end', 'report closed'] },
      },
    },
  },
  options: { maxIterations: 100 },
});
