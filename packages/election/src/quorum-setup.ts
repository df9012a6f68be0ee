// The vocabulary of the quorum's machine: its guards, actions and delays by name. The states are in quorum.machine.ts.

import type { PeerResponse } from '@odradek/model';
import { assign, raise, setup } from 'xstate';
import { backoffBoundMs, newRound, withGrant, withRefusal } from './ballot.ts';
import { horizonWhenHeard } from './epoch-horizon.ts';
import { isHeard, mustResignAtMs, successors } from './office.ts';
import { sameVoter } from './quorum-arithmetic.ts';
import { inNewerEpoch, isVoter, type QuorumContext, voteStateOf } from './quorum-context.ts';
import {
  epochOf,
  isAnswer,
  isFromPeer,
  isRequest,
  type QuorumEvent,
  type RequestEvent,
  speakerOf,
} from './quorum-events.ts';
import * as guards from './quorum-guards.ts';
import type { QuorumHost } from './quorum-host.ts';

type Error = PeerResponse<'vote'>['error'];

/** Refuses or acknowledges: the head that every answer has, and nothing granted. */
function answerHead(context: QuorumContext, request: RequestEvent, error: Error): void {
  const { host, epoch, office } = context;
  const isOut = context.leaderId === host.self.id && office === undefined;
  const head = { error, leaderId: isOut ? -1 : (context.leaderId ?? -1), leaderEpoch: epoch };
  host.onceDurable(() => {
    switch (request.type) {
      case 'vote requested':
      case 'pre-vote requested':
        return request.answer({ ...head, voteGranted: false });
      case 'fetch requested':
        return request.answer({
          ...head,
          highWatermark: -1,
          logStartOffset: -1,
          diverging: null,
          snapshot: null,
          records: [],
        });
      case 'snapshot chunk requested':
        return request.answer({ ...head, sizeInBytes: 0, position: 0, bytes: new Uint8Array(0) });
      case 'epoch begun':
      case 'epoch ended':
        return request.answer(head);
    }
  });
}

const refuseWith =
  (error: Error) =>
  ({ context, event }: { readonly context: QuorumContext; readonly event: QuorumEvent }): void => {
    if (isRequest(event)) answerHead(context, event, error);
  };

function ask(context: QuorumContext, preVote: boolean): void {
  const { host, epoch, generation } = context;
  for (const voter of host.voters)
    if (!sameVoter(voter, host.self)) host.askVote(voter, { epoch, preVote, generation }, 0);
}

function askAgain(context: QuorumContext, event: QuorumEvent, preVote: boolean): void {
  if (event.type !== 'vote failed') return;
  const { host, epoch, generation } = context;
  const voter = host.voters.find((one) => one.id === event.from);
  if (voter !== undefined) host.askVote(voter, { epoch, preVote, generation }, host.timeouts.retryBackoffMs);
}

/** What a member knows once its leader has answered. */
function heard({ horizon, epoch, host }: QuorumContext): Partial<QuorumContext> {
  return { hasFetched: true, hasHeardNobody: false, horizon: horizonWhenHeard(horizon, epoch, host.nowMs()) };
}

/** Q10: random between the timeout and twice as long. */
function electionTimeoutMs({ host }: QuorumContext): number {
  return host.timeouts.electionTimeoutMs + host.randomBelow(host.timeouts.electionTimeoutMs);
}

/** D6: until a disk without room is tried again. */
const ROOM_RETRY_MS = 1000;

export const quorumSetup = setup({
  types: {
    context: {} as QuorumContext,
    events: {} as QuorumEvent,
    input: {} as { readonly host: QuorumHost },
  },
  guards: {
    'comes back as observer': ({ context }) => context.host.restart.state === 'observer',
    'comes back as resigned': ({ context }) => context.host.restart.state === 'resigned',
    'comes back as candidate': ({ context }) => context.host.restart.state === 'candidate',
    'comes back as follower': ({ context }) => context.host.restart.state === 'follower',
    'is an observer': ({ context }) => !isVoter(context.host, context.host.self),
    'is the only voter': guards.isTheOnlyVoter,
    'is refused at the door': guards.isRefusedAtTheDoor,
    'is beyond belief': guards.isBeyondBelief,
    'is of an older epoch': guards.isOfOlderEpoch,
    'is of a newer epoch': guards.isOfNewerEpoch,
    'names another leader of this epoch': guards.namesAnotherLeader,
    'is from my leader': guards.isFromMyLeader,
    'is the first successor': guards.isFirstSuccessor,
    'vote may be given': guards.mayBeGiven,
    'pre-vote may be given': guards.preVoteMayBeGiven,
    'answer is stale': guards.isStale,
    'answer is of a newer epoch': guards.answerIsOfNewerEpoch,
    'answer names the leader of a newer epoch': guards.answerNamesNewerLeader,
    'answer names the leader': guards.answerNamesLeader,
    'grant wins': guards.grantWins,
    'is granted': guards.isGranted,
    'refusal loses': guards.refusalLoses,
    'is worth asking again': guards.isWorthAskingAgain,
    'a leader is known': ({ context }) => context.leaderId !== undefined,
    'is for this leader': guards.isForThisLeader,
    'fetch commits more': guards.fetchCommitsMore,
    'flush commits more': guards.flushCommitsMore,
    'a majority is heard': guards.hearsEnough,
    'leader has left': guards.leaderHasLeft,
    'parts from what is committed': guards.partsFromCommitted,
    'is diverging': guards.isDiverging,
    'is told to load a snapshot': guards.isToldToLoad,
    'has records': guards.hasRecords,
    'has no records': guards.hasNoRecords,
    'is the last chunk': guards.isLastChunk,
    'is the next chunk': guards.isNextChunk,
    'leader refuses connections': guards.leaderRefuses,
    'is about my leader': guards.isAboutMyLeader,
    'everything is flushed': guards.everythingIsFlushed,
    'snapshot is committed': guards.snapshotIsCommitted,
    'is the snapshot that was loaded': guards.isWhatWasLoaded,
    'is a snapshot beyond the log': guards.isSnapshotBeyondLog,
  },
  actions: {
    // Epochs and vote state
    'adopt the epoch': assign(({ context, event }) =>
      isFromPeer(event) ? inNewerEpoch(context, epochOf(event), undefined) : {},
    ),
    'adopt the epoch and its leader': assign(({ context, event }) =>
      event.type === 'epoch begun' || isAnswer(event)
        ? inNewerEpoch(context, event.body.leaderEpoch, event.body.leaderId)
        : {},
    ),
    'note the epoch that is told': assign(({ context: { toldBeyondBelief: told }, event }) => {
      if (!isFromPeer(event)) return {};
      const speaker = speakerOf(event);
      const highest = Math.max(told.get(speaker) ?? -1, epochOf(event));
      return { toldBeyondBelief: new Map(told).set(speaker, highest) };
    }),
    'learn the leader': assign(({ event }) =>
      event.type === 'epoch begun' || isAnswer(event)
        ? { leaderId: event.body.leaderId, hasFetched: false, hasHeardNobody: false }
        : {},
    ),
    'forget the leader': assign({ leaderId: undefined, hasFetched: false }),
    'doubt the leader': assign({ hasFetched: false }),
    'store vote state': ({ context }) => context.host.storeVoteState(voteStateOf(context)),
    'send what waited': ({ context }) => context.host.releaseWaiting(),
    'tell who leads': ({ context }) => context.host.tellLeader(context.leaderId, context.epoch),
    'hear it again in that epoch': raise(({ event }) => event),

    // Requests of peers
    'refuse at the door': ({ context, event }) => {
      if (!isRequest(event)) return;
      answerHead(context, event, guards.doorError(context, event) ?? 'NONE');
    },
    'refuse what is beyond belief': refuseWith('INVALID_REQUEST'),
    'refuse as fenced': refuseWith('FENCED_LEADER_EPOCH'),
    'refuse an unknown epoch': refuseWith('UNKNOWN_LEADER_EPOCH'),
    'refuse as not leading': refuseWith('NOT_LEADER_OR_FOLLOWER'),
    'refuse the vote': refuseWith('NONE'),
    acknowledge: refuseWith('NONE'),
    'refuse a second leader': refuseWith('INVALID_REQUEST'),
    /** Without the epoch: of a thousand lies, each another one, one line is enough. */
    'complain of the epoch': ({ context, event }) => {
      if (!isFromPeer(event)) return;
      context.host.complain(
        `node ${speakerOf(event)} tells of an epoch of the quorum far above ours, and no majority of the voters does (X9): not believed`,
      );
    },
    /** Another's word for it: it may lie, and then the lie must not end this member. */
    'complain of two leaders': ({ context, event }) => {
      const other = isRequest(event) ? event.from.id : -1;
      context.host.complain(
        `node ${other} says that it leads epoch ${context.epoch}, which ${context.leaderId} leads (Q9): not believed`,
      );
    },
    'complain of the leader': ({ context, event }) => {
      const target = guards.cutAsTold(context, event);
      context.host.complain(
        `the log of leader ${context.leaderId} parts from ours at ${target}, below the high watermark ${context.highWatermark} (Q7): nothing is cut`,
      );
    },
    'give the vote': assign(({ event }) =>
      event.type === 'vote requested'
        ? { votedFor: { id: event.body.candidateId, directoryId: event.body.candidateDirectoryId } }
        : {},
    ),
    'answer that it is granted': ({ context, event }) => {
      if (event.type !== 'vote requested' && event.type !== 'pre-vote requested') return;
      const { answer } = event;
      const head = { error: 'NONE', leaderId: context.leaderId ?? -1, leaderEpoch: context.epoch };
      context.host.onceDurable(() => answer({ ...head, voteGranted: true }));
    },

    // Elections
    'begin a round': assign(({ context }) => ({
      generation: context.generation + 1,
      ballot: newRound(context.host.self.id, context.ballot.lost),
    })),
    stand: assign(({ context }) => ({
      ...inNewerEpoch(context, context.epoch + 1, undefined),
      votedFor: context.host.self,
    })),
    'ask for pre-votes': ({ context }) => ask(context, true),
    'ask for votes': ({ context }) => ask(context, false),
    'ask for that pre-vote again': ({ context, event }) => askAgain(context, event, true),
    'ask for that vote again': ({ context, event }) => askAgain(context, event, false),
    'count the grant': assign(({ context, event }) =>
      event.type === 'vote answered' ? { ballot: withGrant(context.ballot, event.from) } : {},
    ),
    'count the refusal': assign(({ context, event }) =>
      event.type === 'vote answered' || event.type === 'vote failed'
        ? { ballot: withRefusal(context.ballot, event.from) }
        : {},
    ),
    'count the loss': assign(({ context: { ballot } }) => ({
      ballot: { ...ballot, lost: ballot.lost + 1 },
    })),

    // Leading
    'take the lead': assign(({ context }) => ({
      leaderId: context.host.self.id,
      hasHeardNobody: false,
      ballot: { ...context.ballot, lost: 0 },
    })),
    'enter office': assign(({ context: { host } }) => ({
      office: { epochStart: host.log.logEndOffset, sinceMs: host.nowMs(), replicas: new Map() },
    })),
    'write LeaderChange': ({ context: { host, epoch, ballot } }) => host.beginOffice(epoch, ballot.granted),
    'tell the voters': ({ context: { host, epoch, office } }) => {
      if (office === undefined) return;
      const { fetchTimeoutMs } = host.timeouts;
      for (const voter of host.voters)
        if (!sameVoter(voter, host.self) && !isHeard(office, voter, host.nowMs(), fetchTimeoutMs))
          host.beginEpoch(voter, epoch);
    },
    'note that a majority is heard': assign(({ context: { horizon, epoch, host } }) => ({
      horizon: horizonWhenHeard(horizon, epoch, host.nowMs()),
    })),
    'note the fetch': assign(({ context, event }) => ({ office: guards.officeAfterFetch(context, event) })),
    'advance the high watermark': assign(({ context }) => ({
      highWatermark: guards.committed(context, context.office),
    })),
    'tell the high watermark': ({ context }) => context.host.tellHighWatermark(context.highWatermark),
    'answer or park the fetch': ({ context, event }) => {
      if (event.type === 'fetch requested') context.host.answerFetch(event, context.epoch);
    },
    'answer with a chunk': ({ context, event }) => {
      if (event.type === 'snapshot chunk requested') context.host.answerChunk(event, context.epoch);
    },
    'name successors': ({ context: { host, epoch, office } }) => {
      if (office !== undefined) host.endEpoch(epoch, successors(office, host.self, host.voters));
    },
    'give up the lead': ({ context }) => context.host.leaveOffice(context.epoch),
    'leave office': assign({ office: undefined, leaderId: undefined }),

    // Following
    'count the question': assign({ generation: ({ context }) => context.generation + 1 }),
    'fetch from the leader': ({ context: { host, leaderId, epoch, highWatermark, generation } }) => {
      if (leaderId !== undefined) host.fetch(leaderId, epoch, highWatermark, generation);
    },
    'fetch from somebody': ({ context: { host, leaderId, epoch, highWatermark, generation } }) => {
      const others = host.voters.filter((voter) => voter.id !== host.self.id);
      const turn = others[generation % Math.max(1, others.length)];
      const from = leaderId ?? turn?.id;
      if (from !== undefined) host.fetch(from, epoch, highWatermark, generation);
    },
    'note that the leader is heard': assign(({ context }) => heard(context)),
    /** Of the leader's high watermark what this log reaches. */
    'hear what is committed': assign(({ context, event }) => {
      if (event.type !== 'fetch answered') return {};
      const reached = Math.min(event.body.highWatermark, context.host.log.logEndOffset);
      return { ...heard(context), highWatermark: Math.max(context.highWatermark, reached) };
    }),
    'cut at the divergence': ({ context, event }) => {
      const target = guards.cutAsTold(context, event);
      if (target !== undefined) context.host.truncateTo(target);
    },
    append: ({ context, event }) => {
      if (event.type === 'fetch answered') context.host.append(event.body.records);
    },
    'probe the leader': ({ context }) => {
      if (context.leaderId !== undefined) context.host.probe(context.leaderId);
    },
    'begin to load': ({ context, event }) => {
      if (event.type === 'fetch answered' && event.body.snapshot !== null)
        context.host.beginDownload(event.body.snapshot);
    },
    'ask for the next chunk': ({ context: { host, leaderId, epoch, generation } }) => {
      if (leaderId !== undefined) host.fetchChunk(leaderId, epoch, generation);
    },
    'keep the chunk': ({ context, event }) => {
      if (event.type === 'snapshot chunk answered') context.host.addChunk(event.body.bytes);
    },
    'store what was loaded': ({ context }) => context.host.storeDownload(),
    'begin the log at the snapshot': ({ context, event }) => {
      if (event.type === 'snapshot stored') context.host.beginAtSnapshot(event.id);
    },
    'take the high watermark of the snapshot': assign(({ context, event }) =>
      event.type === 'snapshot stored'
        ? { highWatermark: Math.max(context.highWatermark, event.id.endOffset) }
        : {},
    ),

    // Snapshots of our own
    'store the snapshot': ({ context, event }) => {
      if (event.type === 'snapshot taken') context.host.storeSnapshot(event.id, event.bytes);
    },
    'move the log start': ({ context, event }) => {
      if (event.type === 'snapshot stored') context.host.moveLogStart(event.id, context.highWatermark);
    },

    'warn of the room': ({ context, event }) => {
      if ('error' in event)
        context.host.warn(
          `${event.error}: this node decides nothing and keeps no snapshot until there is room`,
        );
    },
    'note that nothing is led': () => {},
    'note stale answer': () => {},
    'note the answer': () => {},
    'note the failure': () => {},
    'note that it is refused': () => {},
    'tell the failure': ({ context, event }) => {
      if ('error' in event) context.host.tellFailure(event.error);
    },
  },
  delays: {
    /** One that has just started has nobody to wait for. */
    patience: ({ context }) => {
      const { host, hasHeardNobody } = context;
      if (!hasHeardNobody) return electionTimeoutMs(context);
      return host.randomBelow(Math.max(1, Math.floor(host.timeouts.electionTimeoutMs / 2)));
    },
    'election timeout': ({ context }) => electionTimeoutMs(context),
    'election backoff': ({ context: { host, ballot } }) => {
      const { electionTimeoutMs, electionBackoffMaxMs } = host.timeouts;
      return 1 + host.randomBelow(backoffBoundMs(ballot.lost, electionTimeoutMs, electionBackoffMaxMs));
    },
    'room retry': () => ROOM_RETRY_MS,
    'fetch timeout': ({ context }) => context.host.timeouts.fetchTimeoutMs,
    'retry backoff': ({ context }) => context.host.timeouts.retryBackoffMs,
    'evidence grace': ({ context: { host } }) => {
      const half = Math.floor(host.timeouts.evidenceGraceMs / 2);
      return half + host.randomBelow(Math.max(1, half));
    },
    /** Q9: half a fetch timeout; less where a leader that hears nobody meanwhile must resign before (Q8). */
    'listening interval': ({ context: { host, office } }) => {
      const { fetchTimeoutMs } = host.timeouts;
      if (office === undefined) return fetchTimeoutMs / 2;
      const leftMs = mustResignAtMs(office, host.self, host.voters, fetchTimeoutMs) - host.nowMs();
      return Math.max(1, Math.min(fetchTimeoutMs / 2, leftMs));
    },
  },
});
