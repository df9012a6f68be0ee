// The metadata quorum of whole nodes as its oracle sees it (V20 to V24): each node's part in it, and of a dead one what its log was.

import { METADATA_DIRECTORY } from '@odradek/core';
import type { Disk, LogView, NodeId, Offset, Voter } from '@odradek/model';
import { DiskLogView } from './disk-log-view.ts';
import { type GrantedVote, type QuorumMember, QuorumOracle } from './quorum-oracle.ts';
import type { VirtualNetwork } from './virtual-network.ts';

/** A node that runs, as far as its quorum goes. */
export interface QuorumNode {
  readonly id: NodeId;
  readonly life: number;
  readonly directoryId: string;
  readonly disk: Disk;
  readonly node: {
    /** Undefined before its log is open. */
    readonly metadataQuorum:
      | { readonly quorum: NonNullable<QuorumMember['view']>; readonly log: LogView }
      | undefined;
  };
}

/** A node that may have done something; `living` is undefined once it is dead. */
export interface LookedAt {
  readonly id: NodeId;
  readonly living: QuorumNode | undefined;
}

export class QuorumWatch {
  readonly oracle = new QuorumOracle();
  readonly #members = new Map<NodeId, NotedMember>();
  readonly #startOffsets = new Map<string, Offset>();

  /** `looked`: the nodes of which something may have changed since the last look; of all others the same holds as then. */
  look(looked: readonly LookedAt[], voters: readonly Pick<Voter, 'id'>[]): string | undefined {
    const changed: NotedMember[] = [];
    for (const { id, living } of looked) {
      const before = this.#members.get(id);
      const member = living === undefined ? diedAs(before) : memberOf(living, before);
      if (member === undefined || member === before) continue;
      this.#members.set(id, member);
      changed.push(member);
      if (living === undefined) continue;
      const broken = this.#ownVote(member) ?? this.#coveredStart(member, living.disk);
      if (broken !== undefined) return broken;
    }
    return changed.length === 0 ? undefined : this.oracle.look([...this.#members.values()], voters, changed);
  }

  /** V21: who leads has voted for itself. */
  #ownVote({ directoryId, view }: QuorumMember): string | undefined {
    if (view?.isLeader !== true) return undefined;
    return this.oracle.voted({
      voterDirectoryId: directoryId,
      epoch: view.epoch,
      candidateDirectoryId: directoryId,
    });
  }

  /** V24: a log that does not begin at 0 begins where a readable snapshot ends, or below. */
  #coveredStart({ id, life, log }: QuorumMember, disk: Pick<Disk, 'list'>): string | undefined {
    const key = `${id}.${life}`;
    const { logStartOffset } = log;
    if (this.#startOffsets.get(key) === logStartOffset) return undefined;
    this.#startOffsets.set(key, logStartOffset);
    if (logStartOffset === 0) return undefined;
    const ends = disk
      .list(METADATA_DIRECTORY)
      .filter((name) => name.endsWith('.checkpoint'))
      .map((name) => Number.parseInt(name, 10));
    if (ends.some((end) => end >= logStartOffset)) return undefined;
    return `V24: the metadata log of ${id} begins at ${logStartOffset}, and its snapshots end at [${ends}]`;
  }
}

/** A member and its log's ends as they were when it was looked at: the log itself moves on. */
interface NotedMember extends QuorumMember {
  readonly opened: LogView;
  readonly startOffset: Offset;
  readonly endOffset: Offset;
  readonly flushedEnd: Offset;
}

function diedAs(before: NotedMember | undefined): NotedMember | undefined {
  return before?.view === undefined ? before : { ...before, view: undefined };
}

/** The same as before when nothing of it has changed. */
function memberOf(
  { id, life, node, disk, directoryId }: QuorumNode,
  before: NotedMember | undefined,
): NotedMember | undefined {
  const { metadataQuorum } = node;
  if (metadataQuorum === undefined) return undefined;
  const { quorum, log } = metadataQuorum;
  const { isLeader, leaderId, epoch, highWatermark } = quorum;
  const { logStartOffset: startOffset, logEndOffset: endOffset, flushedEndOffset: flushedEnd } = log;
  const isAsBefore =
    before?.life === life &&
    before.opened === log &&
    before.startOffset === startOffset &&
    before.endOffset === endOffset &&
    before.flushedEnd === flushedEnd &&
    before.view?.isLeader === isLeader &&
    before.view.leaderId === leaderId &&
    before.view.epoch === epoch &&
    before.view.highWatermark === highWatermark;
  if (isAsBefore) return before;
  const view = { isLeader, leaderId, epoch, highWatermark };
  const ends = { opened: log, startOffset, endOffset, flushedEnd };
  return { id, directoryId, life, log: new DiskLogView(log, disk, METADATA_DIRECTORY), view, ...ends };
}

/** O5: every vote that is given on the wire. Who asks has voted for itself, and that vote is durable (Q1). */
export function watchVotes(network: VirtualNetwork, voted: (vote: GrantedVote) => void): void {
  network.onAnswer = ({ asker, answerer, request, answer }) => {
    if (answer.api !== 'vote' || request.api !== 'vote' || request.body.preVote) return;
    const { epoch } = request.body;
    const candidateDirectoryId = asker.directoryId;
    voted({ voterDirectoryId: candidateDirectoryId, epoch, candidateDirectoryId });
    if (answer.body.voteGranted)
      voted({ voterDirectoryId: answerer.directoryId, epoch, candidateDirectoryId });
  };
}
