// One partition's queue with the machine that governs it.

import type { Clock } from '@odradek/model';
import type { Actor } from 'xstate';
import type { Cluster } from '../cluster/cluster.ts';
import { errorNamed, OdradekError } from '../errors.ts';
import { startMachine } from '../machine/machine-room.ts';
import type { Batch } from './batch.ts';
import { deliveryMachine } from './delivery.machine.ts';
import { PartitionQueue, type QueueOrders, timedOut } from './partition-queue.ts';
import { isAboutLeader, mayBeInLog, type ProduceError, verdictOn } from './produce-errors.ts';

export interface DeliveryOrders extends QueueOrders {
  /** Something may be sent. */
  pump(): void;
  askForProducerId(): void;
  /** Numbering began anew in this partition, because of `reason`. */
  renumbered(topic: string, partition: number, reason: string): void;
}

/** What a leader said about one batch. */
export interface BatchAnswer extends ProduceError {
  readonly errorMessage: string | null;
  readonly baseOffset: number;
  readonly leaderHint: number;
}

export class PartitionDelivery {
  readonly queue: PartitionQueue;
  readonly #cluster: Cluster;
  readonly #isIdempotent: boolean;
  readonly #machine: Actor<typeof deliveryMachine>;
  #lastReason = '';

  constructor(
    name: string,
    cluster: Cluster,
    topic: string,
    partition: number,
    isIdempotent: boolean,
    orders: DeliveryOrders,
  ) {
    this.#cluster = cluster;
    this.#isIdempotent = isIdempotent;
    this.queue = new PartitionQueue(topic, partition, isIdempotent, orders);
    const host = {
      resume: () => orders.pump(),
      numberAnew: () => {
        orders.renumbered(topic, partition, this.#lastReason);
        this.queue.numberAnew();
      },
      askForProducerId: () => orders.askForProducerId(),
      askForMetadata: () => cluster.refresh(),
      isNumberingBroken: () => this.queue.isNumberingBroken,
      isProducerIdExhausted: () => this.queue.needsProducerId,
      mustSendAgain: () => this.queue.mustSendAgain,
      goesInParts: () => this.queue.goesInParts,
      backOffMs: (attempts: number) => cluster.backOffMs(attempts),
    };
    this.#machine = startMachine(cluster.room, deliveryMachine, `${name}/${topic}-${partition}`, { host });
  }

  /** Whether the machine lets batches go. */
  get isFlowing(): boolean {
    return this.#machine.getSnapshot().value === 'flowing';
  }

  get #clock(): Clock {
    return this.#cluster.clock;
  }

  /** The leader to send to, if it is known; a new one is told to queue and machine. */
  leader(): { readonly leader: number; readonly epoch: number } | undefined {
    const known = this.#cluster.leaderOf(this.queue.topic, this.queue.partition);
    if (known === undefined || known.leader < 0) return undefined;
    this.queue.noteLeader(known.leader, known.leaderEpoch);
    return { leader: known.leader, epoch: known.isHinted ? -1 : known.leaderEpoch };
  }

  /** Metadata has changed: if it names another leader than before, there is reason to try it at once. */
  metadataChanged(): void {
    const known = this.#cluster.leaderOf(this.queue.topic, this.queue.partition);
    const isLed = known !== undefined && known.leader >= 0;
    if (isLed && this.#isIdempotent && !known.isHinted) this.#abandon(known.leader, known.leaderEpoch);
    if (isLed && this.queue.noteLeader(known.leader, known.leaderEpoch))
      this.#machine.send({ type: 'leader changed' });
    else if (this.#machine.getSnapshot().value === 'waiting')
      this.#machine.send({ type: 'leader unchanged' });
  }

  /**
   * P1, L9: a leader that another one has succeeded commits nothing any more, and one that is cut off from its peers does not know
   * it: its answer is not waited for. What it may have taken goes again, by the same sequence.
   */
  #abandon(leader: number, leaderEpoch: number): void {
    for (const batch of this.queue.sentElsewhere(leader, leaderEpoch)) {
      const text = `broker ${batch.sentTo?.leader} had not answered when broker ${leader} became the leader`;
      const error = new OdradekError(
        'REQUEST_TIMED_OUT',
        `${this.queue.topic}-${this.queue.partition}: ${text}`,
      );
      this.unanswered(batch, error, true);
    }
  }

  takeProducerId(producerId: number, producerEpoch: number): void {
    if (!this.queue.needsProducerId) return;
    this.queue.takeProducerId(producerId, producerEpoch);
    this.#machine.send({ type: 'producer id acquired' });
  }

  /** The leader has answered. */
  answered(batch: Batch, answer: BatchAnswer): void {
    this.queue.inFlight -= 1;
    batch.sentTo = undefined;
    const { topic, partition } = this.queue;
    const verdict = verdictOn(answer, this.queue.isHead(batch), this.#isIdempotent);
    if (verdict === 'acknowledged') {
      // A duplicate that the leader remembers no more is in the log, at an offset that nobody knows.
      this.queue.acknowledged(batch, answer.error === 'NONE' ? answer.baseOffset : -1);
      if (this.#machine.getSnapshot().context.attempts > 0) this.#machine.send({ type: 'acknowledged' });
      this.#drainIfNeeded();
      return;
    }
    const error = errorNamed(answer.error, answer.errorMessage, `${topic}-${partition}`);
    this.#lastReason = `${error.code}: ${error.message}`;
    if (isAboutLeader(answer.error)) this.#cluster.hint(topic, partition, answer.leaderHint);
    if (verdict === 'in parts' && this.queue.goInParts(batch)) this.#failed();
    else if (verdict === 'again') this.#sendAgain(batch, error, mayBeInLog(answer));
    else if (verdict === 'renumber') {
      this.queue.renumber(batch, error);
      this.#failed();
    } else {
      batch.mayBeInLog ||= mayBeInLog(answer);
      this.queue.giveUp(batch, error);
      this.#failed();
    }
  }

  /** No answer came. Without sequences a batch that may be in the log is not sent again: it could be there twice. */
  unanswered(batch: Batch, error: OdradekError, mayHaveArrived: boolean): void {
    this.queue.inFlight -= 1;
    batch.sentTo = undefined;
    this.#lastReason = `${error.code}: ${error.message}`;
    if (this.#isIdempotent || !mayHaveArrived) {
      this.#sendAgain(batch, error, mayHaveArrived);
      return;
    }
    batch.mayBeInLog = true;
    this.queue.giveUp(batch, error);
    this.#failed();
  }

  #sendAgain(batch: Batch, error: OdradekError, mayHaveArrived: boolean): void {
    this.queue.sendAgain(batch, error, mayHaveArrived);
    if (batch.deadlineMs <= this.#clock.nowMs()) this.queue.giveUp(batch, error);
    this.#failed();
  }

  /** delivery.timeout.ms: gives up what was not delivered in time and is not on its way. `idProblem`: why there is no producer id. */
  expire(nowMs: number, idProblem: OdradekError | undefined): void {
    const expired = this.queue.expired(nowMs);
    if (expired.length === 0) return;
    const hasLeader = this.leader() !== undefined;
    const { topic, partition } = this.queue;
    for (const batch of expired) {
      const late = hasLeader ? timedOut(batch, topic, partition) : leaderless(batch, topic, partition);
      this.queue.giveUp(batch, idProblem ?? late);
    }
    if (this.queue.isNumberingBroken) this.#failed();
  }

  /** Gives up everything. */
  fail(error: OdradekError): void {
    for (const batch of this.queue.unsettled())
      if (batch.state !== 'in flight') this.queue.giveUp(batch, error);
    if (this.queue.isNumberingBroken) this.#failed();
  }

  /** Gives up what is on its way too: its answer is not heard any more. */
  giveUpAll(why: string): void {
    for (const batch of this.queue.unsettled()) {
      if (batch.state === 'in flight') {
        this.queue.inFlight -= 1;
        batch.sentTo = undefined;
        batch.mayBeInLog = true;
      }
      const { lastError: cause } = batch;
      const text = `${this.queue.topic}-${this.queue.partition}: ${why}`;
      this.queue.giveUp(batch, new OdradekError('TIMEOUT', text, { cause, hint: cause?.message }));
    }
  }

  close(): void {
    this.#machine.send({ type: 'close' });
  }

  #failed(): void {
    this.#machine.send({ type: 'batch failed' });
    this.#drainIfNeeded();
  }

  #drainIfNeeded(): void {
    if (this.queue.inFlight === 0 && !this.isFlowing) this.#machine.send({ type: 'nothing in flight' });
  }
}

function leaderless(batch: Batch, topic: string, partition: number): OdradekError {
  if (batch.lastError !== undefined) return batch.lastError;
  return new OdradekError(
    'LEADER_NOT_AVAILABLE',
    `${topic}-${partition} has no leader, and got none in time`,
    {
      hint: '"topic describe" tells for whom it waits',
    },
  );
}
