// A follower replica as its partition and its fetcher call it.

import {
  InvariantError,
  invariant,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  type ReplicatedLog,
} from '@odradek/model';
import { type Actor, type ActorOptions, createActor } from 'xstate';
import type { FollowerReplica, FollowerReplicaInput, FollowerState } from './faces.ts';
import { followerReplicaMachine } from './follower-replica.machine.ts';
import type { TruncationReport } from './hosts.ts';
import type { PartitionRegistration } from './registration.ts';
import type { FetchPosition, FollowerAnswer, NextFetch } from './replica-fetch.ts';

export type FollowerReplicaActor = Actor<typeof followerReplicaMachine>;

/** Makes the role's actor, a child of `options.parent` or a system of its own, and starts it. */
export function startFollowerReplica(
  input: FollowerReplicaInput,
  options: ActorOptions<typeof followerReplicaMachine> = {},
): FollowerReplica {
  const actor = createActor(followerReplicaMachine, { ...options, input });
  actor.start();
  return followerReplicaOf(actor);
}

/** What a role needs of its actor. */
type RoleActor = Pick<FollowerReplicaActor, 'getSnapshot' | 'send' | 'stop'>;

/** The role of an actor that somebody else has made, and will stop. */
export function followerReplicaOf(actor: RoleActor): FollowerReplica {
  return new ActorFollowerReplica(actor);
}

class ActorFollowerReplica implements FollowerReplica {
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  readonly log: ReplicatedLog;
  readonly #actor: RoleActor;

  constructor(actor: RoleActor) {
    this.#actor = actor;
    const { log, registration } = actor.getSnapshot().context;
    this.log = log;
    this.leader = registration.leader;
    this.leaderEpoch = registration.leaderEpoch;
  }

  get highWatermark(): Offset {
    return this.#actor.getSnapshot().context.highWatermark.offset;
  }

  get state(): FollowerState {
    return this.#actor.getSnapshot().value;
  }

  /** F1: the next fetch begins at the log's end, whatever was asked before. */
  fetchPosition(): FetchPosition {
    const { logEndOffset, flushedEndOffset, lastEpoch, logStartOffset } = this.log;
    return {
      currentLeaderEpoch: this.leaderEpoch,
      fetchOffset: logEndOffset,
      lastFetchedEpoch: lastEpoch,
      flushedEnd: Math.min(flushedEndOffset, logEndOffset),
      logStartOffset,
    };
  }

  answered(answer: FollowerAnswer, asked: FetchPosition): NextFetch {
    let told: NextFetch | undefined;
    const next = (given: NextFetch): void => {
      told = given;
    };
    this.#actor.send({ type: 'fetch answered', fetch: { answer, asked, next } });
    if (told !== undefined) return told;
    const { status, error } = this.#actor.getSnapshot();
    if (status === 'error') throw error;
    throw new InvariantError(
      `follower replica of epoch ${this.leaderEpoch} did not handle an answer at once: it is ${status}, or was called from one of its own orders`,
    );
  }

  reportCommitted(report: TruncationReport): void {
    this.#actor.send({ type: 'report committed', report });
  }

  partitionChanged(registration: PartitionRegistration): void {
    invariant(
      registration.leaderEpoch <= this.leaderEpoch,
      () =>
        `leader epoch ${registration.leaderEpoch} was given to the follower of epoch ${this.leaderEpoch}; a new epoch needs a new role`,
    );
    this.#actor.send({ type: 'partition changed', registration });
  }

  stop(): void {
    this.#actor.stop();
  }
}
