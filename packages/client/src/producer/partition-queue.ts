// The batches of one partition, in order: one that grows, those that wait, and those that were sent and are not settled.
// Pure bookkeeping beside the delivery machine: which batch may go, with which sequence, and what an answer does to it (P1).

import { incrementSequence, type ProducerStamp } from '@odradek/format';
import { OdradekError } from '../errors.ts';
import type { Batch, OpenBatch } from './batch.ts';

/** As many as a leader remembers (P1): a retry of any of them is recognised. */
export const MAX_IN_FLIGHT = 5;
/** The last epoch of a producer id (P5, S47): after it a new id is needed. */
const LAST_EPOCH = 32_766;

const NO_STAMP: ProducerStamp = { producerId: -1, producerEpoch: -1, baseSequence: -1 };

export interface QueueOrders {
  /** Frees the batch's memory and tells its records. */
  settle(batch: Batch, error: OdradekError | undefined, baseOffset: number): void;
  split(batch: Batch): readonly [Batch, Batch];
}

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly #orders: QueueOrders;
  readonly #isIdempotent: boolean;
  open: OpenBatch | undefined;
  /** Sealed and never sent under the present numbering. */
  readonly waiting: Batch[] = [];
  /** With sequences, oldest first; at most {@link MAX_IN_FLIGHT}. */
  #sent: Batch[] = [];
  inFlight = 0;
  #producerId: number | undefined;
  #producerEpoch = 0;
  #nextSequence = 0;
  /** P1: a leader that knows nothing of a producer takes any sequence, so the first batch goes alone; under each new leader too. */
  #isEstablished = false;
  #leader = -1;
  #leaderEpoch = -1;
  isNumberingBroken = false;
  /** The leader has refused a larger batch. */
  mostBytes = Number.POSITIVE_INFINITY;
  /** What goes again first is part of a batch that was too large: nothing is to be waited for. */
  goesInParts = false;
  /** Set with a broken numbering when nothing that was sent and is unsettled can be in the log. */
  #nothingIsInLog = false;

  constructor(topic: string, partition: number, isIdempotent: boolean, orders: QueueOrders) {
    this.topic = topic;
    this.partition = partition;
    this.#isIdempotent = isIdempotent;
    this.#orders = orders;
  }

  get needsProducerId(): boolean {
    return this.#isIdempotent && this.#producerId === undefined;
  }

  get mustSendAgain(): boolean {
    return this.#sent.some(goesAgain);
  }

  get isSettled(): boolean {
    return this.open === undefined && this.waiting.length === 0 && this.#sent.length === 0;
  }

  /** A new id, from which this partition numbers from 0 in epoch `epoch`. */
  takeProducerId(producerId: number, epoch: number): void {
    if (this.#producerId !== undefined) return;
    this.#producerId = producerId;
    this.#producerEpoch = epoch;
    this.#nextSequence = 0;
    this.#isEstablished = false;
  }

  /** Another leader may know less of this producer than the one before. */
  noteLeader(leader: number, leaderEpoch: number): boolean {
    if (leader === this.#leader && leaderEpoch === this.#leaderEpoch) return false;
    this.#leader = leader;
    this.#leaderEpoch = leaderEpoch;
    this.#isEstablished = false;
    this.mostBytes = Number.POSITIVE_INFINITY;
    return true;
  }

  /** P1: without a sequence that the leader knows, a batch that is refused would be overtaken; parts of one that was too large as well. */
  get #goesAlone(): boolean {
    return !this.#isIdempotent || !this.#isEstablished;
  }

  /** Whether a new batch may be numbered and sent. */
  hasRoom(): boolean {
    const window = this.#goesAlone ? 1 : MAX_IN_FLIGHT;
    return this.#sent.length < window && !this.mustSendAgain && !this.needsProducerId;
  }

  /** The batch that may go now, marked as in flight. What goes again goes first, in order. */
  take(): Batch | undefined {
    if (this.needsProducerId) return undefined;
    if (this.#goesAlone && this.inFlight > 0) return undefined;
    const place = this.#sent.findIndex(goesAgain);
    // Parts of a split batch make the window longer; of what lies beyond it the leader would not recognise a retry.
    if (place >= MAX_IN_FLIGHT) return undefined;
    const batch = this.#sent[place] ?? (this.hasRoom() ? this.#number() : undefined);
    if (batch === undefined || batch.state === 'compressing') return undefined;
    this.goesInParts = false;
    batch.state = 'in flight';
    this.inFlight += 1;
    return batch;
  }

  /** Gives the next waiting batch its sequence. */
  #number(): Batch | undefined {
    let [batch] = this.waiting;
    while (batch?.state === 'waiting' && batch.section.length > this.mostBytes && batch.recordCount > 1) {
      this.waiting.splice(0, 1, ...this.#orders.split(batch));
      [batch] = this.waiting;
    }
    if (batch === undefined || batch.state !== 'waiting') return undefined;
    this.waiting.shift();
    this.#sent.push(batch);
    if (this.#producerId === undefined) {
      batch.stamp = NO_STAMP;
      return batch;
    }
    batch.stamp = {
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: this.#nextSequence,
    };
    this.#nextSequence = incrementSequence(this.#nextSequence, batch.recordCount);
    return batch;
  }

  isHead(batch: Batch): boolean {
    return this.#sent[0] === batch;
  }

  acknowledged(batch: Batch, baseOffset: number): void {
    this.#isEstablished = true;
    batch.state = 'acknowledged';
    this.#orders.settle(batch, undefined, baseOffset);
    while (this.#sent[0]?.state === 'acknowledged') this.#sent.shift();
  }

  sendAgain(batch: Batch, error: OdradekError, mayBeInLog: boolean): void {
    batch.state = 'to send again';
    batch.lastError = error;
    batch.mayBeInLog ||= mayBeInLog;
  }

  /**
   * The leader takes no batch of this size: two halves go instead, under the same sequences; false when that cannot be. One that
   * may be in the log is not split: the leader would not recognise its parts (P1).
   */
  goInParts(batch: Batch): boolean {
    if (batch.recordCount < 2 || batch.mayBeInLog) return false;
    this.mostBytes = Math.min(this.mostBytes, Math.floor(batch.section.length / 2));
    this.#sent.splice(this.#sent.indexOf(batch), 1, ...this.#orders.split(batch));
    this.goesInParts = true;
    return true;
  }

  /**
   * P1: the leader has a gap before the head, so neither the head nor anything behind it is in its log. They get new sequences in
   * a new epoch, which also shuts out whatever of the old is still on some way.
   */
  renumber(batch: Batch, error: OdradekError): void {
    this.sendAgain(batch, error, false);
    this.isNumberingBroken = true;
    this.#nothingIsInLog = true;
  }

  /** A batch that will not be sent again. What is behind it can no longer follow it in sequence. */
  giveUp(batch: Batch, error: OdradekError): void {
    const place = this.#sent.indexOf(batch);
    if (place >= 0) {
      this.#sent.splice(place, 1);
      this.isNumberingBroken = this.#isIdempotent;
    } else {
      this.waiting.splice(this.waiting.indexOf(batch), 1);
    }
    this.#orders.settle(batch, withOutcome(error, batch), -1);
  }

  /**
   * A new epoch with sequences from 0, when nothing is in flight. A batch that may be in the log under its old sequence would be
   * repeated under a new one: it is given up, its outcome unknown. The others go again, in order, before all that waits.
   */
  numberAnew(): void {
    const sent = this.#sent.filter((batch) => batch.state !== 'acknowledged');
    this.#sent = [];
    const again: Batch[] = [];
    for (const batch of sent) {
      if (batch.mayBeInLog && !this.#nothingIsInLog) {
        const error = batch.lastError ?? timedOut(batch, this.topic, this.partition);
        this.#orders.settle(batch, withOutcome(error, batch), -1);
        continue;
      }
      // What was sent may still stand in some socket's buffer: the new sequence goes into a copy.
      const state = batch.state === 'compressing' ? 'compressing' : 'waiting';
      const fresh = { bytes: batch.bytes.slice(), stamp: undefined, isStamped: false } as const;
      again.push(Object.assign(batch, fresh, { state, mayBeInLog: false } as const));
    }
    this.waiting.unshift(...again);
    this.isNumberingBroken = false;
    this.#nothingIsInLog = false;
    this.#isEstablished = false;
    this.#nextSequence = 0;
    if (this.#producerEpoch >= LAST_EPOCH) this.#producerId = undefined;
    else this.#producerEpoch += 1;
  }

  /** The batches whose time is over and that are not in flight. */
  expired(nowMs: number): Batch[] {
    return [...this.#sent, ...this.waiting].filter(
      (batch) => batch.deadlineMs <= nowMs && (batch.state === 'to send again' || batch.state === 'waiting'),
    );
  }

  /** What awaits the answer of a leader that another one has succeeded. */
  sentElsewhere(leader: number, leaderEpoch: number): Batch[] {
    return this.#sent.filter(
      ({ state, sentTo }) =>
        state === 'in flight' &&
        sentTo !== undefined &&
        sentTo.leader !== leader &&
        sentTo.epoch < leaderEpoch,
    );
  }

  /** The earliest deadline of a batch that is not settled. */
  nextDeadlineMs(): number {
    const first = this.#sent.find((batch) => batch.state !== 'acknowledged') ?? this.waiting[0];
    return first?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** Everything unsettled but what still grows. */
  unsettled(): Batch[] {
    return [...this.#sent.filter((batch) => batch.state !== 'acknowledged'), ...this.waiting];
  }
}

/** Whether it was sent, or a part of it, and must be once more: at once, or when it is compressed. */
function goesAgain({ state }: Batch): boolean {
  return state === 'to send again' || state === 'compressing';
}

/** The last failure by its name; TIMEOUT when there was none. */
export function timedOut(batch: Batch, topic: string, partition: number): OdradekError {
  if (batch.lastError !== undefined) return batch.lastError;
  return new OdradekError('TIMEOUT', `${topic}-${partition}: not delivered within delivery.timeout.ms`, {
    hint: 'its leader could not be reached in time',
  });
}

function withOutcome(error: OdradekError, batch: Batch): OdradekError {
  const outcome = batch.mayBeInLog ? 'unknown' : 'refused';
  if (error.outcome === outcome) return error;
  return new OdradekError(error.code, error.message, { hint: error.hint, cause: error.cause, outcome });
}
