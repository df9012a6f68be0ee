// A leader broker 1 and a follower broker 2 with several partitions between them, over a network with a delay.

import {
  type MemoryLog,
  type Network,
  type NetworkReply,
  type PeerApi,
  type PeerRequest,
  partitionKey,
} from '@odradek/model';
import type { FollowerReplica, LeaderReplica } from '../../src/faces.ts';
import { Fetcher, type FetcherSettings } from '../../src/fetcher.ts';
import { startFollowerReplica } from '../../src/follower-replica.ts';
import { startLeaderReplica } from '../../src/leader-replica.ts';
import { ParkedFetches } from '../../src/parked-fetches.ts';
import { batchOf, emptyLog } from './log.ts';
import { registration, settings } from './roles.ts';
import { actorClock, TestClock } from './test-clock.ts';

const LATENCY_MS = 1;

export interface PairPartition {
  readonly key: string;
  leader: LeaderReplica;
  follower: FollowerReplica;
  readonly leaderLog: MemoryLog;
  readonly followerLog: MemoryLog;
}

export class Pair {
  readonly clock = new TestClock();
  readonly partitions: PairPartition[] = [];
  readonly parked: ParkedFetches;
  readonly fetcher: Fetcher;
  /** Every request as it was sent. */
  readonly sent: PeerRequest[] = [];
  readonly answers: {
    partitions: readonly { partition: number; records: readonly Uint8Array[]; error: string }[];
  }[] = [];
  readonly leaders = new Map<string, LeaderReplica>();
  /** How often it was asked who leads. */
  looks = 0;
  /** Partitions whose leaders are about to begin. */
  readonly toLead = new Set<string>();
  isCut = false;
  isCrowdComing = false;
  brokerEpoch = 2;
  readonly settings: FetcherSettings = {
    maxWaitMs: 500,
    maxBytes: 1_000_000,
    partitionMaxBytes: 100_000,
    backOffMs: 200,
    answerTimeoutMs: 1_000,
    nudgeAfterMs: 10,
  };

  constructor(
    count: number,
    options: { readonly settings?: Partial<FetcherSettings>; readonly holdsFollowerFlushes?: boolean } = {},
  ) {
    Object.assign(this.settings, options.settings);
    this.parked = new ParkedFetches({
      clock: this.clock,
      leaderOf: (key) => {
        this.looks += 1;
        return this.leaders.get(key);
      },
      isToLead: (key) => this.toLead.has(key),
    });
    const network: Pick<Network, 'request'> = {
      request: (_to, _channel, request, timeoutMs, done) =>
        this.#request(request as PeerRequest, timeoutMs, (reply) => done(reply as never)),
    };
    this.fetcher = new Fetcher({
      leader: 1,
      brokerId: 2,
      brokerEpoch: () => this.brokerEpoch,
      settings: () => this.settings,
      clock: this.clock,
      network,
      isCrowdComing: () => this.isCrowdComing,
    });
    for (let index = 0; index < count; index++) this.#add(index, options.holdsFollowerFlushes ?? false);
  }

  #add(index: number, holdsFollowerFlushes: boolean): void {
    const key = partitionKey('t', index);
    const leaderLog = emptyLog((callback) => this.clock.setTimeout(callback, 0));
    const followerLog = emptyLog((callback) => this.clock.setTimeout(callback, 0), holdsFollowerFlushes);
    this.partitions.push({ key, leaderLog, followerLog, ...this.#roles(key, 3, leaderLog, followerLog) });
  }

  #roles(key: string, leaderEpoch: number, leaderLog: MemoryLog, followerLog: MemoryLog) {
    const record = { ...registration, leaderEpoch, replicas: [1, 2], inSyncReplicas: [1, 2] };
    const common = { registration: record, highWatermark: 0 };
    const { nowMs } = this.clock;
    const leader = startLeaderReplica(
      {
        ...common,
        brokerId: 1,
        log: leaderLog,
        settings,
        host: {
          nowMs,
          proposeInSync: () => {},
          highWatermarkMoved: () => this.parked.tell(key),
          followersMayLag: () => {},
          listenToFollowers: () => this.parked.listen(key),
          isEligible: () => true,
          brokerEpochOf: () => this.brokerEpoch,
        },
      },
      { clock: actorClock(this.clock) },
    );
    const follower = startFollowerReplica({
      ...common,
      brokerId: 2,
      log: followerLog,
      host: { nowMs, reportTruncation: () => {}, fetchAgain: () => {}, recordsCorrupt: () => {} },
    });
    return { leader, follower };
  }

  #request(request: PeerRequest, timeoutMs: number, done: (reply: NetworkReply<PeerApi>) => void): void {
    this.sent.push(request);
    let isDone = false;
    const finish = (reply: NetworkReply<PeerApi>): void => {
      if (!isDone) done(reply);
      isDone = true;
    };
    const later = (reply: NetworkReply<PeerApi>): void => {
      this.clock.setTimeout(() => finish(reply), LATENCY_MS);
    };
    this.clock.setTimeout(() => finish({ outcome: 'failed', reason: 'timed out' }), timeoutMs);
    if (this.isCut) later({ outcome: 'failed', reason: 'disconnected' });
    else
      this.clock.setTimeout(() => {
        if (request.api === 'reportFlushed')
          later({ outcome: 'answered', response: this.parked.flushed(2, request.body) });
        if (request.api === 'fetchReplicas')
          this.parked.fetch(2, request.body, (response) => {
            this.answers.push(response);
            later({ outcome: 'answered', response });
          });
      }, LATENCY_MS);
  }

  partition(index: number): PairPartition {
    const partition = this.partitions[index];
    if (partition === undefined) throw new Error(`no partition ${index}`);
    return partition;
  }

  lead(index: number): void {
    const { key, leader } = this.partition(index);
    this.leaders.set(key, leader);
  }

  follow(index: number): void {
    this.fetcher.follow('t', index, this.partition(index).follower);
  }

  /** The same broker leads in a new epoch, as a partition does it: new roles, and whoever waits is woken. */
  newEpoch(index: number, leaderEpoch: number): void {
    const partition = this.partition(index);
    Object.assign(
      partition,
      this.#roles(partition.key, leaderEpoch, partition.leaderLog, partition.followerLog),
    );
    this.lead(index);
    this.parked.wake([partition.key]);
  }

  produce(index: number, count = 1, value = 'v'): void {
    const { leader, key } = this.partition(index);
    for (let done = 0; done < count; done++)
      leader.produce(batchOf(value), 'all', { wallMs: 0, origin: 'client' });
    this.parked.wake([key]);
  }

  get fetches() {
    return this.sent.flatMap((request) => (request.api === 'fetchReplicas' ? [request.body] : []));
  }

  get reports() {
    return this.sent.flatMap((request) => (request.api === 'reportFlushed' ? [request.body] : []));
  }
}

/** Both lead and follow all partitions, and the first poll waits. */
export function settledPair(count: number, options: ConstructorParameters<typeof Pair>[1] = {}): Pair {
  const pair = new Pair(count, options);
  for (let index = 0; index < count; index++) {
    pair.lead(index);
    pair.follow(index);
  }
  pair.clock.pass(5);
  return pair;
}
