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

export class QuorumWatch {
  readonly oracle = new QuorumOracle();
  readonly #members = new Map<NodeId, QuorumMember>();
  readonly #startOffsets = new Map<string, Offset>();

  look(nodes: readonly QuorumNode[], voters: readonly Pick<Voter, 'id'>[]): string | undefined {
    const alive = new Set(nodes.map(({ id }) => id));
    for (const [id, member] of this.#members)
      if (!alive.has(id) && member.view !== undefined) this.#members.set(id, { ...member, view: undefined });
    for (const node of nodes) {
      const member = memberOf(node);
      if (member === undefined) continue;
      this.#members.set(node.id, member);
      const broken = this.#ownVote(member) ?? this.#coveredStart(member, node.disk);
      if (broken !== undefined) return broken;
    }
    return this.oracle.look([...this.#members.values()], voters);
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

function memberOf({ id, life, node, disk, directoryId }: QuorumNode): QuorumMember | undefined {
  const { metadataQuorum } = node;
  if (metadataQuorum === undefined) return undefined;
  const { quorum, log } = metadataQuorum;
  const { isLeader, leaderId, epoch, highWatermark } = quorum;
  const view = { isLeader, leaderId, epoch, highWatermark };
  return { id, directoryId, life, log: new DiskLogView(log, disk, METADATA_DIRECTORY), view };
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
