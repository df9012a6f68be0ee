// Where a consumer stands in one partition. While records come no event does: fetching is a read of this state.
// Rules: L9 and KIP-320 (epochs are checked, a log that was read and is another now is told), never skipping in silence.

import { assign, setup } from 'xstate';

/** What the machine orders and asks of the reader. */
export interface PositionHost {
  /** Asks the leader where the wanted position is. */
  locate(generation: number): void;
  /** Fetches may go. */
  resume(): void;
  askForMetadata(): void;
  /** Asks the other brokers whether the leader has been succeeded. */
  doubtLeader(generation: number): void;
  /** Records fetched and not handed out that the log does not have any more are dropped. */
  dropReadAhead(): void;
  /** Goes on where the app said: at what was configured for an offset out of range. */
  resetPosition(): void;
  /** The app is told, with its next poll. */
  tell(): void;
  /** Where to go is an offset, not a name for one. */
  isLocated(): boolean;
  /** The app was handed records that the log does not have any more. */
  hasReadBeyond(): boolean;
  resetsPosition(): boolean;
  /** The leader that answered is not known, by the word of others, to be the newest. */
  mayBeDeposed(): boolean;
  /** Nobody else has answered for so long that the app is to hear of it. */
  isDoubtedForLong(): boolean;
  backOffMs(attempts: number): number;
}

interface PositionContext {
  readonly host: PositionHost;
  readonly attempts: number;
  /** Counts the positions asked for, so that an answer about an earlier one is known as such. */
  readonly generation: number;
}

export type PositionEvent =
  | { readonly type: 'seek' }
  | { readonly type: 'located'; readonly generation: number }
  /** The leader is another, or could not be asked. */
  | { readonly type: 'leader lost' }
  | { readonly type: 'leader changed' }
  /** A broker was asked, and knows of no other leader, or of none. */
  | { readonly type: 'leader unchanged' }
  | { readonly type: 'fetched' }
  | { readonly type: 'offset out of range' }
  /** The leader answered for a topic of the same name and another id (KIP-516). */
  | { readonly type: 'topic recreated' }
  /** The newest leader that the others know of is known; it may be the same. */
  | { readonly type: 'others have told'; readonly generation: number }
  /** Too few answer to know. */
  | { readonly type: 'others are silent'; readonly generation: number }
  /** The leader's log parts from what was fetched. */
  | { readonly type: 'log diverged' }
  /** Asking again cannot help. */
  | { readonly type: 'refused' }
  | { readonly type: 'close' };

export const positionMachine = setup({
  types: {
    context: {} as PositionContext,
    events: {} as PositionEvent,
    input: {} as { readonly host: PositionHost },
  },
  guards: {
    'is stale': ({ context, event }) => 'generation' in event && event.generation !== context.generation,
    'an offset is known': ({ context }) => context.host.isLocated(),
    'the app has read beyond': ({ context }) => context.host.hasReadBeyond(),
    'the leader may be deposed': ({ context }) => context.host.mayBeDeposed(),
    'nobody has told for long': ({ context }) => context.host.isDoubtedForLong(),
    'a reset is configured': ({ context }) => context.host.resetsPosition(),
  },
  actions: {
    'count the question': assign({ generation: ({ context }) => context.generation + 1 }),
    locate: ({ context }) => context.host.locate(context.generation),
    'ask the other brokers': ({ context }) => context.host.doubtLeader(context.generation),
    'count the attempt': assign({ attempts: ({ context }) => context.attempts + 1 }),
    'forget attempts': assign({ attempts: 0 }),
    resume: ({ context }) => context.host.resume(),
    'ask for metadata': ({ context }) => context.host.askForMetadata(),
    'drop what was read ahead': ({ context }) => context.host.dropReadAhead(),
    'reset position': ({ context }) => context.host.resetPosition(),
    'tell the app': ({ context }) => context.host.tell(),
    'note stale answer': () => {},
    'note the new leader': () => {},
  },
  delays: {
    'retry back-off': ({ context }) => context.host.backOffMs(context.attempts),
  },
}).createMachine({
  id: 'position',
  context: ({ input }) => ({ host: input.host, attempts: 0, generation: 0 }),
  initial: 'deciding',
  on: {
    seek: { actions: 'forget attempts', target: '.deciding' },
    close: '.closed',
  },
  states: {
    deciding: {
      always: [{ guard: 'an offset is known', target: 'fetching' }, { target: 'locating' }],
    },
    locating: {
      entry: ['count the question', 'locate'],
      on: {
        located: [
          { guard: 'is stale', actions: 'note stale answer' },
          { actions: 'forget attempts', target: 'fetching' },
        ],
        'leader lost': { target: 'backing off', meta: { rule: 'L9' } },
        refused: 'stopped',
      },
    },
    fetching: {
      entry: 'resume',
      on: {
        fetched: { actions: 'forget attempts' },
        'leader changed': { actions: 'note the new leader' },
        'leader lost': { target: 'backing off', meta: { rule: 'L9' } },
        'offset out of range': [
          { guard: 'the leader may be deposed', target: 'doubting the leader', meta: { rule: 'L9' } },
          { guard: 'the app has read beyond', target: 'stopped', meta: { rule: 'F2' } },
          { guard: 'a reset is configured', actions: 'reset position', target: 'deciding' },
          { target: 'stopped' },
        ],
        'topic recreated': [
          { guard: 'the leader may be deposed', target: 'doubting the leader', meta: { rule: 'L9' } },
          { guard: 'a reset is configured', actions: 'reset position', target: 'deciding' },
          { target: 'stopped', meta: { rule: 'C10' } },
        ],
        'log diverged': [
          { guard: 'the app has read beyond', target: 'stopped', meta: { rule: 'F2' } },
          {
            actions: 'drop what was read ahead',
            target: 'fetching',
            reenter: true,
            meta: { rule: 'F3' },
          },
        ],
        refused: 'stopped',
      },
    },
    'doubting the leader': {
      description:
        'A leader that was succeeded, or whose topic was deleted, and does not know it lacks what came since: its word moves nobody',
      entry: ['count the question', 'ask the other brokers'],
      on: {
        'others have told': [
          { guard: 'is stale', actions: 'note stale answer' },
          { target: 'deciding', meta: { rule: 'L9' } },
        ],
        'others are silent': [
          { guard: 'is stale', actions: 'note stale answer' },
          { guard: 'nobody has told for long', target: 'stopped' },
          { target: 'backing off' },
        ],
      },
    },
    'backing off': {
      entry: ['count the attempt', 'ask for metadata'],
      on: {
        'leader changed': 'deciding',
        // Asking is spaced by who asks. Not to ask until the next try adds the pauses of both up.
        'leader unchanged': { actions: 'ask for metadata', meta: { rule: 'E5' } },
      },
      after: { 'retry back-off': 'deciding' },
    },
    stopped: {
      description: 'Nothing is read until the app, having been told why, seeks',
      entry: 'tell the app',
    },
    closed: { type: 'final' },
  },
  options: { maxIterations: 100 },
});
