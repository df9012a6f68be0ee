// A consumer's life: whether it has partitions, and whether it may read further ahead of its app.

import { setup } from 'xstate';

/** What the machine orders and asks of its consumer. */
export interface ConsumerHost {
  /** Sends a fetch to every leader that has one to answer. */
  fetch(): void;
  closeReaders(): void;
  /** The app leaves so much untaken that no more is fetched. */
  isFull(): boolean;
  hasPartitions(): boolean;
}

export type ConsumerEvent =
  | { readonly type: 'assigned' }
  /** The app leaves records untaken. */
  | { readonly type: 'filled' }
  | { readonly type: 'records taken' }
  | { readonly type: 'close' };

export const consumerMachine = setup({
  types: {
    context: {} as { readonly host: ConsumerHost },
    events: {} as ConsumerEvent,
    input: {} as { readonly host: ConsumerHost },
  },
  guards: {
    'has partitions': ({ context }) => context.host.hasPartitions(),
    'is full': ({ context }) => context.host.isFull(),
  },
  actions: {
    fetch: ({ context }) => context.host.fetch(),
    'close readers': ({ context }) => context.host.closeReaders(),
  },
}).createMachine({
  id: 'consumer',
  context: ({ input }) => ({ host: input.host }),
  initial: 'unassigned',
  on: {
    assigned: [{ guard: 'has partitions', target: '.reading', reenter: true }, { target: '.unassigned' }],
    close: '.closed',
  },
  states: {
    unassigned: {},
    reading: {
      entry: 'fetch',
      on: { filled: { guard: 'is full', target: 'full' } },
    },
    full: {
      description: 'E4: what the app does not take is not fetched; memory stays bounded',
      on: { 'records taken': [{ guard: 'is full', target: 'full' }, { target: 'reading' }] },
    },
    closed: { type: 'final', entry: 'close readers' },
  },
  options: { maxIterations: 100 },
});
