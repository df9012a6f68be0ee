// A replica at this broker as the rest of the node reaches it: its log, its role, and who waits for it. A broker has thousands: it is one
// object with methods, and neither its machine nor its log is given functions of its own.

import {
  type KafkaErrorName,
  type LeaderEpoch,
  type LogListener,
  NO_LEADER,
  type NodeId,
  type Offset,
  partitionKey,
  type TopicId,
} from '@odradek/model';
import type { FollowerReplica, LeaderReplica, PartitionRegistration } from '@odradek/replication';
import type { ActorRefFrom } from 'xstate';
import { Traffic } from '../measures/traffic.ts';
import { EndWaits } from '../waiting/end-waits.ts';
import { Wakers } from '../waiting/wakers.ts';
import type { PartitionEvent, partitionMachine } from './partition.machine.ts';
import type { LogFailure, PartitionDeeds, PartitionPlace } from './partition-host.ts';
import type { PartitionLog } from './partition-log.ts';
import { PartitionOrders } from './partition-orders.ts';

/** What a hosted partition needs of its node. */
export interface PartitionNeeds {
  readonly brokerId: number;
  /** Opens the partition's log, or hands out the one that recovery has opened. */
  openLog(
    partition: HostedPartition,
    listener: LogListener,
    done: (opened: PartitionLog | LogFailure) => void,
  ): void;
  closeAndDelete(partition: HostedPartition): void;
  giveUpLog(partition: HostedPartition, failure: LogFailure): void;
  tellRefusal(partition: HostedPartition, failure: LogFailure): void;
  nameDamage(partition: HostedPartition, failure: LogFailure): void;
  cutDamage(partition: HostedPartition): void;
  lead(partition: HostedPartition, registration: PartitionRegistration, highWatermark: Offset): LeaderReplica;
  follow(
    partition: HostedPartition,
    registration: PartitionRegistration,
    highWatermark: Offset,
  ): FollowerReplica;
  /** Its role has ended, and nobody may ask it any more. `followed`: the leader that was followed, if one was. */
  endRole(partition: HostedPartition, followed: NodeId | undefined): void;
  /** The own log is durable further than before. */
  flushed(partition: HostedPartition): void;
  failed(partition: HostedPartition, failure: LogFailure): void;
  /** Runs something in a later turn of the event loop. */
  soon(callback: () => void): void;
  /** The epoch of the last unclean election that the metadata knows of (F7). */
  uncleanLeaderEpoch(topicId: TopicId, partition: number): number;
}

/** Who a partition is. */
export interface PartitionName {
  readonly topic: string;
  readonly topicId: TopicId;
  readonly partition: number;
}

/** The states of the partition's machine. */
export type HostedState = 'offline' | 'leading' | 'following' | 'refused' | 'failed' | 'deleted';

/** One replica at this broker. */
export class HostedPartition implements PartitionDeeds, LogListener {
  readonly key: string;
  readonly name: PartitionName;
  readonly brokerId: number;
  /** Producers with acks=all: the high watermark. */
  readonly committedWaits = new EndWaits();
  /** Producers with acks=1: the leader's own flushed end. */
  readonly flushedWaits = new EndWaits();
  /** Parked reads of consumers. */
  readonly readers = new Wakers();
  /** Of producers and consumers, while this replica led. */
  readonly traffic = new Traffic();
  /** What the machine orders; carried out once its transition is over. */
  readonly host: PartitionOrders;
  log: PartitionLog | undefined;
  leader: LeaderReplica | undefined;
  follower: FollowerReplica | undefined;
  place: PartitionPlace;
  private readonly needs: PartitionNeeds;
  private actor: ActorRefFrom<typeof partitionMachine> | undefined;
  private lastHighWatermark: Offset;
  private checkpointedHighWatermark: Offset;
  /** The epoch in which this replica led last, in this life, knowing what is committed; unless it has followed a clean leader since. */
  private ledUntil: LeaderEpoch | undefined;

  /** `highWatermark`: as it was checkpointed, a hint (D10). */
  constructor(needs: PartitionNeeds, name: PartitionName, place: PartitionPlace, highWatermark: Offset) {
    this.needs = needs;
    this.brokerId = needs.brokerId;
    this.name = name;
    this.place = place;
    this.key = partitionKey(name.topicId, name.partition);
    this.host = new PartitionOrders(this);
    this.lastHighWatermark = highWatermark;
    this.checkpointedHighWatermark = highWatermark;
  }

  /** What this replica takes for committed; a belief (A1). */
  get highWatermark(): Offset {
    return this.leader?.highWatermark ?? this.follower?.highWatermark ?? this.lastHighWatermark;
  }

  /** The high watermark, if it is another than when this was asked last; it will be checkpointed (D10). */
  takeMovedHighWatermark(): Offset | undefined {
    const { highWatermark } = this;
    if (highWatermark === this.checkpointedHighWatermark) return undefined;
    this.checkpointedHighWatermark = highWatermark;
    return highWatermark;
  }

  /** What its machine says of it. */
  get state(): HostedState {
    const value = this.actor?.getSnapshot().value ?? 'offline';
    return typeof value === 'string' ? value : value.hosted;
  }

  /** Why its log cannot be used, while it cannot. */
  get failure(): LogFailure | undefined {
    return this.actor?.getSnapshot().context.failure;
  }

  /** Why a client must ask elsewhere; undefined while this replica leads. */
  get notLeading(): KafkaErrorName | undefined {
    if (this.leader !== undefined) return undefined;
    return this.place.leader === NO_LEADER ? 'LEADER_NOT_AVAILABLE' : 'NOT_LEADER_OR_FOLLOWER';
  }

  /** Whether this replica led when an unclean election came, and has not stopped since: it knows what was committed (F7). */
  hasLedUntil(uncleanLeaderEpoch: LeaderEpoch): boolean {
    return this.ledUntil !== undefined && this.ledUntil < uncleanLeaderEpoch;
  }

  /** Tells the machine, then carries out what it ordered: an actor is not made inside another's transition. */
  tell(event: PartitionEvent): void {
    this.host.gather();
    this.actor?.send(event);
    this.host.carryOut();
  }

  /** Starts the machine. */
  begin(actor: ActorRefFrom<typeof partitionMachine>): void {
    this.actor = actor;
    this.host.gather();
    actor.start();
    this.host.carryOut();
  }

  /** The broker ends: no role from here on, and no record more in a log that is being closed (C9). */
  close(): void {
    this.host.close();
    this.endRole();
  }

  /** Runs something in a later turn of the event loop. */
  soon(callback: () => void): void {
    this.needs.soon(callback);
  }

  // What its machine has ordered.

  openLog(): void {
    this.needs.openLog(this, this, (opened) => {
      if ('kind' in opened) {
        this.tell({ type: 'log failed', failure: opened });
        return;
      }
      this.log = opened;
      this.tell({ type: 'log opened' });
    });
  }

  becomeLeader(place: PartitionPlace): void {
    this.place = place;
    this.ledUntil = undefined;
    this.leader = this.needs.lead(this, this.registration(place), this.lastHighWatermark);
  }

  becomeFollower(place: PartitionPlace): void {
    this.place = place;
    // A clean leader has come between: its high watermark counts, ours does no more.
    if (!this.hasLedUntil(this.needs.uncleanLeaderEpoch(this.name.topicId, this.name.partition)))
      this.ledUntil = undefined;
    this.follower = this.needs.follow(this, this.registration(place), this.lastHighWatermark);
  }

  placeChanged(place: PartitionPlace): void {
    this.place = place;
    const registration = this.registration(place);
    this.leader?.partitionChanged(registration);
    this.follower?.partitionChanged(registration);
  }

  /** L6: whoever waits learns that the outcome is not known here; reads look again and are refused (L9). */
  endRole(): void {
    this.lastHighWatermark = this.highWatermark;
    if (this.leader !== undefined) this.ledUntil = knownCommitEpoch(this.leader);
    const followed = this.follower?.leader;
    this.leader = undefined;
    this.follower = undefined;
    this.needs.endRole(this, followed);
    this.committedWaits.fail('NOT_LEADER_OR_FOLLOWER');
    this.flushedWaits.fail('NOT_LEADER_OR_FOLLOWER');
    this.readers.wake();
  }

  reportFailure(failure: LogFailure): void {
    this.needs.failed(this, failure);
  }

  tellRefusal(failure: LogFailure): void {
    this.needs.tellRefusal(this, failure);
  }

  giveUpLog(failure: LogFailure): void {
    this.needs.giveUpLog(this, failure);
  }

  nameDamage(failure: LogFailure): void {
    this.needs.nameDamage(this, failure);
  }

  cutDamage(): void {
    // Nothing is checkpointed of a log that is made anew.
    this.checkpointedHighWatermark = 0;
    this.needs.cutDamage(this);
  }

  deleteLog(): void {
    this.needs.closeAndDelete(this);
    this.log = undefined;
  }

  /** The leader's high watermark moved: commits are answered, consumers read on. */
  highWatermarkMoved(highWatermark: Offset): void {
    const isByTooFew = this.leader?.commitment(highWatermark) === 'committed by too few';
    this.committedWaits.reach(highWatermark, isByTooFew ? 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' : 'NONE');
    this.readers.wake();
  }

  private registration(place: PartitionPlace): PartitionRegistration {
    const uncleanLeaderEpoch = this.needs.uncleanLeaderEpoch(this.name.topicId, this.name.partition);
    return { ...place, uncleanLeaderEpoch };
  }

  // What its log tells.

  flushed(flushedEndOffset: Offset): void {
    this.leader?.flushed();
    this.flushedWaits.reach(flushedEndOffset);
    this.needs.flushed(this);
  }

  failed(error: string): void {
    this.tell({ type: 'log failed', failure: { kind: 'disk', error } });
  }

  refused(error: string): void {
    this.tell({ type: 'log failed', failure: { kind: 'refusal', error } });
  }

  readFoundDamage(error: string): void {
    this.tell({ type: 'read found damage', failure: { kind: 'damage', error } });
  }
}

/** L8: a leader whose high watermark has not reached the start of its epoch does not know what earlier ones have committed. */
function knownCommitEpoch({
  highWatermark,
  leaderEpochStart,
  leaderEpoch,
}: LeaderReplica): LeaderEpoch | undefined {
  return highWatermark >= leaderEpochStart ? leaderEpoch : undefined;
}
