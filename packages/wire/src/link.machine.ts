// The life of a link: the dialling side of a connection to one node. Requests are plain data beside it, no event each.

import type { NetworkFailure } from '@odradek/model';
import { assign, setup } from 'xstate';
import type { SocketEnd } from './socket.ts';

/** What the machine orders and asks of its link. */
export interface LinkHost {
  dial(): void;
  sayHello(): void;
  prove(): void;
  /** Requests may go now. */
  open(): void;
  /** Closes the socket, and fails what waits or is unanswered. */
  giveUp(failure: NetworkFailure, detail: string): void;
  reportRefused(): void;
  /** The node is there: it welcomed us, or something came since the last heartbeat. */
  reportReached(): void;
  sendHeartbeat(): void;
  /** Asks out of turn: a host that was switched off answers with a reset, and the next dial is refused. */
  ping(): void;
  /** Whether any byte came in since the last look. */
  hasHeard(): boolean;
  /** A client's link of which nothing is asked: whether the node is there is no question until something is. */
  isIdle(): boolean;
  /** Passes a heartbeat over. */
  rest(): void;
  /** Whether to dial again without being asked. */
  isWanted(): boolean;
  backOffMs(failures: number): number;
  readonly connectTimeoutMs: number;
  readonly helloTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly missedHeartbeats: number;
}

interface LinkContext {
  readonly host: LinkHost;
  /** Dials in a row that came to nothing. */
  readonly failures: number;
  /** Heartbeats in a row without a byte from the other side. */
  readonly missed: number;
}

export type LinkEvent =
  /** A request waits. */
  | { readonly type: 'wanted' }
  /** There is reason to believe that the node is there, or evidence is asked for. */
  | { readonly type: 'dial now' }
  | { readonly type: 'address changed' }
  | { readonly type: 'socket opened' }
  | { readonly type: 'socket lost'; readonly end: SocketEnd }
  /** The listener presented itself; `objection` says what is wrong with it. */
  | { readonly type: 'greeted'; readonly objection: string | undefined }
  | { readonly type: 'welcomed' }
  /** The listener refused our hello. */
  | { readonly type: 'turned away'; readonly reason: string }
  /** Bytes that are no frame of ours, or one that has no place here. */
  | { readonly type: 'frame refused'; readonly reason: string }
  /** More waits or is unanswered than the caps allow. */
  | { readonly type: 'overloaded' }
  | { readonly type: 'close' };

/** A process that is killed resets whoever has just reached its listener: its other sockets and the listener close within a few milliseconds. */
const SECOND_LOOK_MS = 20;

export const linkMachine = setup({
  types: {
    context: {} as LinkContext,
    events: {} as LinkEvent,
    input: {} as { readonly host: LinkHost },
  },
  delays: {
    'connect timeout': ({ context }) => context.host.connectTimeoutMs,
    'hello timeout': ({ context }) => context.host.helloTimeoutMs,
    heartbeat: ({ context }) => context.host.heartbeatMs,
    'second look': SECOND_LOOK_MS,
    'back-off': ({ context }) => context.host.backOffMs(context.failures),
  },
  guards: {
    'the address refuses': ({ event }) => event.type === 'socket lost' && event.end.refused,
    'the connection broke': ({ event }) => event.type === 'socket lost' && !event.end.refused,
    'the greeting is wrong': ({ event }) => event.type === 'greeted' && event.objection !== undefined,
    'it is silent for too long': ({ context }) =>
      !context.host.hasHeard() && context.missed + 1 >= context.host.missedHeartbeats,
    'it is heard': ({ context }) => context.host.hasHeard(),
    'nothing is asked of it': ({ context }) => context.host.isIdle(),
    'nobody waits': ({ context }) => !context.host.isWanted(),
  },
  actions: {
    dial: ({ context }) => context.host.dial(),
    'say hello': ({ context }) => context.host.sayHello(),
    'prove our role': ({ context }) => context.host.prove(),
    'let requests go': ({ context }) => context.host.open(),
    'give up': ({ context }, params: { readonly failure: NetworkFailure; readonly detail: string }) =>
      context.host.giveUp(params.failure, params.detail),
    'report that it refuses': ({ context }) => context.host.reportRefused(),
    'report that it is reached': ({ context }) => context.host.reportReached(),
    'send a heartbeat': ({ context }) => context.host.sendHeartbeat(),
    'pass the heartbeat over': ({ context }) => context.host.rest(),
    'ask for a sign of life': ({ context }) => context.host.ping(),
    'count the failure': assign({ failures: ({ context }) => context.failures + 1, missed: 0 }),
    'forget failures': assign({ failures: 0, missed: 0 }),
    'count the missed heartbeat': assign({ missed: ({ context }) => context.missed + 1 }),
  },
}).createMachine({
  id: 'link',
  initial: 'idle',
  context: ({ input }) => ({ host: input.host, failures: 0, missed: 0 }),
  options: { maxIterations: 100 },
  on: {
    close: {
      target: '.closed',
      actions: { type: 'give up', params: { failure: 'closed', detail: 'the link was closed' } },
    },
  },
  states: {
    idle: {
      on: { wanted: 'connecting', 'dial now': 'connecting.for evidence' },
    },
    connecting: {
      entry: 'dial',
      initial: 'for requests',
      states: {
        'for requests': {},
        // Somebody decides about others by what this dial shows. A connection that broke shows nothing: one looks again.
        'for evidence': {
          on: {
            'socket lost': {
              guard: 'the connection broke',
              target: '#link.looking again',
              actions: {
                type: 'give up',
                params: ({ event }) => ({ failure: 'disconnected', detail: event.end.reason }),
              },
              meta: { rule: 'C7' },
            },
          },
        },
      },
      on: {
        'dial now': '.for evidence',
        'socket opened': 'handshaking',
        'socket lost': [
          {
            guard: 'the address refuses',
            target: 'backing off',
            actions: [
              'report that it refuses',
              { type: 'give up', params: ({ event }) => ({ failure: 'refused', detail: event.end.reason }) },
            ],
          },
          {
            target: 'backing off',
            actions: {
              type: 'give up',
              params: ({ event }) => ({ failure: 'disconnected', detail: event.end.reason }),
            },
          },
        ],
        'address changed': {
          target: 'connecting',
          reenter: true,
          actions: {
            type: 'give up',
            params: { failure: 'disconnected', detail: 'its address has changed' },
          },
        },
      },
      after: {
        // E3: a connect that hangs in SYN, in DNS or in the upgrade.
        'connect timeout': {
          target: 'backing off',
          actions: { type: 'give up', params: { failure: 'timed out', detail: 'no connection in time' } },
        },
      },
    },
    handshaking: {
      entry: 'say hello',
      on: {
        greeted: [
          {
            guard: 'the greeting is wrong',
            target: 'backing off',
            actions: {
              type: 'give up',
              params: ({ event }) => ({ failure: 'disconnected', detail: event.objection ?? '' }),
            },
            meta: { rule: 'X8' },
          },
          { actions: 'prove our role' },
        ],
        welcomed: { target: 'up', actions: ['let requests go', 'report that it is reached'] },
        'turned away': {
          target: 'backing off',
          actions: {
            type: 'give up',
            params: ({ event }) => ({ failure: 'disconnected', detail: event.reason }),
          },
        },
        'socket lost': {
          target: 'backing off',
          actions: {
            type: 'give up',
            params: ({ event }) => ({ failure: 'disconnected', detail: event.end.reason }),
          },
        },
        'frame refused': {
          target: 'backing off',
          actions: {
            type: 'give up',
            params: ({ event }) => ({ failure: 'disconnected', detail: event.reason }),
          },
        },
        'address changed': {
          target: 'connecting',
          actions: {
            type: 'give up',
            params: { failure: 'disconnected', detail: 'its address has changed' },
          },
        },
      },
      after: {
        // E3: it accepts and never answers.
        'hello timeout': {
          target: 'backing off',
          actions: { type: 'give up', params: { failure: 'timed out', detail: 'no welcome in time' } },
        },
      },
    },
    up: {
      initial: 'trusted',
      states: {
        trusted: {},
        // Until the next heartbeat. Whoever doubts it decides about others by what the next dial shows, and waits for no back-off.
        doubted: {
          on: {
            'socket lost': {
              target: '#link.connecting.for evidence',
              actions: {
                type: 'give up',
                params: ({ event }) => ({ failure: 'disconnected', detail: event.end.reason }),
              },
              meta: { rule: 'C7' },
            },
          },
        },
      },
      on: {
        'dial now': { target: '.doubted', actions: 'ask for a sign of life' },
        'socket lost': {
          target: 'backing off',
          actions: {
            type: 'give up',
            params: ({ event }) => ({ failure: 'disconnected', detail: event.end.reason }),
          },
        },
        'frame refused': {
          target: 'backing off',
          actions: {
            type: 'give up',
            params: ({ event }) => ({ failure: 'disconnected', detail: event.reason }),
          },
        },
        overloaded: {
          target: 'backing off',
          actions: {
            type: 'give up',
            params: { failure: 'disconnected', detail: 'more is unanswered than the caps allow' },
          },
          meta: { rule: 'E4' },
        },
        'address changed': {
          target: 'connecting',
          actions: {
            type: 'give up',
            params: { failure: 'disconnected', detail: 'its address has changed' },
          },
        },
      },
      after: {
        heartbeat: [
          {
            guard: 'nothing is asked of it',
            target: 'up',
            reenter: true,
            actions: ['forget failures', 'pass the heartbeat over'],
            meta: { rule: 'E8' },
          },
          {
            guard: 'it is silent for too long',
            target: 'backing off',
            actions: {
              type: 'give up',
              params: { failure: 'disconnected', detail: 'nothing was heard for too long' },
            },
            meta: { rule: 'E3' },
          },
          {
            guard: 'it is heard',
            target: 'up',
            reenter: true,
            actions: ['forget failures', 'report that it is reached', 'send a heartbeat'],
          },
          { target: 'up', reenter: true, actions: ['count the missed heartbeat', 'send a heartbeat'] },
        ],
      },
    },
    'looking again': {
      description: 'What may have been a process in its last moments is dialled once more, soon',
      on: { 'address changed': 'connecting' },
      after: { 'second look': { target: 'connecting', meta: { rule: 'C7' } } },
    },
    'backing off': {
      entry: 'count the failure',
      on: { 'dial now': 'connecting.for evidence', 'address changed': 'connecting' },
      after: {
        // E5: with jitter, so that many do not come at once.
        'back-off': [{ guard: 'nobody waits', target: 'idle' }, { target: 'connecting' }],
      },
    },
    closed: { type: 'final' },
  },
});
