// The leader's role: it appends, moves the high watermark (L3, L4) and keeps the in-sync set with the controller, one proposal
// in flight (I3 to I5). It lives for one leader epoch.

import type { LeaderAppend, NodeId } from '@odradek/model';
import { assign, setup } from 'xstate';
import type { Acks, LeaderReplicaInput, ProduceOptions } from './faces.ts';
import type { ProposalResult } from './hosts.ts';
import { maximalInSync, outcomeOf, type ProposalOutcome } from './in-sync-set.ts';
import {
  committedEnd,
  isCandidate,
  type LeaderContext,
  laggards,
  leaderContext,
  proposed,
} from './leader-context.ts';
import { effectiveMinInSync, type PartitionRegistration, type ReplicaSettings } from './registration.ts';
import { alignProgressTable, noteContacts } from './replica-progress.ts';

/** Batches that came together, in their order; and whom to tell at once what became of each. */
export interface ProduceRequest {
  readonly batches: readonly Uint8Array[];
  readonly acks: Acks;
  readonly options: ProduceOptions;
  readonly answer: (results: readonly LeaderAppend[]) => void;
}

export type LeaderEvent =
  | { readonly type: 'produce'; readonly request: ProduceRequest }
  /** A follower's fetch or flush has been noted, and may change an answer: commit more, or let it join. */
  | { readonly type: 'follower progressed'; readonly brokerId: NodeId }
  | { readonly type: 'fetch refused'; readonly brokerId: NodeId; readonly error: string }
  | { readonly type: 'log flushed' }
  /** Time has passed while a follower lacks something. */
  | { readonly type: 'lag check due' }
  | { readonly type: 'partition changed'; readonly registration: PartitionRegistration }
  | { readonly type: 'eligibility changed' }
  | { readonly type: 'settings changed'; readonly settings: ReplicaSettings }
  | { readonly type: 'proposal answered'; readonly token: number; readonly result: ProposalResult };

function outcome(context: LeaderContext, event: LeaderEvent): ProposalOutcome | undefined {
  return event.type === 'proposal answered' ? outcomeOf(event.result, context.registration) : undefined;
}

const leaderReplica = setup({
  types: {
    context: {} as LeaderContext,
    events: {} as LeaderEvent,
    input: {} as LeaderReplicaInput,
    tags: {} as 'may propose',
  },
  guards: {
    'epoch start is committed': ({ context }) => context.highWatermark.offset >= context.leaderEpochStart,
    'too few are in sync': ({ context, event }) =>
      event.type === 'produce' &&
      event.request.acks === 'all' &&
      context.registration.inSyncReplicas.length < effectiveMinInSync(context.registration, context.settings),
    'follower may join': ({ context, event }) =>
      event.type === 'follower progressed' && isCandidate(context, event.brokerId),
    'members lag': ({ context }) => laggards(context).length > 0,
    'metadata is older': ({ context, event }) =>
      event.type === 'partition changed' &&
      event.registration.partitionEpoch < context.registration.partitionEpoch,
    'metadata is newer': ({ context, event }) =>
      event.type === 'partition changed' &&
      event.registration.partitionEpoch > context.registration.partitionEpoch,
    'answer is stale': ({ context, event }) =>
      event.type === 'proposal answered' && event.token !== context.pending?.token,
    'change is made': ({ context, event }) => outcome(context, event) === 'made',
    'change is surely not made': ({ context, event }) => outcome(context, event) === 'not made',
    'only metadata can tell': ({ context, event }) => outcome(context, event) === 'known by metadata only',
  },
  actions: {
    'start epoch': ({ context }) => context.log.startEpoch(context.registration.leaderEpoch),
    'announce high watermark': ({ context }) => context.host.highWatermarkMoved(context.highWatermark.offset),
    'advance high watermark': ({ context }) => {
      const offset = committedEnd(context);
      context.highWatermark.inSyncCount = maximalInSync(context.registration, context.pending).length;
      if (offset <= context.highWatermark.offset) return;
      context.highWatermark.offset = offset;
      context.host.highWatermarkMoved(offset);
    },
    'watch followers': ({ context }) => context.host.followersMayLag(),
    'listen to followers': ({ context: { host, registration } }) => {
      if (registration.inSyncReplicas.length < registration.replicas.length) host.listenToFollowers();
    },
    'append batches': ({ context: { followers, log, registration }, event }) => {
      if (event.type !== 'produce') return;
      const { batches, answer } = event.request;
      const options = { ...event.request.options, leaderEpoch: registration.leaderEpoch };
      noteContacts(followers, log.logEndOffset);
      answer(log.appendTogetherAsLeader(batches, options));
    },
    'refuse batches': ({ context, event }) => {
      if (event.type !== 'produce') return;
      const wanted = effectiveMinInSync(context.registration, context.settings);
      const message = `${context.registration.inSyncReplicas.length} replicas are in sync, acks=all needs ${wanted}`;
      const { batches, answer } = event.request;
      answer(batches.map(() => ({ outcome: 'refused', error: 'NOT_ENOUGH_REPLICAS', message })));
    },
    'note refused fetch': () => {},
    'note older metadata': () => {},
    'note stale answer': () => {},
    'propose expansion': assign(({ context, event }) =>
      event.type === 'follower progressed' ? proposed(context, 'expand', [event.brokerId]) : {},
    ),
    'propose shrinking': assign(({ context }) => proposed(context, 'shrink', laggards(context))),
    'propose again': assign(({ context }) =>
      context.pending === undefined
        ? {}
        : proposed(context, context.pending.proposal.kind, context.pending.proposal.changed),
    ),
    'send proposal': ({ context: { host, pending } }) => {
      if (pending !== undefined) host.proposeInSync(pending.proposal, pending.token);
    },
    'adopt answer': assign(({ context, event }) => {
      if (event.type !== 'proposal answered' || event.result.outcome !== 'answered') return {};
      const { partitionEpoch, inSyncReplicas } = event.result;
      const isRecovering = context.pending?.proposal.isRecovering ?? context.registration.isRecovering;
      return {
        registration: { ...context.registration, partitionEpoch, inSyncReplicas, isRecovering },
        pending: undefined,
      };
    }),
    'adopt metadata': assign(({ event }) =>
      event.type === 'partition changed' ? { registration: event.registration } : {},
    ),
    'align followers': ({ context }) => {
      alignProgressTable(context.followers, context.registration, context.brokerId);
      context.host.followersMayLag();
    },
    'forget proposal': assign({ pending: undefined }),
    'adopt settings': assign(({ event }) =>
      event.type === 'settings changed' ? { settings: event.settings } : {},
    ),
  },
  delays: {
    'proposal retry': ({ context }) => context.settings.proposalRetryMs,
  },
});

/** A proposal is with the controller: until its fate is known, the maximal set gates commits (L5, I5). */
const proposing = leaderReplica.createStateConfig({
  initial: 'asking',
  states: {
    asking: {},
    'awaiting metadata': { description: 'I5: the state has moved on, and the metadata will say how' },
    'asking again': {
      description:
        'I5: the change may be made or not; it is asked for again, and both sets gate commits (M28)',
      after: { 'proposal retry': { target: 'asking', actions: ['propose again', 'send proposal'] } },
    },
  },
  on: {
    'proposal answered': [
      { guard: 'answer is stale', actions: 'note stale answer', meta: { rule: 'I5' } },
      {
        guard: 'change is made',
        target: 'settled',
        actions: ['adopt answer', 'advance high watermark'],
        meta: { rule: 'L4, I5' },
      },
      {
        guard: 'change is surely not made',
        target: 'settled.refused',
        actions: ['forget proposal', 'advance high watermark'],
        meta: { rule: 'I5' },
      },
      { guard: 'only metadata can tell', target: '.awaiting metadata', meta: { rule: 'I5' } },
      { target: '.asking again', meta: { rule: 'I5' } },
    ],
    'partition changed': [
      { guard: 'metadata is older', actions: 'note older metadata', meta: { rule: 'I7' } },
      {
        guard: 'metadata is newer',
        target: 'settled',
        actions: ['adopt metadata', 'align followers', 'forget proposal', 'advance high watermark'],
        meta: { rule: 'I5, I7' },
      },
      { actions: ['adopt metadata', 'align followers', 'advance high watermark'], meta: { rule: 'I7' } },
    ],
  },
});

export const leaderReplicaMachine = leaderReplica.createMachine({
  id: 'leader-replica',
  context: ({ input }) => leaderContext(input),
  type: 'parallel',
  entry: ['start epoch', 'announce high watermark', 'watch followers'],
  states: {
    'high watermark': {
      initial: 'establishing',
      states: {
        establishing: {
          description:
            'L8: records below the epoch start may be committed beyond the high watermark known here',
          always: { guard: 'epoch start is committed', target: 'serving', meta: { rule: 'L8' } },
        },
        serving: {},
      },
    },
    'in-sync set': {
      initial: 'settled',
      states: {
        settled: {
          description: 'The committed set is the one that gates commits (L5)',
          initial: 'agreed',
          states: {
            agreed: {
              tags: 'may propose',
              entry: 'listen to followers',
              on: {
                'lag check due': {
                  guard: 'members lag',
                  target: '#leader-replica.in-sync set.shrinking',
                  actions: ['propose shrinking', 'send proposal'],
                  meta: { rule: 'I4' },
                },
                'follower progressed': {
                  guard: 'follower may join',
                  target: '#leader-replica.in-sync set.expanding',
                  actions: ['propose expansion', 'send proposal', 'advance high watermark'],
                  meta: { rule: 'I3' },
                },
              },
            },
            refused: {
              description:
                'S13: the controller knows what we do not know yet; asking at once would be refused again',
              after: { 'proposal retry': 'agreed' },
            },
          },
          on: {
            'partition changed': [
              { guard: 'metadata is older', actions: 'note older metadata', meta: { rule: 'I7' } },
              {
                target: '.agreed',
                actions: ['adopt metadata', 'align followers', 'advance high watermark'],
                meta: { rule: 'L4, I7' },
              },
            ],
            'proposal answered': { actions: 'note stale answer', meta: { rule: 'I5' } },
          },
        },
        expanding: { ...proposing, description: 'L5: whoever is about to join gates commits already' },
        shrinking: { ...proposing, description: 'L5: whoever is about to leave gates commits still' },
      },
    },
  },
  on: {
    produce: [
      { guard: 'too few are in sync', actions: 'refuse batches', meta: { rule: 'L6' } },
      { actions: ['append batches', 'watch followers', 'advance high watermark'], meta: { rule: 'L1, L4' } },
    ],
    'follower progressed': { actions: 'advance high watermark', meta: { rule: 'L3' } },
    'fetch refused': { actions: 'note refused fetch', meta: { rule: 'L9' } },
    'lag check due': { actions: 'advance high watermark', meta: { rule: 'L4' } },
    'log flushed': { actions: 'advance high watermark', meta: { rule: 'L3' } },
    'eligibility changed': {
      actions: ['listen to followers', 'advance high watermark'],
      meta: { rule: 'I3, L4' },
    },
    'settings changed': { actions: ['adopt settings', 'advance high watermark'], meta: { rule: 'L4' } },
  },
  options: { maxIterations: 100 },
});
