// One role alone, with an owner that writes down what it is ordered.

import type { MemoryLog } from '@odradek/model';
import { createActor, type InspectionEvent } from 'xstate';
import type { FollowerReplica, LeaderReplica } from '../../src/faces.ts';
import { followerReplicaMachine } from '../../src/follower-replica.machine.ts';
import { followerReplicaOf } from '../../src/follower-replica.ts';
import type { InSyncProposal, TruncationReport } from '../../src/hosts.ts';
import { LagWatch } from '../../src/lag-watch.ts';
import { leaderReplicaMachine } from '../../src/leader-replica.machine.ts';
import { leaderReplicaOf } from '../../src/leader-replica.ts';
import type { PartitionRegistration, ReplicaSettings } from '../../src/registration.ts';
import type { FollowerFetch } from '../../src/replica-fetch.ts';
import { emptyLog } from './log.ts';
import { actorClock, TestClock } from './test-clock.ts';

export const registration: PartitionRegistration = {
  leader: 1,
  leaderEpoch: 3,
  partitionEpoch: 7,
  replicas: [1, 2, 3],
  inSyncReplicas: [1, 2],
  eligibleLeaderReplicas: [],
  isRecovering: false,
  uncleanLeaderEpoch: -1,
};

export const settings: ReplicaSettings = { minInSyncReplicas: 2, lagTimeMaxMs: 10_000, proposalRetryMs: 100 };

export interface TestLeader {
  readonly leader: LeaderReplica;
  readonly log: MemoryLog;
  readonly clock: TestClock;
  readonly orders: {
    proposals: { proposal: InSyncProposal; token: number }[];
    highWatermarks: number[];
    listens: number;
  };
  readonly ineligible: Set<number>;
  readonly brokerEpochs: Map<number, number>;
  /** The transitions taken since it was last emptied: `event -> actions' states`. */
  readonly transitions: string[];
  readonly states: () => unknown;
  fetch(
    brokerId: number,
    fetchOffset: number,
    more?: Partial<FollowerFetch>,
  ): ReturnType<LeaderReplica['followerFetch']>;
}

export interface LeaderSetup {
  readonly log?: (log: MemoryLog) => void;
  readonly holdsFlushes?: boolean;
  readonly highWatermark?: number;
  readonly registration?: Partial<PartitionRegistration>;
  readonly settings?: Partial<ReplicaSettings>;
}

/** Broker epochs are the ids unless a test sets others. */
export function testLeader(setup: LeaderSetup = {}): TestLeader {
  const clock = new TestClock();
  const log = emptyLog((callback) => clock.setTimeout(callback, 0), setup.holdsFlushes);
  setup.log?.(log);
  const orders: TestLeader['orders'] = { proposals: [], highWatermarks: [], listens: 0 };
  const ineligible = new Set<number>();
  const brokerEpochs = new Map<number, number>();
  const transitions: string[] = [];
  const lagTimeMaxMs = setup.settings?.lagTimeMaxMs ?? settings.lagTimeMaxMs;
  const watch: LagWatch = new LagWatch({ clock, lagTimeMaxMs, leaderOf: () => leader });
  const actor = createActor(leaderReplicaMachine, {
    clock: actorClock(clock),
    inspect: countTransitions(transitions),
    input: {
      brokerId: 1,
      log,
      registration: { ...registration, ...setup.registration },
      settings: { ...settings, ...setup.settings },
      highWatermark: setup.highWatermark ?? 0,
      host: {
        nowMs: clock.nowMs,
        proposeInSync: (proposal, token) => orders.proposals.push({ proposal, token }),
        highWatermarkMoved: (highWatermark) => orders.highWatermarks.push(highWatermark),
        followersMayLag: () => watch.watch('0'),
        listenToFollowers: () => orders.listens++,
        isEligible: (id) => !ineligible.has(id),
        brokerEpochOf: (id) => brokerEpochs.get(id) ?? id,
      },
    },
  });
  const leader = leaderReplicaOf(actor.start());
  transitions.length = 0;
  return {
    leader,
    log,
    clock,
    orders,
    ineligible,
    brokerEpochs,
    transitions,
    states: () => actor.getSnapshot().value,
    fetch: (brokerId, fetchOffset, more = {}) =>
      leader.followerFetch({
        brokerId,
        brokerEpoch: brokerEpochs.get(brokerId) ?? brokerId,
        currentLeaderEpoch: leader.leaderEpoch,
        fetchOffset,
        lastFetchedEpoch: epochAt(log, fetchOffset - 1),
        flushedEnd: fetchOffset,
        logStartOffset: 0,
        ...more,
      }),
  };
}

/** The epoch of the record at an offset, by the log's own history. */
function epochAt(log: MemoryLog, offset: number): number {
  return offset < 0 ? -1 : (log.epochs.findLast((entry) => entry.startOffset <= offset)?.epoch ?? -1);
}

/** Every microstep in which a transition was taken. */
function countTransitions(transitions: string[]): (event: InspectionEvent) => void {
  return (event) => {
    if (event.type === '@xstate.microstep' && event._transitions.length > 0)
      transitions.push(event._transitions.map((transition) => transition.eventType || 'always').join());
  };
}

export interface TestFollower {
  readonly follower: FollowerReplica;
  readonly log: MemoryLog;
  readonly reports: TruncationReport[];
  /** The log end at each order to fetch again. */
  readonly fetchesAgain: number[];
  readonly corrupt: string[];
  readonly transitions: string[];
}

/** Broker 2 follows broker 1. */
export function testFollower(
  fill: (log: MemoryLog) => void = () => {},
  more: Partial<PartitionRegistration> = {},
  highWatermark = 0,
): TestFollower {
  const clock = new TestClock();
  const log = emptyLog((callback) => clock.setTimeout(callback, 0));
  fill(log);
  const reports: TruncationReport[] = [];
  const fetchesAgain: number[] = [];
  const corrupt: string[] = [];
  const transitions: string[] = [];
  const actor = createActor(followerReplicaMachine, {
    inspect: countTransitions(transitions),
    input: {
      brokerId: 2,
      log,
      registration: { ...registration, ...more },
      highWatermark,
      host: {
        nowMs: clock.nowMs,
        reportTruncation: (report) => reports.push(report),
        fetchAgain: () => fetchesAgain.push(log.logEndOffset),
        recordsCorrupt: (message) => corrupt.push(message),
      },
    },
  });
  // Whoever hands it an answer gets the error; nobody else need hear it.
  actor.subscribe({ error: () => {} });
  const follower = followerReplicaOf(actor.start());
  transitions.length = 0;
  return { follower, log, reports, fetchesAgain, corrupt, transitions };
}
