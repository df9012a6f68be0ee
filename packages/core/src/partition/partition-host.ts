// What a partition's machine knows of its place in the metadata, and what it orders.

import type { LeaderEpoch, NodeId, PartitionEpoch } from '@odradek/model';

/** The partition's record in the metadata, as this broker has applied it. */
export interface PartitionPlace {
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly replicas: readonly NodeId[];
  readonly inSyncReplicas: readonly NodeId[];
  readonly eligibleLeaderReplicas: readonly NodeId[];
  /** After an unclean election, until the leader's first change of the in-sync set (C4). */
  readonly isRecovering: boolean;
}

/** A log that cannot be used: its bytes are bad, or its disk is; or it was not opened, for want of room or of a file to spare (D11). */
export interface LogFailure {
  readonly kind: 'damage' | 'disk' | 'refusal';
  readonly error: string;
}

/** The orders of a partition's machine, and at which broker it is. */
export interface PartitionHost extends PartitionDeeds {
  readonly brokerId: NodeId;
}

/** What a partition's machine may order. */
export interface PartitionDeeds {
  openLog(): void;
  becomeLeader(place: PartitionPlace): void;
  becomeFollower(place: PartitionPlace): void;
  /** The place changed, but neither the leader nor its epoch. */
  placeChanged(place: PartitionPlace): void;
  /** Ends the present role: who waits for it is told, nothing is answered in its name any more. */
  endRole(): void;
  reportFailure(failure: LogFailure): void;
  /** Says why the log is not open yet: nobody else could lead (D11). */
  tellRefusal(failure: LogFailure): void;
  /** Closes a log that is open and damaged: nothing is read from it, nor written to it, any more (D9). */
  giveUpLog(failure: LogFailure): void;
  /** Says what of the log cannot be read, while the rest is served (D8). */
  nameDamage(failure: LogFailure): void;
  /** Cuts a damaged log before its first bad batch; what follows is fetched from the leader (D8). */
  cutDamage(): void;
  /** Closes the log and takes its files away: the topic is gone, or its replica was moved elsewhere. */
  deleteLog(): void;
}
