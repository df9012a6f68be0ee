// A world with a metadata quorum alone: the machine that ships, on virtual time, over a network and disks that fail.

import { createQuorum, type Quorum, type QuorumOptions, type QuorumTimeouts } from '@odradek/election';
import { buildBatch, textBytes, uuidText } from '@odradek/format';
import type { LeaderEpoch, NodeId, Offset, PeerRequest, Voter } from '@odradek/model';
import type { DiskDelay } from './disk-pace.ts';
import { QuorumDisk } from './quorum-disk.ts';
import { quorumLie } from './quorum-lies.ts';
import { type QuorumMember, QuorumOracle } from './quorum-oracle.ts';
import { watchVotes } from './quorum-watch.ts';
import { ScheduleError } from './schedule.ts';
import { type NodeLife, type PowerLoss, World, type WorldNode, type WorldOptions } from './world.ts';

export interface QuorumWorldOptions extends WorldOptions {
  /** How many voters; their ids are 1, 2, … */
  readonly voters?: number;
  readonly observers?: number;
  readonly timeouts?: Partial<QuorumTimeouts>;
  readonly diskDelay?: DiskDelay;
}

/** A change that was given to the leader. */
export interface Change {
  readonly value: string;
  readonly offset: Offset;
  readonly epoch: LeaderEpoch;
  readonly at: NodeId;
  /** Whether its leader has called it committed: then it must never be lost. */
  isAcknowledged: boolean;
}

interface Member {
  readonly quorum: Quorum;
}

const CLUSTER = 'simulated';

/** Healed, the quorum must agree within so much virtual time (W1). */
const CONVERGENCE_MS = 20_000;

const shortTimeouts: Partial<QuorumTimeouts> = {
  electionTimeoutMs: 150,
  fetchTimeoutMs: 300,
  electionBackoffMaxMs: 150,
  requestTimeoutMs: 300,
  fetchMaxWaitMs: 100,
};

export class QuorumWorld extends World<Member> {
  readonly oracle = new QuorumOracle();
  readonly voters: readonly Voter[];
  readonly changes: Change[] = [];
  readonly #timeouts: Partial<QuorumTimeouts>;
  readonly #disks = new Map<NodeId, QuorumDisk>();
  readonly #diskDelay: DiskDelay;
  #rememberedEpoch = 0;
  #hasLiar = false;

  constructor(options: QuorumWorldOptions) {
    super(options);
    this.#timeouts = { ...shortTimeouts, ...options.timeouts };
    this.#diskDelay = options.diskDelay ?? { minMs: 1, maxMs: 4 };
    const voterCount = options.voters ?? 3;
    const ids = Array.from({ length: voterCount + (options.observers ?? 0) }, (_, index) => index + 1);
    const nodes = ids.map((id) => this.addNode(id));
    for (const { id } of nodes) this.#newDisk(id);
    this.voters = nodes
      .slice(0, voterCount)
      .map(({ id, directoryId, host, port }) => ({ id, directoryId, host, port }));
    watchVotes(this.network, ({ voterDirectoryId, epoch, candidateDirectoryId }) =>
      this.#vote(voterDirectoryId, epoch, candidateDirectoryId),
    );
  }

  /** The leader of the highest epoch, as the nodes that are alive see it. */
  get leader(): NodeId | undefined {
    return this.livingNodes
      .filter(({ id, running }) => running.quorum.isLeader && this.isAwake(id))
      .toSorted((one, other) => other.running.quorum.epoch - one.running.quorum.epoch)[0]?.id;
  }

  /** The highest epoch that anybody alive knows. */
  get epoch(): LeaderEpoch {
    return Math.max(0, ...this.livingNodes.map(({ running }) => running.quorum.epoch));
  }

  disk(id: NodeId): QuorumDisk {
    const disk = this.#disks.get(id);
    if (disk === undefined) throw new ScheduleError(`No node ${id}`);
    return disk;
  }

  startAll(): void {
    for (const { id } of this.nodes) this.start(id);
  }

  /** Gives a change to a node; false when it does not lead. */
  append(id: NodeId, value: string): boolean {
    const quorum = this.node(id).running?.quorum;
    if (quorum === undefined) return false;
    const batch = buildBatch({ records: [{ timestamp: 0, key: null, value: textBytes(value) }] });
    const result = quorum.appendRecords([batch]);
    if (result.outcome === 'failed') this.fail(`node ${id} could not append ${value}: ${result.error}`);
    if (result.outcome !== 'appended') return false;
    const change = { value, offset: result.firstOffset, epoch: quorum.epoch, at: id, isAcknowledged: false };
    this.changes.push(change);
    this.disk(id).flushWhatIsNew();
    return true;
  }

  /** A new, empty disk: its directory is another, so the voters do not know it (Q12). */
  wipe(id: NodeId): void {
    const node = this.node(id);
    if (node.process !== undefined)
      throw new ScheduleError(`Node ${id} runs; kill it before its disk is wiped`);
    node.directoryId = uuidText(this.random.bytes(16));
    this.#newDisk(id);
  }

  /** One voter says to another what is not true, and does not listen to the answer (X9). */
  lie(kind: string, from: NodeId, to: NodeId, epoch: LeaderEpoch): void {
    const [liar, told] = [from, to].map((id) => this.voters.find((voter) => voter.id === id));
    if (liar === undefined || told === undefined) throw new ScheduleError('"lie": only voters do, to voters');
    this.#hasLiar = true;
    const node = this.node(to);
    const peer = { ...liar, incarnation: 'AAAAAAAAAAAAAAAAAAAAAA' };
    const request = quorumLie(kind, CLUSTER, liar, told, epoch);
    node.process?.run(() => node.running?.quorum.handle(peer, request, () => {}));
  }

  isCommitted(value: string): boolean {
    const change = this.changes.find((candidate) => candidate.value === value);
    return (
      change !== undefined &&
      this.oracle.committed.batches.some(
        ({ baseOffset, leaderEpoch }) => baseOffset === change.offset && leaderEpoch === change.epoch,
      )
    );
  }

  /** All run, agree on one leader, and have the same log, all of it committed. */
  get isConverged(): boolean {
    const { leader } = this;
    if (leader === undefined || this.livingNodes.length < this.nodes.length) return false;
    const leading = this.node(leader).running?.quorum;
    const end = this.disk(leader).log.logEndOffset;
    return this.livingNodes.every(
      ({ id, running: { quorum } }) =>
        quorum.leaderId === leader &&
        quorum.epoch === leading?.epoch &&
        quorum.highWatermark === end &&
        this.disk(id).log.logEndOffset === end,
    );
  }

  /** Each member in a few words. */
  get summary(): string {
    return this.nodes
      .map(({ id, running }) => {
        if (running === undefined) return `${id} dead`;
        const { state, epoch, leaderId, highWatermark } = running.quorum;
        const { flushedEndOffset, logEndOffset } = this.disk(id).log;
        return `${id} ${state} of epoch ${epoch} under ${leaderId}, ${highWatermark} <= ${flushedEndOffset} <= ${logEndOffset}`;
      })
      .join('; ');
  }

  override get verbs() {
    return {
      ...super.verbs,
      append: ([value = '', at = 'leader']: readonly string[]) => {
        if (!this.append(this.nodeNamed(at), value))
          this.fail(`${at} does not take ${value}: it does not lead`);
      },
      wipe: ([word = '']: readonly string[]) => this.wipe(this.nodeNamed(word)),
      /** `lie begin 3>1 70000`: 3 says to 1 that it leads that epoch; or pre-vote, vote, end. */
      lie: ([kind = '', way = '', epoch]: readonly string[]) => {
        const [from = '', to = ''] = way.split('>');
        this.lie(kind, this.nodeNamed(from), this.nodeNamed(to), Number(epoch));
      },
      remember: () => {
        this.#rememberedEpoch = this.epoch;
      },
    };
  }

  override get conditions(): Readonly<Record<string, (words: readonly string[]) => boolean>> {
    const quorumOf = (word: string): Quorum | undefined => this.node(this.nodeNamed(word)).running?.quorum;
    return {
      ...super.conditions,
      leader: () => this.leader !== undefined,
      leads: ([word = '']) => quorumOf(word)?.isLeader === true,
      follows: ([word = '', leader = '']) => quorumOf(word)?.leaderId === this.nodeNamed(leader),
      is: ([word = '', state]) => quorumOf(word)?.state === state,
      committed: ([value = '']) => this.isCommitted(value),
      acknowledged: ([value]) =>
        this.changes.some((change) => change.value === value && change.isAcknowledged),
      durable: ([value, word = '']) =>
        this.changes.some(
          (change) =>
            change.value === value && this.disk(this.nodeNamed(word)).log.flushedEndOffset > change.offset,
        ),
      storing: ([word = '']) => this.disk(this.nodeNamed(word)).isStoring,
      converged: () => this.isConverged,
      'epoch-grew': () => this.epoch > this.#rememberedEpoch,
    };
  }

  protected override nodeMeant(word: string): NodeId | undefined {
    if (word === 'leader') return this.leader;
    const followers = this.livingNodes.filter(({ id }) => id !== this.leader).map(({ id }) => id);
    if (word === 'follower') return followers[0];
    if (word === 'other') return followers.at(-1);
    return super.nodeMeant(word);
  }

  protected override boot(node: WorldNode<Member>, life: NodeLife): Member {
    const disk = this.disk(node.id);
    const opened = disk.open(life.process, {
      flushed: (flushedEndOffset) => quorum.logFlushed(flushedEndOffset),
      failed: (error) => quorum.logFailed(error),
    });
    const ports = { clock: life.clock, random: life.random, network: life.network };
    const options: QuorumOptions = {
      clusterId: CLUSTER,
      self: { id: node.id, directoryId: node.directoryId },
      voters: this.voters,
      log: opened.log,
      voteState: opened.voteState,
      storage: disk.storage,
      ports: this.mutant?.ports?.(ports) ?? ports,
      timeouts: this.#timeouts,
      listener: {
        becameLeader: () => {},
        lostLeadership: () => {},
        leaderChanged: () => {},
        highWatermarkMoved: () => {},
        snapshotLoaded: () => {},
        // Only somebody who lies gives a reason to.
        complained: (text) => {
          if (!this.#hasLiar) this.report(`node ${node.id}: ${text}`);
        },
        failed: (error) => this.report(`the quorum of node ${node.id} has failed: ${error}`),
      },
    };
    const quorum = createQuorum(options, this.mutant?.machines?.quorum);
    life.network.serve({
      handle: (peer, request, answer) => {
        if (isQuorumRequest(request)) quorum.handle(peer, request, answer);
        else this.report(`node ${node.id} was asked ${request.api}, which is no question for a quorum`);
      },
      observe: (evidence) => quorum.observe(evidence),
    });
    this.watchMachines(node.id, quorum.actor, `node-${node.id}/`);
    quorum.start();
    return { quorum };
  }

  protected override died(
    node: WorldNode<Member>,
    _member: Member | undefined,
    powerLoss: PowerLoss | undefined,
  ): void {
    this.disk(node.id).died(powerLoss);
  }

  override sync(id: NodeId): void {
    this.disk(id).sync();
  }

  override slowDisk(id: NodeId, delay: DiskDelay): void {
    this.disk(id).pace.delay = delay;
  }

  override timerMs(name: string): number | undefined {
    const { electionTimeoutMs = 0, fetchTimeoutMs = 0 } = this.#timeouts;
    const timers: Readonly<Record<string, number>> = {
      election: 2 * electionTimeoutMs,
      fetch: fetchTimeoutMs,
    };
    return timers[name];
  }

  /** Heals everything, and holds the quorum to all its promises: it agrees within a bounded time, and has what it acknowledged. */
  conclude(capMs = CONVERGENCE_MS): void {
    this.healAll();
    if (!this.runUntil(() => this.isConverged, capMs))
      this.fail(`W1: healed for ${capMs} ms, and the quorum does not agree: ${this.summary}`);
    for (const change of this.changes)
      if (change.isAcknowledged && !this.isCommitted(change.value))
        this.fail(`V1: ${change.value} was acknowledged at ${change.offset}, and is lost`);
  }

  protected override check(): void {
    for (const disk of this.#disks.values()) disk.flushWhatIsNew();
    const members = this.nodes.map((node) => this.#memberAt(node));
    for (const { directoryId, view } of members)
      if (view?.isLeader === true) this.#vote(directoryId, view.epoch, directoryId);
    const broken = this.oracle.look(members, this.voters);
    if (broken !== undefined) this.fail(broken);
    this.#acknowledge();
  }

  #memberAt(node: WorldNode<Member>): QuorumMember {
    const { id, directoryId, lives: life, running } = node;
    const { log } = this.disk(id);
    if (running === undefined) return { id, directoryId, life, log, view: undefined };
    const { isLeader, leaderId, epoch, highWatermark } = running.quorum;
    return { id, directoryId, life, log, view: { isLeader, leaderId, epoch, highWatermark } };
  }

  #acknowledge(): void {
    for (const change of this.changes) {
      if (change.isAcknowledged) continue;
      const quorum = this.node(change.at).running?.quorum;
      if (quorum?.isLeader === true && quorum.epoch === change.epoch && quorum.highWatermark > change.offset)
        change.isAcknowledged = true;
    }
  }

  #vote(voterDirectoryId: string, epoch: LeaderEpoch, candidateDirectoryId: string): void {
    const broken = this.oracle.voted({ voterDirectoryId, epoch, candidateDirectoryId });
    if (broken !== undefined) this.report(broken);
  }

  #newDisk(id: NodeId): void {
    this.#disks.set(id, new QuorumDisk(this.time, this.random.fork(), this.#diskDelay));
  }
}

const quorumApis = ['vote', 'beginQuorumEpoch', 'endQuorumEpoch', 'fetchMetadata', 'fetchSnapshot'];

function isQuorumRequest(request: PeerRequest): request is Parameters<Quorum['handle']>[1] {
  return quorumApis.includes(request.api);
}
