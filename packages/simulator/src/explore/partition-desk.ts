// One replica for as long as one step takes: what its machines order is carried out on values, as the broker's replica manager does it.

import { type PartitionHost, type PartitionPlace, placeOf } from '@odradek/core';
import { type MetadataImage, type Offset, partitionOf } from '@odradek/model';
import {
  type FollowerAnswer,
  type FollowerFetch,
  type FollowerHost,
  type FollowerReplica,
  followerAnswer,
  followerReplicaOf,
  type LeaderHost,
  type LeaderReplica,
  leaderReplicaOf,
  notLeaderAnswer,
} from '@odradek/replication';
import type { SnapshotFrom } from 'xstate';
import { AbstractLog, afterPowerLoss, emptyLog, unplaced } from './abstract-log.ts';
import type { MachineStep } from './machine-step.ts';
import {
  type FollowerMachine,
  type FollowerSnapshot,
  type Happening,
  type LeaderMachine,
  type LeaderSnapshot,
  nothingHere,
  type Outcome,
  type PartitionSnapshot,
  type Replica,
  type ReplicaMachines,
  type Role,
  type Sent,
} from './partition-replica.ts';

/** One replica for as long as one step takes. */
export class ReplicaDesk {
  readonly log: AbstractLog;
  private readonly before: Replica;
  private readonly steps: ReplicaMachines;
  private readonly sent: Sent[] = [];
  private readonly orders: (() => void)[] = [];
  private isUp: boolean;
  private isWiped: boolean;
  private brokerEpoch: number;
  private image: MetadataImage | undefined;
  private highWatermark: Offset;
  private partition: PartitionSnapshot | undefined;
  private leader: RoleAtWork<LeaderMachine> | undefined;
  private follower: RoleAtWork<FollowerMachine> | undefined;
  private waitsForMetadata = false;

  constructor(before: Replica, steps: ReplicaMachines) {
    this.before = before;
    this.steps = steps;
    this.log = new AbstractLog(before.log);
    this.isUp = before.isUp;
    this.isWiped = before.isWiped;
    this.brokerEpoch = before.brokerEpoch;
    this.image = before.image;
    this.highWatermark = before.highWatermark;
    this.partition =
      before.partition === undefined
        ? undefined
        : withContext(before.partition, { host: this.partitionHost });
    const { role } = before;
    if (role?.kind === 'leader')
      this.leader = new RoleAtWork(steps.leader, awakeLeader(role.snapshot, this.leaderHost, this.log));
    if (role?.kind === 'follower') {
      this.follower = new RoleAtWork(
        steps.follower,
        awakeFollower(role.snapshot, this.followerHost, this.log),
      );
      this.waitsForMetadata = role.waitsForMetadata;
    }
  }

  happens(happening: Happening): void {
    switch (happening.type) {
      case 'hears':
        this.hears(happening.image);
        break;
      case 'produce':
        this.leaderRole?.produce(unplaced(happening.value), 'all', { wallMs: 0, origin: 'client' });
        break;
      case 'asked':
        this.answer(happening.fetch);
        break;
      case 'answered':
        this.takeAnswer(happening);
        break;
      case 'proposal answered':
        this.leaderRole?.proposalAnswered(happening.token, happening.result);
        break;
      case 'timer':
        this.leader?.send({ type: happening.timer } as never);
        break;
      case 'lag check':
        this.leaderRole?.checkLag();
        break;
      case 'lag time passes':
        this.letLagTimePass();
        break;
      case 'flushed':
        this.log.flush(() => {});
        this.leaderRole?.flushed();
        break;
      case 'crash':
        this.crash(happening.disk);
        break;
      case 'starts':
        this.isUp = true;
        this.isWiped = false;
        this.brokerEpoch = happening.brokerEpoch;
    }
  }

  outcome(): Outcome {
    const { isUp, isWiped, brokerEpoch, image, highWatermark, sent } = this;
    const partition =
      this.partition === undefined ? undefined : withContext(this.partition, { host: nothingHere });
    const role = this.roleAtRest();
    const { id } = this.before;
    const log = this.log.content;
    const replica = { id, isUp, isWiped, brokerEpoch, image, log, highWatermark, partition, role };
    return { replica, sent };
  }

  private get leaderRole(): LeaderReplica | undefined {
    return this.leader === undefined ? undefined : leaderReplicaOf(this.leader);
  }

  get followerRole(): FollowerReplica | undefined {
    return this.follower === undefined ? undefined : followerReplicaOf(this.follower);
  }

  private roleAtRest(): Role | undefined {
    const atRest = { host: nothingHere, log: nothingHere };
    if (this.leader !== undefined)
      return { kind: 'leader', snapshot: withContext(this.leader.getSnapshot(), atRest) };
    if (this.follower === undefined) return undefined;
    const snapshot = withContext(this.follower.getSnapshot(), atRest);
    return { kind: 'follower', snapshot, waitsForMetadata: this.waitsForMetadata };
  }

  // The metadata

  /** As the broker's replica manager does it: places are taken once its own registration is known (V14). */
  private hears(after: MetadataImage): void {
    const before = this.image;
    if (after.brokers.get(this.before.id)?.brokerEpoch !== this.brokerEpoch) return;
    this.image = after;
    const state = partitionOf(after, this.steps.settings.topicId, 0);
    if (state === undefined) return;
    const place = placeOf(state);
    if (this.partition === undefined) this.begin(place);
    else if (partitionOf(before ?? after, this.steps.settings.topicId, 0) !== state)
      this.tell({ type: 'place changed', place });
    if (before?.brokers !== after.brokers) this.leaderRole?.eligibilityChanged();
  }

  private begin(place: PartitionPlace): void {
    this.partition = this.steps.partition.initial({ host: this.partitionHost, place });
    this.carryOut();
  }

  private tell(event: Parameters<typeof this.steps.partition.next>[1]): void {
    if (this.partition !== undefined) this.partition = this.steps.partition.next(this.partition, event);
    this.carryOut();
  }

  private carryOut(): void {
    for (let order = this.orders.shift(); order !== undefined; order = this.orders.shift()) order();
  }

  private readonly partitionHost: PartitionHost = ((desk: ReplicaDesk): PartitionHost => {
    const order = (action: () => void) => {
      desk.orders.push(action);
    };
    return {
      get brokerId() {
        return desk.before.id;
      },
      openLog: () => order(() => desk.tell({ type: 'log opened' })),
      becomeLeader: (place) => order(() => desk.becomeLeader(place)),
      becomeFollower: (place) => order(() => desk.becomeFollower(place)),
      placeChanged: (place) =>
        order(() => {
          const registration = { ...place, uncleanLeaderEpoch: -1 };
          desk.leaderRole?.partitionChanged(registration);
          desk.followerRole?.partitionChanged(registration);
        }),
      endRole: () => order(() => desk.endRole()),
      reportFailure: () => {},
      tellRefusal: () => {},
      giveUpLog: () => {},
      nameDamage: () => {},
      cutDamage: () => {},
      deleteLog: () => {},
    };
  })(this);

  private becomeLeader(place: PartitionPlace): void {
    const { minInSyncReplicas } = this.steps.settings;
    this.leader = new RoleAtWork(
      this.steps.leader,
      this.steps.leader.initial({
        brokerId: this.before.id,
        log: this.log,
        host: this.leaderHost,
        registration: { ...place, uncleanLeaderEpoch: -1 },
        settings: { minInSyncReplicas, lagTimeMaxMs: 1, proposalRetryMs: 1 },
        highWatermark: this.highWatermark,
      }),
    );
  }

  private becomeFollower(place: PartitionPlace): void {
    this.waitsForMetadata = false;
    this.follower = new RoleAtWork(
      this.steps.follower,
      this.steps.follower.initial({
        brokerId: this.before.id,
        log: this.log,
        host: this.followerHost,
        registration: { ...place, uncleanLeaderEpoch: -1 },
        highWatermark: this.highWatermark,
      }),
    );
  }

  private endRole(): void {
    this.highWatermark =
      this.leaderRole?.highWatermark ?? this.followerRole?.highWatermark ?? this.highWatermark;
    this.leader = undefined;
    this.follower = undefined;
  }

  private readonly leaderHost: LeaderHost = ((desk: ReplicaDesk): LeaderHost => ({
    // Time stands still; that it has passed is an event of its own.
    nowMs: () => 0,
    proposeInSync: (proposal, token) => desk.sent.push({ type: 'proposal', proposal, token }),
    highWatermarkMoved: () => {},
    // A check of who lags may come at any time, and every fetch names its partition.
    followersMayLag: () => {},
    listenToFollowers: () => {},
    isEligible: (id) => {
      const broker = desk.image?.brokers.get(id);
      return broker !== undefined && !broker.isFenced && !broker.isShuttingDown;
    },
    brokerEpochOf: (id) => desk.image?.brokers.get(id)?.brokerEpoch ?? -1,
  }))(this);

  private readonly followerHost: FollowerHost = {
    nowMs: () => 0,
    reportTruncation: () => {
      throw new Error('a truncation was reported, but no election is unclean');
    },
    fetchAgain: () => {},
    recordsCorrupt: (message) => {
      throw new Error(message);
    },
  };

  // Records

  private answer(fetch: FollowerFetch): void {
    const { leaderRole: leader } = this;
    this.sent.push({
      type: 'answer',
      to: fetch.brokerId,
      asked: fetch,
      answer: this.answerTo(leader, fetch),
    });
  }

  private answerTo(leader: LeaderReplica | undefined, fetch: FollowerFetch): FollowerAnswer {
    if (leader === undefined) return notLeaderAnswer;
    const accepted = leader.followerFetch(fetch);
    if (accepted.outcome !== 'accepted') return followerAnswer(leader, accepted);
    // A weakened guard is asked every time, and not only where the true one might say yes.
    if (this.steps.settings.machines.leaderReplica !== undefined)
      this.leader?.send({ type: 'follower progressed', brokerId: fetch.brokerId });
    const read = leader.readForFollower(fetch, fetch.brokerId, Number.MAX_SAFE_INTEGER);
    return read.outcome === 'cold' ? notLeaderAnswer : followerAnswer(leader, read);
  }

  private takeAnswer({ from, answer, asked }: Extract<Happening, { type: 'answered' }>): void {
    const { followerRole: follower } = this;
    if (follower === undefined || follower.leader !== from) return;
    const before = this.log.content;
    const next = follower.answered(answer, asked);
    this.waitsForMetadata = next === 'wait for metadata';
    const isOfThisEpoch = asked.currentLeaderEpoch === follower.leaderEpoch;
    if (isOfThisEpoch || this.log.content === before) return;
    const { currentLeaderEpoch: epoch } = asked;
    throw new Error(
      `A1: what was asked in leader epoch ${epoch} changed a log in epoch ${follower.leaderEpoch}`,
    );
  }

  /** Whoever has less than the leader has lagged for too long (I4). */
  private letLagTimePass(): void {
    for (const progress of this.leader?.getSnapshot().context.followers.values() ?? []) {
      progress.lastCaughtUpMs = Number.NEGATIVE_INFINITY;
      progress.markMs = Number.NEGATIVE_INFINITY;
    }
  }

  private crash(disk: 'stays' | 'loses power' | 'is wiped'): void {
    this.isUp = false;
    this.image = undefined;
    this.partition = undefined;
    this.leader = undefined;
    this.follower = undefined;
    this.highWatermark = 0;
    if (disk === 'loses power') this.log.content = afterPowerLoss(this.log.content);
    if (disk !== 'is wiped') return;
    this.log.content = emptyLog;
    this.isWiped = true;
  }
}

/** A role's machine as the role's face wants its actor: it takes an event at once. */
class RoleAtWork<Machine extends LeaderMachine | FollowerMachine> {
  private readonly machine: MachineStep<Machine>;
  private snapshot: SnapshotFrom<Machine>;

  constructor(machine: MachineStep<Machine>, snapshot: SnapshotFrom<Machine>) {
    this.machine = machine;
    this.snapshot = snapshot;
  }

  readonly getSnapshot = (): SnapshotFrom<Machine> => this.snapshot;

  readonly send = (event: Parameters<MachineStep<Machine>['next']>[1]): void => {
    this.snapshot = this.machine.next(this.snapshot, event);
  };

  readonly stop = (): never => {
    throw new Error('a role that is explored is not stopped, but left');
  };
}

function withContext<Snapshot extends { readonly context: object }>(
  snapshot: Snapshot,
  part: object,
): Snapshot {
  return { ...snapshot, context: { ...snapshot.context, ...part } };
}

/** What a leader changes in place is copied first: the snapshot before the step stays as it was. */
function awakeLeader(snapshot: LeaderSnapshot, host: LeaderHost, log: AbstractLog): LeaderSnapshot {
  const { followers, highWatermark } = snapshot.context;
  const copies = new Map([...followers].map(([id, progress]) => [id, { ...progress }]));
  return withContext(snapshot, { host, log, followers: copies, highWatermark: { ...highWatermark } });
}

function awakeFollower(snapshot: FollowerSnapshot, host: FollowerHost, log: AbstractLog): FollowerSnapshot {
  return withContext(snapshot, { host, log, highWatermark: { ...snapshot.context.highWatermark } });
}
