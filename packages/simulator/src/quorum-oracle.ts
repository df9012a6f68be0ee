// What must hold of a metadata quorum after every event (V20 to V23).

import type { LeaderEpoch, LogView, NodeId, Offset, Voter } from '@odradek/model';
import { AppendGhost, GhostLog } from './ghost-log.ts';

/** A member of the quorum as the oracle sees it, alive or not: of a dead one only the log counts that its disk would give back. */
export interface QuorumMember {
  readonly id: NodeId;
  readonly directoryId: string;
  /** Its process now; another one after a restart. */
  readonly life: number;
  readonly log: LogView;
  /** Undefined while it does not run. */
  readonly view:
    | {
        readonly isLeader: boolean;
        readonly leaderId: NodeId | undefined;
        readonly epoch: LeaderEpoch;
        readonly highWatermark: Offset;
      }
    | undefined;
}

/** A real vote (no pre-vote) that somebody was given. */
export interface GrantedVote {
  readonly voterDirectoryId: string;
  readonly epoch: LeaderEpoch;
  readonly candidateDirectoryId: string;
}

/** What the oracle has found at one member of one life. */
interface Seen {
  readonly life: number;
  highWatermark: Offset;
  epoch: LeaderEpoch;
}

/** Remembers the whole history of a quorum; each look says what is broken, in words, with the rule's id. */
export class QuorumOracle {
  readonly committed = new GhostLog();
  readonly #appends = new AppendGhost();
  readonly #leaders = new Map<LeaderEpoch, NodeId>();
  readonly #votes = new Map<string, string>();
  readonly #seen = new Map<NodeId, Seen>();
  /** Up to where each directory's log was synced once: a process that was killed knows it no more, and the disk has it (D1). */
  readonly #syncedEnds = new Map<string, Offset>();

  /** How many epochs had a leader. */
  get electedEpochs(): number {
    return this.#leaders.size;
  }

  /** V21: one vote per voter identity and epoch, across crashes. */
  voted({ voterDirectoryId, epoch, candidateDirectoryId }: GrantedVote): string | undefined {
    const key = `${voterDirectoryId} ${epoch}`;
    const before = this.#votes.get(key);
    if (before !== undefined && before !== candidateDirectoryId)
      return `V21: voter ${voterDirectoryId} gave its vote of epoch ${epoch} to ${before} and to ${candidateDirectoryId}`;
    this.#votes.set(key, candidateDirectoryId);
    return undefined;
  }

  /** `changed`: those of the members of which anything is new since the last look; of the others the same holds as then. */
  look(
    members: readonly QuorumMember[],
    voters: readonly Pick<Voter, 'id'>[],
    changed: readonly QuorumMember[] = members,
  ): string | undefined {
    for (const { directoryId, log } of changed) {
      const known = Math.min(this.#syncedEnds.get(directoryId) ?? 0, log.logEndOffset);
      this.#syncedEnds.set(directoryId, Math.max(known, log.flushedEndOffset));
    }
    for (const member of changed) {
      const broken =
        this.#oneLeader(member) ?? this.#logMatching(member) ?? this.#highWatermark(member, members, voters);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  /** V20: one leader per epoch, and all who know one agree. V22: a leader has all that is committed. */
  #oneLeader({ id, view, log }: QuorumMember): string | undefined {
    if (view?.leaderId === undefined) return undefined;
    if (view.isLeader && view.leaderId !== id)
      return `V20: ${id} leads and takes ${view.leaderId} for the leader`;
    const known = this.#leaders.get(view.epoch);
    if (known !== undefined && known !== view.leaderId)
      return `V20: in epoch ${view.epoch} ${known} and ${view.leaderId} lead`;
    if (known === undefined && view.isLeader) {
      const missing = this.committed.difference(log, this.committed.endOffset);
      if (missing !== undefined)
        return `V22: ${id} leads epoch ${view.epoch} without what is committed: ${missing}`;
    }
    this.#leaders.set(view.epoch, view.leaderId);
    return undefined;
  }

  /** V22, V6: the same offset and epoch has the same bytes everywhere, for ever. */
  #logMatching({ id, log, life, view }: QuorumMember): string | undefined {
    if (view === undefined) return undefined;
    if (this.#seen.get(id)?.life !== life) this.#appends.forget(`${id}`);
    const twice = this.#appends.scan(`${id}`, log);
    return twice === undefined ? undefined : `V22: ${twice}`;
  }

  /** V22: monotone, and what is below it never changes. V23: durable on a majority before anybody calls it committed. */
  #highWatermark(
    member: QuorumMember,
    members: readonly QuorumMember[],
    voters: readonly Pick<Voter, 'id'>[],
  ): string | undefined {
    const { id, view, log, life } = member;
    if (view === undefined) return undefined;
    const before = this.#seen.get(id);
    const seen = before?.life === life ? before : { life, highWatermark: 0, epoch: -1 };
    if (seen !== before) this.#seen.set(id, seen);
    if (view.epoch < seen.epoch) return `V22: the epoch of ${id} fell from ${seen.epoch} to ${view.epoch}`;
    seen.epoch = view.epoch;
    if (view.highWatermark < seen.highWatermark)
      return `V22: the high watermark of ${id} fell from ${seen.highWatermark} to ${view.highWatermark}`;
    if (log.logEndOffset < seen.highWatermark)
      return `V22: ${id} has cut its log to ${log.logEndOffset}, below its high watermark ${seen.highWatermark}`;
    if (view.highWatermark === seen.highWatermark) return undefined;
    const known = this.committed.endOffset;
    const difference = this.committed.commit(log, view.highWatermark, seen.highWatermark);
    seen.highWatermark = view.highWatermark;
    const top = this.committed.batches.at(-1);
    if (view.isLeader && view.highWatermark > known && top?.leaderEpoch !== view.epoch)
      return `Q4: ${id} leads epoch ${view.epoch} and calls ${view.highWatermark} committed, a record of epoch ${top?.leaderEpoch}`;
    if (difference !== undefined) return `V22: ${id} calls something else committed: ${difference}`;
    return view.highWatermark > known ? this.#durable(view.highWatermark, members, voters) : undefined;
  }

  #durable(
    highWatermark: Offset,
    members: readonly QuorumMember[],
    voters: readonly Pick<Voter, 'id'>[],
  ): string | undefined {
    const isVoter = new Set(voters.map(({ id }) => id));
    const holders = members.filter(
      ({ id, log, directoryId }) =>
        isVoter.has(id) &&
        (this.#syncedEnds.get(directoryId) ?? 0) >= highWatermark &&
        this.committed.difference(log, highWatermark) === undefined,
    );
    if (holders.length > voters.length / 2) return undefined;
    const where = members
      .map(({ id, log, directoryId }) => `${id}: ${this.#syncedEnds.get(directoryId)} of ${log.logEndOffset}`)
      .join(', ');
    return `V23: ${highWatermark} is called committed, but is durable at [${holders.map(({ id }) => id)}] only (${where})`;
  }
}
