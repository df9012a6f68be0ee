// The life of a log: recovering, open, failed; and while it is open, group commit. Appends are calls, not events: the machine hears when
// the log becomes dirty, when its sync begins and when it has ended (three events a flush, whatever was appended meanwhile).

import { setup } from 'xstate';

/** What the machine orders. */
export interface LogMachineHost {
  /** Opens the log as it was left; ends with `opened`, `found damaged` or `disk failed`. */
  recover(): void;
  /** Hands the open log to its owner. */
  handOver(): void;
  /** Asks the broker's flush group for a sync; ends with `sync began`. */
  askForSync(): void;
  /** Tells the owner how far the log is durable now. */
  tellFlushed(): void;
  /** Refuses everything from now on, and says why (D3). */
  fail(error: string): void;
  /** Says why the log was not opened for now (D11). */
  refuse(error: string): void;
  /** Whether the disk lacks something, or somebody waits for a sync that has not ended. */
  readonly isDirty: boolean;
  /** Whether somebody waits for a sync. */
  readonly isAwaited: boolean;
}

export type LogEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'found damaged'; readonly error: string }
  | { readonly type: 'became dirty' }
  | { readonly type: 'sync began' }
  | { readonly type: 'sync ended' }
  /** The disk had no room for a small file that belongs to the flush, or no file to spare for a recovery; no sync has failed. */
  | { readonly type: 'no room'; readonly error: string }
  | { readonly type: 'disk failed'; readonly error: string }
  | { readonly type: 'close' };

export interface LogMachineContext {
  readonly host: LogMachineHost;
}

export const logMachine = setup({
  types: {
    context: {} as LogMachineContext,
    events: {} as LogEvent,
    input: {} as LogMachineContext,
  },
  actions: {
    recover: ({ context }) => context.host.recover(),
    handOver: ({ context }) => context.host.handOver(),
    askForSync: ({ context }) => context.host.askForSync(),
    tellFlushed: ({ context }) => context.host.tellFlushed(),
    fail: ({ context, event }) => {
      if ('error' in event) context.host.fail(event.error);
    },
    refuse: ({ context, event }) => {
      if ('error' in event) context.host.refuse(event.error);
    },
    leaveToNextSync: () => {},
    ignoreLateSync: () => {},
  },
  delays: {
    'room retry': 1000,
  },
  guards: {
    somethingIsDirty: ({ context }) => context.host.isDirty,
    somebodyWaits: ({ context }) => context.host.isAwaited,
  },
}).createMachine({
  id: 'log',
  context: ({ input }) => ({ host: input.host }),
  initial: 'recovering',
  on: {
    close: { target: '.closed' },
    // A failed fsync is final: asking again could report success over lost data.
    'disk failed': { target: '.failed', actions: 'fail', meta: { rule: 'D3' } },
  },
  states: {
    recovering: {
      description:
        'Reads what is there: trusts it after a clean end, else checks every batch from the recovery point on.',
      entry: 'recover',
      on: {
        opened: { target: 'open', actions: 'handOver', meta: { rule: 'D7' } },
        // Records that were durable are broken or gone: never cut and led over.
        'found damaged': { target: 'failed', actions: 'fail', meta: { rule: 'D8' } },
        // Nothing is wrong with what is there.
        'no room': { target: 'refused', actions: 'refuse', meta: { rule: 'D11' } },
      },
    },
    open: {
      description: 'Appends and reads are calls. What is appended becomes durable by group commit.',
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Is there something that the disk does not have yet?',
          always: [{ guard: 'somethingIsDirty', target: 'dirty' }, { target: 'clean' }],
        },
        clean: {
          on: {
            'became dirty': { target: 'dirty' },
            // Only the journal has a part of it, and the journal is to be emptied.
            'sync began': { target: 'flushing', meta: { rule: 'D1' } },
          },
        },
        dirty: {
          entry: 'askForSync',
          on: {
            'sync began': { target: 'flushing' },
            'became dirty': { guard: 'somebodyWaits', actions: 'askForSync' },
          },
        },
        flushing: {
          on: {
            'became dirty': { actions: 'leaveToNextSync' },
            // The recovery point and the reported end move after the fsync only.
            'sync ended': [
              {
                guard: 'somethingIsDirty',
                target: 'dirty',
                actions: 'tellFlushed',
                meta: { rule: 'D7' },
              },
              { target: 'clean', actions: 'tellFlushed', meta: { rule: 'D7' } },
            ],
            'no room': { target: 'short of room', meta: { rule: 'D6' } },
          },
        },
        'short of room': {
          description: 'A part of the flush found no room. Nothing was synced in vain: it is asked again.',
          on: {
            'became dirty': [{ guard: 'somebodyWaits', target: 'deciding' }, { actions: 'leaveToNextSync' }],
            'sync began': { target: 'flushing', meta: { rule: 'D1' } },
          },
          after: { 'room retry': 'deciding' },
        },
      },
    },
    failed: {
      description: 'The disk failed, or the log is damaged: refuses everything. A new actor opens it again.',
      on: {
        'sync ended': { actions: 'ignoreLateSync' },
        'no room': { actions: 'ignoreLateSync' },
      },
    },
    refused: {
      description:
        'The disk had no room, or the process no file to spare, to open it. A new actor opens it later.',
    },
    closed: { type: 'final' },
  },
  options: { maxIterations: 100 },
});
