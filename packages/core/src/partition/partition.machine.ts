// One replica of one partition at this broker: what the metadata wants it to be, and what its log lets it be (I7, C11, F1).

import { assign, setup } from 'xstate';
import type { LogFailure, PartitionHost, PartitionPlace } from './partition-host.ts';

export interface PartitionContext {
  readonly host: PartitionHost;
  readonly place: PartitionPlace;
  readonly isLogOpen: boolean;
  /** Why it failed: damaged bytes can be fetched again from peers, a disk that failed is never asked again (D3, D8). */
  readonly failure: LogFailure | undefined;
  /** How often in a row the disk has refused to open it. */
  readonly refusals: number;
}

/** Until a log is opened again: longer each time, for who has no file to spare is short of them for a while. */
const OPEN_AGAIN_MS = 1000;
const OPEN_AGAIN_MOST_MS = 30_000;

export type PartitionEvent =
  | { readonly type: 'place changed'; readonly place: PartitionPlace }
  | { readonly type: 'log opened' }
  | { readonly type: 'log failed'; readonly failure: LogFailure }
  | { readonly type: 'read found damage'; readonly failure: LogFailure }
  | { readonly type: 'deleted' };

/** The place after this event: the one it brings, or the one there is. */
function placeAfter(context: PartitionContext, event: PartitionEvent): PartitionPlace {
  return event.type === 'place changed' ? event.place : context.place;
}

function wasRefused({ event }: { readonly event: PartitionEvent }): boolean {
  return event.type === 'log failed' && event.failure.kind === 'refusal';
}

function isAnotherInSync({ context: { place, host } }: { readonly context: PartitionContext }): boolean {
  return place.inSyncReplicas.some((broker) => broker !== host.brokerId);
}

export const partitionMachine = setup({
  types: {
    context: {} as PartitionContext,
    events: {} as PartitionEvent,
    input: {} as { readonly host: PartitionHost; readonly place: PartitionPlace },
  },
  guards: {
    /** I7: metadata comes in order; equal is allowed, an answer to a proposal may have come first (KAFKA-14144). */
    'place is stale': ({ context, event }) =>
      event.type === 'place changed' && event.place.partitionEpoch < context.place.partitionEpoch,
    /** F1: a new leader epoch is a new role, even of the same leader (KAFKA-7164). */
    'role stays': ({ context, event }) =>
      event.type === 'place changed' &&
      event.place.leader === context.place.leader &&
      event.place.leaderEpoch === context.place.leaderEpoch,
    'log is not open': ({ context, event }) => !context.isLogOpen && event.type !== 'log opened',
    'leads here': ({ context, event }) => placeAfter(context, event).leader === context.host.brokerId,
    /** D8: damage is cut only where nobody counts on this replica, and where another leads from whom the rest can be fetched. */
    'may heal from its leader': ({ context, event }) => {
      const place = placeAfter(context, event);
      return (
        context.failure?.kind === 'damage' &&
        place.leader >= 0 &&
        place.leader !== context.host.brokerId &&
        !place.inSyncReplicas.includes(context.host.brokerId) &&
        !place.eligibleLeaderReplicas.includes(context.host.brokerId)
      );
    },
    /**
     * D8: only then is a log with one bad batch given up. The last replica in sync goes on: it refuses the reads of what is damaged,
     * and serves all else, which nobody else could.
     */
    'another is in sync': isAnotherInSync,
    /** D11: no room, or no file to spare: nothing is wrong with the log. */
    'was refused for now': wasRefused,
    /** Then others need not wait for it: who is in sync can lead, and this replica comes back as one that is behind. */
    'was refused for now, and another is in sync': ({ context, event }) =>
      wasRefused({ event }) && isAnotherInSync({ context }),
    'another leads': ({ context, event }) => placeAfter(context, event).leader >= 0,
  },
  actions: {
    'open log': ({ context }) => context.host.openLog(),
    'log is open now': assign({ isLogOpen: true, failure: undefined, refusals: 0 }),
    'take place': assign(({ context, event }) => ({ place: placeAfter(context, event) })),
    'note stale place': () => {},
    lead: ({ context }) => context.host.becomeLeader(context.place),
    follow: ({ context }) => context.host.becomeFollower(context.place),
    'tell the role': ({ context }) => context.host.placeChanged(context.place),
    'end role': ({ context }) => context.host.endRole(),
    'remember failure': assign(({ event }) =>
      'failure' in event ? { failure: event.failure, isLogOpen: false } : {},
    ),
    'count the refusal': assign({ refusals: ({ context }) => context.refusals + 1 }),
    'forget failure': assign({ failure: undefined }),
    'report failure': ({ context }) => {
      if (context.failure !== undefined) context.host.reportFailure(context.failure);
    },
    'tell the refusal': ({ context }) => {
      if (context.failure !== undefined) context.host.tellRefusal(context.failure);
    },
    'give up log': ({ context }) => {
      if (context.failure !== undefined) context.host.giveUpLog(context.failure);
    },
    'name damage': ({ context, event }) => {
      if (event.type === 'read found damage') context.host.nameDamage(event.failure);
    },
    'ignore more damage': () => {},
    'cut the damage': ({ context }) => context.host.cutDamage(),
    'delete log': ({ context }) => context.host.deleteLog(),
  },
  delays: {
    'open again': ({ context }) =>
      Math.min(OPEN_AGAIN_MOST_MS, OPEN_AGAIN_MS * 2 ** Math.max(0, context.refusals - 1)),
  },
}).createMachine({
  id: 'partition',
  context: ({ input }) => ({
    ...{ host: input.host, place: input.place },
    ...{ isLogOpen: false, failure: undefined, refusals: 0 },
  }),
  initial: 'hosted',
  states: {
    hosted: {
      entry: 'open log',
      initial: 'offline',
      states: {
        offline: { description: 'Nobody leads, or the log is not open yet' },
        leading: { entry: 'lead', exit: 'end role' },
        following: { entry: 'follow', exit: 'end role' },
      },
      on: {
        'log opened': [
          { guard: 'leads here', actions: 'log is open now', target: '.leading' },
          { guard: 'another leads', actions: 'log is open now', target: '.following' },
          { actions: 'log is open now' },
        ],
        'place changed': [
          { guard: 'place is stale', actions: 'note stale place', meta: { rule: 'I7' } },
          { guard: 'log is not open', actions: 'take place' },
          { guard: 'role stays', actions: ['take place', 'tell the role'], meta: { rule: 'I7' } },
          { guard: 'leads here', actions: 'take place', target: '.leading', meta: { rule: 'F1' } },
          { guard: 'another leads', actions: 'take place', target: '.following', meta: { rule: 'F1' } },
          { actions: 'take place', target: '.offline' },
        ],
        'log failed': [
          {
            guard: 'was refused for now, and another is in sync',
            actions: ['remember failure', 'count the refusal', 'report failure'],
            target: 'refused',
            meta: { rule: 'D11' },
          },
          {
            guard: 'was refused for now',
            actions: ['remember failure', 'count the refusal', 'tell the refusal'],
            target: 'refused',
            meta: { rule: 'D11' },
          },
          { actions: 'remember failure', target: 'failed', meta: { rule: 'D3' } },
        ],
        'read found damage': [
          {
            guard: 'another is in sync',
            actions: ['remember failure', 'give up log'],
            target: 'failed',
            meta: { rule: 'D9' },
          },
          { actions: 'name damage', meta: { rule: 'D8' } },
        ],
      },
    },
    failed: {
      description:
        'Its disk failed or its log is damaged: it neither leads nor follows, and the controller is told (C11, D8)',
      entry: 'report failure',
      on: {
        'place changed': [
          { guard: 'place is stale', actions: 'note stale place', meta: { rule: 'I7' } },
          {
            guard: 'may heal from its leader',
            actions: ['take place', 'cut the damage', 'forget failure'],
            target: 'hosted',
            meta: { rule: 'D8' },
          },
          { actions: 'take place' },
        ],
        'read found damage': { actions: 'ignore more damage' },
      },
    },
    refused: {
      description:
        'The disk had no room, or the process no file to spare, to open its log: nothing is lost, and it is opened again in a while',
      after: { 'open again': { target: 'hosted', meta: { rule: 'D11' } } },
      on: {
        'place changed': [
          { guard: 'place is stale', actions: 'note stale place', meta: { rule: 'I7' } },
          { actions: 'take place' },
        ],
      },
    },
    deleted: { type: 'final', entry: 'delete log' },
  },
  on: { deleted: '.deleted' },
  options: { maxIterations: 100 },
});
