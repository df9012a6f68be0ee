// An idempotent producer: one batch under way, retried until it is acknowledged or refused for good (P1). Whatever becomes of a
// record is entered in the history.

import { buildBatch, textBytes } from '@odradek/format';
import type { ClientResponse, TopicId } from '@odradek/model';
import type { ClientDoors } from './client-doors.ts';
import type { ClientHistory, Sent } from './client-history.ts';
import { type FoundPartition, PartitionFinder } from './partition-finder.ts';
import type { AcknowledgedBatch } from './partition-oracle.ts';

const TIMEOUT_MS = 1500;
const RETRY_MS = 30;

/** Errors after which the same batch may be tried again: it was not taken, or the next try tells. */
const retriable = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'REQUEST_TIMED_OUT',
  'KAFKA_STORAGE_ERROR',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_CONTROLLER',
]);

/** After these the numbering begins anew: the leader's log has lost what it was built on. */
const renumbering = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
]);

/** Whose answer a producer waits for. */
export type Acks = 'all' | '1' | '0';

const acksOnWire: Readonly<Record<Acks, number>> = { all: -1, '1': 1, '0': 0 };

export interface ProducerOptions {
  readonly name: string;
  readonly topic: string;
  readonly partition: number;
  readonly next: () => readonly string[];
  readonly acks?: Acks;
  /** How many bytes each record's key has; by default it has none. */
  readonly padding?: number;
  /** Of a hundred batches that were refused, and are surely in no log, so many are given up, as by who does not try again; by default none. */
  readonly givesUpPercent?: number;
  /** Told at each acknowledgement: the end of what was acknowledged (V11). */
  readonly acknowledged: (topicId: TopicId, endOffset: number, batch: AcknowledgedBatch) => void;
  /** Told of each record what became of a try: NONE, or the error; and whether it is tried again. */
  readonly told?: (sent: Sent, error: string, isTriedAgain: boolean) => void;
}

export class SimulatedProducer {
  readonly name: string;
  readonly #doors: ClientDoors;
  readonly #history: ClientHistory;
  readonly #finder: PartitionFinder;
  readonly #topic: string;
  readonly #partition: number;
  readonly #wallMs: () => number;
  readonly #onAcknowledged: (topicId: TopicId, endOffset: number, batch: AcknowledgedBatch) => void;
  readonly #acks: Acks;
  readonly #key: Uint8Array | null;
  readonly #givesUpPercent: number;
  #producerId = -1;
  #producerEpoch = -1;
  #sequence = 0;
  #underWay: readonly Sent[] = [];
  /** The leader as it was found last; forgotten when it did not take a batch. */
  #found: FoundPartition | undefined;
  /** Whether a try of the batch under way may have taken effect. */
  #mayBeThere = false;
  /** A try has no answer yet. */
  #isAsked = false;
  #isWanted = true;
  #nextValues: () => readonly string[];
  readonly #told: ProducerOptions['told'];
  /** The error of the last try, for whoever waits for it by name. */
  lastError = 'NONE';

  /** `next` is asked before each batch for the values of its records; none: not now. */
  constructor(doors: ClientDoors, history: ClientHistory, options: ProducerOptions) {
    this.#doors = doors;
    this.#history = history;
    this.#finder = new PartitionFinder(doors);
    this.name = options.name;
    this.#topic = options.topic;
    this.#partition = options.partition;
    this.#nextValues = options.next;
    this.#acks = options.acks ?? 'all';
    const { padding = 0, givesUpPercent = 0 } = options;
    this.#givesUpPercent = givesUpPercent;
    this.#key = padding === 0 ? null : new Uint8Array(padding).fill(0x6b);
    this.#onAcknowledged = options.acknowledged;
    this.#told = options.told;
    this.#wallMs = () => 1_767_225_600_000 + Math.floor(doors.time.nowMs);
  }

  start(): void {
    this.#withId(() => this.#next());
  }

  /** Sends nothing new; what is under way is still retried. */
  pause(): void {
    this.#nextValues = () => [];
  }

  /** Gives up: what may be there stays unknown. */
  stop(): void {
    this.#isWanted = false;
    const outcome = this.#isAsked || this.#mayBeThere ? 'unknown' : 'refused';
    for (const sent of this.#underWay) if (sent.outcome === 'open') sent.outcome = outcome;
  }

  get isIdle(): boolean {
    return this.#underWay.length === 0;
  }

  #withId(then: () => void): void {
    if (!this.#isWanted) return;
    const again = (): void => {
      this.#doors.time.after(RETRY_MS, () => this.#withId(then));
    };
    const to = this.#doors.random.pick(this.#doors.nodeIds);
    this.#doors.ask(to, { api: 'initProducerId', body: {} }, TIMEOUT_MS, (reply) => {
      if (reply.outcome !== 'answered' || reply.response.error !== 'NONE') {
        again();
        return;
      }
      this.#producerId = reply.response.producerId;
      this.#producerEpoch = reply.response.producerEpoch;
      this.#sequence = 0;
      then();
    });
  }

  #next(): void {
    if (!this.#isWanted) return;
    const values = this.#nextValues();
    if (values.length === 0) {
      this.#doors.time.after(RETRY_MS, () => this.#next());
      return;
    }
    this.#underWay = values.map((value) =>
      this.#history.send(this.name, `${this.#topic}-${this.#partition}`, value),
    );
    this.#mayBeThere = false;
    this.#try();
  }

  #try(): void {
    if (this.#found !== undefined) {
      this.#produce(this.#found);
      return;
    }
    this.#finder.find(
      this.#topic,
      this.#partition,
      () => this.#isWanted,
      (found) => {
        this.#found = found;
        this.#produce(found);
      },
    );
  }

  #produce({ topicId, leader, leaderEpoch }: FoundPartition): void {
    const batch = buildBatch({
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: this.#sequence,
      records: this.#underWay.map(({ value }) => ({
        timestamp: this.#wallMs(),
        key: this.#key,
        value: textBytes(value),
      })),
    });
    const partition = { topicId, partition: this.#partition, leaderEpoch, records: [batch] };
    const body = { acks: acksOnWire[this.#acks], timeoutMs: TIMEOUT_MS, partitions: [partition] };
    this.#isAsked = true;
    this.#doors.ask(leader, { api: 'produce', body }, 2 * TIMEOUT_MS, (reply) => {
      if (!this.#isWanted) return;
      this.#isAsked = false;
      if (reply.outcome === 'answered') this.#answered(topicId, reply.response);
      else {
        this.lastError = reply.outcome;
        this.#found = undefined;
        this.#mayBeThere ||= reply.outcome === 'unknown';
        this.#again();
      }
    });
  }

  #answered(topicId: TopicId, { error, partitions }: ClientResponse<'produce'>): void {
    const [result] = partitions;
    const name = error === 'NONE' ? (result?.error ?? 'no partition') : error;
    const isNews = name !== this.lastError;
    this.lastError = name;
    const isTaken = name === 'NONE';
    if (!isTaken) this.#found = undefined;
    // L6: an answer says itself that nothing was appended; all others leave it open.
    this.#mayBeThere ||= !isTaken && result?.isRefused !== true;
    const isTriedAgain = retriable.has(name) && !this.#givesUp();
    for (const sent of this.#underWay) {
      sent.answer = name;
      if (isTaken) sent.offset = (result?.baseOffset ?? -1) + this.#underWay.indexOf(sent);
      if (isNews || isTaken) this.#told?.(sent, name, isTriedAgain);
    }
    if (isTaken) this.#acknowledged(topicId, result?.baseOffset ?? -1);
    else if (isTriedAgain) this.#again();
    else this.#settle(renumbering.has(name));
  }

  #givesUp(): boolean {
    return this.#givesUpPercent > 0 && !this.#mayBeThere && this.#doors.random.chance(this.#givesUpPercent);
  }

  #acknowledged(topicId: TopicId, baseOffset: number): void {
    // Only acks=all is a promise; of anything less nobody knows what a failure leaves.
    const isPromised = this.#acks === 'all';
    for (const [index, sent] of this.#underWay.entries()) {
      sent.outcome = isPromised ? 'acknowledged' : 'unknown';
      sent.offset = baseOffset + index;
      sent.topicId = topicId;
      sent.mayHaveHadTwin = this.#mayBeThere;
    }
    const batch = { baseOffset, producerId: this.#producerId, baseSequence: this.#sequence };
    if (isPromised) this.#onAcknowledged(topicId, baseOffset + this.#underWay.length, batch);
    this.#sequence += this.#underWay.length;
    this.#underWay = [];
    this.#next();
  }

  #settle(isRenumbered: boolean): void {
    const outcome = this.#mayBeThere ? 'unknown' : 'refused';
    for (const sent of this.#underWay) sent.outcome = outcome;
    this.#underWay = [];
    // What is unknown may stand under these numbers: new ones, with a new id. What was refused has used none.
    if (isRenumbered || outcome === 'unknown') this.#withId(() => this.#next());
    else this.#next();
  }

  #again(): void {
    this.#doors.time.after(RETRY_MS + this.#doors.random.below(RETRY_MS), () => this.#try());
  }
}
