// A world with whole nodes: the nodes that ship, on virtual ports, with clients that write and read, and oracles that look at all
// of them after every event.

import { createNode } from '@odradek/core';
import { uuidText } from '@odradek/format';
import {
  flagSource,
  type MetadataImage,
  NO_LEADER,
  type NodeId,
  type Offset,
  type PartitionImage,
  type Ports,
  partitionKey,
  resolveConfiguration,
  shortTimers,
  topicByName,
  type Voter,
} from '@odradek/model';
import type { MemoryDisk } from '@odradek/storage';
import { AnswerWatch } from './answer-watch.ts';
import { ClientDoors, promptClients } from './client-doors.ts';
import type { ClientHistory, DeclaredLoss } from './client-history.ts';
import { ClusterClients, placeNamed } from './cluster-clients.ts';
import { ClusterDisks } from './cluster-disks.ts';
import type { ClusterWorldOptions } from './cluster-options.ts';
import { ClusterOracle, recordsBelow, replicasByPartition } from './cluster-oracle.ts';
import { ClusterTelling } from './cluster-telling.ts';
import { clusterTimers } from './cluster-timers.ts';
import { clusterConditions, clusterVerbs } from './cluster-words.ts';
import { concludeOverBudget, concludeWithinBudget } from './conclusion.ts';
import { declaredLosses, electionsIn, lostIn, unconvergedPartition } from './convergence.ts';
import type { DiskDelay } from './disk-pace.ts';
import { MessageRate } from './message-rate.ts';
import { weakened } from './mutant.ts';
import type { LivingNode } from './node-view.ts';
import type { PartitionOracle, ReplicaSeen } from './partition-oracle.ts';
import { watchVotes } from './quorum-watch.ts';
import { ScheduleError } from './schedule.ts';
import { ToldDamage } from './told-damage.ts';
import { TopicKeeper } from './topic-keeper.ts';
import { virtualCompute } from './virtual-compute.ts';
import { type NodeLife, type PowerLoss, World, type WorldNode, wordsOf } from './world.ts';

export type { ClusterWorldOptions } from './cluster-options.ts';

const FIRST_CONTROLLER = 101;

/** A partition as the latest metadata has it. */
export interface FoundPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly state: PartitionImage;
}

export class ClusterWorld extends World<LivingNode> {
  readonly oracle: ClusterOracle;
  readonly doors: ClientDoors;
  readonly topics: TopicKeeper;
  readonly said: string[] = [];
  readonly voters: readonly Voter[];
  readonly clients: ClusterClients;
  readonly disks: ClusterDisks;
  readonly #clusterVerbs = clusterVerbs(this);
  readonly #conditions = clusterConditions(this);
  readonly #settings: Readonly<Record<string, string>>;
  readonly #brokers: readonly NodeId[];
  readonly #rate = new MessageRate();
  readonly #isOverBudget: boolean;
  readonly #toldDamage = new ToldDamage();
  readonly #told: ClusterTelling | undefined;
  #isConcluding = false;

  constructor(options: ClusterWorldOptions) {
    super(options);
    this.#settings = options.settings ?? {};
    this.#isOverBudget = (options.overBudget ?? 0) > 0;
    this.oracle = new ClusterOracle(this.#isOverBudget);
    this.disks = new ClusterDisks({
      time: this.time,
      random: this.random.fork(),
      delay: options.diskDelay ?? { minMs: 0, maxMs: 2 },
      lifeOf: (id) => this.node(id).process,
      spoiled: (id, log) => this.oracle.diskSpoiled(id, log),
    });
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
    for (const id of ids) this.disks.format(id, this.voters);
    watchVotes(this.network, (vote) => {
      const broken = this.oracle.voted(vote);
      if (broken !== undefined) this.report(broken);
    });
    this.doors = new ClientDoors({
      watch: new AnswerWatch({
        time: this.time,
        isExcused: (id) => this.disks.isSlow(id),
        broken: (message) => this.report(message),
      }),
      answered: ({ api, body }) => {
        if (api === 'metadata') this.oracle.shown(body);
      },
      time: this.time,
      random: this.random.fork(),
      trace: this.trace,
      trip: this.trip,
      observer: this.telling,
      nodeIds: brokers,
      doorOf: (id) => {
        const { process: life, running } = this.node(id);
        return life === undefined || running === undefined
          ? undefined
          : { life, handler: running.node.clients };
      },
    });
    this.clients = new ClusterClients(this.doors, (told) => this.oracle.told(told), this.telling);
    const { telling } = this;
    if (telling !== undefined)
      this.#told = new ClusterTelling(
        telling,
        { nodes: this.nodes, brokerIds: brokers, voters: this.voters },
        (error) => this.report(`telling failed: ${wordsOf(error)}`),
      );
    this.topics = new TopicKeeper(this.doors, {
      hasTopic: (name) => this.image !== undefined && topicByName(this.image, name) !== undefined,
      refused: (message) => this.report(message),
    });
  }

  get history(): ClientHistory {
    return this.clients.history;
  }

  startAll(): void {
    for (const { id } of this.nodes) this.start(id);
  }

  /** The latest committed metadata that anybody knows. */
  get image(): MetadataImage | undefined {
    return this.oracle.image;
  }

  /** What the latest metadata says of a partition, if it has it. */
  find(name: string): FoundPartition | undefined {
    const { image } = this;
    if (image === undefined) return undefined;
    const { topic: topicName, partition } = placeNamed(name);
    const topic = topicByName(image, topicName);
    const state = topic?.partitions[partition];
    return topic === undefined || state === undefined
      ? undefined
      : { topicId: topic.topicId, partition, state };
  }

  oracleOf(name: string): PartitionOracle {
    const found = this.find(name);
    if (found === undefined) throw new ScheduleError(`No partition ${name}`);
    return this.oracle.partition(found.topicId, found.partition);
  }

  /** Every living replica of a partition. */
  replicasOf(name: string): readonly ReplicaSeen[] {
    const found = this.find(name);
    if (found === undefined) return [];
    return replicasByPartition(this.living).get(partitionKey(found.topicId, found.partition)) ?? [];
  }

  /** Every record in the log of a living replica. */
  recordsAt(broker: NodeId, name: string): readonly { readonly offset: Offset; readonly value: string }[] {
    const replica = this.replicasOf(name).find((one) => one.broker === broker);
    return replica === undefined ? [] : recordsBelow(replica.log, replica.log.logEndOffset);
  }

  /** What the system itself has declared lost. */
  get declaredLosses(): readonly DeclaredLoss[] {
    return this.image === undefined ? [] : declaredLosses(this.image);
  }

  /** A new, empty disk: its directory is another, so the voters do not know it (Q12), and nothing of its logs is left. */
  wipe(id: NodeId): void {
    const node = this.node(id);
    if (node.process !== undefined)
      throw new ScheduleError(`Node ${id} runs; kill it before its disk is wiped`);
    node.directoryId = uuidText(this.random.bytes(16));
    this.disks.formatAtOnce(id, this.voters);
  }

  /** Stops a node in order (C9); its process ends once it is ready to. */
  leave(id: NodeId, movesLeaderships = true): void {
    const { process: life, running } = this.node(id);
    if (life === undefined || running === undefined) throw new ScheduleError(`Node ${id} does not run`);
    const end = (): void => {
      if (life.hasEnded) return;
      this.crash(id);
      if (this.#isConcluding) this.start(id);
    };
    life.run(() => running.node.stop({ movesLeaderships }, () => this.time.after(0, end)));
  }

  /** How many leaders of partitions the cluster has had. */
  get elections(): number {
    return electionsIn(this.image);
  }

  /** How many committed records unclean elections have taken from the ledger. */
  get lostRecords(): number {
    return lostIn(this.image, this.oracle);
  }

  /** W1, W3: every node runs, every partition is led, all replicas are in sync and equal, consumers have read everything. */
  get isConverged(): boolean {
    return this.unconverged === undefined;
  }

  /** A node that is not what it should be once all is healed; undefined when all are. */
  get sleeper(): string | undefined {
    for (const { id, running } of this.nodes) {
      if (running === undefined || !this.isAwake(id)) return `node ${id} does not run`;
      if (running.node.state !== 'running') return `node ${id} is ${running.node.state}`;
      if (running.node.image.offset !== this.image?.offset) return `node ${id} has old metadata`;
    }
    return this.topics.missing === undefined ? undefined : `there is no topic ${this.topics.missing}`;
  }

  /** What is not as it should be once all is healed; undefined when everything is. */
  get unconverged(): string | undefined {
    const { image, sleeper } = this;
    if (sleeper !== undefined) return sleeper;
    return image === undefined
      ? 'there is no metadata'
      : unconvergedPartition(image, this.living, this.oracle);
  }

  override get verbs() {
    return { ...super.verbs, ...this.#clusterVerbs };
  }

  override get conditions() {
    return { ...super.conditions, ...this.#conditions };
  }

  /** Stops the load, heals everything, and holds the cluster to all its promises (O4). */
  conclude(capMs = 60_000): void {
    this.#isConcluding = true;
    this.healAll();
    for (const producer of this.clients.producers) producer.pause();
    if (this.#isOverBudget) concludeOverBudget(this, this.#toldDamage, capMs);
    else concludeWithinBudget(this, capMs);
  }

  protected override nodeMeant(word: string): NodeId | undefined {
    const [kind = '', name = ''] = word.split(':');
    if (kind === 'controller') return this.nodes.find(({ running }) => running?.node.isActiveController)?.id;
    const state = this.find(name)?.state;
    if (state === undefined) return super.nodeMeant(word);
    if (kind === 'leader') return state.leader === NO_LEADER ? undefined : state.leader;
    const followers = state.replicas.filter((id) => id !== state.leader);
    if (kind === 'follower') return followers[0];
    if (kind === 'other') return followers.at(-1);
    return super.nodeMeant(word);
  }

  protected override boot(node: WorldNode<LivingNode>, life: NodeLife): LivingNode {
    const { id, directoryId, host, port, lives } = node;
    const disk = this.disk(id);
    const isVoter = this.voters.some((voter) => voter.id === id);
    const roles = [...(this.#brokers.includes(id) ? ['broker'] : []), ...(isVoter ? ['controller'] : [])];
    const settings = { 'node.id': `${id}`, 'process.roles': roles.join(',') || 'broker', ...this.#settings };
    const ports: Ports = {
      clock: life.clock,
      random: life.random,
      network: life.network,
      disk,
      compute: virtualCompute(this.time, life.process),
    };
    const { mutant } = this;
    const nodePath = `${roles[0] === 'broker' ? 'broker' : 'controller'}-${id}`;
    const created = createNode({
      machines: this.#told?.machines(mutant?.machines) ?? mutant?.machines ?? {},
      identity: {
        clusterId: 'simulated',
        nodeId: id,
        directoryId,
        incarnation: life.process.identity.incarnation,
        host,
        port,
        processId: id * 1000 + lives,
      },
      voters: this.voters,
      ports: mutant === undefined ? ports : weakened(ports, mutant, () => created.image),
      configuration: resolveConfiguration([shortTimers, flagSource(settings)]),
      onBroken: (error) => {
        if (!life.process.hasEnded) this.#broken(node, life, error);
      },
      complained: (text) => this.report(`node ${id}: ${text}`),
      say: (line, about) => {
        this.telling?.say({
          level: about?.level ?? 'warn',
          actor: about?.actor === undefined ? nodePath : `${nodePath}/${about.actor}`,
          event: 'told',
          text: line,
          ...(about?.rule === undefined ? {} : { rule: about.rule }),
        });
        this.said.push(`${this.time.nowMs} ${id}: ${line}`);
        this.#toldDamage.said(line);
        this.trace.note(this.time.nowMs, `${id}: ${line}`);
      },
    });
    this.watchMachines(id, created.root);
    created.start();
    return { id, life: lives, directoryId, node: created, disk };
  }

  /** A node whose disk has refused may have to end, as its process would; anything else that breaks one is an error. */
  #broken(node: WorldNode<LivingNode>, { process: life }: NodeLife, error: unknown): void {
    const { id } = node;
    if (!this.disks.trouble(id).hasRefused) {
      this.report(`node ${id} is broken: ${wordsOf(error)}`);
      return;
    }
    this.trace.note(this.time.nowMs, `${id} ends: ${wordsOf(error)}`);
    this.time.after(0, () => {
      if (!life.hasEnded) this.crash(id);
      if (this.#isConcluding && node.process === undefined) this.start(id);
    });
  }

  /** O4: whatever a disk has refused is over once its node is started again. */
  override healAll(): void {
    this.disks.healAll();
    this.doors.delay = promptClients;
    for (const { id, process: life } of this.nodes)
      if (life !== undefined && this.disks.trouble(id).hasRefused) this.crash(id);
    super.healAll();
  }

  protected override died(
    { id }: WorldNode<LivingNode>,
    _running: LivingNode | undefined,
    powerLoss: PowerLoss | undefined,
  ): void {
    this.disks.trouble(id).hasRefused = false;
    this.disks.died(id, powerLoss);
  }

  disk(id: NodeId): MemoryDisk {
    return this.disks.disk(id);
  }

  override sync(id: NodeId): void {
    this.disk(id).syncAll();
  }

  override slowDisk(id: NodeId, delay: DiskDelay): void {
    this.disks.pace(id).delay = delay;
  }

  override timerMs(name: string): number | undefined {
    return clusterTimers(this.#settings)[name];
  }

  protected override check(ran: readonly NodeId[]): void {
    const broken =
      this.oracle.look(ran, this.#livingAt, this.voters) ??
      this.#rate.look(this.time.nowMs, this.trace.count);
    if (broken !== undefined) this.fail(broken);
    if (this.#isOverBudget && this.image !== undefined) this.#toldDamage.look(this.image);
  }

  /** The nodes that run. */
  get living(): LivingNode[] {
    return this.nodes.flatMap(({ running }) => running ?? []);
  }

  readonly #livingAt = (id: NodeId): LivingNode | undefined => this.node(id).running;
}
