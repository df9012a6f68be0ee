// What a member's machine orders within one step, carried out on values: messages are collected, disks and logs are what they will be.

import {
  type BallotQuestion,
  type DurableVoteState,
  defaultQuorumTimeouts,
  fetchPosition,
  logEndAt,
  type QuorumEvent,
  type QuorumHost,
  type RequestEvent,
  restartState,
  type VoterKey,
} from '@odradek/election';
import {
  InvariantError,
  type NodeId,
  type Peer,
  type PeerRequest,
  type PeerResponse,
  type Voter,
} from '@odradek/model';
import type { EventFromLogic } from 'xstate';
import { AbstractLog, unplaced } from './abstract-log.ts';
import {
  type ExploredApi,
  type Grain,
  type Happening,
  isCounted,
  keyOf,
  type Member,
  nobody,
  type Outcome,
  type QuorumAnswer,
  type QuorumMachine,
  type QuorumMessage,
  type QuorumRequest,
  type QuorumSnapshot,
} from './quorum-member.ts';

const CLUSTER = 'explored';

type Tagged = QuorumMessage & { readonly generation?: number };

/** Between two steps the present generation is 0. */
function tagged(message: QuorumMessage): Tagged {
  return isCounted(message) ? { ...message, generation: message.isStale ? -1 : 0 } : message;
}

function answerEvent({ api, from, body, isStale }: QuorumAnswer): QuorumEvent | undefined {
  const tag = { from, generation: isStale ? -1 : 0 };
  switch (api) {
    case 'vote':
      return { type: 'vote answered', ...tag, body: body as PeerResponse<'vote'> };
    case 'fetchMetadata':
      return { type: 'fetch answered', ...tag, body: body as PeerResponse<'fetchMetadata'> };
    case 'beginQuorumEpoch':
      return { type: 'begin answered', ...tag, body };
    case 'endQuorumEpoch':
      return undefined;
  }
}

function failureEvent(
  { api, to, isStale }: QuorumRequest,
  reason: 'refused' | 'disconnected',
): QuorumEvent | undefined {
  const tag = { from: to, generation: isStale ? -1 : 0, reason };
  if (api === 'vote') return { type: 'vote failed', ...tag };
  return api === 'fetchMetadata' ? { type: 'fetch failed', ...tag } : undefined;
}

/** What the machine orders within one step, carried out on values. */
export class QuorumDesk implements QuorumHost {
  readonly self: VoterKey;
  readonly clusterId = CLUSTER;
  readonly voters: readonly Voter[];
  readonly timeouts = defaultQuorumTimeouts;
  readonly log: AbstractLog;
  readonly snapshot = undefined;
  readonly downloading = undefined;
  readonly downloadedBytes = 0;
  private readonly before: Member;
  private readonly grain: Grain;
  private readonly happening: Happening;
  private readonly sent: Tagged[] = [];
  private waiting: Tagged[];
  private parked: QuorumRequest[];
  private voteState: DurableVoteState;
  private storing: DurableVoteState | undefined;
  private highWatermark: number;
  private officeEpoch: number | undefined;

  constructor(member: Member, voters: readonly Voter[], happening: Happening, grain: Grain) {
    this.before = member;
    this.grain = grain;
    this.self = keyOf(member.id);
    this.voters = voters;
    this.log = new AbstractLog(member.log);
    this.waiting = member.waiting.map(tagged);
    this.parked = [...member.parked];
    this.voteState = member.voteState;
    this.storing = member.storing;
    this.happening = happening;
    const context = member.snapshot?.context;
    this.highWatermark = context?.highWatermark ?? 0;
    this.officeEpoch = context?.office === undefined ? undefined : context.epoch;
  }

  get restart() {
    const { lastEpoch } = logEndAt(this.log, undefined, this.log.logEndOffset);
    return restartState(this.self, true, this.voteState, lastEpoch);
  }

  /** Time stands still, but when a timer fires. */
  nowMs(): number {
    if (this.happening.type !== 'timer') return 0;
    // After a fetch timeout a voter counts as silent (Q9); a leader resigns after one and a half (Q8).
    return this.happening.silence === 'short' ? this.timeouts.fetchTimeoutMs : Number.MAX_SAFE_INTEGER;
  }

  randomBelow(): number {
    return 0;
  }

  eventOf(happening: Happening): QuorumEvent | undefined {
    switch (happening.type) {
      case 'message':
        return happening.message.kind === 'request'
          ? this.requestEvent(happening.message)
          : answerEvent(happening.message);
      case 'unanswered':
        return failureEvent(happening.request, happening.reason);
      case 'timer':
        return { type: happening.timer } as EventFromLogic<QuorumMachine>;
      case 'stored':
        this.voteState = this.storing ?? this.voteState;
        this.storing = undefined;
        return { type: 'vote state stored' };
      case 'flushed':
        this.log.flush(() => {});
        return { type: 'log flushed', flushedEndOffset: this.log.flushedEndOffset };
      default:
        return undefined;
    }
  }

  appendRecord(value: number, leaderEpoch: number): void {
    this.log.appendAsLeader(unplaced(value), { leaderEpoch, wallMs: 0, origin: 'coordinator' });
    this.wake();
  }

  outcome(snapshot: QuorumSnapshot): Outcome {
    const { generation } = snapshot.context;
    const before = this.before.snapshot?.context.generation ?? 0;
    const untag = ({ generation: asked, ...message }: Tagged): QuorumMessage =>
      asked === undefined || asked === generation ? message : { ...message, isStale: true };
    const { parked, storing, voteState } = this;
    const member: Member = {
      id: this.before.id,
      snapshot: {
        ...snapshot,
        context: { ...snapshot.context, generation: 0, host: nobody },
      } as QuorumSnapshot,
      log: this.log.content,
      voteState,
      storing,
      waiting: this.waiting.map(untag),
      parked,
    };
    return { member, sent: this.sent.map(untag), hasAskedAnew: generation !== before };
  }

  storeVoteState(state: DurableVoteState): void {
    this.storing = state;
  }

  onceDurable(send: () => void): void {
    if (this.storing === undefined) {
      send();
      return;
    }
    const already = this.sent.length;
    send();
    this.waiting.push(...this.sent.splice(already));
  }

  releaseWaiting(): void {
    this.sent.push(...this.waiting);
    this.waiting = [];
  }

  askVote(voter: Voter, { epoch, preVote, generation }: BallotQuestion): void {
    // As the real one: who asks for votes counts what it has flushed (Q5).
    const end = logEndAt(this.log, undefined, this.log.flushedEndOffset);
    const body = {
      clusterId: CLUSTER,
      epoch,
      candidateId: this.self.id,
      candidateDirectoryId: this.self.directoryId,
      voterId: voter.id,
      voterDirectoryId: voter.directoryId,
      lastEpoch: end.lastEpoch,
      lastEpochEndOffset: end.endOffset,
      preVote,
    };
    this.onceDurable(() => this.ask(voter.id, 'vote', body, generation));
  }

  beginEpoch(voter: Voter, epoch: number): void {
    const body = {
      clusterId: CLUSTER,
      leaderId: this.self.id,
      leaderEpoch: epoch,
      voterDirectoryId: voter.directoryId,
    };
    this.ask(voter.id, 'beginQuorumEpoch', body, undefined);
  }

  endEpoch(epoch: number, preferredSuccessors: readonly NodeId[]): void {
    for (const to of preferredSuccessors) {
      const body = { clusterId: CLUSTER, leaderId: this.self.id, leaderEpoch: epoch, preferredSuccessors };
      this.ask(to, 'endQuorumEpoch', body, undefined);
    }
  }

  fetch(from: NodeId, epoch: number, highWatermark: number, generation: number): void {
    const { lastEpoch } = logEndAt(this.log, undefined, this.log.logEndOffset);
    const body = {
      clusterId: CLUSTER,
      epoch,
      replicaId: this.self.id,
      replicaDirectoryId: this.self.directoryId,
      fetchOffset: this.log.logEndOffset,
      lastFetchedEpoch: lastEpoch,
      highWatermark,
      maxWaitMs: 1,
      maxBytes: 1,
    };
    this.onceDurable(() => this.ask(from, 'fetchMetadata', body, generation));
  }

  probe(): void {}

  answerFetch(): void {
    if (this.happening.type !== 'message' || this.happening.message.kind !== 'request') return;
    const request = this.happening.message;
    if (this.hasNews(request)) this.answerParked(request);
    else this.parked.push(request);
  }

  beginOffice(epoch: number): void {
    this.log.startEpoch(epoch);
    this.officeEpoch = epoch;
    this.log.appendAsLeader(unplaced(0), { leaderEpoch: epoch, wallMs: 0, origin: 'coordinator' });
  }

  leaveOffice(epoch: number): void {
    const { parked } = this;
    this.parked = [];
    const refusal = { ...emptyFetchAnswer(-1, epoch), error: 'NOT_LEADER_OR_FOLLOWER' };
    for (const request of parked) this.answer(request, refusal);
    this.officeEpoch = undefined;
  }

  append(records: readonly Uint8Array[]): void {
    // Each record comes as a piece of its own, and one that does not come next ends the run.
    this.log.appendAsFollower(records);
  }

  truncateTo(endOffset: number): void {
    this.log.truncateTo(endOffset);
  }

  tellLeader(): void {}

  tellHighWatermark(highWatermark: number): void {
    if (highWatermark <= this.highWatermark) return;
    this.highWatermark = highWatermark;
    this.wake();
  }

  tellFailure(error: string): void {
    throw new Error(error);
  }

  /** Nobody lies here: what cannot be is a broken invariant. */
  warn(): void {}

  complain(text: string): void {
    throw new InvariantError(text);
  }

  // Snapshots of the metadata are not part of what is explored: the log begins at 0.

  fetchChunk(): void {
    throw new Error('a snapshot was asked for, but there is none');
  }
  answerChunk(): void {
    throw new Error('a snapshot was asked for, but there is none');
  }
  beginDownload(): void {
    throw new Error('a snapshot was to be loaded, but there is none');
  }
  addChunk(): void {}
  storeDownload(): void {}
  beginAtSnapshot(): void {}
  storeSnapshot(): void {}
  moveLogStart(): void {}

  private requestEvent(request: QuorumRequest): RequestEvent {
    const { from: id, api, body } = request;
    const from: Peer = { ...keyOf(id), incarnation: '' };
    const answer = (response: PeerResponse<ExploredApi>): void => this.answer(request, response);
    switch (api) {
      case 'vote': {
        const vote = body as PeerRequest<'vote'>['body'];
        return { type: vote.preVote ? 'pre-vote requested' : 'vote requested', from, body: vote, answer };
      }
      case 'beginQuorumEpoch':
        return { type: 'epoch begun', from, body: body as PeerRequest<'beginQuorumEpoch'>['body'], answer };
      case 'endQuorumEpoch':
        return { type: 'epoch ended', from, body: body as PeerRequest<'endQuorumEpoch'>['body'], answer };
      case 'fetchMetadata':
        return { type: 'fetch requested', from, body: body as PeerRequest<'fetchMetadata'>['body'], answer };
    }
  }

  private ask(
    to: NodeId,
    api: ExploredApi,
    body: PeerRequest<ExploredApi>['body'],
    generation: number | undefined,
  ): void {
    const request = { kind: 'request', from: this.self.id, to, api, body, isStale: false } as const;
    this.sent.push(generation === undefined ? request : { ...request, generation });
  }

  private answer({ from, api, isStale, body: asked }: QuorumRequest, body: PeerResponse<ExploredApi>): void {
    const isPreVote = 'preVote' in asked && asked.preVote;
    this.sent.push({ kind: 'answer', from: this.self.id, to: from, api, body, isPreVote, isStale });
  }

  private wake(): void {
    const { parked } = this;
    this.parked = [];
    for (const request of parked)
      if (this.hasNews(request)) this.answerParked(request);
      else this.parked.push(request);
  }

  private hasNews(request: QuorumRequest): boolean {
    const body = request.body as PeerRequest<'fetchMetadata'>['body'];
    const { kind } = fetchPosition(this.log, undefined, body.fetchOffset, body.lastFetchedEpoch);
    if (kind !== 'valid' || body.fetchOffset < this.log.logEndOffset) return true;
    return body.highWatermark < Math.min(this.highWatermark, this.log.logEndOffset);
  }

  private answerParked(request: QuorumRequest): void {
    const epoch = this.officeEpoch;
    if (epoch === undefined) return;
    const body = request.body as PeerRequest<'fetchMetadata'>['body'];
    const position = fetchPosition(this.log, undefined, body.fetchOffset, body.lastFetchedEpoch);
    const answer = { ...emptyFetchAnswer(this.self.id, epoch), highWatermark: this.highWatermark };
    if (position.kind === 'diverging') {
      const diverging: FetchAnswer = { ...answer, diverging: position.end };
      this.answer(request, diverging);
      return;
    }
    const limits = { upToOffset: this.log.logEndOffset, maxBytes: this.grain.recordsPerFetch };
    const read = this.log.read(body.fetchOffset, limits);
    const records: FetchAnswer = { ...answer, records: read.outcome === 'records' ? read.records : [] };
    this.answer(request, records);
  }
}

type FetchAnswer = PeerResponse<'fetchMetadata'>;

function emptyFetchAnswer(leaderId: NodeId, leaderEpoch: number): FetchAnswer {
  const nothing = { highWatermark: -1, logStartOffset: 0, diverging: null, snapshot: null, records: [] };
  return { error: 'NONE', leaderId, leaderEpoch, ...nothing };
}
