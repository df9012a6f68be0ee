// A partition with its brokers and a controller, for the schedules: real machines and logs, and whoever plays it is the network,
// the metadata and time. Everything that happens is told in words.

import { type MemoryLog, type NodeId, partitionKey } from '@odradek/model';
import { createActor } from 'xstate';
import type { FollowerReplica, LeaderReplica } from '../../src/faces.ts';
import { followerAnswer, notLeaderAnswer } from '../../src/follower-answer.ts';
import { followerReplicaMachine } from '../../src/follower-replica.machine.ts';
import { followerReplicaOf } from '../../src/follower-replica.ts';
import type {
  FollowerHost,
  InSyncProposal,
  LeaderHost,
  ProposalResult,
  TruncationReport,
} from '../../src/hosts.ts';
import { LagWatch } from '../../src/lag-watch.ts';
import { startLeaderReplica } from '../../src/leader-replica.ts';
import type { PartitionRegistration, ReplicaSettings } from '../../src/registration.ts';
import type { FetchPosition, FollowerAnswer } from '../../src/replica-fetch.ts';
import { allRecords, batchOf, emptyLog, inWords } from './log.ts';
import { actorClock, TestClock } from './test-clock.ts';

export interface HeldAnswer {
  readonly answer: FollowerAnswer;
  readonly asked: FetchPosition;
}

const LAG_TIME_MAX_MS = 10_000;

export interface HeldProposal {
  readonly from: NodeId;
  readonly token: number;
  readonly proposal: InSyncProposal;
}

export class TestBroker {
  readonly id: NodeId;
  log: MemoryLog;
  leader: LeaderReplica | undefined;
  follower: FollowerReplica | undefined;
  /** What this broker's metadata says; it may lag behind the controller's. */
  seen: PartitionRegistration;
  isUp = true;
  hearsMetadata = true;
  isEligible = true;
  brokerEpoch: number;
  checkpointedHighWatermark = 0;
  heldAnswers: HeldAnswer[] = [];
  /** Reports that the controller has not committed yet. */
  heldReports: TruncationReport[] = [];
  waiting: { readonly from: number; readonly end: number }[] = [];

  constructor(id: NodeId, log: MemoryLog, seen: PartitionRegistration) {
    this.id = id;
    this.log = log;
    this.seen = seen;
    this.brokerEpoch = id;
  }

  get highWatermark(): number {
    return (this.leader ?? this.follower)?.highWatermark ?? this.checkpointedHighWatermark;
  }
}

export interface WorldOptions {
  readonly replicas: readonly NodeId[];
  readonly inSync: readonly NodeId[];
  readonly minInSync?: number;
  readonly holdsFlushes?: boolean;
  readonly say?: (line: string) => void;
}

export class World {
  readonly clock = new TestClock();
  readonly #lagWatch = new LagWatch({
    clock: this.clock,
    lagTimeMaxMs: LAG_TIME_MAX_MS,
    leaderOf: (id) => this.brokers.get(Number(id))?.leader,
  });
  readonly brokers = new Map<NodeId, TestBroker>();
  readonly proposals: HeldProposal[] = [];
  settings: ReplicaSettings;
  registration: PartitionRegistration;
  readonly #say: (line: string) => void;
  readonly #holdsFlushes: boolean;

  constructor({ replicas, inSync, minInSync = 2, holdsFlushes = false, say = () => {} }: WorldOptions) {
    this.settings = { minInSyncReplicas: minInSync, lagTimeMaxMs: LAG_TIME_MAX_MS, proposalRetryMs: 100 };
    this.registration = {
      leader: -1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      replicas,
      inSyncReplicas: inSync,
      eligibleLeaderReplicas: [],
      isRecovering: false,
      uncleanLeaderEpoch: -1,
    };
    this.#say = say;
    this.#holdsFlushes = holdsFlushes;
    for (const id of replicas) this.brokers.set(id, new TestBroker(id, this.#newLog(), this.registration));
  }

  get topic(): string {
    return partitionKey('story', 0);
  }

  broker(id: NodeId): TestBroker {
    const broker = this.brokers.get(id);
    if (broker === undefined) throw new Error(`no broker ${id} in this world`);
    return broker;
  }

  #newLog(): MemoryLog {
    return emptyLog((callback) => this.clock.setTimeout(callback, 0), this.#holdsFlushes);
  }

  /** The controller changes the partition's record; brokers that hear it follow. */
  change(change: Partial<PartitionRegistration>): void {
    this.registration = {
      ...this.registration,
      ...change,
      partitionEpoch: this.registration.partitionEpoch + 1,
    };
    for (const broker of this.brokers.values()) if (broker.hearsMetadata) this.publish(broker.id);
  }

  /** One broker hears the metadata as they are now. */
  publish(id: NodeId): void {
    const broker = this.broker(id);
    if (!broker.isUp) return;
    const isNewEpoch = this.registration.leaderEpoch !== broker.seen.leaderEpoch;
    broker.seen = this.registration;
    if (isNewEpoch || (broker.leader === undefined && broker.follower === undefined)) this.#takeRole(broker);
    else (broker.leader ?? broker.follower)?.partitionChanged(this.registration);
  }

  elect(id: NodeId, isUnclean = false): void {
    const leaderEpoch = this.registration.leaderEpoch + 1;
    const unclean = { inSyncReplicas: [id], isRecovering: true, uncleanLeaderEpoch: leaderEpoch };
    this.change({ leader: id, leaderEpoch, ...(isUnclean ? unclean : {}) });
  }

  #takeRole(broker: TestBroker): void {
    this.#endRole(broker);
    const { id, log, seen, checkpointedHighWatermark: highWatermark } = broker;
    const input = { brokerId: id, log, registration: seen, highWatermark };
    if (seen.leader === id) {
      broker.leader = startLeaderReplica(
        { ...input, host: this.#leaderHost(broker), settings: this.settings },
        { clock: actorClock(this.clock) },
      );
      this.#say(`${id} leads epoch ${seen.leaderEpoch} from ${broker.leader.leaderEpochStart}`);
    } else if (seen.leader >= 0) {
      const actor = createActor(followerReplicaMachine, {
        input: { ...input, host: this.#followerHost(broker) },
      });
      // Its failure reaches whoever handed it the answer.
      actor.subscribe({ error: () => {} });
      broker.follower = followerReplicaOf(actor.start());
    }
  }

  #endRole(broker: TestBroker): void {
    broker.checkpointedHighWatermark = broker.highWatermark;
    broker.leader?.stop();
    broker.follower?.stop();
    broker.leader = undefined;
    broker.follower = undefined;
    broker.heldReports = [];
    for (const { from, end } of broker.waiting)
      this.#say(`${broker.id} answers ${range(from, end)}: NOT_LEADER_OR_FOLLOWER`);
    broker.waiting = [];
  }

  #leaderHost(broker: TestBroker): LeaderHost {
    return {
      nowMs: this.clock.nowMs,
      proposeInSync: (proposal, token) => {
        this.proposals.push({ from: broker.id, token, proposal });
        const members = proposal.inSyncReplicas.map((member) => member.brokerId).join(' ');
        this.#say(`${broker.id} proposes in sync ${members} at partition epoch ${proposal.partitionEpoch}`);
      },
      highWatermarkMoved: (highWatermark) => {
        this.#say(`${broker.id} has high watermark ${highWatermark}`);
        this.#acknowledge(broker);
      },
      followersMayLag: () => this.#lagWatch.watch(`${broker.id}`),
      listenToFollowers: () => {},
      isEligible: (id) => this.broker(id).isEligible && this.broker(id).isUp,
      brokerEpochOf: (id) => this.broker(id).brokerEpoch,
    };
  }

  #acknowledge(broker: TestBroker): void {
    const { leader } = broker;
    if (leader === undefined) return;
    broker.waiting = broker.waiting.filter(({ from, end }) => {
      const commitment = leader.commitment(end);
      if (commitment === 'waiting') return true;
      const answer = commitment === 'committed' ? 'acknowledged' : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND';
      this.#say(`${broker.id} answers ${range(from, end)}: ${answer}`);
      return false;
    });
  }

  #followerHost(broker: TestBroker): FollowerHost {
    return {
      nowMs: this.clock.nowMs,
      reportTruncation: (report) => {
        const { fromOffset, toOffset, leaderEpoch } = report;
        broker.heldReports.push(report);
        const dropped =
          fromOffset === toOffset ? `its end ${toOffset}` : `that it drops ${range(fromOffset, toOffset)}`;
        this.#say(`${broker.id} reports ${dropped} after the unclean election of epoch ${leaderEpoch}`);
      },
      fetchAgain: () => {},
      recordsCorrupt: (message) => this.#say(`${broker.id} got bad records: ${message}`),
    };
  }

  /** Produces `count` records to what believes that it leads. */
  produce(id: NodeId, count: number, acks: 'all' | 'leader' = 'all'): void {
    const { leader, waiting } = this.broker(id);
    if (leader === undefined) {
      this.#say(`${id} does not lead`);
      return;
    }
    const from = leader.log.logEndOffset;
    const pending = { from, end: Number.POSITIVE_INFINITY };
    if (acks === 'all') waiting.push(pending);
    for (let index = 0; index < count; index++) {
      const result = leader.produce(batchOf('produced'), acks, { wallMs: 0, origin: 'client' });
      if (result.outcome !== 'refused') continue;
      waiting.pop();
      this.#say(`${id} refuses: ${result.error}`);
      return;
    }
    pending.end = leader.log.logEndOffset;
    this.#say(`${id} appends ${range(from, pending.end)}`);
    this.#acknowledge(this.broker(id));
  }

  /** A follower asks its leader; the answer is held until it is released. */
  ask(id: NodeId, maxBytes = Number.MAX_SAFE_INTEGER): void {
    const broker = this.broker(id);
    const { follower } = broker;
    if (follower === undefined) {
      this.#say(`${id} does not follow`);
      return;
    }
    const asked = follower.fetchPosition();
    const fetch = { ...asked, brokerId: id, brokerEpoch: broker.brokerEpoch };
    broker.heldAnswers.push({ asked, answer: this.#answerTo(follower.leader, fetch, maxBytes) });
  }

  #answerTo(
    leaderId: NodeId,
    fetch: FetchPosition & { brokerId: NodeId; brokerEpoch: number },
    maxBytes: number,
  ): FollowerAnswer {
    const { leader, isUp } = this.broker(leaderId);
    if (leader === undefined || !isUp) return notLeaderAnswer;
    const accepted = leader.followerFetch(fetch);
    if (accepted.outcome !== 'accepted') return followerAnswer(leader, accepted);
    const read = leader.readForFollower(fetch, fetch.brokerId, maxBytes);
    if (read.outcome === 'cold') throw new Error('a log in memory is never cold');
    return followerAnswer(leader, read);
  }

  /** The oldest held answer arrives. */
  release(id: NodeId): void {
    const { follower, heldAnswers, log } = this.broker(id);
    const held = heldAnswers.shift();
    if (held === undefined || follower === undefined) {
      this.#say(`${id} has nothing to receive`);
      return;
    }
    const before = log.logEndOffset;
    const next = follower.answered(held.answer, held.asked);
    const { error, diverging } = held.answer;
    const wasStale =
      held.asked.fetchOffset !== before || held.asked.currentLeaderEpoch !== follower.leaderEpoch;
    if (wasStale) this.#say(`${id} ignores an answer to where it no longer stands`);
    else if (follower.state === 'reporting') this.#say(`${id} waits for its report`);
    else if (error !== 'NONE') this.#say(`${id} is answered ${error}: ${next}`);
    else if (diverging !== null)
      this.#say(
        `${id} learns that epoch ${diverging.epoch} ends at ${diverging.endOffset}, its log ends at ${log.logEndOffset}`,
      );
    else if (log.logEndOffset > before) this.#say(`${id} appends ${range(before, log.logEndOffset)}`);
  }

  /** The controller has committed the oldest report of a follower. */
  commitReport(id: NodeId): void {
    const { follower, heldReports, log } = this.broker(id);
    const report = heldReports.shift();
    if (follower === undefined || report === undefined) {
      this.#say(`${id} waits for no report`);
      return;
    }
    follower.reportCommitted(report);
    this.#say(`${id} hears that its report is committed, its log ends at ${log.logEndOffset}`);
  }

  fetch(id: NodeId): void {
    this.ask(id);
    this.release(id);
    this.clock.pass(0);
  }

  /** The controller's answer to the oldest proposal reaches its leader. */
  answerProposal(result: ProposalResult): void {
    const held = this.proposals.shift();
    if (held === undefined) {
      this.#say('nobody has proposed anything');
      return;
    }
    const { leader } = this.broker(held.from);
    if (leader === undefined) this.#say(`${held.from} leads no more, and drops the answer`);
    leader?.proposalAnswered(held.token, result);
  }

  /** The process dies; what it wrote stays, or with the power only what it has flushed. */
  stop(id: NodeId, losesPower: boolean): void {
    const broker = this.broker(id);
    this.#endRole(broker);
    broker.isUp = false;
    broker.heldAnswers = [];
    if (losesPower)
      broker.log = broker.log.afterPowerLoss({
        later: (callback) => this.clock.setTimeout(callback, 0),
        holdsFlushes: this.#holdsFlushes,
      });
  }

  start(id: NodeId): void {
    const broker = this.broker(id);
    broker.isUp = true;
    broker.brokerEpoch += 100;
    this.publish(id);
  }

  describe(id: NodeId): string {
    const broker = this.broker(id);
    const role = broker.leader === undefined ? (broker.follower?.state ?? 'down') : 'leading';
    return `${id} ${role}: ${inWords(allRecords(broker.log))}, high watermark ${broker.highWatermark}`;
  }
}

function range(from: number, end: number): string {
  return end - from === 1 ? `${from}` : `${from}..${end - 1}`;
}
