// The steps of the replicas of one partition: a replica and something that happens to it give the replica after it and what it has sent.

import { partitionMachine } from '@odradek/core';
import { type FollowerFetch, followerReplicaMachine, leaderReplicaMachine } from '@odradek/replication';
import { MachineStep } from './machine-step.ts';
import { ReplicaDesk } from './partition-desk.ts';
import type {
  FollowerMachine,
  Happening,
  LeaderMachine,
  Outcome,
  Replica,
  ReplicaMachines,
  ReplicaSettings,
} from './partition-replica.ts';

/** The steps of the replicas of one partition. */
export class ReplicaSteps implements ReplicaMachines {
  readonly settings: ReplicaSettings;
  readonly partition: MachineStep<typeof partitionMachine>;
  readonly leader: MachineStep<LeaderMachine>;
  readonly follower: MachineStep<FollowerMachine>;

  constructor(settings: ReplicaSettings) {
    this.settings = settings;
    this.partition = new MachineStep(settings.machines.partition ?? partitionMachine);
    this.leader = new MachineStep(settings.machines.leaderReplica ?? leaderReplicaMachine);
    this.follower = new MachineStep(settings.machines.followerReplica ?? followerReplicaMachine);
  }

  timersOf({ role }: Replica): readonly string[] {
    return role?.kind === 'leader' ? this.leader.timersOf(role.snapshot) : [];
  }

  /** What a follower asks next; undefined while it has nothing to ask. */
  fetchOf(replica: Replica): FollowerFetch | undefined {
    if (replica.role?.kind !== 'follower' || replica.role.waitsForMetadata) return undefined;
    const position = new ReplicaDesk(replica, this).followerRole?.fetchPosition();
    return position && { ...position, brokerId: replica.id, brokerEpoch: replica.brokerEpoch };
  }

  step(before: Replica, happening: Happening): Outcome {
    const desk = new ReplicaDesk(before, this);
    try {
      desk.happens(happening);
      if (this.settings.hasFastDisks && desk.log.flushedEndOffset < desk.log.logEndOffset)
        desk.happens({ type: 'flushed' });
      return desk.outcome();
    } catch (error) {
      return { replica: before, sent: [], broken: error instanceof Error ? error.message : String(error) };
    }
  }
}
