// A world with whole nodes: the nodes that ship, on virtual ports, with clients that write and read, and oracles that look at all
// of them after every event.

import { createNode, type OdradekNode, writeFirstSnapshot } from '@odradek/core';
import {
  flagSource,
  type MetadataImage,
  NO_LEADER,
  type NodeId,
  type PartitionImage,
  partitionKey,
  partitionsOf,
  resolveConfiguration,
  shortTimers,
  topicByName,
  type Voter,
} from '@odradek/model';
import { MemoryDisk } from '@odradek/storage';
import { ClientDoors } from './client-doors.ts';
import { ClientHistory } from './client-history.ts';
import { ClusterOracle, type LivingNode, replicasByPartition } from './cluster-oracle.ts';
import { brokenPromises, unconvergedPartition } from './convergence.ts';
import type { PartitionOracle, ReplicaSeen } from './partition-oracle.ts';
import { ScheduleError } from './schedule.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedConsumer } from './simulated-consumer.ts';
import { SimulatedProducer } from './simulated-producer.ts';
import { TopicKeeper } from './topic-keeper.ts';
import { virtualCompute } from './virtual-compute.ts';
import { type NodeLife, World, type WorldNode, type WorldOptions } from './world.ts';

export interface ClusterWorldOptions extends WorldOptions {
  /** Brokers 1, 2, …; by default three. */
  readonly brokers?: number;
  /** Controllers 101, … in nodes of their own. By default none: the first three brokers vote. */
  readonly controllers?: number;
  /** Settings of every node, over the short timers of `odradek up`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly diskDelay?: { readonly minMs: number; readonly maxMs: number };
}

const FIRST_CONTROLLER = 101;

interface RunningNode {
  readonly node: OdradekNode;
}

export class ClusterWorld extends World<RunningNode> {
  readonly history = new ClientHistory();
  readonly oracle = new ClusterOracle();
  readonly producers: SimulatedProducer[] = [];
  readonly consumers: SimulatedConsumer[] = [];
  readonly doors: ClientDoors;
  readonly topics: TopicKeeper;
  readonly said: string[] = [];
  readonly voters: readonly Voter[];
  readonly #disks = new Map<NodeId, MemoryDisk>();
  readonly #diskRandom: SeededRandom;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #brokers: readonly NodeId[];
  #isConcluding = false;

  constructor(options: ClusterWorldOptions) {
    super(options);
    this.#settings = options.settings ?? {};
    this.#diskRandom = this.random.fork();
    const brokers = Array.from({ length: options.brokers ?? 3 }, (_, index) => index + 1);
    const controllers = Array.from(
      { length: options.controllers ?? 0 },
      (_, index) => FIRST_CONTROLLER + index,
    );
    this.#brokers = brokers;
    const ids = [...brokers, ...controllers];
    for (const id of ids) this.addNode(id);
    const voting = controllers.length > 0 ? controllers : brokers.slice(0, 3);
    this.voters = voting.map((id) => {
      const { directoryId, host, port } = this.node(id);
      return { id, directoryId, host, port };
    });
    const delay = options.diskDelay ?? { minMs: 0, maxMs: 2 };
    for (const id of ids) this.#format(id, delay);
    this.doors = new ClientDoors({
      time: this.time,
      random: this.random.fork(),
      trace: this.trace,
      nodeIds: brokers,
      doorOf: (id) => {
        const { process: life, running } = this.node(id);
        return life === undefined || running === undefined
          ? undefined
          : { life, handler: running.node.clients };
      },
    });
    this.topics = new TopicKeeper(this.doors, {
      hasTopic: (name) => this.image !== undefined && topicByName(this.image, name) !== undefined,
      refused: (message) => this.report(message),
    });
  }

  startAll(): void {
    for (const { id } of this.nodes) this.start(id);
  }

  /** The latest committed metadata that any living node knows. */
  get image(): MetadataImage | undefined {
    return this.oracle.image;
  }

  partition(name: string): {
    readonly topicId: string;
    readonly partition: number;
    readonly state: PartitionImage;
  } {
    const found = this.#find(name);
    if (found === undefined) throw new ScheduleError(`No partition ${name}`);
    return found;
  }

  oracleOf(name: string): PartitionOracle {
    const { topicId, partition } = this.partition(name);
    return this.oracle.partition(topicId, partition);
  }

  /** Every living replica of a partition. */
  replicasOf(name: string): readonly ReplicaSeen[] {
    const found = this.#find(name);
    if (found === undefined) return [];
    return replicasByPartition(this.#living).get(partitionKey(found.topicId, found.partition)) ?? [];
  }

  /** Stops a node in order (C9); its process ends once it is ready to. */
  leave(id: NodeId): void {
    const { process: life, running } = this.node(id);
    if (life === undefined || running === undefined) throw new ScheduleError(`Node ${id} does not run`);
    const end = (): void => {
      if (life.hasEnded) return;
      this.crash(id);
      if (this.#isConcluding) this.start(id);
    };
    life.run(() => running.node.stop({ movesLeaderships: true }, () => this.time.after(0, end)));
  }

  /** A producer that never stops writing to a partition, in batches of one to three records. */
  produce(name: string, wantsMore?: () => number): SimulatedProducer {
    const [topic, partition] = splitName(name);
    const draw = this.doors.random;
    const producer = new SimulatedProducer(this.doors, this.history, {
      name: `p${this.producers.length + 1}`,
      topic,
      partition,
      wantsMore: wantsMore ?? (() => (draw.chance(70) ? draw.between(1, 3) : 0)),
      acknowledged: (topicId, endOffset) =>
        this.oracle.told({ what: 'acknowledged', topicId, partition, endOffset }),
    });
    this.producers.push(producer);
    producer.start();
    return producer;
  }

  consume(name: string): SimulatedConsumer {
    const [topic, partition] = splitName(name);
    const consumer = new SimulatedConsumer(this.doors, this.history, {
      name: `c${this.consumers.length + 1}`,
      topic,
      partition,
      given: (topicId, endOffset) => this.oracle.told({ what: 'given', topicId, partition, endOffset }),
    });
    this.consumers.push(consumer);
    consumer.start();
    return consumer;
  }

  /** How many committed records unclean elections have taken from the ledger. */
  get lostRecords(): number {
    const { image } = this;
    if (image === undefined) return 0;
    let lost = 0;
    for (const { topic, partition } of partitionsOf(image))
      for (const { fromOffset, toOffset } of this.oracle.partition(topic.topicId, partition).losses)
        lost += toOffset - fromOffset;
    return lost;
  }

  /** W1, W3: every node runs, every partition is led, all replicas are in sync and equal, consumers have read everything. */
  get isConverged(): boolean {
    return this.unconverged === undefined;
  }

  /** What is not as it should be once all is healed; undefined when everything is. */
  get unconverged(): string | undefined {
    for (const { id, running } of this.nodes) {
      if (running === undefined || !this.isAwake(id)) return `node ${id} does not run`;
      if (running.node.state !== 'running') return `node ${id} is ${running.node.state}`;
      if (running.node.image.offset !== this.image?.offset) return `node ${id} has old metadata`;
    }
    if (this.topics.missing !== undefined) return `there is no topic ${this.topics.missing}`;
    return this.image === undefined
      ? 'there is no metadata'
      : unconvergedPartition(this.image, this.#living, this.oracle);
  }

  override get verbs() {
    return {
      ...super.verbs,
      topic: ([name = '', partitions = '1', replicas = '3', ...config]: readonly string[]) =>
        this.topics.create({
          name,
          partitions: Number(partitions),
          replicas: Number(replicas),
          config: Object.fromEntries(config.map((pair) => pair.split('=') as [string, string])),
        }),
      write: ([name = '']: readonly string[]) => {
        this.produce(name);
      },
      leave: (words: readonly string[]) => {
        for (const word of words) this.leave(this.nodeNamed(word));
      },
      recreate: ([name = '']: readonly string[]) => this.topics.recreate(name),
      read: ([name = '']: readonly string[]) => {
        this.consume(name);
      },
      'stop-writing': () => {
        for (const producer of this.producers) producer.pause();
      },
    };
  }

  get conditions(): Readonly<Record<string, (words: readonly string[]) => boolean>> {
    return {
      running: (words) =>
        words.every((word) => this.node(this.nodeNamed(word)).running?.node.state === 'running'),
      'all-running': () => this.nodes.every(({ running }) => running?.node.state === 'running'),
      led: ([name = '']) => (this.#find(name)?.state.leader ?? NO_LEADER) !== NO_LEADER,
      leads: ([word = '', name = '']) => this.#find(name)?.state.leader === this.nodeNamed(word),
      'in-sync': ([name = '', ...words]) => {
        const inSync = this.#find(name)?.state.inSyncReplicas ?? [];
        const meant = words.map((word) => this.nodeNamed(word));
        return inSync.length === meant.length && meant.every((id) => inSync.includes(id));
      },
      electable: ([name = '', word = '']) => {
        const state = this.#find(name)?.state;
        return [...(state?.inSyncReplicas ?? []), ...(state?.eligibleLeaderReplicas ?? [])].includes(
          this.nodeNamed(word),
        );
      },
      acknowledged: ([count = '1']) => this.history.acknowledged.length >= Number(count),
      'last-error': ([name = '']) => this.producers.some((producer) => producer.lastError === name),
      idle: () => this.producers.every((producer) => producer.isIdle),
      converged: () => this.isConverged,
      drained: () =>
        this.consumers.every(({ name, position }) => position >= this.oracleOf(name).ledger.endOffset),
    };
  }

  /** Stops the load, heals everything, and holds the cluster to all its promises (O4). */
  conclude(capMs = 60_000): void {
    this.#isConcluding = true;
    this.healAll();
    for (const producer of this.producers) producer.pause();
    const isDone = (): boolean => this.producers.every((producer) => producer.isIdle) && this.isConverged;
    if (!this.runUntil(isDone, capMs))
      this.fail(`W1, W3: healed for ${capMs} ms: ${this.unconverged ?? 'producers wait for answers'}`);
    for (const producer of this.producers) producer.stop();
    for (const consumer of this.consumers) consumer.stop();
    const violations =
      this.image === undefined ? [] : brokenPromises(this.history, this.image, this.#living, this.oracle);
    const [first] = violations;
    if (first !== undefined)
      this.fail(`${first.rule}: ${first.message} (${violations.length} promises broken)`);
  }

  protected override nodeMeant(word: string): NodeId | undefined {
    const [kind = '', name = ''] = word.split(':');
    if (kind === 'controller') return this.#controller();
    const state = this.#find(name)?.state;
    if (state === undefined) return super.nodeMeant(word);
    if (kind === 'leader') return state.leader === NO_LEADER ? undefined : state.leader;
    const followers = state.replicas.filter((id) => id !== state.leader);
    if (kind === 'follower') return followers[0];
    if (kind === 'other') return followers.at(-1);
    return super.nodeMeant(word);
  }

  protected override boot(node: WorldNode<RunningNode>, life: NodeLife): RunningNode {
    const { id, directoryId, host, port } = node;
    const isVoter = this.voters.some((voter) => voter.id === id);
    const roles = [...(this.#brokers.includes(id) ? ['broker'] : []), ...(isVoter ? ['controller'] : [])];
    const settings = { 'node.id': `${id}`, 'process.roles': roles.join(',') || 'broker', ...this.#settings };
    const created = createNode({
      identity: {
        clusterId: 'simulated',
        nodeId: id,
        directoryId,
        incarnation: life.process.identity.incarnation,
        host,
        port,
        processId: id * 1000 + node.lives,
      },
      voters: this.voters,
      ports: {
        clock: life.clock,
        random: life.random,
        network: life.network,
        disk: this.disk(id),
        compute: virtualCompute(this.time, life.process),
      },
      configuration: resolveConfiguration([shortTimers, flagSource(settings)]),
      onBroken: (error) => {
        if (!life.process.hasEnded) this.report(`node ${id} is broken: ${wordsOf(error)}`);
      },
      say: (line) => {
        this.said.push(`${this.time.nowMs} ${id}: ${line}`);
        this.trace.note(this.time.nowMs, `${id}: ${line}`);
      },
    });
    this.watchMachines(id, created.root);
    created.start();
    return { node: created };
  }

  protected override died(
    node: WorldNode<RunningNode>,
    _running: RunningNode | undefined,
    hasLostPower: boolean,
  ): void {
    if (hasLostPower) this.disk(node.id).power(this.#diskRandom);
    else this.disk(node.id).crash();
  }

  disk(id: NodeId): MemoryDisk {
    const disk = this.#disks.get(id);
    if (disk === undefined) throw new ScheduleError(`No node ${id}`);
    return disk;
  }

  protected override check(): void {
    const broken = this.oracle.look(this.#living);
    if (broken !== undefined) this.fail(broken);
  }

  get #living(): LivingNode[] {
    return this.nodes.flatMap(({ id, lives: life, running }) =>
      running === undefined ? [] : [{ id, life, node: running.node, disk: this.disk(id) }],
    );
  }

  #find(name: string) {
    const { image } = this;
    if (image === undefined) return undefined;
    const [topicName, partition] = splitName(name);
    const topic = topicByName(image, topicName);
    const state = topic?.partitions[partition];
    return topic === undefined || state === undefined
      ? undefined
      : { topicId: topic.topicId, partition, state };
  }

  #controller(): NodeId | undefined {
    return this.nodes.find(({ running }) => running?.node.isActiveController)?.id;
  }

  #format(id: NodeId, { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }): void {
    const disk = new MemoryDisk({
      bootId: `boot-${id}`,
      later: (callback) => {
        const { process: life } = this.node(id);
        this.time.after(this.#diskRandom.between(minMs, maxMs), () => {
          if (life === undefined) callback();
          else life.run(callback);
        });
      },
    });
    this.#disks.set(id, disk);
    let isDone = false;
    writeFirstSnapshot(disk, this.voters, 0, () => {
      isDone = true;
    });
    this.time.runUntil(() => isDone, 1000);
  }
}

/** `orders-0` is partition 0 of `orders`. */
function splitName(name: string): [topic: string, partition: number] {
  const at = name.lastIndexOf('-');
  return [name.slice(0, at), Number(name.slice(at + 1))];
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
