// What the quorum's machine may order and read: the door between the protocol and a node's ports.

import type { LeaderEpoch, LogView, NodeId, Offset, RecordBytes, Voter } from '@odradek/model';
import type { QuorumTimeouts, SnapshotId } from './quorum.ts';
import type { DurableVoteState, Restart, VoterKey } from './quorum-arithmetic.ts';
import type { ChunkRequested, FetchRequested } from './quorum-events.ts';

export interface QuorumHost {
  readonly self: VoterKey;
  readonly clusterId: string;
  readonly voters: readonly Voter[];
  /** For waits that begin now: they follow what answers take (Q10). */
  readonly timeouts: QuorumTimeouts;
  readonly log: LogView;
  /** As what this member comes back (Q6). */
  readonly restart: Restart;
  readonly snapshot: SnapshotId | undefined;
  nowMs(): number;
  randomBelow(bound: number): number;

  /** Q1: the event `vote state stored` follows once the state ordered last is durable. */
  storeVoteState(state: DurableVoteState): void;
  /** Q1: does it at once, or as soon as the vote state is durable: nothing that depends on it leaves before. */
  onceDurable(send: () => void): void;
  /** Lets go what waited for the vote state. */
  releaseWaiting(): void;

  askVote(voter: Voter, ballot: BallotQuestion, delayMs: number): void;
  beginEpoch(voter: Voter, epoch: LeaderEpoch): void;
  endEpoch(epoch: LeaderEpoch, successors: readonly NodeId[]): void;
  fetch(from: NodeId, epoch: LeaderEpoch, highWatermark: Offset, generation: number): void;
  /** Asks for the next chunk of the snapshot that is being loaded. */
  fetchChunk(from: NodeId, epoch: LeaderEpoch, generation: number): void;
  probe(id: NodeId): void;

  /** As a leader: answers a fetch, at once or when there is something to tell. */
  answerFetch(request: FetchRequested, epoch: LeaderEpoch): void;
  answerChunk(request: ChunkRequested, epoch: LeaderEpoch): void;
  /** Q4: the epoch begins at the log's end, with a LeaderChange. */
  beginOffice(epoch: LeaderEpoch, grantedBy: readonly NodeId[]): void;
  leaveOffice(epoch: LeaderEpoch): void;

  /** As a follower. What cannot be appended comes back as the event `append refused`. */
  append(records: RecordBytes): void;
  truncateTo(endOffset: Offset): void;
  beginDownload(id: SnapshotId): void;
  addChunk(bytes: Uint8Array): void;
  readonly downloading: SnapshotId | undefined;
  readonly downloadedBytes: number;
  storeDownload(): void;
  /** Q11: the log begins anew at the snapshot that was loaded. */
  beginAtSnapshot(id: SnapshotId): void;

  storeSnapshot(id: SnapshotId, bytes: Uint8Array): void;
  moveLogStart(id: SnapshotId, highWatermark: Offset): void;

  tellLeader(leaderId: NodeId | undefined, epoch: LeaderEpoch): void;
  tellHighWatermark(highWatermark: Offset): void;
  tellFailure(error: string): void;
  /** A peer says what cannot be: it is not believed, and people must know. */
  complain(text: string): void;
  /** Something is wrong with this node's own disk, and people must know. */
  warn(text: string): void;
}

/** What a candidate asks with; a pre-vote carries the current epoch and changes nothing durable (Q3). */
export interface BallotQuestion {
  readonly epoch: LeaderEpoch;
  readonly preVote: boolean;
  readonly generation: number;
}
