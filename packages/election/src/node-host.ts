// The quorum's host on a node's ports: what the machine orders is sent, stored, appended and told here.

import { controlBatch } from '@odradek/format';
import {
  invariant,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  type PeerRequest,
  type RecordBytes,
  type Voter,
} from '@odradek/model';
import { logEndAt } from './metadata-fetch.ts';
import { ParkedFetches } from './parked-fetches.ts';
import {
  defaultQuorumTimeouts,
  type QuorumApi,
  type QuorumOptions,
  type QuorumTimeouts,
  type SnapshotId,
} from './quorum.ts';
import {
  type DurableVoteState,
  type Restart,
  restartState,
  sameVoter,
  type VoterKey,
} from './quorum-arithmetic.ts';
import type { ChunkRequested, FetchRequested, QuorumEvent } from './quorum-events.ts';
import type { BallotQuestion, QuorumHost } from './quorum-host.ts';
import { SnapshotDownload } from './snapshot-download.ts';
import { VoteStateWriter } from './vote-state-writer.ts';

const maxFetchBytes = 8 * 1024 * 1024;
const maxChunkBytes = 1024 * 1024;

export class NodeHost implements QuorumHost {
  readonly self: VoterKey;
  readonly clusterId: string;
  readonly voters: readonly Voter[];
  readonly timeouts: QuorumTimeouts;
  readonly restart: Restart;
  readonly parked: ParkedFetches;
  readonly #options: QuorumOptions;
  readonly #voteState: VoteStateWriter;
  readonly #send: (event: QuorumEvent) => void;
  #news: ((listener: QuorumOptions['listener']) => void)[] = [];
  #download: SnapshotDownload | undefined;
  #officeEpoch: LeaderEpoch | undefined;
  #highWatermark: Offset;
  #toldLeader: { readonly leaderId: NodeId | undefined; readonly epoch: LeaderEpoch } | undefined;
  #endAnswersAwaited = 0;
  #whenEndIsTold: (() => void)[] = [];
  #isStopped = false;
  #isSilent = false;

  constructor(options: QuorumOptions, send: (event: QuorumEvent) => void) {
    const { self, voters, log, voteState, storage, ports } = options;
    this.#options = options;
    this.self = self;
    this.clusterId = options.clusterId;
    this.voters = voters;
    this.timeouts = { ...defaultQuorumTimeouts, ...options.timeouts };
    this.#send = (event) => {
      if (!this.#isStopped) send(event);
    };
    this.#voteState = new VoteStateWriter(
      (state, done) => storage.storeVoteState(state, done),
      (error) =>
        this.#send(error === undefined ? { type: 'vote state stored' } : { type: 'storage failed', error }),
    );
    const snapshot = this.snapshot;
    // The power failed between the end of a download and the log's new beginning (Q11).
    if (snapshot !== undefined && snapshot.endOffset > log.logEndOffset)
      log.truncateFullyAndStartAt(snapshot.endOffset);
    const { lastEpoch } = logEndAt(log, snapshot, log.logEndOffset);
    const isVoter = voters.some((voter) => sameVoter(voter, self));
    this.restart = restartState(self, isVoter, voteState, lastEpoch);
    this.#highWatermark = Math.max(snapshot?.endOffset ?? 0, log.logStartOffset);
    this.parked = new ParkedFetches({
      log,
      clock: ports.clock,
      self: self.id,
      maxWaitMs: this.#fetchWaitMs,
      maxBytes: maxFetchBytes,
      snapshot: () => this.snapshot,
      highWatermark: () => this.#highWatermark,
      send: (answer) => this.onceDurable(answer),
    });
  }

  get log() {
    return this.#options.log;
  }

  get snapshot(): SnapshotId | undefined {
    return this.#options.storage.latestSnapshot();
  }

  nowMs(): number {
    return this.#options.ports.clock.nowMs();
  }

  randomBelow(bound: number): number {
    return this.#options.ports.random.below(bound);
  }

  /** Tells the listener what happened, after the machine has taken its step. */
  deliverNews(): void {
    if (this.#isSilent) return;
    for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift())
      news(this.#options.listener);
  }

  /** Nothing that comes back later reaches the machine any more, and nobody is told anything. */
  stop(): void {
    this.#stopListening();
    this.#news = [];
    this.#isSilent = true;
  }

  #stopListening(): void {
    this.#isStopped = true;
    this.parked.end();
    this.#endTold();
  }

  storeVoteState(state: DurableVoteState): void {
    this.#voteState.store(state);
  }

  onceDurable(send: () => void): void {
    this.#voteState.onceDurable(send);
  }

  releaseWaiting(): void {
    this.#voteState.release();
  }

  askVote(voter: Voter, { epoch, preVote, generation }: BallotQuestion, delayMs: number): void {
    const { lastEpoch, endOffset } = logEndAt(this.log, this.snapshot, this.log.flushedEndOffset);
    const body = {
      clusterId: this.clusterId,
      epoch,
      candidateId: this.self.id,
      candidateDirectoryId: this.self.directoryId,
      voterId: voter.id,
      voterDirectoryId: voter.directoryId,
      lastEpoch,
      lastEpochEndOffset: endOffset,
      preVote,
    };
    const ask = (): void => {
      if (this.#isStopped) return;
      const tag = { from: voter.id, generation };
      this.#request(voter.id, { api: 'vote', body }, this.timeouts.requestTimeoutMs, (reply) => {
        if (reply.outcome === 'failed') this.#send({ type: 'vote failed', ...tag, reason: reply.reason });
        else this.#send({ type: 'vote answered', ...tag, body: reply.response });
      });
    };
    if (delayMs > 0) this.#options.ports.clock.setTimeout(ask, delayMs);
    else this.onceDurable(ask);
  }

  beginEpoch(voter: Voter, epoch: LeaderEpoch): void {
    const { clusterId } = this;
    const body = {
      clusterId,
      leaderId: this.self.id,
      leaderEpoch: epoch,
      voterDirectoryId: voter.directoryId,
    };
    const request = { api: 'beginQuorumEpoch', body } as const;
    this.#request(voter.id, request, this.timeouts.requestTimeoutMs, (reply) => {
      // No answer: it is told again as long as it does not fetch (Q9).
      if (reply.outcome === 'answered')
        this.#send({ type: 'begin answered', from: voter.id, generation: epoch, body: reply.response });
    });
  }

  endEpoch(epoch: LeaderEpoch, preferredSuccessors: readonly NodeId[]): void {
    const body = {
      clusterId: this.clusterId,
      leaderId: this.self.id,
      leaderEpoch: epoch,
      preferredSuccessors,
    };
    for (const to of preferredSuccessors) {
      this.#endAnswersAwaited += 1;
      this.#request(to, { api: 'endQuorumEpoch', body }, this.timeouts.requestTimeoutMs, () => {
        this.#endAnswersAwaited -= 1;
        if (this.#endAnswersAwaited === 0) this.#endTold();
      });
    }
  }

  /** Calls `done` when every voter knows of the end of this leadership or could not be told. */
  whenEndIsTold(done: () => void): void {
    this.#whenEndIsTold.push(done);
    if (this.#endAnswersAwaited === 0) this.#endTold();
  }

  #endTold(): void {
    const waiting = this.#whenEndIsTold;
    this.#whenEndIsTold = [];
    for (const done of waiting) done();
  }

  fetch(from: NodeId, epoch: LeaderEpoch, highWatermark: Offset, generation: number): void {
    const { log } = this;
    const { lastEpoch } = logEndAt(log, this.snapshot, log.logEndOffset);
    const body = {
      clusterId: this.clusterId,
      epoch,
      replicaId: this.self.id,
      replicaDirectoryId: this.self.directoryId,
      fetchOffset: log.logEndOffset,
      lastFetchedEpoch: lastEpoch,
      highWatermark,
      maxWaitMs: this.#fetchWaitMs,
      maxBytes: maxFetchBytes,
    };
    const timeoutMs = this.#fetchWaitMs + this.timeouts.requestTimeoutMs;
    this.onceDurable(() => {
      this.#request(from, { api: 'fetchMetadata', body }, timeoutMs, (reply) => {
        if (reply.outcome === 'failed')
          this.#send({ type: 'fetch failed', from, generation, reason: reply.reason });
        else this.#send({ type: 'fetch answered', from, generation, body: reply.response });
      });
    });
  }

  fetchChunk(from: NodeId, epoch: LeaderEpoch, generation: number): void {
    const download = this.#download;
    if (download === undefined) return;
    const body = {
      clusterId: this.clusterId,
      epoch,
      replicaId: this.self.id,
      snapshot: download.id,
      position: download.length,
      maxBytes: maxChunkBytes,
    };
    const request = { api: 'fetchSnapshot', body } as const;
    this.#request(from, request, this.timeouts.requestTimeoutMs, (reply) => {
      if (reply.outcome === 'failed')
        this.#send({ type: 'fetch failed', from, generation, reason: reply.reason });
      else this.#send({ type: 'snapshot chunk answered', from, generation, body: reply.response });
    });
  }

  probe(id: NodeId): void {
    this.#options.ports.network.probe(id);
  }

  answerFetch(request: FetchRequested): void {
    this.parked.handle(request);
  }

  answerChunk({ body, answer }: ChunkRequested, epoch: LeaderEpoch): void {
    const head = { leaderId: this.self.id, leaderEpoch: epoch, position: body.position };
    const snapshot = this.#options.storage.readSnapshot(body.snapshot);
    const sizeInBytes = snapshot?.length ?? 0;
    if (snapshot === undefined || body.position < 0 || body.position >= sizeInBytes) {
      const error = snapshot === undefined ? 'SNAPSHOT_NOT_FOUND' : 'POSITION_OUT_OF_RANGE';
      answer({ ...head, error, sizeInBytes, bytes: new Uint8Array(0) });
      return;
    }
    const length = Math.max(1, Math.min(body.maxBytes, maxChunkBytes));
    const bytes = snapshot.subarray(body.position, body.position + length);
    answer({ ...head, error: 'NONE', sizeInBytes, bytes });
  }

  beginOffice(epoch: LeaderEpoch, grantedBy: readonly NodeId[]): void {
    const { log } = this;
    const startOffset = log.logEndOffset;
    const named = this.voters.map(({ id, directoryId }) => ({ voterId: id, voterDirectoryId: directoryId }));
    const record = {
      type: 'LeaderChange',
      leaderId: this.self.id,
      voters: named,
      grantingVoters: named.filter(({ voterId }) => grantedBy.includes(voterId)),
    } as const;
    const wallMs = this.#options.ports.clock.wallMs();
    log.startEpoch(epoch);
    const batch = controlBatch([record], { timestamp: wallMs });
    const append = log.appendAsLeader(batch, { leaderEpoch: epoch, wallMs, origin: 'coordinator' });
    invariant(append.outcome === 'appended', () => `LeaderChange was not appended: ${append.outcome}`);
    this.#officeEpoch = epoch;
    this.parked.begin(epoch);
    this.#news.push((listener) => listener.becameLeader?.(epoch, startOffset));
  }

  leaveOffice(epoch: LeaderEpoch): void {
    this.parked.end();
    if (this.#officeEpoch !== epoch) return;
    this.#officeEpoch = undefined;
    this.#news.push((listener) => listener.lostLeadership?.(epoch));
  }

  append(records: RecordBytes): void {
    if (records.length === 0) return;
    const append = this.#options.log.appendAsFollower(records);
    if (append.outcome === 'corrupt') this.#send({ type: 'append refused', message: append.message });
  }

  truncateTo(endOffset: Offset): void {
    this.log.truncateTo(endOffset);
  }

  get downloading(): SnapshotId | undefined {
    return this.#download?.id;
  }

  get downloadedBytes(): number {
    return this.#download?.length ?? 0;
  }

  beginDownload(id: SnapshotId): void {
    this.#download = new SnapshotDownload(id);
  }

  addChunk(bytes: Uint8Array): void {
    this.#download?.add(bytes);
  }

  storeDownload(): void {
    if (this.#download !== undefined) this.storeSnapshot(this.#download.id, this.#download.bytes());
  }

  beginAtSnapshot(id: SnapshotId): void {
    this.#download = undefined;
    this.log.truncateFullyAndStartAt(id.endOffset);
    this.tellSnapshot(id);
  }

  /** Has the listener replay a snapshot that lies in the storage. */
  tellSnapshot(id: SnapshotId): void {
    const bytes = this.#options.storage.readSnapshot(id);
    invariant(bytes !== undefined, () => `snapshot ${id.endOffset} of epoch ${id.epoch} is gone (Q11)`);
    this.#news.push((listener) => listener.snapshotLoaded?.(id, bytes));
  }

  storeSnapshot(id: SnapshotId, bytes: Uint8Array): void {
    this.#options.storage.storeSnapshot(id, bytes, (error) =>
      this.#send(error === undefined ? { type: 'snapshot stored', id } : { type: 'storage failed', error }),
    );
  }

  moveLogStart(id: SnapshotId, highWatermark: Offset): void {
    this.log.advanceLogStart(id.endOffset, highWatermark);
  }

  tellLeader(leaderId: NodeId | undefined, epoch: LeaderEpoch): void {
    if (this.#toldLeader?.leaderId === leaderId && this.#toldLeader?.epoch === epoch) return;
    this.#toldLeader = { leaderId, epoch };
    this.#news.push((listener) => listener.leaderChanged?.(leaderId, epoch));
  }

  tellHighWatermark(highWatermark: Offset): void {
    if (highWatermark <= this.#highWatermark) return;
    this.#highWatermark = highWatermark;
    this.parked.wake();
    this.#news.push((listener) => listener.highWatermarkMoved?.(highWatermark));
  }

  tellFailure(error: string): void {
    this.#stopListening();
    this.#news.push((listener) => listener.failed(error));
  }

  get #fetchWaitMs(): number {
    return Math.min(this.timeouts.fetchMaxWaitMs, this.timeouts.fetchTimeoutMs / 2);
  }

  #request<Api extends QuorumApi>(
    to: NodeId,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: Parameters<typeof this.network.request<Api>>[4],
  ): void {
    this.network.request(to, 'control', request, timeoutMs, done);
  }

  private get network() {
    return this.#options.ports.network;
  }
}
