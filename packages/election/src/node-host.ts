// The quorum's host on a node's ports: what the machine orders is sent, stored, appended and told here.

import { controlBatch } from '@odradek/format';
import {
  invariant,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  type PeerEvidence,
  type RecordBytes,
  type Voter,
} from '@odradek/model';
import { timeoutsFor } from './answer-times.ts';
import { isBesideSnapshot, logEndAt } from './metadata-fetch.ts';
import { ParkedFetches } from './parked-fetches.ts';
import { fetchWaitMs, maxChunkBytes, maxFetchBytes, PeerRequests } from './peer-requests.ts';
import { defaultQuorumTimeouts, type QuorumOptions, type QuorumTimeouts, type SnapshotId } from './quorum.ts';
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

export class NodeHost implements QuorumHost {
  readonly self: VoterKey;
  readonly clusterId: string;
  readonly voters: readonly Voter[];
  readonly restart: Restart;
  readonly parked: ParkedFetches;
  readonly #options: QuorumOptions;
  readonly #settings: QuorumTimeouts;
  readonly #voteState: VoteStateWriter;
  readonly #peers: PeerRequests;
  readonly #send: (event: QuorumEvent) => void;
  #news: ((listener: QuorumOptions['listener']) => void)[] = [];
  #download: SnapshotDownload | undefined;
  #officeEpoch: LeaderEpoch | undefined;
  #highWatermark: Offset;
  #toldLeader: { readonly leaderId: NodeId | undefined; readonly epoch: LeaderEpoch } | undefined;
  /** Said again by the same peer a thousand times, it is said here once. */
  #lastComplaint: string | undefined;
  #lastWarning: string | undefined;
  #isStuck = false;
  #isStopped = false;
  #isSilent = false;

  constructor(options: QuorumOptions, send: (event: QuorumEvent) => void) {
    const { self, voters, log, voteState, storage, ports } = options;
    this.#options = options;
    this.self = self;
    this.clusterId = options.clusterId;
    this.voters = voters;
    this.#settings = { ...defaultQuorumTimeouts, ...options.timeouts };
    this.#send = (event) => {
      if (!this.#isStopped) send(event);
    };
    this.#voteState = new VoteStateWriter(
      (state, done) => storage.storeVoteState(state, done),
      (error) =>
        this.#send(error === undefined ? { type: 'vote state stored' } : { type: 'storage failed', error }),
      (delayMs, callback) =>
        void ports.clock.setTimeout(() => {
          if (!this.#isStopped) callback();
        }, delayMs),
    );
    const snapshot = this.snapshot;
    if (snapshot !== undefined && isBesideSnapshot(log, snapshot))
      log.truncateFullyAndStartAt(snapshot.endOffset);
    const { lastEpoch } = logEndAt(log, snapshot, log.logEndOffset);
    const isVoter = voters.some((voter) => sameVoter(voter, self));
    this.restart = restartState(self, isVoter, voteState, lastEpoch);
    this.#highWatermark = Math.max(snapshot?.endOffset ?? 0, log.logStartOffset);
    this.#peers = new PeerRequests({
      self,
      clusterId: this.clusterId,
      timeouts: this.#settings,
      log,
      network: ports.network,
      clock: ports.clock,
      snapshot: () => this.snapshot,
      onceDurable: (send) => this.onceDurable(send),
      send: this.#send,
    });
    this.parked = new ParkedFetches({
      log,
      clock: ports.clock,
      self: self.id,
      maxWaitMs: fetchWaitMs(this.#settings),
      maxBytes: maxFetchBytes,
      snapshot: () => this.snapshot,
      highWatermark: () => this.#highWatermark,
      send: (answer) => this.onceDurable(answer),
    });
  }

  get timeouts(): QuorumTimeouts {
    return timeoutsFor(this.#settings, this.#peers.answerTimes);
  }

  get log() {
    return this.#options.log;
  }

  get snapshot(): SnapshotId | undefined {
    return this.#options.storage.latestSnapshot();
  }

  get isStuck(): boolean {
    return this.#isStuck || this.#voteState.isShortOfRoom;
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
    this.#peers.stop();
  }

  noteEvidence(evidence: PeerEvidence): void {
    this.#peers.noteEvidence(evidence);
  }

  isLost(id: NodeId): boolean {
    return this.#peers.isLost(id);
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

  askVote(voter: Voter, ballot: BallotQuestion, delayMs: number): void {
    this.#peers.askVote(voter, ballot, delayMs);
  }

  beginEpoch(voter: Voter, epoch: LeaderEpoch): void {
    this.#peers.beginEpoch(voter, epoch);
  }

  endEpoch(epoch: LeaderEpoch, successors: readonly NodeId[]): void {
    this.#peers.endEpoch(epoch, successors);
  }

  /** Calls `done` when every voter knows of the end of this leadership or could not be told. */
  whenEndIsTold(done: () => void): void {
    this.#peers.whenEndIsTold(done);
  }

  fetch(from: NodeId, epoch: LeaderEpoch, highWatermark: Offset, generation: number): void {
    this.#peers.fetch(from, epoch, highWatermark, generation);
  }

  fetchChunk(from: NodeId, epoch: LeaderEpoch, generation: number): void {
    if (this.#download !== undefined) this.#peers.fetchChunk(from, epoch, this.#download, generation);
  }

  probe(id: NodeId): void {
    this.#peers.probe(id);
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
    if (append.outcome === 'refused' && append.mayPass === true) {
      this.#send({ type: 'no room', error: append.message });
      return;
    }
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
    this.#isStuck = append.outcome === 'corrupt';
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
    this.#options.storage.storeSnapshot(id, bytes, (error, mayPass) => {
      if (error === undefined) this.#send({ type: 'snapshot stored', id });
      else this.#send({ type: mayPass === true ? 'snapshot not stored' : 'storage failed', error });
    });
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

  complain(text: string): void {
    if (text === this.#lastComplaint) return;
    this.#lastComplaint = text;
    this.#news.push((listener) => listener.complained?.(text));
  }

  warn(text: string): void {
    if (text === this.#lastWarning) return;
    this.#lastWarning = text;
    this.#news.push((listener) => listener.warned?.(text));
  }

  tellFailure(error: string): void {
    this.#stopListening();
    this.#news.push((listener) => listener.failed(error));
  }
}
