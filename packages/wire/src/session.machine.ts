// The life of a session: the dialled side of a connection. Requests are plain data beside it, no event each; one that a client
// may not make is an event, so that it is seen.

import { assign, setup } from 'xstate';
import type { Refusal } from './hello.ts';
import type { SocketEnd } from './socket.ts';

/** What the machine orders and asks of its session. */
export interface SessionHost {
  /** Answers a hello: presents this node, to a node with its proof. */
  greet(): void;
  /** The hello is done: requests are served. */
  welcome(): void;
  refuse(refusal: Refusal): void;
  reportLinked(): void;
  /** Serving is over; of a node the evidence too. */
  endService(): void;
  countRefusedRequest(): void;
  /** Bytes came in since the last look, and what we sent is being taken. */
  isAlive(): boolean;
  look(): void;
  hangUp(reason: string): void;
  drop(): void;
  forget(): void;
  heartbeatMs(role: SessionRole): number;
  readonly helloTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly missedHeartbeats: number;
}

export type SessionRole = 'client' | 'node';

interface SessionContext {
  readonly host: SessionHost;
  readonly role: SessionRole;
  /** Looks in a row without a sign of life. */
  readonly missed: number;
}

export type SessionEvent =
  | { readonly type: 'hello'; readonly role: SessionRole; readonly refusal: Refusal | undefined }
  | { readonly type: 'proof'; readonly isRight: boolean }
  /** A client asked what only a node may ask. */
  | { readonly type: 'peer API refused'; readonly api: string }
  | { readonly type: 'frame refused'; readonly reason: string }
  /** The other side takes no answers, and more than the cap is buffered. */
  | { readonly type: 'overloaded' }
  | { readonly type: 'socket lost'; readonly end: SocketEnd }
  | { readonly type: 'close'; readonly reason: string };

const wrongProof: Refusal = {
  error: 'CLUSTER_AUTHORIZATION_FAILED',
  message: 'the proof is wrong: it was not made with the secret of this cluster',
};

export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
    input: {} as { readonly host: SessionHost },
  },
  delays: {
    'hello timeout': ({ context }) => context.host.helloTimeoutMs,
    heartbeat: ({ context }) => context.host.heartbeatMs(context.role),
    'close timeout': ({ context }) => context.host.closeTimeoutMs,
  },
  guards: {
    'the hello is refused': ({ event }) => event.type === 'hello' && event.refusal !== undefined,
    'it claims to be a node': ({ event }) => event.type === 'hello' && event.role === 'node',
    'the proof is right': ({ event }) => event.type === 'proof' && event.isRight,
    'it is lifeless for too long': ({ context }) =>
      !context.host.isAlive() && context.missed + 1 >= context.host.missedHeartbeats,
    'it is alive': ({ context }) => context.host.isAlive(),
  },
  actions: {
    greet: ({ context }) => context.host.greet(),
    welcome: ({ context }) => context.host.welcome(),
    refuse: ({ context }, params: { readonly refusal: Refusal | undefined }) => {
      if (params.refusal !== undefined) context.host.refuse(params.refusal);
    },
    'report the link': ({ context }) => context.host.reportLinked(),
    'end service': ({ context }) => context.host.endService(),
    'refuse the request': ({ context }) => context.host.countRefusedRequest(),
    'remember the role': assign({
      role: ({ context, event }) => (event.type === 'hello' ? event.role : context.role),
    }),
    'count the silence': assign({ missed: ({ context }) => context.missed + 1 }),
    'forget the silence': assign({ missed: 0 }),
    'look again': ({ context }) => context.host.look(),
    'hang up': ({ context }, params: { readonly reason: string }) => context.host.hangUp(params.reason),
    drop: ({ context }) => context.host.drop(),
    'forget the session': ({ context }) => context.host.forget(),
  },
}).createMachine({
  id: 'session',
  initial: 'greeting',
  context: ({ input }) => ({ host: input.host, role: 'client', missed: 0 }),
  options: { maxIterations: 100 },
  on: {
    'socket lost': '.closed',
    'frame refused': {
      target: '.closing',
      actions: { type: 'hang up', params: ({ event }) => ({ reason: event.reason }) },
      meta: { rule: 'X13' },
    },
    close: {
      target: '.closing',
      actions: { type: 'hang up', params: ({ event }) => ({ reason: event.reason }) },
    },
  },
  states: {
    greeting: {
      on: {
        hello: [
          {
            guard: 'the hello is refused',
            target: 'closing',
            actions: [
              { type: 'refuse', params: ({ event }) => ({ refusal: event.refusal }) },
              { type: 'hang up', params: ({ event }) => ({ reason: event.refusal?.message ?? '' }) },
            ],
          },
          {
            guard: 'it claims to be a node',
            target: 'proving',
            actions: ['remember the role', 'greet'],
            meta: { rule: 'X8' },
          },
          { target: 'serving', actions: ['greet', 'welcome'] },
        ],
      },
      after: {
        'hello timeout': {
          target: 'closing',
          actions: { type: 'hang up', params: { reason: 'no hello in time' } },
          meta: { rule: 'X7' },
        },
      },
    },
    proving: {
      on: {
        proof: [
          { guard: 'the proof is right', target: 'serving', actions: ['welcome', 'report the link'] },
          {
            target: 'closing',
            actions: [
              { type: 'refuse', params: { refusal: wrongProof } },
              { type: 'hang up', params: { reason: 'the proof is wrong' } },
            ],
            meta: { rule: 'X8' },
          },
        ],
      },
      after: {
        'hello timeout': {
          target: 'closing',
          actions: { type: 'hang up', params: { reason: 'no proof in time' } },
          meta: { rule: 'X7' },
        },
      },
    },
    serving: {
      initial: 'watching',
      exit: 'end service',
      on: {
        'peer API refused': { actions: 'refuse the request', meta: { rule: 'X8' } },
        overloaded: {
          target: 'closing',
          actions: { type: 'hang up', params: { reason: 'it takes no answers' } },
          meta: { rule: 'E4' },
        },
      },
      states: {
        watching: {
          after: {
            heartbeat: [
              {
                guard: 'it is lifeless for too long',
                target: '#session.closing',
                actions: { type: 'hang up', params: { reason: 'it was lifeless for too long' } },
                meta: { rule: 'E3' },
              },
              {
                guard: 'it is alive',
                target: 'watching',
                reenter: true,
                actions: ['forget the silence', 'look again'],
              },
              { target: 'watching', reenter: true, actions: ['count the silence', 'look again'] },
            ],
          },
        },
      },
    },
    closing: {
      on: {
        // What comes after the end is passed over.
        'frame refused': {},
        close: {},
      },
      after: {
        'close timeout': { target: 'closed', actions: 'drop' },
      },
    },
    closed: { type: 'final', entry: 'forget the session' },
  },
});
