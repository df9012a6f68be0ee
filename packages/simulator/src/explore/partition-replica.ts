// One replica of the explored partition, all of it values: the machines of the partition and of its role, and its log.

import type { NodeMachines, PartitionHost, partitionMachine } from '@odradek/core';
import type { MetadataImage, NodeId, Offset } from '@odradek/model';
import type {
  FetchPosition,
  FollowerAnswer,
  FollowerFetch,
  FollowerHost,
  followerReplicaMachine,
  InSyncProposal,
  LeaderHost,
  leaderReplicaMachine,
  ProposalResult,
} from '@odradek/replication';
import type { SnapshotFrom } from 'xstate';
import { type AbstractLog, emptyLog, type LogContent } from './abstract-log.ts';
import type { MachineStep } from './machine-step.ts';

export type LeaderMachine = typeof leaderReplicaMachine;
export type FollowerMachine = typeof followerReplicaMachine;
export type LeaderSnapshot = SnapshotFrom<LeaderMachine>;
export type FollowerSnapshot = SnapshotFrom<FollowerMachine>;
export type PartitionSnapshot = SnapshotFrom<typeof partitionMachine>;

export type Role =
  | { readonly kind: 'leader'; readonly snapshot: LeaderSnapshot }
  | {
      readonly kind: 'follower';
      readonly snapshot: FollowerSnapshot;
      /** No fetch can succeed before the metadata say more. */
      readonly waitsForMetadata: boolean;
    };

export interface Replica {
  readonly id: NodeId;
  readonly isUp: boolean;
  readonly brokerEpoch: number;
  /** What it has heard of the metadata in this life. */
  readonly image: MetadataImage | undefined;
  readonly log: LogContent;
  /** Its log was taken from it, and the controller does not know yet. */
  readonly isWiped: boolean;
  /** As it was when the last role ended; a process that dies has written nothing down (D10). */
  readonly highWatermark: Offset;
  readonly partition: PartitionSnapshot | undefined;
  readonly role: Role | undefined;
}

/** What leaves a replica in a step. */
export type Sent =
  | {
      readonly type: 'answer';
      readonly to: NodeId;
      readonly answer: FollowerAnswer;
      readonly asked: FetchPosition;
    }
  | { readonly type: 'proposal'; readonly proposal: InSyncProposal; readonly token: number };

export type Happening =
  | { readonly type: 'hears'; readonly image: MetadataImage }
  | { readonly type: 'produce'; readonly value: number }
  | { readonly type: 'asked'; readonly fetch: FollowerFetch }
  | {
      readonly type: 'answered';
      readonly from: NodeId;
      readonly answer: FollowerAnswer;
      readonly asked: FetchPosition;
    }
  | { readonly type: 'proposal answered'; readonly token: number; readonly result: ProposalResult }
  | { readonly type: 'timer'; readonly timer: string }
  | { readonly type: 'lag check' }
  /** The time passes in which a follower must have been caught up. */
  | { readonly type: 'lag time passes' }
  | { readonly type: 'flushed' }
  | { readonly type: 'crash'; readonly disk: 'stays' | 'loses power' | 'is wiped' }
  | { readonly type: 'starts'; readonly brokerEpoch: number };

export interface Outcome {
  readonly replica: Replica;
  readonly sent: readonly Sent[];
  readonly broken?: string;
}

export interface ReplicaSettings {
  readonly topicId: string;
  readonly minInSyncReplicas: number;
  readonly hasFastDisks: boolean;
  /** Machines in the place of those that ship. */
  readonly machines: Partial<NodeMachines>;
}

/** The machines of a replica, and what is set about them. */
export interface ReplicaMachines {
  readonly settings: ReplicaSettings;
  readonly partition: MachineStep<typeof partitionMachine>;
  readonly leader: MachineStep<LeaderMachine>;
  readonly follower: MachineStep<FollowerMachine>;
}

export function newReplica(id: NodeId, log: LogContent = emptyLog): Replica {
  const nothing = { image: undefined, partition: undefined, role: undefined, highWatermark: 0 };
  return { id, isUp: false, isWiped: false, brokerEpoch: -1, log, ...nothing };
}

/** What stands for a host or a log between two steps: real ones would keep every earlier world alive. */
export const nothingHere = new Proxy({} as LeaderHost & FollowerHost & PartitionHost & AbstractLog, {
  get: (_, name) => {
    throw new Error(`${String(name)} was asked of a replica between two steps`);
  },
});
