// A member of the metadata quorum as the explorer sees it: the real machine's snapshot, a log, what is durable; and the messages between
// members. All of it values.

import {
  type DurableVoteState,
  noVoteState,
  type QuorumApi,
  type QuorumHost,
  type quorumMachine,
  type VoterKey,
} from '@odradek/election';
import type { NodeId, PeerRequest, PeerResponse } from '@odradek/model';
import type { SnapshotFrom } from 'xstate';
import { emptyLog, type LogContent } from './abstract-log.ts';

export type QuorumMachine = typeof quorumMachine;
export type QuorumSnapshot = SnapshotFrom<QuorumMachine>;

/** The APIs that are explored: all of the quorum's but the download of snapshots. */
export type ExploredApi = Exclude<QuorumApi, 'fetchSnapshot'>;

export interface QuorumRequest {
  readonly kind: 'request';
  readonly from: NodeId;
  readonly to: NodeId;
  readonly api: ExploredApi;
  readonly body: PeerRequest<ExploredApi>['body'];
  /** Whether the asker has asked something newer since: its answer is stale (S71). */
  readonly isStale: boolean;
}

export interface QuorumAnswer {
  readonly kind: 'answer';
  /** Who answers. */
  readonly from: NodeId;
  /** Who had asked. */
  readonly to: NodeId;
  readonly api: ExploredApi;
  readonly body: PeerResponse<ExploredApi>;
  /** Of a vote that was asked for as a pre-vote: it promises nothing (Q3). */
  readonly isPreVote: boolean;
  readonly isStale: boolean;
}

export type QuorumMessage = QuorumRequest | QuorumAnswer;

/** One member at one moment. */
export interface Member {
  readonly id: NodeId;
  /** Undefined while the process is dead. */
  readonly snapshot: QuorumSnapshot | undefined;
  readonly log: LogContent;
  readonly voteState: DurableVoteState;
  /** On its way to the disk. */
  readonly storing: DurableVoteState | undefined;
  /** What leaves once the vote state is durable (Q1). */
  readonly waiting: readonly QuorumMessage[];
  /** Fetches without news for whoever asked. */
  readonly parked: readonly QuorumRequest[];
}

/** For how long nobody was heard when a timer fires: for so short that a leader must not resign, or for ever. */
export type Silence = 'short' | 'long';

/** What may happen to a member. */
export type Happening =
  | { readonly type: 'message'; readonly message: QuorumMessage }
  | {
      readonly type: 'unanswered';
      readonly request: QuorumRequest;
      readonly reason: 'refused' | 'disconnected';
    }
  | { readonly type: 'timer'; readonly timer: string; readonly silence: Silence }
  | { readonly type: 'stored' }
  | { readonly type: 'flushed' }
  | { readonly type: 'append'; readonly value: number }
  | { readonly type: 'crash'; readonly losesPower: boolean }
  | { readonly type: 'start' };

export interface Outcome {
  readonly member: Member;
  readonly sent: readonly QuorumMessage[];
  /** It has asked something new: answers to what it asked before are stale. */
  readonly hasAskedAnew: boolean;
  /** An invariant that the machine itself found broken. */
  readonly broken?: string;
}

/** How finely the members are looked at. */
export interface Grain {
  /** Disks are done before anything else happens. */
  readonly hasFastDisks: boolean;
  readonly recordsPerFetch: number;
}

/** The machine's context keeps no host between two steps: it would keep every earlier world alive. */
export const nobody = new Proxy({} as QuorumHost, {
  get: (_, name) => {
    throw new Error(`${String(name)} was asked of a member between two steps`);
  },
});

export function newMember(id: NodeId): Member {
  const nothing = { snapshot: undefined, storing: undefined, waiting: [], parked: [] };
  return { id, log: emptyLog, voteState: noVoteState, ...nothing };
}

export function keyOf(id: NodeId): VoterKey {
  return { id, directoryId: `directory-${id}` };
}

/** Whether this is a question whose answer is dropped once its asker has asked another (S71). */
export function isCounted({ kind, api }: QuorumMessage): boolean {
  return kind === 'request' && (api === 'vote' || api === 'fetchMetadata');
}

export function aged<Message extends QuorumMessage>(message: Message): Message {
  return isCounted(message) ? { ...message, isStale: true } : message;
}
