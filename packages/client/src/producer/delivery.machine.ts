// How the batches of one partition reach its leader. While all goes well no event comes here: sending and acknowledging are
// reads of this state. P1, S42: what goes out again goes out before anything new, and only when nothing else is on its way.

import { assign, setup } from 'xstate';

/** What the machine orders and asks of the partition's queue. */
export interface DeliveryHost {
  /** Something may be sent now. */
  resume(): void;
  /** New sequences, of a new producer epoch, for what is surely not in the log; the rest is given up as unknown. */
  numberAnew(): void;
  askForProducerId(): void;
  askForMetadata(): void;
  /** A batch was given up, or the leader lacks what it had acknowledged: the sequences on both sides do not meet any more. */
  isNumberingBroken(): boolean;
  /** The producer's epoch cannot be raised any further. */
  isProducerIdExhausted(): boolean;
  mustSendAgain(): boolean;
  /** What goes again is part of a batch that the leader found too large. */
  goesInParts(): boolean;
  backOffMs(attempts: number): number;
}

interface DeliveryContext {
  readonly host: DeliveryHost;
  /** Attempts in a row that the leader did not acknowledge. */
  readonly attempts: number;
}

export type DeliveryEvent =
  /** A batch was refused, or it is not known what became of it. */
  | { readonly type: 'batch failed' }
  /** Every batch on its way was answered, or will not be. */
  | { readonly type: 'nothing in flight' }
  | { readonly type: 'acknowledged' }
  | { readonly type: 'leader changed' }
  /** A broker was asked, and knows of no other leader, or of none. */
  | { readonly type: 'leader unchanged' }
  | { readonly type: 'producer id acquired' }
  | { readonly type: 'close' };

export const deliveryMachine = setup({
  types: {
    context: {} as DeliveryContext,
    events: {} as DeliveryEvent,
    input: {} as { readonly host: DeliveryHost },
  },
  guards: {
    'numbering is broken': ({ context }) => context.host.isNumberingBroken(),
    'producer id is exhausted': ({ context }) => context.host.isProducerIdExhausted(),
    'something must go again': ({ context }) => context.host.mustSendAgain(),
    'a batch goes in parts': ({ context }) => context.host.goesInParts(),
  },
  actions: {
    resume: ({ context }) => context.host.resume(),
    'number anew': ({ context }) => context.host.numberAnew(),
    'ask for another producer id': ({ context }) => context.host.askForProducerId(),
    'ask for metadata': ({ context }) => context.host.askForMetadata(),
    'count the attempt': assign({ attempts: ({ context }) => context.attempts + 1 }),
    'forget attempts': assign({ attempts: 0 }),
    'note another failure': () => {},
    'note the new leader': () => {},
  },
  delays: {
    'retry back-off': ({ context }) => context.host.backOffMs(context.attempts),
  },
}).createMachine({
  id: 'delivery',
  context: ({ input }) => ({ host: input.host, attempts: 0 }),
  initial: 'flowing',
  on: { close: '.closed' },
  states: {
    flowing: {
      entry: 'resume',
      on: {
        'batch failed': { target: 'draining', meta: { rule: 'P1' } },
        acknowledged: { actions: 'forget attempts' },
        'leader changed': { actions: 'note the new leader' },
      },
    },
    draining: {
      description: 'S42: nothing new is sent until what is on its way has been answered',
      on: {
        'batch failed': { actions: 'note another failure' },
        'nothing in flight': [
          { guard: 'numbering is broken', target: 'renumbering', meta: { rule: 'P1' } },
          { guard: 'a batch goes in parts', target: 'flowing', meta: { rule: 'P1' } },
          { guard: 'something must go again', target: 'waiting', meta: { rule: 'E5' } },
          { target: 'flowing' },
        ],
        acknowledged: { actions: 'forget attempts' },
        'leader changed': { actions: 'note the new leader' },
      },
    },
    renumbering: {
      entry: 'number anew',
      always: [
        { guard: 'producer id is exhausted', target: 'without id', meta: { rule: 'P1' } },
        { guard: 'something must go again', target: 'waiting' },
        { target: 'flowing' },
      ],
    },
    'without id': {
      entry: 'ask for another producer id',
      on: { 'producer id acquired': 'flowing' },
    },
    waiting: {
      entry: ['count the attempt', 'ask for metadata'],
      on: {
        'leader changed': 'flowing',
        // Asking is spaced by who asks. Not to ask until the next try adds the pauses of both up.
        'leader unchanged': { actions: 'ask for metadata', meta: { rule: 'E5' } },
        'batch failed': { target: 'draining', meta: { rule: 'P1' } },
      },
      after: { 'retry back-off': 'flowing' },
    },
    closed: { type: 'final' },
  },
  options: { maxIterations: 100 },
});
