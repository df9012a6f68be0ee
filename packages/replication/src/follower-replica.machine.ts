// The follower's role: it reconciles its log with the leader's by epoch, then takes what the leader gives (F1 to F7). It lives
// for one leader epoch.

import type { NodeId, ReplicatedLog } from '@odradek/model';
import { assign, setup } from 'xstate';
import type { FollowerReplicaInput } from './faces.ts';
import { followerHighWatermark, type HighWatermark } from './high-watermark.ts';
import type { FollowerHost } from './hosts.ts';
import type { PartitionRegistration } from './registration.ts';
import type { FetchPosition, FollowerAnswer, NextFetch } from './replica-fetch.ts';
import {
  restartAbove,
  restartBelow,
  type Truncation,
  truncate,
  truncationAtDivergence,
} from './truncation.ts';

export interface FollowerContext {
  readonly brokerId: NodeId;
  readonly host: FollowerHost;
  readonly log: ReplicatedLog;
  readonly registration: PartitionRegistration;
  readonly highWatermark: Pick<HighWatermark, 'offset'>;
}

/** A leader's answer, the position from which it was asked, and whom to tell what to do next. */
export interface AnsweredFetch {
  readonly answer: FollowerAnswer;
  readonly asked: FetchPosition;
  readonly next: (next: NextFetch) => void;
}

export type FollowerEvent =
  | { readonly type: 'fetch answered'; readonly fetch: AnsweredFetch }
  | { readonly type: 'partition changed'; readonly registration: PartitionRegistration };

/** F3: an answer is applied only where it was asked: in this leader epoch, at this end of the log (M6, M7). */
function isInPlace({ registration, log }: FollowerContext, { asked }: AnsweredFetch): boolean {
  return asked.currentLeaderEpoch === registration.leaderEpoch && asked.fetchOffset === log.logEndOffset;
}

/** The cut that an answer demands; undefined when it demands none. */
function cutFor(context: FollowerContext, answer: FollowerAnswer): Truncation | undefined {
  const { log, highWatermark, registration } = context;
  if (answer.diverging !== null)
    return truncationAtDivergence(log, highWatermark.offset, answer.diverging, registration);
  if (answer.error !== 'OFFSET_OUT_OF_RANGE') return undefined;
  if (answer.logStartOffset > log.logEndOffset) return restartAbove(answer.logStartOffset);
  return restartBelow(log, highWatermark.offset, answer.logStartOffset, registration);
}

function cut(context: FollowerContext, event: FollowerEvent): void {
  if (event.type !== 'fetch answered') return;
  const truncation = cutFor(context, event.fetch.answer);
  if (truncation === undefined) return;
  const { log, host, highWatermark } = context;
  if (truncation.report !== undefined) host.reportTruncation(truncation.report);
  truncate(log, truncation);
  // F4: lowered to the new end, or raised to the new start (KAFKA-9491). What the answer says of it is not for us (KAFKA-14704).
  highWatermark.offset = followerHighWatermark(highWatermark.offset, log);
}

function answerOf(event: FollowerEvent): FollowerAnswer | undefined {
  return event.type === 'fetch answered' ? event.fetch.answer : undefined;
}

const followerReplica = setup({
  types: {
    context: {} as FollowerContext,
    events: {} as FollowerEvent,
    input: {} as FollowerReplicaInput,
  },
  guards: {
    'replica has moved on': ({ context, event }) =>
      event.type === 'fetch answered' && !isInPlace(context, event.fetch),
    'logs part': ({ event }) => {
      const answer = answerOf(event);
      return answer !== undefined && answer.error === 'NONE' && answer.diverging !== null;
    },
    'leader begins above our end': ({ context, event }) => {
      const answer = answerOf(event);
      return answer?.error === 'OFFSET_OUT_OF_RANGE' && answer.logStartOffset > context.log.logEndOffset;
    },
    'leader ends below our end': ({ context, event }) => {
      const answer = answerOf(event);
      return answer?.error === 'OFFSET_OUT_OF_RANGE' && answer.logEndOffset < context.log.logEndOffset;
    },
    'is out of range no more': ({ event }) => answerOf(event)?.error === 'OFFSET_OUT_OF_RANGE',
    'epoch is over': ({ event }) => answerOf(event)?.error === 'FENCED_LEADER_EPOCH',
    'is refused': ({ event }) => answerOf(event)?.error !== 'NONE',
    'brings records here': ({ context, event }) =>
      event.type === 'fetch answered' &&
      event.fetch.answer.error === 'NONE' &&
      event.fetch.answer.diverging === null &&
      event.fetch.answer.records.length > 0 &&
      isInPlace(context, event.fetch),
    'leader has nothing more': ({ context, event }) => {
      const answer = answerOf(event);
      return answer?.records.length === 0 && answer.logEndOffset <= context.log.logEndOffset;
    },
    'metadata is older': ({ context, event }) =>
      event.type === 'partition changed' &&
      event.registration.partitionEpoch < context.registration.partitionEpoch,
  },
  actions: {
    'note stale answer': ({ event }) => {
      if (event.type === 'fetch answered') event.fetch.next('fetch on');
    },
    'cut to divergence point': ({ context, event }) => cut(context, event),
    'begin at the leader start': ({ context, event }) => cut(context, event),
    'append records': ({ context, event }) => {
      if (event.type !== 'fetch answered') return;
      const { answer, next } = event.fetch;
      const appended = context.log.appendAsFollower(answer.records);
      if (appended.outcome === 'corrupt') context.host.recordsCorrupt(appended.message);
      next(appended.outcome === 'corrupt' ? 'back off' : 'fetch on');
    },
    'take high watermark': ({ context, event }) => {
      const answer = answerOf(event);
      if (answer !== undefined)
        context.highWatermark.offset = followerHighWatermark(answer.highWatermark, context.log);
    },
    'follow log start': ({ context: { log, highWatermark }, event }) => {
      const start = Math.min(answerOf(event)?.logStartOffset ?? 0, highWatermark.offset);
      if (start > log.logStartOffset) log.advanceLogStart(start, highWatermark.offset);
    },
    'fetch on': ({ event }) => {
      if (event.type === 'fetch answered') event.fetch.next('fetch on');
    },
    'back off': ({ event }) => {
      if (event.type === 'fetch answered') event.fetch.next('back off');
    },
    'wait for metadata': ({ event }) => {
      if (event.type === 'fetch answered') event.fetch.next('wait for metadata');
    },
    'adopt metadata': assign(({ event }) =>
      event.type === 'partition changed' ? { registration: event.registration } : {},
    ),
    'note older metadata': () => {},
  },
});

export const followerReplicaMachine = followerReplica.createMachine({
  id: 'follower-replica',
  context: ({ input }) => ({
    brokerId: input.brokerId,
    host: input.host,
    log: input.log,
    registration: input.registration,
    highWatermark: { offset: followerHighWatermark(input.highWatermark, input.log) },
  }),
  initial: 'reconciling',
  states: {
    reconciling: {
      description: 'F1, F3: whether this log is a prefix of the leader log is not known in this epoch yet',
    },
    fetching: {
      description: 'The leader has more',
      on: {
        'fetch answered': {
          guard: 'brings records here',
          actions: ['append records', 'take high watermark', 'follow log start'],
          meta: { rule: 'F3, F4' },
        },
      },
    },
    'caught up': { description: 'The leader had nothing more when it was last asked' },
    resetting: { description: 'F6: the log was dropped, and begins again where the leader log begins' },
  },
  on: {
    'fetch answered': [
      { guard: 'replica has moved on', actions: 'note stale answer', meta: { rule: 'F3' } },
      {
        guard: 'logs part',
        target: '.reconciling',
        actions: ['cut to divergence point', 'fetch on'],
        meta: { rule: 'F3, F7' },
      },
      {
        guard: 'leader begins above our end',
        target: '.resetting',
        actions: ['begin at the leader start', 'fetch on'],
        meta: { rule: 'F6' },
      },
      {
        guard: 'leader ends below our end',
        target: '.resetting',
        actions: ['begin at the leader start', 'fetch on'],
        meta: { rule: 'F6, F7' },
      },
      { guard: 'is out of range no more', actions: 'back off', meta: { rule: 'F6' } },
      { guard: 'epoch is over', actions: 'wait for metadata', meta: { rule: 'F1' } },
      { guard: 'is refused', actions: 'back off', meta: { rule: 'L9' } },
      {
        guard: 'leader has nothing more',
        target: '.caught up',
        actions: ['take high watermark', 'follow log start', 'fetch on'],
        meta: { rule: 'F4' },
      },
      {
        target: '.fetching',
        actions: ['append records', 'take high watermark', 'follow log start'],
        meta: { rule: 'F3, F4' },
      },
    ],
    'partition changed': [
      { guard: 'metadata is older', actions: 'note older metadata', meta: { rule: 'I7' } },
      { actions: 'adopt metadata', meta: { rule: 'I7' } },
    ],
  },
  options: { maxIterations: 100 },
});
