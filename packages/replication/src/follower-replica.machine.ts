// The follower's role: it reconciles its log with the leader's by epoch, then takes what the leader gives (F1 to F7). It lives
// for one leader epoch.

import { assign, setup } from 'xstate';
import type { FollowerReplicaInput } from './faces.ts';
import {
  type AnsweredFetch,
  awaitedReport,
  beginsAboveEnd,
  cutFor,
  endsBelowEnd,
  type FollowerContext,
  isDiverging,
  isInPlace,
  mustReportFirst,
  startOfStraddlingBatch,
} from './follower-context.ts';
import { followerHighWatermark } from './high-watermark.ts';
import type { TruncationReport } from './hosts.ts';
import type { PartitionRegistration } from './registration.ts';
import type { FollowerAnswer, NextFetch } from './replica-fetch.ts';
import { type Truncation, truncate } from './truncation.ts';

export type FollowerEvent =
  | { readonly type: 'fetch answered'; readonly fetch: AnsweredFetch }
  | { readonly type: 'report committed'; readonly report: TruncationReport }
  | { readonly type: 'partition changed'; readonly registration: PartitionRegistration };

function cut({ log, highWatermark }: FollowerContext, truncation: Truncation | undefined): void {
  if (truncation === undefined) return;
  truncate(log, truncation);
  // F4: lowered to the new end, or raised to the new start (KAFKA-9491). What the answer says of it is not for us (KAFKA-14704).
  highWatermark.offset = followerHighWatermark(highWatermark.offset, log);
}

function cutAsAnswered(context: FollowerContext, event: FollowerEvent): void {
  if (event.type === 'fetch answered') cut(context, cutFor(context, event.fetch.answer));
}

function answerOf(event: FollowerEvent): FollowerAnswer | undefined {
  return event.type === 'fetch answered' ? event.fetch.answer : undefined;
}

function tellFetcher(event: FollowerEvent, next: NextFetch): void {
  if (event.type === 'fetch answered') event.fetch.next(next);
}

/** A guard about an answer of the leader. */
function ifAnswered(holds: (context: FollowerContext, answer: FollowerAnswer) => boolean) {
  return ({ context, event }: { context: FollowerContext; event: FollowerEvent }): boolean =>
    event.type === 'fetch answered' && holds(context, event.fetch.answer);
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
    'loss is to be reported first': ifAnswered(mustReportFirst),
    'logs part': ifAnswered((_, answer) => isDiverging(answer)),
    'leader begins above our end': ifAnswered(beginsAboveEnd),
    'leader ends below our end': ifAnswered(endsBelowEnd),
    'is out of range no more': ifAnswered((_, { error }) => error === 'OFFSET_OUT_OF_RANGE'),
    'epoch is over': ifAnswered((_, { error }) => error === 'FENCED_LEADER_EPOCH'),
    'is refused': ifAnswered((_, { error }) => error !== 'NONE'),
    'log begins within a batch': ifAnswered(
      (context, answer) => startOfStraddlingBatch(context, answer) !== undefined,
    ),
    'brings records here': ({ context, event }) =>
      event.type === 'fetch answered' &&
      event.fetch.answer.error === 'NONE' &&
      event.fetch.answer.diverging === null &&
      event.fetch.answer.records.length > 0 &&
      isInPlace(context, event.fetch) &&
      startOfStraddlingBatch(context, event.fetch.answer) === undefined,
    'leader has nothing more': ifAnswered(
      ({ log }, { records, logEndOffset }) => records.length === 0 && logEndOffset <= log.logEndOffset,
    ),
    'is of another report': ({ context, event }) =>
      event.type === 'report committed' && event.report !== context.awaited?.report,
    'log is to be dropped': ({ context }) => context.awaited?.truncation?.dropsEverything === true,
    'metadata is older': ({ context, event }) =>
      event.type === 'partition changed' &&
      event.registration.partitionEpoch < context.registration.partitionEpoch,
  },
  actions: {
    'note stale answer': ({ event }) => tellFetcher(event, 'fetch on'),
    'remember what waits for it': assign(({ context, event }) =>
      event.type === 'fetch answered' ? { awaited: awaitedReport(context, event.fetch.answer) } : {},
    ),
    report: ({ context: { host, awaited } }) => {
      if (awaited !== undefined) host.reportTruncation(awaited.report);
    },
    'cut what was reported': ({ context }) => cut(context, context.awaited?.truncation),
    'need not report again': assign({ awaited: undefined, hasReported: true }),
    'note stale report': () => {},
    'ask again': ({ context }) => context.host.fetchAgain(),
    'cut to divergence point': ({ context, event }) => cutAsAnswered(context, event),
    'begin at the leader start': ({ context, event }) => cutAsAnswered(context, event),
    'begin with the batch': ({ context, event }) => {
      const answer = answerOf(event);
      const startOffset = answer && startOfStraddlingBatch(context, answer);
      if (startOffset === undefined) return;
      // It is empty, so what it knows of producers is of what lies below that batch too (P2).
      const producers = context.log.producersAtStart(Number.MAX_SAFE_INTEGER);
      cut(context, { endOffset: startOffset, dropsEverything: true, producers });
    },
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
    'fetch on': ({ event }) => tellFetcher(event, 'fetch on'),
    'back off': ({ event }) => tellFetcher(event, 'back off'),
    'wait for metadata': ({ event }) => tellFetcher(event, 'wait for metadata'),
    'wait for report': ({ event }) => tellFetcher(event, 'wait for report'),
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
    awaited: undefined,
    hasReported: false,
  }),
  initial: 'reconciling',
  states: {
    reconciling: {
      description: 'F1, F3: whether this log is a prefix of the leader log is not known in this epoch yet',
    },
    reporting: {
      description:
        'F7: an unclean election has come since our last record. What we drop for it, or where our log ends, is with the controller; nothing changes here before that is committed',
      on: {
        'fetch answered': { actions: 'wait for report', meta: { rule: 'F7' } },
        'report committed': [
          { guard: 'is of another report', actions: 'note stale report' },
          {
            guard: 'log is to be dropped',
            target: 'resetting',
            actions: ['cut what was reported', 'need not report again', 'ask again'],
            meta: { rule: 'F6, F7, V14' },
          },
          {
            target: 'reconciling',
            actions: ['cut what was reported', 'need not report again', 'ask again'],
            meta: { rule: 'F3, F7, V14' },
          },
        ],
      },
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
        guard: 'loss is to be reported first',
        target: '.reporting',
        actions: ['remember what waits for it', 'report', 'wait for report'],
        meta: { rule: 'F7, V14' },
      },
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
        guard: 'log begins within a batch',
        target: '.fetching',
        actions: ['begin with the batch', 'append records', 'take high watermark', 'follow log start'],
        meta: { rule: 'F6' },
      },
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
    'report committed': { actions: 'note stale report', meta: { rule: 'F7' } },
    'partition changed': [
      { guard: 'metadata is older', actions: 'note older metadata', meta: { rule: 'I7' } },
      { actions: 'adopt metadata', meta: { rule: 'I7' } },
    ],
  },
  options: { maxIterations: 100 },
});
