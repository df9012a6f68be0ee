// The conditions of the quorum's machine, as functions of its context and an event. Named in the machine's `setup`.

import { type KafkaErrorName, type LeaderEpoch, type Offset, truncationTarget } from '@odradek/model';
import { isLost, isWon, withGrant, withRefusal } from './ballot.ts';
import { horizonAt, isCredibleEpoch } from './epoch-horizon.ts';
import { type FetchPosition, fetchPosition, logEndAt } from './metadata-fetch.ts';
import { committedEnd, stillHearsMajority, withHeard } from './office.ts';
import { mayGrantPreVote, mayGrantVote, sameVoter, type VoterKey } from './quorum-arithmetic.ts';
import { isVoter, type QuorumContext } from './quorum-context.ts';
import {
  epochOf,
  isAnswer,
  isFromPeer,
  isRequest,
  type PeerEvent,
  type QuorumEvent,
  type RequestEvent,
  speakerOf,
} from './quorum-events.ts';

type Given = { readonly context: QuorumContext; readonly event: QuorumEvent };

/** X8, Q2: why a request is not for this member. */
export function doorError({ host }: QuorumContext, request: RequestEvent): KafkaErrorName | undefined {
  const { from, body } = request;
  if (body.clusterId !== host.clusterId) return 'INCONSISTENT_CLUSTER_ID';
  if (!sameVoter(senderOf(request), from)) return 'CLUSTER_AUTHORIZATION_FAILED';
  if (request.type === 'fetch requested' || request.type === 'snapshot chunk requested') return undefined;
  if (!isVoter(host, host.self)) return 'INVALID_VOTER_KEY';
  if (!isVoter(host, from)) return 'INCONSISTENT_VOTER_SET';
  const addressed = 'voterDirectoryId' in body ? body.voterDirectoryId : host.self.directoryId;
  return addressed === host.self.directoryId ? undefined : 'INVALID_VOTER_KEY';
}

/** Who a request says it is from; what it does not say is taken from the link's proof. */
function senderOf({ type, body, from: { directoryId } }: RequestEvent): VoterKey {
  switch (type) {
    case 'vote requested':
    case 'pre-vote requested':
      return { id: body.candidateId, directoryId: body.candidateDirectoryId };
    case 'epoch begun':
    case 'epoch ended':
      return { id: body.leaderId, directoryId };
    case 'fetch requested':
      return { id: body.replicaId, directoryId: body.replicaDirectoryId };
    case 'snapshot chunk requested':
      return { id: body.replicaId, directoryId };
  }
}

export function isRefusedAtTheDoor({ context, event }: Given): boolean {
  return isRequest(event) && doorError(context, event) !== undefined;
}

export function isOfOlderEpoch({ context, event }: Given): boolean {
  return isRequest(event) && epochOf(event) < context.epoch;
}

export function isOfNewerEpoch({ context, event }: Given): boolean {
  return isRequest(event) && epochOf(event) > context.epoch;
}

/** Q2. */
export function mayBeGiven({ context, event }: Given): boolean {
  if (event.type !== 'vote requested') return false;
  const { candidateId, candidateDirectoryId, epoch, lastEpoch, lastEpochEndOffset } = event.body;
  const elector = { leaderId: context.leaderId, votedFor: context.votedFor, log: ownLogEnd(context) };
  const candidate = { id: candidateId, directoryId: candidateDirectoryId };
  return mayGrantVote(elector, candidate, epoch, { lastEpoch, endOffset: lastEpochEndOffset });
}

/** Q3. */
export function preVoteMayBeGiven({ context, event }: Given): boolean {
  if (event.type !== 'pre-vote requested') return false;
  const { lastEpoch, lastEpochEndOffset } = event.body;
  const leads = context.leaderId === context.host.self.id;
  const state = leads ? 'leader' : context.leaderId === undefined ? 'unattached' : 'follower';
  const candidate = { lastEpoch, endOffset: lastEpochEndOffset };
  return mayGrantPreVote(state, context.hasFetched, ownLogEnd(context), candidate);
}

/**
 * Q2, Q5: who asks for votes counts what it has flushed; who gives one, all of its log. After `kill -9` a log is there as it was, but
 * only what was checkpointed is known to be flushed: what its last life has acknowledged may be above.
 */
function ownLogEnd({ host }: QuorumContext) {
  return logEndAt(host.log, host.snapshot, host.log.logEndOffset);
}

/** Q9: there is one leader in an epoch. */
export function namesAnotherLeader({ context, event }: Given): boolean {
  if (event.type !== 'epoch begun' && event.type !== 'epoch ended') return false;
  const { leaderId, epoch } = context;
  return event.body.leaderEpoch === epoch && leaderId !== undefined && leaderId !== event.body.leaderId;
}

export function isFromMyLeader({ context, event }: Given): boolean {
  return (
    event.type === 'epoch begun' &&
    event.body.leaderEpoch === context.epoch &&
    event.body.leaderId === context.leaderId &&
    !isRefusedAtTheDoor({ context, event })
  );
}

export function isFirstSuccessor({ context, event }: Given): boolean {
  return event.type === 'epoch ended' && event.body.preferredSuccessors[0] === context.host.self.id;
}

/** S71. */
export function isStale({ context, event }: Given): boolean {
  return 'generation' in event && event.generation !== context.generation;
}

/** X9: the epoch that a peer tells is adopted when it is newer, and kept for ever. */
export function isBeyondBelief({ context, event }: Given): boolean {
  if (!isFromPeer(event)) return false;
  const told = epochOf(event);
  const horizon = horizonAt(context.horizon, context.host.nowMs());
  // It is asked of every message: what each voter has told is put together for an epoch that needs it only.
  return !isCredibleEpoch(told, horizon, told > horizon ? toldByVoters(context, event) : []);
}

/** Of each voter the highest epoch that it has told, this message included. */
function toldByVoters({ host, epoch, toldBeyondBelief }: QuorumContext, event: PeerEvent): LeaderEpoch[] {
  return host.voters.map(({ id }) => {
    if (id === speakerOf(event)) return epochOf(event);
    return id === host.self.id ? epoch : (toldBeyondBelief.get(id) ?? -1);
  });
}

export function answerIsOfNewerEpoch({ context, event }: Given): boolean {
  return isAnswer(event) && event.body.leaderEpoch > context.epoch;
}

export function answerNamesNewerLeader({ context, event }: Given): boolean {
  if (!answerIsOfNewerEpoch({ context, event }) || !isAnswer(event)) return false;
  // Nobody can tell a member of an epoch that it leads itself, and does not know.
  const { leaderId } = event.body;
  return leaderId !== context.host.self.id && context.host.voters.some(({ id }) => id === leaderId);
}

/** In this epoch, and we knew none. */
export function answerNamesLeader({ context, event }: Given): boolean {
  if (!isAnswer(event) || event.body.leaderEpoch !== context.epoch) return false;
  const { leaderId } = event.body;
  const isOther = leaderId !== context.host.self.id && context.host.voters.some(({ id }) => id === leaderId);
  return context.leaderId === undefined && isOther;
}

export function grantWins({ context, event }: Given): boolean {
  if (event.type !== 'vote answered' || !event.body.voteGranted) return false;
  return isWon(withGrant(context.ballot, event.from), context.host.voters.length);
}

export function isGranted({ event }: Given): boolean {
  return event.type === 'vote answered' && event.body.voteGranted;
}

export function refusalLoses({ context, event }: Given): boolean {
  if (event.type !== 'vote answered' && event.type !== 'vote failed') return false;
  return isLost(withRefusal(context.ballot, event.from), context.host.voters.length);
}

/** A broken link says nothing of the peer; a refused address says that nobody is there. */
export function isWorthAskingAgain({ event }: Given): boolean {
  return event.type === 'vote failed' && event.reason === 'disconnected';
}

/** Where a fetch that relies on this leader's epoch stands. */
export function positionOf(context: QuorumContext, event: QuorumEvent): FetchPosition | undefined {
  if (event.type !== 'fetch requested') return undefined;
  const { fetchOffset, lastFetchedEpoch } = event.body;
  return fetchPosition(context.host.log, context.host.snapshot, fetchOffset, lastFetchedEpoch);
}

export function isForThisLeader({ context, event }: Given): boolean {
  return isRequest(event) && doorError(context, event) === undefined && epochOf(event) === context.epoch;
}

/** Q4: whether noting this fetch moves the high watermark. */
export function fetchCommitsMore({ context, event }: Given): boolean {
  if (event.type !== 'fetch requested' || !isForThisLeader({ context, event })) return false;
  // Most fetches, while nobody writes: an end that is committed moves nothing.
  if (event.body.fetchOffset <= context.highWatermark) return false;
  const office = officeAfterFetch(context, event);
  return office !== undefined && committed(context, office) > context.highWatermark;
}

/** I1: a fetch that is sent elsewhere tells that the replica lives, and nothing about its end. */
export function officeAfterFetch(context: QuorumContext, event: QuorumEvent) {
  const { office, host } = context;
  if (office === undefined || !isRequest(event)) return office;
  const isValid = positionOf(context, event)?.kind === 'valid';
  const endOffset = isValid && event.type === 'fetch requested' ? event.body.fetchOffset : undefined;
  const { id, directoryId } = event.from;
  return withHeard(office, { id, directoryId }, endOffset, host.nowMs());
}

export function committed({ host, highWatermark }: QuorumContext, office: QuorumContext['office']): number {
  if (office === undefined) return highWatermark;
  return committedEnd(office, highWatermark, host.self, host.log.flushedEndOffset, host.voters);
}

export function flushCommitsMore({ context }: Given): boolean {
  return committed(context, context.office) > context.highWatermark;
}

export function hearsEnough({ context: { office, host } }: Given): boolean {
  if (office === undefined) return false;
  return stillHearsMajority(office, host.self, host.voters, host.nowMs(), host.timeouts.fetchTimeoutMs);
}

export function isDiverging({ event }: Pick<Given, 'event'>): boolean {
  return event.type === 'fetch answered' && event.body.error === 'NONE' && event.body.diverging !== null;
}

/** Where this log is to be cut, as the leader tells it. */
export function cutAsTold({ host }: QuorumContext, event: QuorumEvent): Offset | undefined {
  if (event.type !== 'fetch answered' || event.body.diverging === null) return undefined;
  return truncationTarget(host.log.epochs, host.log.logEndOffset, event.body.diverging).offset;
}

/** Q7: what is committed is not cut, whoever says so. */
export function partsFromCommitted({ context, event }: Given): boolean {
  const target = isDiverging({ event }) ? cutAsTold(context, event) : undefined;
  return target !== undefined && target < Math.max(context.highWatermark, context.host.log.logStartOffset);
}

export function isToldToLoad({ event }: Given): boolean {
  return event.type === 'fetch answered' && event.body.error === 'NONE' && event.body.snapshot !== null;
}

export function hasRecords({ event }: Given): boolean {
  return event.type === 'fetch answered' && event.body.error === 'NONE' && event.body.records.length > 0;
}

/** It came at its time, or tells what is committed meanwhile. */
export function hasNoRecords({ event }: Given): boolean {
  return event.type === 'fetch answered' && event.body.error === 'NONE' && event.body.records.length === 0;
}

/** The leader itself says that it leads no more, and nobody else does. */
export function leaderHasLeft({ context, event }: Given): boolean {
  return (
    isAnswer(event) &&
    event.from === context.leaderId &&
    event.body.error === 'NOT_LEADER_OR_FOLLOWER' &&
    event.body.leaderEpoch === context.epoch
  );
}

export function isNextChunk({ context, event }: Given): boolean {
  return (
    event.type === 'snapshot chunk answered' &&
    event.body.error === 'NONE' &&
    event.body.position === context.host.downloadedBytes &&
    event.body.bytes.length > 0
  );
}

export function isLastChunk({ context, event }: Given): boolean {
  if (event.type !== 'snapshot chunk answered' || !isNextChunk({ context, event })) return false;
  return event.body.position + event.body.bytes.length >= event.body.sizeInBytes;
}

export function isAboutMyLeader({ context, event }: Given): boolean {
  return 'id' in event && typeof event.id === 'number' && event.id === context.leaderId;
}

export function leaderRefuses({ context, event }: Given): boolean {
  return event.type === 'fetch failed' && event.reason === 'refused' && event.from === context.leaderId;
}

export function everythingIsFlushed({ context: { host } }: Given): boolean {
  return host.log.flushedEndOffset >= host.log.logEndOffset;
}

export function isTheOnlyVoter({ context: { host } }: Given): boolean {
  const [first] = host.voters;
  return first !== undefined && host.voters.length === 1 && sameVoter(first, host.self);
}

/** Q11: a snapshot holds only what is committed, and more than the one before. */
export function snapshotIsCommitted({ context, event }: Given): boolean {
  if (event.type !== 'snapshot taken') return false;
  const { endOffset } = event.id;
  return endOffset <= context.highWatermark && endOffset > (context.host.snapshot?.endOffset ?? 0);
}

export function isWhatWasLoaded({ context, event }: Given): boolean {
  const loaded = context.host.downloading;
  if (event.type !== 'snapshot stored' || loaded === undefined) return false;
  return event.id.endOffset === loaded.endOffset && event.id.epoch === loaded.epoch;
}

/** A snapshot that was loaded, but this member has meanwhile gone on to another state: what is committed is taken all the same. */
export function isSnapshotBeyondLog({ context, event }: Given): boolean {
  return event.type === 'snapshot stored' && event.id.endOffset > context.host.log.logEndOffset;
}
