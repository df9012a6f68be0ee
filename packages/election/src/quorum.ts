// The public face of the quorum: what a node hands in, what it may ask and order, and what it is told.

import type {
  DirectoryId,
  LeaderEpoch,
  NodeId,
  Offset,
  Peer,
  PeerAnswer,
  PeerApi,
  PeerEvidence,
  PeerRequest,
  Ports,
  RecordBytes,
  ReplicatedLog,
  Voter,
} from '@odradek/model';
import type { AnyActorRef } from 'xstate';
import type { DurableVoteState, QuorumState, VoterKey } from './quorum-arithmetic.ts';

/** A snapshot of the metadata: everything below `endOffset`, whose last record is of `epoch` (Q11). */
export interface SnapshotId {
  readonly endOffset: Offset;
  readonly epoch: LeaderEpoch;
}

/** `mayPass`: the disk only had no room (D6): the same may succeed later. */
export type Stored = (error?: string, mayPass?: boolean) => void;

/** Where vote state and snapshots are kept. What is stored is durable when `done` is called, never before the order has returned. */
export interface QuorumStorage {
  /** Q1: temporary file, fsync, rename, fsync of the directory. */
  storeVoteState(state: DurableVoteState, done: Stored): void;
  /** The snapshot with the highest end, or undefined. */
  latestSnapshot(): SnapshotId | undefined;
  /** A snapshot's bytes, or undefined when it is gone. */
  readSnapshot(id: SnapshotId): Uint8Array | undefined;
  /** Writes a whole snapshot, then removes those with a lower end (Q11). */
  storeSnapshot(id: SnapshotId, bytes: Uint8Array, done: Stored): void;
}

/** Times of the quorum; names and defaults are those of Kafka's `controller.quorum.*` settings. */
export interface QuorumTimeouts {
  /** `election.timeout.ms`: the shortest patience with an epoch that has no leader; each wait is random up to twice as long. */
  readonly electionTimeoutMs: number;
  /** `fetch.timeout.ms`: after this without a good answer a follower doubts its leader. */
  readonly fetchTimeoutMs: number;
  /** `election.backoff.max.ms`. */
  readonly electionBackoffMaxMs: number;
  /** `request.timeout.ms`. */
  readonly requestTimeoutMs: number;
  /** `retry.backoff.ms`. */
  readonly retryBackoffMs: number;
  /** How long a fetch may be parked at the leader. */
  readonly fetchMaxWaitMs: number;
  /** Between the first refused connection to the leader and doubting it: at least half of this, at random (failure by evidence). */
  readonly evidenceGraceMs: number;
}

/** What the quorum tells its node, after the step in which it happened: what is read then is new, and it may append at once. */
export interface QuorumListener {
  /** This node leads `epoch`; its LeaderChange lies at `startOffset`. It may decide once it has replayed up to there (C1). */
  becameLeader(epoch: LeaderEpoch, startOffset: Offset): void;
  lostLeadership(epoch: LeaderEpoch): void;
  /** Who leads, as far as this node knows, itself included. */
  leaderChanged(leaderId: NodeId | undefined, epoch: LeaderEpoch): void;
  /** Everything below is committed for ever: replay it from the log. */
  highWatermarkMoved(offset: Offset): void;
  /** The log begins anew at the snapshot's end: forget all that was replayed, and replay these. Also told at the start. */
  snapshotLoaded(id: SnapshotId, bytes: Uint8Array): void;
  /** A peer said what cannot be: it was not believed, and somebody should look at that peer. */
  complained(text: string): void;
  /** This node's own disk has no room for what it is to write (D6). */
  warned(text: string): void;
  /** Final: the quorum has stopped, and so must the node. The log or the vote state failed, or an invariant was broken. */
  failed(error: string): void;
}

export interface QuorumOptions {
  readonly clusterId: string;
  readonly self: VoterKey;
  /** The same on every node (Q12: changing them is not there yet). Who is not among them observes (Q13). */
  readonly voters: readonly Voter[];
  /** Open and recovered. Its listener's events go to {@link Quorum.logFlushed} and {@link Quorum.logFailed}. */
  readonly log: ReplicatedLog;
  /** As it was read from the directory; `noVoteState` for a new one. */
  readonly voteState: DurableVoteState;
  readonly storage: QuorumStorage;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network'>;
  /** Who does not want to know everything must still hear of a failure. */
  readonly listener: Partial<QuorumListener> & Pick<QuorumListener, 'failed'>;
  readonly timeouts?: Partial<QuorumTimeouts>;
  /** The actor under which this one lives; without it, it is a system of its own. */
  readonly parent?: AnyActorRef;
}

/** The APIs that the quorum answers. */
export type QuorumApi = 'vote' | 'beginQuorumEpoch' | 'endQuorumEpoch' | 'fetchMetadata' | 'fetchSnapshot';

export function isQuorumApi(api: PeerApi): api is QuorumApi {
  return (
    api === 'vote' ||
    api === 'beginQuorumEpoch' ||
    api === 'endQuorumEpoch' ||
    api === 'fetchMetadata' ||
    api === 'fetchSnapshot'
  );
}

/** Whether a request is for the quorum. */
export function isQuorumRequest(request: PeerRequest): request is PeerRequest<QuorumApi> {
  return isQuorumApi(request.api);
}

/** `not leader`, and `no room`, after which this member leads no longer: nothing was appended. `failed`: the log refused, and the quorum is about to fail. */
export type MetadataAppend =
  | { readonly outcome: 'appended'; readonly firstOffset: Offset; readonly lastOffset: Offset }
  | { readonly outcome: 'not leader' }
  | { readonly outcome: 'no room'; readonly error: string }
  | { readonly outcome: 'failed'; readonly error: string };

/** The quorum as this node sees it; the leader alone knows how far the others are. */
export interface QuorumDescription {
  readonly state: QuorumState;
  /** Not itself, from when it must resign: one that was paused is asked before its timers fire (Q8, S70). */
  readonly leaderId: NodeId | undefined;
  readonly epoch: LeaderEpoch;
  readonly highWatermark: Offset;
  readonly voters: readonly {
    readonly id: NodeId;
    readonly directoryId: DirectoryId;
    /** -1 where it is not known. */
    readonly logEndOffset: Offset;
    /** A leader counts who fetches from it. Everybody else has seen no sign that the voter is gone since it was last heard. */
    readonly reachable: boolean;
    /** Where nodes reach it. */
    readonly host: string;
    readonly port: number;
  }[];
  readonly observers: readonly {
    readonly id: NodeId;
    readonly directoryId: DirectoryId;
    readonly logEndOffset: Offset;
  }[];
}

/** A member of the metadata quorum: voter or observer. */
export interface Quorum {
  /** The machine, for whoever watches. */
  readonly actor: AnyActorRef;
  readonly state: QuorumState;
  readonly leaderId: NodeId | undefined;
  readonly epoch: LeaderEpoch;
  /** Whether this node leads and may append. */
  readonly isLeader: boolean;
  readonly highWatermark: Offset;
  /**
   * D6: what the leader sent last could not be written here, or the vote without which nobody is asked: what this node knows of the
   * metadata is old, and grows older.
   */
  readonly isStuck: boolean;
  describe(): QuorumDescription;

  start(): void;
  /** Ends it without a word to the others; parked fetches are answered. */
  stop(): void;
  /** Steps down before a clean stop: the voters are told who should stand (Q9); `done` when they know or could not be told. */
  resign(done: () => void): void;
  /** Answers one request of a peer; `answer` is called once, now or later. */
  handle(
    peer: Peer,
    request: PeerRequest<QuorumApi>,
    answer: (response: PeerAnswer<QuorumApi>) => void,
  ): void;
  /** What the network saw of a peer. */
  observe(evidence: PeerEvidence): void;
  /** Appends whole batches in this leader's epoch, all of them in one go or none; they are committed once below the high watermark. */
  appendRecords(batches: RecordBytes): MetadataAppend;
  /** Keeps a snapshot of what is committed; when it is durable the log begins at its end (Q11). */
  takeSnapshot(id: SnapshotId, bytes: Uint8Array): void;
  logFlushed(flushedEndOffset: Offset): void;
  logFailed(error: string): void;
}

/** The vote state of a directory that has seen no quorum yet. */
export const noVoteState: DurableVoteState = { epoch: 0, votedFor: undefined, leaderId: undefined };

/** Kafka's defaults; the two that Kafka has not are ours. */
export const defaultQuorumTimeouts: QuorumTimeouts = {
  electionTimeoutMs: 1000,
  fetchTimeoutMs: 2000,
  electionBackoffMaxMs: 1000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxWaitMs: 500,
  evidenceGraceMs: 200,
};
