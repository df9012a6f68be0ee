// A node's life, from opening its directory to its clean end (C6, C7, C9). A node that is a controller alone lives it too,
// but registers nowhere: its quorum is its whole work.

import type { BrokerEpoch } from '@odradek/model';
import { assign, setup } from 'xstate';
import type { BrokerHost, LogsRecovered } from './broker-host.ts';

export interface BrokerContext {
  readonly host: BrokerHost;
  /** One value for one registration; undefined while there is none. */
  readonly brokerEpoch: BrokerEpoch | undefined;
  /** What a registration says of this directory. */
  readonly recovered: LogsRecovered | undefined;
  /** Counts the registrations asked for, so that a late answer of an older one is known as such (M8). */
  readonly generation: number;
}

export interface HeartbeatAnswer {
  /** The registration under which it was sent. */
  readonly brokerEpoch: BrokerEpoch;
  readonly error: string;
  readonly shouldShutDown: boolean;
}

export type BrokerEvent =
  | { readonly type: 'metadata log opened' }
  | ({ readonly type: 'logs recovered' } & LogsRecovered)
  | { readonly type: 'registered'; readonly generation: number; readonly brokerEpoch: BrokerEpoch }
  | { readonly type: 'registration refused'; readonly generation: number; readonly error: string }
  | { readonly type: 'controller changed' }
  | { readonly type: 'own registration seen' }
  | { readonly type: 'fenced'; readonly brokerEpoch: BrokerEpoch }
  | { readonly type: 'unfenced'; readonly brokerEpoch: BrokerEpoch }
  | ({ readonly type: 'heartbeat answered' } & HeartbeatAnswer)
  | { readonly type: 'log failed' }
  /** Leaderships are moved away first (C9), unless the cluster stops as a whole. */
  | { readonly type: 'stop'; readonly movesLeaderships: boolean }
  | { readonly type: 'closed' };

function beat({ host, brokerEpoch }: BrokerContext, intent: 'serving' | 'going'): void {
  if (brokerEpoch !== undefined) host.sendHeartbeat(brokerEpoch, intent);
}

/** C6: only another registration of this node's can have ended ours. */
function hasEnded({ error }: HeartbeatAnswer): boolean {
  return error === 'STALE_BROKER_EPOCH' || error === 'BROKER_ID_NOT_REGISTERED';
}

/** Whether a guard may ask for the answer to a heartbeat: nearly all say that all is as it was, and are no event. */
export function isNews(answer: HeartbeatAnswer, brokerEpoch: BrokerEpoch | undefined): boolean {
  return answer.brokerEpoch !== brokerEpoch || answer.shouldShutDown || hasEnded(answer);
}

export const brokerMachine = setup({
  types: {
    context: {} as BrokerContext,
    events: {} as BrokerEvent,
    input: {} as { readonly host: BrokerHost },
  },
  guards: {
    /** `process.roles` of this node name the broker. */
    'is a broker': ({ context }) => context.host.isBroker,
    /** M8: an answer to a registration that was asked for before the last one. */
    'answer is stale': ({ context, event }) =>
      'generation' in event && event.generation !== context.generation,
    /** S71: about a registration that is no longer ours. */
    'is of another registration': ({ context, event }) =>
      'brokerEpoch' in event && event.brokerEpoch !== context.brokerEpoch,
    'registration has ended': ({ event }) => event.type === 'heartbeat answered' && hasEnded(event),
    'controller lets us go': ({ event }) => event.type === 'heartbeat answered' && event.shouldShutDown,
    'is of this registration': ({ context, event }) =>
      (event.type === 'fenced' || event.type === 'unfenced') && event.brokerEpoch === context.brokerEpoch,
    'moves leaderships': ({ event }) => event.type === 'stop' && event.movesLeaderships,
  },
  actions: {
    'open metadata log': ({ context }) => context.host.openMetadataLog(),
    'recover logs': ({ context }) => context.host.recoverLogs(),
    'remember what was recovered': assign(({ event }) => {
      if (event.type !== 'logs recovered') return {};
      const { type: _, ...recovered } = event;
      return { recovered };
    }),
    'count the question': assign({ generation: ({ context }) => context.generation + 1 }),
    register: ({ context }) => {
      if (context.recovered !== undefined) context.host.register(context.generation, context.recovered);
    },
    'take broker epoch': assign(({ event }) =>
      event.type === 'registered' ? { brokerEpoch: event.brokerEpoch } : {},
    ),
    'announce registration': ({ context }) => {
      if (context.brokerEpoch !== undefined) context.host.registered(context.brokerEpoch);
    },
    'say why registration was refused': ({ context, event }) => {
      if (event.type === 'registration refused') context.host.registrationRefused(event.error);
    },
    'send heartbeat': ({ context }) => beat(context, 'serving'),
    'ask to go': ({ context }) => beat(context, 'going'),
    'forget registration': assign({ brokerEpoch: undefined }),
    'note stale answer': () => {},
    'close everything': ({ context }) => context.host.close(context.brokerEpoch),
    'say that it ended': ({ context }) => context.host.ended(),
  },
  delays: {
    'registration timeout': ({ context }) => context.host.registrationTimeoutMs,
    'registration retry': ({ context }) => context.host.registrationRetryMs(),
    'heartbeat interval': ({ context }) => context.host.heartbeatIntervalMs,
    'drain limit': ({ context }) => context.host.drainLimitMs,
  },
}).createMachine({
  id: 'broker',
  context: ({ input }) => ({
    host: input.host,
    brokerEpoch: undefined,
    recovered: undefined,
    generation: 0,
  }),
  initial: 'starting',
  states: {
    starting: {
      entry: 'open metadata log',
      on: {
        'metadata log opened': [
          { guard: 'is a broker', target: 'recovering' },
          { target: 'running.controlling' },
        ],
        stop: 'draining.closing',
      },
    },
    recovering: {
      description: 'Every log of the directory is opened, so that a registration can say what survived (D7)',
      entry: 'recover logs',
      on: {
        'logs recovered': { actions: 'remember what was recovered', target: 'registering' },
        stop: 'draining.closing',
      },
    },
    registering: {
      initial: 'asking',
      states: {
        asking: {
          entry: ['count the question', 'register'],
          after: { 'registration timeout': { target: 'asking', reenter: true } },
        },
        waiting: {
          after: { 'registration retry': 'asking' },
        },
      },
      on: {
        registered: [
          { guard: 'answer is stale', actions: 'note stale answer', meta: { rule: 'M8' } },
          { actions: ['take broker epoch', 'announce registration'], target: 'fenced', meta: { rule: 'C6' } },
        ],
        'registration refused': [
          { guard: 'answer is stale', actions: 'note stale answer', meta: { rule: 'M8' } },
          { actions: 'say why registration was refused', target: '.waiting', meta: { rule: 'C6' } },
        ],
        'controller changed': '.asking',
        stop: 'draining.closing',
      },
    },
    fenced: {
      description:
        'Registered, but it may lead nothing until it has seen its own registration in the metadata (C7)',
      entry: 'send heartbeat',
      after: { 'heartbeat interval': { target: 'fenced', reenter: true } },
      on: {
        unfenced: { guard: 'is of this registration', target: 'running', meta: { rule: 'C7' } },
        'own registration seen': { target: 'fenced', reenter: true, meta: { rule: 'C7' } },
        'controller changed': { target: 'fenced', reenter: true },
        'heartbeat answered': [
          { guard: 'is of another registration', actions: 'note stale answer', meta: { rule: 'S71' } },
          { guard: 'registration has ended', actions: 'forget registration', target: 'registering' },
        ],
        stop: 'draining.closing',
      },
    },
    running: {
      initial: 'serving',
      states: {
        serving: {
          entry: 'send heartbeat',
          after: { 'heartbeat interval': { target: 'serving', reenter: true } },
          on: {
            'controller changed': { target: 'serving', reenter: true },
            'log failed': { target: 'serving', reenter: true, meta: { rule: 'C11' } },
          },
        },
        controlling: {
          description: 'A controller that is no broker: the quorum is its whole work',
          on: { stop: '#broker.draining.closing' },
        },
      },
      on: {
        fenced: { guard: 'is of this registration', target: 'fenced', meta: { rule: 'C8' } },
        'heartbeat answered': [
          { guard: 'is of another registration', actions: 'note stale answer', meta: { rule: 'S71' } },
          { guard: 'registration has ended', actions: 'forget registration', target: 'registering' },
        ],
        stop: [
          { guard: 'moves leaderships', target: 'draining', meta: { rule: 'C9' } },
          { target: 'draining.closing' },
        ],
      },
    },
    draining: {
      initial: 'leaving',
      states: {
        leaving: {
          description: 'The controller moves its leaderships to others, then lets it go (C9)',
          initial: 'asking',
          states: {
            asking: {
              entry: 'ask to go',
              after: { 'heartbeat interval': { target: 'asking', reenter: true } },
              on: { 'controller changed': { target: 'asking', reenter: true } },
            },
          },
          after: { 'drain limit': 'closing' },
          on: {
            'heartbeat answered': [
              { guard: 'is of another registration', actions: 'note stale answer', meta: { rule: 'S71' } },
              { guard: 'controller lets us go', target: 'closing', meta: { rule: 'C9' } },
              { guard: 'registration has ended', target: 'closing' },
            ],
            stop: 'closing',
          },
        },
        closing: {
          description: 'Logs flushed, checkpoints written, then the marker with the broker epoch (C9)',
          entry: 'close everything',
          on: { closed: '#broker.stopped' },
        },
      },
    },
    stopped: { type: 'final', entry: 'say that it ended' },
  },
  options: { maxIterations: 100 },
});
