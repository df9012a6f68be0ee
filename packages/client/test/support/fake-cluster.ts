// Brokers in memory, reached over connections that can fail in every way a network can: an answer lost after the effect, a
// request that arrives long after its sender has given up, a leader that has moved.

import { BatchView, checkBatch, walkRecords } from '@odradek/format';
import type { ClientAnswer, ClientRequest, ClientResponse } from '@odradek/model';
import type { Address } from '@odradek/wire';
import type { Connect, Connection } from '../../src/connection/connection.ts';
import { FakeLog } from './fake-log.ts';
import type { VirtualClock } from './virtual-clock.ts';

const ok = { error: 'NONE', errorMessage: null } as const;

interface FakePartition {
  readonly log: FakeLog;
  leader: number;
}

interface Flying {
  readonly request: ClientRequest;
  readonly answer: (response: unknown) => void;
  readonly fail: (reason: 'disconnected' | 'timed out' | 'refused' | 'closed') => void;
  isOver: boolean;
  hasArrived: boolean;
}

export class FakeCluster {
  readonly clock: VirtualClock;
  readonly topics = new Map<string, { readonly topicId: string; readonly partitions: FakePartition[] }>();
  readonly #links: FakeLink[] = [];
  readonly down = new Set<number>();
  brokers: readonly number[];
  /** Not a whole number: platforms' clocks tell fractions of a millisecond. */
  latencyMs = 2.125;
  /** L6: too few in-sync replicas for acks=all. */
  lacksReplicas = false;
  /** Whether NOT_LEADER_OR_FOLLOWER names the leader. */
  hints = true;
  /** max.message.bytes */
  mostBatchBytes = Number.POSITIVE_INFINITY;
  nextProducerId = 1000;
  readonly seen: ClientRequest[] = [];
  /** Answers instead of the broker, or lets it answer; also with `nothing yet`, after which it is asked again, or `nothing ever`. */
  override: (broker: number, request: ClientRequest, mayWait: boolean) => unknown = () => undefined;

  constructor(clock: VirtualClock, brokers: readonly number[] = [1, 2, 3]) {
    this.clock = clock;
    this.brokers = brokers;
  }

  /** Also in the place of one that was there: then with another id. */
  addTopic(name: string, partitions: number, topicId = `id-of-${name}`): void {
    const made = Array.from({ length: partitions }, (_, index) => {
      const log = new FakeLog();
      log.elect();
      return { log, leader: this.brokers[index % this.brokers.length] ?? 1 };
    });
    this.topics.set(name, { topicId, partitions: made });
  }

  partition(topic: string, index: number): FakePartition {
    const found = this.topics.get(topic)?.partitions[index];
    if (found === undefined) throw new Error(`no partition ${topic}-${index}`);
    return found;
  }

  /** Another leader; with `end` an unclean one that lacks what follows. */
  moveLeader(topic: string, index: number, leader: number, end?: number): void {
    const partition = this.partition(topic, index);
    partition.leader = leader;
    partition.log.elect(end);
  }

  readonly connect: Connect = (address) => {
    const link = new FakeLink(this, address);
    this.#links.push(link);
    return link;
  };

  /** Drops the connections to a broker. What was on its way there still arrives after `laterMs`; undefined: never. */
  drop(broker: number, laterMs?: number): void {
    for (const link of this.#links) if (link.broker === broker) link.drop(laterMs);
  }

  /** What a broker has answered is lost from now on, until `restore`; it still does what it is asked. */
  readonly mute = new Set<number>();

  handle(broker: number, request: ClientRequest, mayWait = false): unknown {
    this.seen.push(request);
    const timeoutMs = 'timeoutMs' in request.body ? request.body.timeoutMs : 0;
    if (!Number.isSafeInteger(timeoutMs)) throw new Error(`timeoutMs is ${timeoutMs}: no frame can hold it`);
    const other = this.override(broker, request, mayWait);
    if (other !== undefined) return other;
    switch (request.api) {
      case 'metadata':
        return this.#metadata(broker, request.body.topics);
      case 'produce':
        return this.#produce(broker, request.body);
      case 'fetch':
        return this.#fetch(broker, request.body, mayWait);
      case 'listOffsets':
        return this.#listOffsets(broker, request.body);
      case 'initProducerId':
        this.nextProducerId += 1;
        return { ...ok, producerId: this.nextProducerId, producerEpoch: 0 };
      default:
        return { error: 'UNSUPPORTED_VERSION', errorMessage: `the fake does not know ${request.api}` };
    }
  }

  #metadata(broker: number, names: readonly string[] | null): ClientAnswer<'metadata'>['body'] {
    const topics = (names ?? [...this.topics.keys()]).map((name) => {
      const topic = this.topics.get(name);
      if (topic === undefined)
        return {
          error: 'UNKNOWN_TOPIC_OR_PARTITION',
          errorMessage: 'no such topic',
          name,
          topicId: '',
          partitions: [],
        };
      const partitions = topic.partitions.map(({ leader, log }, partition) => {
        const replicas = [...this.brokers];
        return { partition, leader, leaderEpoch: log.leaderEpoch, replicas, inSyncReplicas: replicas };
      });
      return { ...ok, name, topicId: topic.topicId, partitions };
    });
    const brokers = this.brokers.map((id) => ({ id, host: `broker-${id}`, port: 9092, rack: null }));
    return { ...ok, clusterId: 'fake', controllerId: 1, answeredBy: broker, brokers, topics };
  }

  /** The partition asked for, or what is wrong with asking this broker for it (L9). */
  #led(
    broker: number,
    asked: { readonly topicId: string; readonly partition: number; readonly leaderEpoch: number },
  ) {
    const { topicId, partition: index, leaderEpoch } = asked;
    const topic = [...this.topics.values()].find((one) => one.topicId === topicId);
    const partition = topic?.partitions[index];
    const place = { topicId, partition: index, errorMessage: null };
    if (partition === undefined) return { ...place, error: 'UNKNOWN_TOPIC_ID', leaderHint: -1 };
    const leaderHint = this.hints ? partition.leader : -1;
    if (partition.leader !== broker) return { ...place, error: 'NOT_LEADER_OR_FOLLOWER', leaderHint };
    if (leaderEpoch >= 0 && leaderEpoch < partition.log.leaderEpoch)
      return { ...place, error: 'FENCED_LEADER_EPOCH', leaderHint };
    return { ...place, error: 'NONE', leaderHint, log: partition.log };
  }

  #produce(broker: number, body: ClientRequest<'produce'>['body']): ClientResponse<'produce'> {
    const partitions = body.partitions.map((asked) => {
      const { log, ...led } = { log: undefined, ...this.#led(broker, asked) };
      const nowhere = { ...led, baseOffset: -1, logStartOffset: -1, isRefused: false };
      if (log === undefined) return nowhere;
      if (this.lacksReplicas && body.acks === -1) return { ...nowhere, error: 'NOT_ENOUGH_REPLICAS' };
      const [bytes] = asked.records;
      if (bytes === undefined || asked.records.length !== 1 || !isSound(bytes))
        return { ...nowhere, error: 'INVALID_RECORD' };
      if (bytes.length > this.mostBatchBytes) return { ...nowhere, error: 'MESSAGE_TOO_LARGE' };
      return { ...nowhere, ...log.append(bytes), logStartOffset: log.logStartOffset };
    });
    return { ...ok, partitions: body.acks === 0 ? [] : partitions };
  }

  #fetch(
    broker: number,
    body: ClientRequest<'fetch'>['body'],
    mayWait: boolean,
  ): ClientResponse<'fetch'> | 'nothing yet' {
    const partitions = body.partitions.map((asked) => {
      const { log, ...led } = { log: undefined, ...this.#led(broker, asked) };
      const nothing = { ...led, highWatermark: -1, logStartOffset: -1, diverging: null, records: [] };
      if (log === undefined) return nothing;
      const ends = { ...nothing, highWatermark: log.end, logStartOffset: log.logStartOffset };
      const diverging = log.divergence(asked.fetchOffset, asked.lastFetchedEpoch);
      if (diverging !== undefined) return { ...ends, diverging };
      if (asked.fetchOffset > log.end || asked.fetchOffset < log.logStartOffset)
        return { ...ends, error: 'OFFSET_OUT_OF_RANGE' };
      return {
        ...ends,
        records: [log.from(asked.fetchOffset, asked.maxBytes)].filter((run) => run.length > 0),
      };
    });
    const isNews = partitions.some(
      (one) => one.records.length > 0 || one.error !== 'NONE' || one.diverging !== null,
    );
    return isNews || !mayWait ? { ...ok, partitions } : 'nothing yet';
  }

  #listOffsets(broker: number, body: ClientRequest<'listOffsets'>['body']): ClientResponse<'listOffsets'> {
    const partitions = body.partitions.map((asked) => {
      const { log, ...led } = { log: undefined, ...this.#led(broker, asked) };
      const nowhere = { ...led, offset: -1, timestamp: -1, leaderEpoch: -1 };
      if (log === undefined) return nowhere;
      if (asked.timestamp === -1) return { ...nowhere, offset: log.end, leaderEpoch: log.leaderEpoch };
      if (asked.timestamp === -2) return { ...nowhere, offset: log.logStartOffset };
      const batch = log.batches.find((one) => new BatchView(one).maxTimestamp >= asked.timestamp);
      return batch === undefined ? nowhere : { ...nowhere, offset: new BatchView(batch).baseOffset };
    });
    return { ...ok, partitions };
  }
}

/** X4, as far as it can be told without inflating. */
function isSound(bytes: Uint8Array): boolean {
  const check = checkBatch(bytes);
  return check.ok && (check.batch.codec !== 'none' || walkRecords(check.batch).ok);
}

class FakeLink implements Connection {
  readonly broker: number;
  readonly #cluster: FakeCluster;
  #flying: Flying[] = [];

  constructor(cluster: FakeCluster, address: Address) {
    this.#cluster = cluster;
    this.broker = Number(/^broker-(\d+)$/.exec(address.host)?.[1] ?? -1);
  }

  request: Connection['request'] = (request, timeoutMs, done) => {
    const { clock } = this.#cluster;
    const over = (then: () => void) => (): void => {
      if (flying.isOver) return;
      flying.isOver = true;
      clock.clearTimeout(timer);
      this.#flying = this.#flying.filter((one) => one !== flying);
      then();
    };
    const flying: Flying = {
      request: request as ClientRequest,
      isOver: false,
      hasArrived: false,
      answer: (response) => over(() => done({ outcome: 'answered', response: response as never }))(),
      fail: (reason) => over(() => done({ outcome: 'failed', reason, detail: 'as the test wants it' }))(),
    };
    const timer = clock.setTimeout(() => flying.fail('timed out'), timeoutMs);
    if (!this.#cluster.brokers.includes(this.broker) || this.#cluster.down.has(this.broker)) {
      clock.setTimeout(() => flying.fail('refused'), 1);
      return;
    }
    this.#flying.push(flying);
    clock.setTimeout(() => this.#arrive(flying), this.#cluster.latencyMs);
  };

  close(): void {
    for (const flying of [...this.#flying]) this.#cluster.clock.setTimeout(() => flying.fail('closed'), 0);
  }

  drop(laterMs: number | undefined): void {
    const lost = this.#flying;
    this.#flying = [];
    for (const flying of lost) this.#cluster.clock.setTimeout(() => flying.fail('disconnected'), 1);
    if (laterMs === undefined) return;
    // A connection delivers what was sent on it once at most (E1).
    for (const { request, hasArrived } of lost)
      if (!hasArrived)
        this.#cluster.clock.setTimeout(() => this.#cluster.handle(this.broker, request), laterMs);
  }

  #arrive(flying: Flying, waitedMs = 0): void {
    if (flying.isOver || this.#cluster.down.has(this.broker)) return;
    if (!this.#flying.includes(flying)) return;
    flying.hasArrived = true;
    const mayWait = flying.request.api === 'fetch' && waitedMs < flying.request.body.maxWaitMs;
    const response = this.#cluster.handle(this.broker, flying.request, mayWait);
    if (response === 'nothing yet') {
      this.#cluster.clock.setTimeout(() => this.#arrive(flying, waitedMs + 20), 20);
      return;
    }
    if (this.#cluster.mute.has(this.broker) || response === 'nothing ever') return;
    this.#cluster.clock.setTimeout(() => flying.answer(response), this.#cluster.latencyMs);
  }
}
