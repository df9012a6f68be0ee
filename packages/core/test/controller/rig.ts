// A controller with nothing around it: a log in memory that commits when it is told to, a clock that is turned by hand, and
// brokers that say what a test lets them say.

import {
  emptyImage,
  imageAt,
  type MetadataImage,
  type MetadataRecord,
  type NodeId,
  type Offset,
  type PartitionImage,
  type PartitionKey,
  type PeerAnswer,
  type PeerRequest,
  type PeerResponse,
  replayAll,
  topicByName,
} from '@odradek/model';
import { createActor } from 'xstate';
import type { EndedSession } from '../../src/controller/broker-sessions.ts';
import { controllerMachine } from '../../src/controller/controller.machine.ts';
import { ControllerDesk } from '../../src/controller/controller-desk.ts';
import type { ControllerHost, LogEndsTold } from '../../src/controller/controller-host.ts';
import type { ControllerApi } from '../../src/controller/questions.ts';
import { checkImage } from './invariants.ts';
import { configuration } from './settings.ts';

export const CLUSTER = 'test-cluster';

/** A UUID's text by number. */
export function uuid(kind: number, number: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32BE(kind + 1, 4);
  bytes.writeInt32BE(number, 12);
  return bytes.toString('base64url');
}

export const directoryOf = (broker: NodeId): string => uuid(1, broker);
export const incarnationOf = (broker: NodeId, life: number): string => uuid(2, broker * 1000 + life);

/** A clock that is turned by hand: timers fire in order of their time. */
export class HandClock {
  now = 0;
  /** How much time passes whenever somebody asks for it, and how much too early timers fire: those of Node by up to a millisecond. */
  readMs = 0;
  earlyMs = 0;
  private next = 0;
  private timers: { readonly id: number; readonly at: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    this.now += this.readMs;
    return this.now;
  }

  /** How many timers run. */
  get pending(): number {
    return this.timers.length;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    const id = this.next++;
    this.timers.push({ id, at: this.now + Math.max(0, delayMs - this.earlyMs), callback });
    return id;
  }

  clearTimeout(handle: unknown): void {
    this.timers = this.timers.filter((timer) => timer.id !== handle);
  }

  advance(byMs: number): void {
    const until = this.now + byMs;
    for (;;) {
      const due = this.timers
        .filter((timer) => timer.at <= until)
        .sort((one, other) => one.at - other.at || one.id - other.id)[0];
      if (due === undefined) break;
      this.clearTimeout(due.id);
      this.now = Math.max(this.now, due.at);
      due.callback();
    }
    this.now = Math.max(this.now, until);
  }
}

interface LogEndAsk {
  readonly broker: NodeId;
  readonly partitions: readonly PartitionKey[];
  readonly done: (told: LogEndsTold) => void;
}

/** What a question has come to. */
export interface Asked<Api extends ControllerApi> {
  answer?: PeerResponse<Api>;
}

export class Rig {
  readonly clock = new HandClock();
  readonly log: { readonly offset: Offset; readonly records: readonly MetadataRecord[] }[] = [];
  readonly probes: NodeId[] = [];
  readonly asks: LogEndAsk[] = [];
  readonly fencings: EndedSession[] = [];
  readonly reliefs: (readonly [broker: NodeId, count: number])[] = [];
  readonly lives = new Map<NodeId, number>();
  readonly desk: ControllerDesk;
  readonly actor;
  committed: MetadataImage = emptyImage;
  end = 0;
  isLeader = false;
  commitsAtOnce = true;
  epoch = 0;
  private ids = 0;

  constructor(settings: Readonly<Record<string, string>> = {}) {
    const host: ControllerHost = {
      nextOffset: () => this.end,
      append: (records) => this.append(records),
      probe: (id) => this.probes.push(id),
      fencing: (ended) => this.fencings.push(ended),
      relieving: (broker, count) => this.reliefs.push([broker, count]),
      askLogEnds: (broker, _epoch, partitions, done) => this.asks.push({ broker, partitions, done }),
    };
    const random = {
      below: () => 0,
      bytes: (length: number) => {
        const bytes = new Uint8Array(length);
        new DataView(bytes.buffer).setUint32(12, ++this.ids);
        bytes[0] = 9;
        return bytes;
      },
    };
    this.desk = new ControllerDesk(host, {
      clusterId: CLUSTER,
      configuration: configuration(settings),
      clock: this.clock,
      random,
    });
    const clock = {
      setTimeout: (callback: () => void, delayMs: number) => this.clock.setTimeout(callback, delayMs),
      clearTimeout: (handle: unknown) => this.clock.clearTimeout(handle),
    };
    const input = { desk: this.desk };
    this.actor = createActor(controllerMachine, { input, clock });
    this.actor.start();
  }

  private append(records: readonly MetadataRecord[]): Offset | undefined {
    if (!this.isLeader) return undefined;
    this.log.push({ offset: this.end, records });
    this.end += records.length;
    if (this.commitsAtOnce) this.clock.setTimeout(() => this.commit(), 0);
    return this.end - 1;
  }

  /** Commits all that was appended. */
  commit(): void {
    for (const { offset, records } of this.log) {
      if (offset <= this.committed.offset) continue;
      this.committed = replayAll(this.committed, records, offset);
      checkImage(this.committed);
    }
    if (this.committed.offset < this.end - 1) this.committed = imageAt(this.committed, this.end - 1);
    this.actor.send({ type: 'committed', image: this.committed });
  }

  /** This node wins the quorum: its LeaderChange is appended, and committed at once unless told otherwise. */
  lead(): void {
    this.isLeader = true;
    this.epoch += 1;
    const startOffset = this.end++;
    this.actor.send({ type: 'leader epoch started', epoch: this.epoch, startOffset });
    if (this.commitsAtOnce) {
      this.commit();
      this.settle();
    }
  }

  /** Another node leads: what was not committed is cut off. */
  lose(): void {
    this.isLeader = false;
    while ((this.log.at(-1)?.offset ?? -1) > this.committed.offset) this.log.pop();
    this.end = this.committed.offset + 1;
    this.actor.send({ type: 'leadership lost', epoch: this.epoch });
  }

  settle(): void {
    this.clock.advance(0);
  }

  ask<Api extends ControllerApi>(
    from: NodeId,
    request: PeerRequest<ControllerApi> & { readonly api: Api },
  ): Asked<Api> {
    const asked: Asked<Api> = {};
    const answer = ({ body }: PeerAnswer): void => {
      if (asked.answer !== undefined) throw new Error(`${request.api} was answered twice`);
      asked.answer = body as PeerResponse<Api>;
    };
    this.actor.send({ type: 'asked', question: { peer: { id: from }, request, answer } });
    return asked;
  }

  register(
    broker: NodeId,
    more: Partial<PeerRequest<'registerBroker'>['body']> = {},
  ): Asked<'registerBroker'> {
    const life = (this.lives.get(broker) ?? 0) + 1;
    this.lives.set(broker, life);
    const body = {
      clusterId: CLUSTER,
      brokerId: broker,
      directoryId: directoryOf(broker),
      incarnation: incarnationOf(broker, life),
      host: 'localhost',
      port: 9091 + broker,
      rack: null,
      processId: 100 + broker,
      flushPolicy: 'commit' as const,
      restartClass: 'intact' as const,
      previousBrokerEpoch: -1,
      failedLogs: [],
      missingLogs: [],
      minMetadataVersion: 1,
      maxMetadataVersion: 1,
      previousIncarnations: [incarnationOf(broker, life - 1)],
      ...more,
    };
    return this.ask(broker, { api: 'registerBroker', body });
  }

  beat(broker: NodeId, more: Partial<PeerRequest<'brokerHeartbeat'>['body']> = {}): Asked<'brokerHeartbeat'> {
    const body = {
      brokerId: broker,
      brokerEpoch: this.brokerEpoch(broker),
      metadataOffset: this.committed.offset,
      wantFence: false,
      wantShutDown: false,
      failedLogs: [],
      isMetadataStuck: false,
      noRoom: '',
      ...more,
    };
    return this.ask(broker, { api: 'brokerHeartbeat', body });
  }

  brokerEpoch(broker: NodeId): number {
    return this.committed.brokers.get(broker)?.brokerEpoch ?? -1;
  }

  /** Brokers come, one after another, and are unfenced. */
  start(...brokers: readonly NodeId[]): void {
    for (const broker of brokers) {
      this.register(broker);
      this.settle();
      this.beat(broker);
      this.settle();
    }
  }

  /** The process is gone and its address refuses: fenced once the grace is over. */
  kill(broker: NodeId): void {
    this.actor.send({ type: 'evidence', evidence: { type: 'refused', id: broker } });
    this.clock.advance(250);
  }

  createTopic(name: string, more: Partial<PeerRequest<'createTopics'>['body']['topics'][number]> = {}) {
    const topic = { name, partitions: -1, replicationFactor: -1, assignment: [], config: [], ...more };
    const body = { timeoutMs: 1000, validateOnly: false, requestId: '', topics: [topic] };
    const asked = this.ask(1, { api: 'createTopics', body });
    this.settle();
    return asked.answer?.topics[0];
  }

  topicId(name: string): string {
    return this.committed.topicIds.get(name) ?? '';
  }

  partition(name: string, partition = 0): PartitionImage {
    const state = topicByName(this.committed, name)?.partitions[partition];
    if (state === undefined) throw new Error(`there is no partition ${name}-${partition}`);
    return state;
  }
}
