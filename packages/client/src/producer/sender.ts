// Takes what may go out of the queues, makes one request for each leader of it, and hands the answers back.

import { type Checksum, stampProducer } from '@odradek/format';
import type { ClientRequest, ClientResponse, TimerHandle } from '@odradek/model';
import type { Cluster } from '../cluster/cluster.ts';
import { type Reply, wasNotSent } from '../connection/connection.ts';
import { OdradekError } from '../errors.ts';
import type { Batch, SentTo } from './batch.ts';
import type { PartitionDelivery } from './partition-delivery.ts';
import { MAX_IN_FLIGHT } from './partition-queue.ts';

export interface SenderOptions {
  /** -1, 1 or 0, as on the wire. */
  readonly acks: number;
  readonly requestTimeoutMs: number;
  readonly checksum: Checksum | undefined;
}

/** Record bytes of one request; a single batch may be larger. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** How much longer than the leader the client waits, so that the leader's own TIMEOUT answer arrives. */
const ANSWER_GRACE_MS = 500;
/** Whose answer takes longer may be no leader any more, cut off from those who know better: they are asked. */
const SLOW_ANSWER_MS = 1000;

interface Sent {
  readonly delivery: PartitionDelivery;
  readonly batch: Batch;
  readonly topicId: string;
  readonly to: SentTo;
}

export class Sender {
  readonly #cluster: Cluster;
  readonly #options: SenderOptions;
  readonly #afterAnswer: () => void;
  readonly #requestsInFlight = new Map<number, number>();
  /** When each unanswered request was sent, the oldest first. */
  readonly #unanswered = new Set<{ readonly sentMs: number }>();
  #slowTimer: TimerHandle | undefined;
  #isAnswering = false;

  constructor(cluster: Cluster, options: SenderOptions, afterAnswer: () => void) {
    this.#cluster = cluster;
    this.#options = options;
    this.#afterAnswer = afterAnswer;
  }

  /** Sends what may go. `seal` turns a partition's open batch into a waiting one if it is due. */
  pump(deliveries: Iterable<PartitionDelivery>, seal: (delivery: PartitionDelivery) => void): void {
    // All answers of one request are taken first: what they let go then goes together.
    if (this.#isAnswering) return;
    let leaderIsMissing = false;
    const byLeader = new Map<number, PartitionDelivery[]>();
    for (const delivery of deliveries) {
      if (delivery.queue.isSettled || !delivery.isFlowing) continue;
      const leader = delivery.leader();
      if (leader === undefined) leaderIsMissing = true;
      else {
        const led = byLeader.get(leader.leader);
        if (led === undefined) byLeader.set(leader.leader, [delivery]);
        else led.push(delivery);
      }
    }
    for (const [leader, ready] of byLeader) this.#sendTo(leader, ready, seal);
    if (leaderIsMissing) this.#cluster.refresh();
  }

  close(): void {
    if (this.#slowTimer !== undefined) this.#cluster.clock.clearTimeout(this.#slowTimer);
  }

  #sendTo(
    leader: number,
    ready: readonly PartitionDelivery[],
    seal: (delivery: PartitionDelivery) => void,
  ): void {
    while ((this.#requestsInFlight.get(leader) ?? 0) < MAX_IN_FLIGHT) {
      const sent: Sent[] = [];
      let size = 0;
      for (const delivery of ready) {
        if (size >= MAX_REQUEST_BYTES) break;
        const next = this.#next(delivery, seal);
        if (next === undefined) continue;
        sent.push(next);
        size += next.batch.bytes.length;
      }
      if (sent.length === 0) return;
      this.#send(leader, sent);
    }
  }

  #next(delivery: PartitionDelivery, seal: (delivery: PartitionDelivery) => void): Sent | undefined {
    const leader = delivery.leader();
    const topic = this.#cluster.image.topics.get(delivery.queue.topic);
    if (leader === undefined || topic === undefined) return undefined;
    if (delivery.queue.waiting.length === 0 && delivery.queue.hasRoom()) seal(delivery);
    const batch = delivery.queue.take();
    if (batch === undefined) return undefined;
    // A retry has its stamp, and is sent as the very bytes that were sent before.
    if (batch.stamp !== undefined && !batch.isStamped) {
      stampProducer(batch.bytes, batch.stamp, this.#options.checksum);
      batch.isStamped = true;
    }
    const to = { leader: leader.leader, epoch: leader.epoch };
    batch.sentTo = to;
    return { delivery, batch, topicId: topic.topicId, to };
  }

  #send(leader: number, sent: readonly Sent[]): void {
    this.#requestsInFlight.set(leader, (this.#requestsInFlight.get(leader) ?? 0) + 1);
    const nowMs = this.#cluster.clock.nowMs();
    let timeoutMs = this.#options.requestTimeoutMs;
    for (const { batch } of sent) timeoutMs = Math.min(timeoutMs, Math.max(batch.deadlineMs - nowMs, 1));
    // Clocks tell fractions; a frame holds whole milliseconds.
    timeoutMs = Math.ceil(timeoutMs);
    const partitions = sent.map(({ delivery, batch, topicId, to }) => ({
      topicId,
      partition: delivery.queue.partition,
      leaderEpoch: to.epoch,
      records: [batch.bytes],
    }));
    const request: ClientRequest<'produce'> = {
      api: 'produce',
      body: { acks: this.#options.acks, timeoutMs, partitions },
    };
    const unanswered = { sentMs: nowMs };
    this.#unanswered.add(unanswered);
    if (this.#slowTimer === undefined) this.#lookAgain();
    this.#cluster.ask<'produce'>(leader, request, timeoutMs + ANSWER_GRACE_MS, (reply) => {
      this.#unanswered.delete(unanswered);
      this.#requestsInFlight.set(leader, (this.#requestsInFlight.get(leader) ?? 1) - 1);
      this.#isAnswering = true;
      const awaited = sent.filter(({ batch, to }) => batch.sentTo === to);
      this.#answered(leader, awaited, reply);
      this.#isAnswering = false;
      this.#afterAnswer();
    });
  }

  /** While requests are unanswered, looks whether the oldest has been for too long. */
  #lookAgain(): void {
    const { clock } = this.#cluster;
    this.#slowTimer = clock.setTimeout(() => {
      this.#slowTimer = undefined;
      const [oldest] = this.#unanswered;
      if (oldest === undefined) return;
      if (clock.nowMs() - oldest.sentMs >= SLOW_ANSWER_MS) this.#cluster.refresh();
      this.#lookAgain();
    }, SLOW_ANSWER_MS);
  }

  #answered(leader: number, sent: readonly Sent[], reply: Reply<'produce'>): void {
    if (reply.outcome === 'failed') {
      const isTimeout = reply.reason === 'timed out';
      const error = new OdradekError(
        isTimeout ? 'REQUEST_TIMED_OUT' : 'NETWORK_EXCEPTION',
        `broker ${leader}: ${reply.reason}: ${reply.detail}`,
      );
      for (const { delivery, batch } of sent) delivery.unanswered(batch, error, !wasNotSent(reply.reason));
      this.#cluster.refresh();
      return;
    }
    if (reply.outcome === 'refused') {
      for (const { delivery, batch } of sent)
        delivery.answered(batch, answerOf({ error: reply.error, errorMessage: reply.message }));
      return;
    }
    for (const one of sent) one.delivery.answered(one.batch, this.#answerFor(one, reply.response));
  }

  #answerFor({ delivery, topicId }: Sent, response: ClientResponse<'produce'>) {
    if (response.error !== 'NONE') return answerOf(response);
    if (this.#options.acks === 0) return answerOf({ error: 'NONE', errorMessage: null });
    const { partition } = delivery.queue;
    const own = response.partitions.find((one) => one.topicId === topicId && one.partition === partition);
    return own ?? answerOf({ error: 'UNKNOWN_SERVER_ERROR', errorMessage: 'the answer leaves it out' });
  }
}

/** An answer to a whole request, as that of each of its batches. */
function answerOf(response: { readonly error: string; readonly errorMessage: string | null }) {
  return { ...response, baseOffset: -1, leaderHint: -1, isRefused: false };
}
