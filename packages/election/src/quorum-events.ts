// What happens to a member of the quorum: requests of its peers, answers to its own, and facts about its disk and links.

import type {
  LeaderEpoch,
  NetworkFailure,
  NodeId,
  Offset,
  Peer,
  PeerRequest,
  PeerResponse,
} from '@odradek/model';
import type { QuorumApi, SnapshotId } from './quorum.ts';

type Body<Api extends QuorumApi> = PeerRequest<Api>['body'];

/** A question of a peer, and where its answer goes. */
interface Question<Api extends QuorumApi> {
  readonly from: Peer;
  readonly body: Body<Api>;
  readonly answer: (response: PeerResponse<Api>) => void;
}

/** Tags what was asked, so that a late answer is known as such (S71). */
interface Tagged {
  readonly generation: number;
}

interface Answered<Api extends QuorumApi> extends Tagged {
  readonly from: NodeId;
  readonly body: PeerResponse<Api>;
}

interface Failed extends Tagged {
  readonly from: NodeId;
  readonly reason: NetworkFailure;
}

export type VoteRequested = { readonly type: 'vote requested' } & Question<'vote'>;
export type PreVoteRequested = { readonly type: 'pre-vote requested' } & Question<'vote'>;
export type EpochBegun = { readonly type: 'epoch begun' } & Question<'beginQuorumEpoch'>;
export type EpochEnded = { readonly type: 'epoch ended' } & Question<'endQuorumEpoch'>;
export type FetchRequested = { readonly type: 'fetch requested' } & Question<'fetchMetadata'>;
export type ChunkRequested = { readonly type: 'snapshot chunk requested' } & Question<'fetchSnapshot'>;

export type VoteAnswered = { readonly type: 'vote answered' } & Answered<'vote'>;
export type FetchAnswered = { readonly type: 'fetch answered' } & Answered<'fetchMetadata'>;
export type ChunkAnswered = { readonly type: 'snapshot chunk answered' } & Answered<'fetchSnapshot'>;
export type BeginAnswered = { readonly type: 'begin answered' } & Answered<'beginQuorumEpoch'>;

/** A request of a peer. */
export type RequestEvent =
  | VoteRequested
  | PreVoteRequested
  | EpochBegun
  | EpochEnded
  | FetchRequested
  | ChunkRequested;

/** The answer to a request of ours. */
export type AnswerEvent = VoteAnswered | FetchAnswered | ChunkAnswered | BeginAnswered;

/** What a peer says. */
export type PeerEvent = RequestEvent | AnswerEvent;

export type FailureEvent =
  | ({ readonly type: 'vote failed' } & Failed)
  | ({ readonly type: 'fetch failed' } & Failed);

export type QuorumEvent =
  | RequestEvent
  | AnswerEvent
  | FailureEvent
  /** Q1: the vote state that was ordered last is durable. */
  | { readonly type: 'vote state stored' }
  | { readonly type: 'storage failed'; readonly error: string }
  | { readonly type: 'log flushed'; readonly flushedEndOffset: Offset }
  | { readonly type: 'log failed'; readonly error: string }
  /** What the leader sent could not be appended. */
  | { readonly type: 'append refused'; readonly message: string }
  /** D6: what this member was to write as a leader found no room on its disk; nothing of it was written. */
  | { readonly type: 'no room'; readonly error: string }
  /** The node has made a snapshot of what it replayed. */
  | { readonly type: 'snapshot taken'; readonly id: SnapshotId; readonly bytes: Uint8Array }
  | { readonly type: 'snapshot stored'; readonly id: SnapshotId }
  /** D6: there was no room for it. */
  | { readonly type: 'snapshot not stored'; readonly error: string }
  /** Evidence of the links: a peer's address refuses, its last link has closed, it answers. */
  | { readonly type: 'peer refused'; readonly id: NodeId }
  | { readonly type: 'peer unlinked'; readonly id: NodeId }
  | { readonly type: 'peer reached'; readonly id: NodeId }
  | { readonly type: 'resign' }
  | { readonly type: 'stop' };

export function isRequest(event: QuorumEvent): event is RequestEvent {
  return 'answer' in event;
}

export function isAnswer(event: QuorumEvent): event is AnswerEvent {
  return 'body' in event && 'generation' in event;
}

export function isFromPeer(event: QuorumEvent): event is PeerEvent {
  return isRequest(event) || isAnswer(event);
}

/** Who says it, as its link has proved. */
export function speakerOf({ from }: PeerEvent): NodeId {
  return typeof from === 'number' ? from : from.id;
}

/** The epoch that a request relies on, or that an answer tells (law of epochs). */
export function epochOf({ body }: PeerEvent): LeaderEpoch {
  return 'leaderEpoch' in body ? body.leaderEpoch : body.epoch;
}
