// The controller's desk: the image it decides on, who waits for which offset, and the sessions of the brokers. The machine says
// when; here is what. It decides in records, on an image that is ahead of what is committed, and an answer leaves only once the
// records it rests on are committed (C1).

import { FormatError, uuidText } from '@odradek/format';
import {
  type Clock,
  type Configuration,
  DueTimer,
  emptyImage,
  invariant,
  type LeaderEpoch,
  type MetadataImage,
  type NodeId,
  type Offset,
  type PartitionKey,
  type PeerEvidence,
  type Random,
} from '@odradek/model';
import { AnswerQueue } from './answer-queue.ts';
import { bootstrap } from './bootstrap.ts';
import { BrokerSessions, type DiskTrouble } from './broker-sessions.ts';
import type { ControllerHost, LogEndsTold } from './controller-host.ts';
import { rebalanceLeaders, relieveFullDisks } from './elections.ts';
import { electLeaderless, type OfflinePartition, offlinePartitions } from './leadership.ts';
import { fence } from './lifecycle.ts';
import { brokerFacts, livenessOf } from './liveness.ts';
import { LogEndBook } from './log-end-book.ts';
import { type Decision, type Facts, type LogEndQuestion, Plan } from './plan.ts';
import { decide, outcomeUnknown, type Question, refusalTo, speaksForAnother } from './questions.ts';

export interface DeskOptions {
  readonly clusterId: string;
  readonly configuration: Configuration;
  readonly clock: Pick<Clock, 'nowMs' | 'setTimeout' | 'clearTimeout'>;
  readonly random: Random;
}

/** What the desk tells the machine: its timers, and what brokers answered. */
export type DeskEvent =
  | { readonly type: 'sessions due' }
  | { readonly type: 'elections due' }
  | { readonly type: 'balance due' }
  | { readonly type: 'relief due' }
  | ({ readonly type: 'log ends told' } & LogEndsAnswer);

/** A broker has told the ends of its logs; or has not. */
export interface LogEndsAnswer {
  readonly epoch: LeaderEpoch;
  readonly broker: NodeId;
  readonly partitions: readonly PartitionKey[];
  readonly told: LogEndsTold;
}

/** After a question for log ends was not answered. */
const ASK_AGAIN_MS = 200;
/** How long partitions without a leader wait for their preferred one, when many do. */
const RETURN_MS = 500;
/** D6: a disk that has room only now and then takes no leaderships, however often they may move for balance. */
const LEAST_LASTING_ROOM_MS = 5000;
/** C1: what is said of a decision that was not committed here. */
const OUTCOME_UNKNOWN =
  'the leadership of the metadata was lost before this was committed: it may or may not happen';
/** How often brokers may fail to tell their ends before an operator's election is answered all the same. */
const ELECTION_TRIES = 3;

/** The orders of the controller's machine. */
export class ControllerDesk {
  private readonly host: ControllerHost;
  private readonly options: DeskOptions;
  private readonly sessions: BrokerSessions;
  private readonly book = new LogEndBook();
  private readonly answers = new AnswerQueue();
  private committed: MetadataImage = emptyImage;
  private speculative: MetadataImage = emptyImage;
  private settled: () => void = () => {};
  private held: Question[] = [];
  private parked: { readonly question: Question; readonly tries: number }[] = [];
  private controllerEpoch: LeaderEpoch = -1;
  private readonly sessionTimer: DueTimer;
  private readonly retryTimer: DueTimer;
  private readonly balanceTimer: DueTimer;
  private readonly reliefTimer: DueTimer;
  private send: (event: DeskEvent) => void = () => {};

  constructor(host: ControllerHost, options: DeskOptions) {
    this.host = host;
    this.options = options;
    const { values } = options.configuration;
    this.sessionTimer = new DueTimer(options.clock, () => this.send({ type: 'sessions due' }));
    this.retryTimer = new DueTimer(options.clock, () => {
      this.retryTimer.takeLatenessMs();
      this.send({ type: 'elections due' });
    });
    this.balanceTimer = new DueTimer(options.clock, () => {
      this.balanceTimer.takeLatenessMs();
      this.send({ type: 'balance due' });
    });
    this.reliefTimer = new DueTimer(options.clock, () => {
      this.reliefTimer.takeLatenessMs();
      this.send({ type: 'relief due' });
    });
    this.sessions = new BrokerSessions({
      sessionTimeoutMs: values['broker.session.timeout.ms'],
      graceMs: values['odradek.refused.grace.ms'],
      lastingRoomMs: Math.max(LEAST_LASTING_ROOM_MS, balanceIntervalMs(options.configuration)),
    });
  }

  /** The image that is decided on: what is committed, and what is on its way there. */
  get image(): MetadataImage {
    return this.speculative;
  }

  /** The last committed offset that was told. */
  get committedOffset(): Offset {
    return this.committed.offset;
  }

  /** Where the desk's timers report; the machine itself. */
  attach(send: (event: DeskEvent) => void): void {
    this.send = send;
  }

  /** Partitions without a leader as this controller sees them, for the answer to `describeQuorum`. */
  offline(): readonly OfflinePartition[] {
    return offlinePartitions(this.facts(this.speculative), this.speculative);
  }

  /** Brokers that have told this controller that something is wrong with their disk (D6). */
  troubled(): readonly (DiskTrouble & { readonly broker: NodeId })[] {
    return this.sessions.troubled();
  }

  /** A node's metadata has advanced; answers that waited for it leave, in order (C1). */
  commit(image: MetadataImage): void {
    this.committed = image;
    this.answers.release(image.offset);
    if (this.answers.isEmpty) this.settled();
  }

  /** Calls `done` once nobody waits for what was decided to be committed; at once when nobody does. May call it again later. */
  whenSettled(done: () => void): void {
    this.settled = done;
    if (this.answers.isEmpty) done();
  }

  /** Each heartbeat of each link says that a node was reached: that is news of one that had refused. */
  isNews(evidence: PeerEvidence): boolean {
    return evidence.type !== 'reached' || this.sessions.isRefusing(evidence.id);
  }

  /** Evidence counts in every state: a new controller knows what its links have shown before (design). */
  note(evidence: PeerEvidence): void {
    if (this.sessions.observe(evidence, this.nowMs()) && evidence.type === 'unlinked')
      this.host.probe(evidence.peer.id);
    if (this.sessionTimer.isArmed) this.arm();
  }

  /** Keeps a question until the log is replayed: asking again would cost its sender a pause. */
  hold(question: Question): void {
    this.held.push(question);
  }

  refuse({ request, answer }: Question): void {
    answer(refusalTo(request.api, 'NOT_CONTROLLER', 'this node is not the active controller'));
  }

  /** C1: from here on this controller acts, on all that was ever committed. */
  takeOver(epoch: LeaderEpoch): void {
    this.controllerEpoch = epoch;
    this.speculative = this.committed;
    this.sessions.refresh(this.committed, this.nowMs());
    for (const broker of this.committed.brokers.values()) {
      if (!this.sessions.isLinked(broker.id, broker.incarnation)) this.host.probe(broker.id);
    }
    this.carryOut(bootstrap(this.plan()));
    this.electLeaderless();
    const held = this.held;
    this.held = [];
    for (const question of held) this.decide(question);
    this.arm();
    this.balanceSoon();
  }

  /** One question, one decision, one batch. */
  decide(question: Question, tries = 0): void {
    const { request, answer } = question;
    if (speaksForAnother(question)) {
      const why = `node ${question.peer.id} speaks for another broker`;
      answer(refusalTo(request.api, 'CLUSTER_AUTHORIZATION_FAILED', why));
      return;
    }
    const returning = request.api === 'registerBroker' ? request.body.brokerId : undefined;
    const decision = decide(
      this.plan({ speaker: question.peer.id, returning }),
      request,
      livenessOf(this.sessions, this.speculative, this.nowMs()),
      () => this.newId(),
    );
    if (request.api === 'electLeaders' && decision.questions.length > 0 && tries < ELECTION_TRIES) {
      this.parked.push({ question, tries });
      this.ask(decision.image, decision.questions);
      return;
    }
    try {
      if (!this.carryOut(decision)) {
        this.refuse(question);
        return;
      }
    } catch (error) {
      // X13: what was asked has no form as records, so nothing of it was appended. It costs the asker, not the controller.
      if (!(error instanceof FormatError)) throw error;
      answer(refusalTo(request.api, 'INVALID_REQUEST', error.message));
      return;
    }
    this.noteHeard(question, decision);
    this.answers.add(this.speculative.offset, question, () => answer(decision.response));
    this.answers.release(this.committed.offset);
    this.arm();
  }

  /** Sessions that are over: those brokers are fenced, and no longer waited for (C7, C8). */
  endSessions(): void {
    const nowMs = this.nowMs();
    // E6: a process that was stopped itself has heard nobody; their heartbeats lie unread.
    if (
      this.sessionTimer.takeLatenessMs() >
      this.options.configuration.values['broker.session.timeout.ms'] / 2
    )
      this.sessions.refresh(this.speculative, nowMs);
    const ended = this.sessions.takeEnded(nowMs);
    if (ended.length > 0) {
      for (const session of ended)
        if (this.speculative.brokers.get(session.id)?.isFenced === false) this.host.fencing(session);
      const plan = this.plan();
      fence(
        plan,
        ended.map(({ id }) => id),
      );
      this.carryOut(plan.done(undefined));
    }
    this.arm();
  }

  /** The elections that waited for these ends are held. */
  considerLogEnds({ epoch, broker, partitions, told }: LogEndsAnswer): void {
    if (epoch !== this.controllerEpoch) return;
    const isTold = this.book.note(broker, partitions, told);
    if (!isTold) this.retryTimer.setBy(this.nowMs() + ASK_AGAIN_MS);
    this.electLeaderless();
    const parked = this.parked;
    this.parked = [];
    for (const { question, tries } of parked) this.decide(question, isTold ? tries : tries + 1);
  }

  /** Those who did not tell their ends are asked again. */
  askAgain(): void {
    this.book.forgetFailed();
    this.electLeaderless();
    const parked = this.parked;
    this.parked = [];
    for (const { question, tries } of parked) this.decide(question, tries);
  }

  /** Tries every partition without a leader; whoever must be asked first is asked. */
  electLeaderless(): void {
    const plan = this.plan();
    electLeaderless(plan);
    this.carryOut(plan.done(undefined));
  }

  /** C3: leadership goes back to the preferred replicas, as far as they are in sync again. */
  rebalance(): void {
    // Before it is decided: who has room for good by the time of the decision only is looked at once more, and not forgotten.
    const againMs = this.sessions.nextLastingRoomMs(this.nowMs());
    this.carryOut(rebalanceLeaders(this.plan()));
    if (this.mayBalance) this.balanceTimer.setBy(againMs);
  }

  /** D6: whom a full disk keeps from writing is led by others, as far as there are any. */
  relieve(): void {
    const againMs = this.sessions.nextLastingRoomMs(this.nowMs());
    const decision = relieveFullDisks(this.plan());
    if (this.carryOut(decision))
      for (const [broker, count] of decision.response) this.host.relieving(broker, count);
    if (this.sessions.someLackRoom) this.reliefTimer.setBy(againMs);
  }

  /** C1: what was not committed is forgotten; whoever waited for it is told that it may or may not happen. */
  giveUp(): void {
    this.sessionTimer.cancel();
    this.retryTimer.cancel();
    this.balanceTimer.cancel();
    this.reliefTimer.cancel();
    this.speculative = this.committed;
    this.book.clear();
    for (const { request, answer } of this.answers.take())
      answer(refusalTo(request.api, outcomeUnknown(request.api), OUTCOME_UNKNOWN));
    const undecided = [...this.parked.map((parked) => parked.question), ...this.held];
    this.parked = [];
    this.held = [];
    for (const question of undecided) this.refuse(question);
    this.settled();
  }

  /** Appends a decision's records. False: this node does not lead the quorum any more, and nothing has happened. */
  private carryOut(decision: Decision<unknown>): boolean {
    if (decision.records.length > 0) {
      const lastOffset = this.host.append(decision.records);
      if (lastOffset === undefined) return false;
      invariant(
        lastOffset === decision.image.offset,
        () => `C1: a decision ends at offset ${lastOffset}, it was made for ${decision.image.offset}`,
      );
      const { topics, brokers } = this.speculative;
      this.speculative = decision.image;
      if (topics !== decision.image.topics || brokers !== decision.image.brokers) {
        this.balanceSoon();
        this.relieveSoon();
      }
    }
    if (decision.awaitsLeaders) this.retryTimer.setBy(this.nowMs() + RETURN_MS);
    this.ask(decision.image, decision.questions);
    return true;
  }

  private ask(image: MetadataImage, questions: readonly LogEndQuestion[]): void {
    for (const [broker, partitions] of this.book.toAsk(image, questions)) {
      const epoch = this.controllerEpoch;
      this.host.askLogEnds(broker, epoch, partitions, (told) => {
        this.send({ type: 'log ends told', epoch, broker, partitions, told });
      });
    }
  }

  private noteHeard({ request }: Question, { image, response }: Decision<{ readonly body: unknown }>): void {
    const isWelcome = (response.body as { readonly error: string }).error === 'NONE';
    if (!isWelcome) return;
    if (request.api === 'registerBroker') this.sessions.registered(request.body.brokerId, this.nowMs());
    if (request.api !== 'brokerHeartbeat') return;
    const { brokerId, wantShutDown } = request.body;
    const isFenced = image.brokers.get(brokerId)?.isFenced ?? true;
    const lackedRoom = this.sessions.lacksRoom(brokerId);
    this.sessions.heard(brokerId, request.body, isFenced, this.nowMs());
    if (lackedRoom && !this.sessions.lacksRoom(brokerId)) this.balanceSoon();
    if (lackedRoom !== this.sessions.lacksRoom(brokerId)) this.relieveSoon();
    if (wantShutDown) this.sessions.leaving(brokerId, image.offset);
  }

  /** Nothing is looked for while nothing changes; and no more often than the interval says, or leaders could thrash (W4). */
  private balanceSoon(): void {
    if (this.mayBalance)
      this.balanceTimer.setBy(this.nowMs() + balanceIntervalMs(this.options.configuration));
  }

  private get mayBalance(): boolean {
    return this.options.configuration.values['auto.leader.rebalance.enable'];
  }

  /** Not before everybody had the time to say whether its disk has room: theirs may be the same one. */
  private relieveSoon(): void {
    const waitMs = this.options.configuration.values['broker.heartbeat.interval.ms'];
    if (this.sessions.someLackRoom) this.reliefTimer.setBy(this.nowMs() + waitMs);
  }

  /** Heartbeats only move ends later: then the timer fires in vain once. */
  private arm(): void {
    this.sessionTimer.setBy(this.sessions.nextEndMs());
  }

  private plan(about: Parameters<typeof brokerFacts>[3] = {}): Plan {
    return new Plan(this.facts(this.speculative, about), this.speculative, this.host.nextOffset());
  }

  private facts(image: MetadataImage, about: Parameters<typeof brokerFacts>[3] = {}): Facts {
    const { clusterId, configuration } = this.options;
    const brokers = brokerFacts(this.sessions, image, this.nowMs(), about);
    return {
      clusterId,
      configuration,
      ...brokers,
      logEndsOf: (partition) => this.book.endsOf(image, partition),
    };
  }

  private newId(): string {
    return uuidText(this.options.random.bytes(16));
  }

  private nowMs(): number {
    return this.options.clock.nowMs();
  }
}

function balanceIntervalMs({ values }: Configuration): number {
  return values['leader.imbalance.check.interval.seconds'] * 1000;
}
