// A producer below its promises: takes records, makes batches of them, and tells each record what became of it.

import { mostRecordBytes } from '@odradek/format';
import type { Compute, TimerHandle } from '@odradek/model';
import type { Actor } from 'xstate';
import type { Cluster } from '../cluster/cluster.ts';
import type { TopicImage } from '../cluster/cluster-image.ts';
import { OdradekError } from '../errors.ts';
import { startMachine } from '../machine/machine-room.ts';
import { type Batch, type Completion, type EncodedRecord, OpenBatch } from './batch.ts';
import { BatchPress } from './batch-press.ts';
import { DeletedTopics } from './deleted-topics.ts';
import { PartitionDelivery } from './partition-delivery.ts';
import { Partitioner } from './partitioner.ts';
import { producerMachine } from './producer.machine.ts';
import { askForProducerId, type ProducerId } from './producer-id.ts';
import { Sender } from './sender.ts';
import { UnsettledRecords } from './unsettled-records.ts';
import { type WaitingRecord, WaitingRecords } from './waiting-records.ts';

export interface ProducerSettings {
  readonly acks: number;
  readonly isIdempotent: boolean;
  readonly batchSize: number;
  readonly lingerMs: number;
  readonly compression: 'none' | 'gzip';
  readonly bufferMemory: number;
  readonly maxBlockMs: number;
  readonly deliveryTimeoutMs: number;
  readonly maxRequestSize: number;
}

export interface ProducerPorts {
  readonly compute: Pick<Compute, 'deflate'> & Partial<Pick<Compute, 'crc32c'>>;
  /** Runs something when the app has had its turn, so that records given in one go share a batch. */
  readonly soon: (callback: () => void) => void;
  /** Numbering began anew in a partition. */
  readonly renumbered: (topic: string, partition: number, reason: string) => void;
}

export class ProducerEngine {
  readonly #name: string;
  readonly #cluster: Cluster;
  readonly #settings: ProducerSettings;
  readonly #ports: ProducerPorts;
  readonly #machine: Actor<typeof producerMachine>;
  readonly #sender: Sender;
  readonly #press: BatchPress;
  readonly #partitioner: Partitioner;
  readonly #deliveries = new Map<string, PartitionDelivery[]>();
  readonly #deleted: DeletedTopics;
  readonly #waiting: WaitingRecords;
  readonly #stopListening: () => void;
  readonly #unsettled = new UnsettledRecords();
  readonly #closed: (() => void)[] = [];
  #producer: ProducerId | undefined;
  /** Why there is no id yet. */
  #idProblem: OdradekError | undefined;
  #fatal: OdradekError | undefined;
  #memory = 0;
  #typicalBytes = 512;
  #isSoon = false;
  #isRetryingSoon = false;
  #expiry: TimerHandle | undefined;
  #closing: { readonly timer: TimerHandle; readonly withinMs: number } | undefined;

  constructor(name: string, cluster: Cluster, settings: ProducerSettings, ports: ProducerPorts) {
    this.#name = name;
    this.#cluster = cluster;
    this.#settings = settings;
    this.#ports = ports;
    this.#partitioner = new Partitioner(cluster.random);
    this.#deleted = new DeletedTopics(cluster);
    this.#waiting = new WaitingRecords(cluster, settings.maxBlockMs, (record) => this.#accept(record));
    this.#press = new BatchPress({
      compression: settings.compression,
      deflate: ports.compute.deflate.bind(ports.compute),
      ready: () => this.#pump(),
    });
    const { requestTimeoutMs } = cluster.options;
    this.#sender = new Sender(
      cluster,
      { acks: settings.acks, requestTimeoutMs, checksum: ports.compute.crc32c?.bind(ports.compute) },
      () => this.#pump(),
    );
    this.#machine = startMachine(cluster.room, producerMachine, name, { host: this.#host() });
    this.#stopListening = cluster.listen({
      changed: () => this.#metadataChanged(),
      unreachable: (error, everAnswered) => {
        if (!everAnswered) this.#fail(error);
      },
    });
  }

  /** Takes a record. `done` is called once, later: with its offset, or with why it failed. */
  send(topic: string, partition: number | undefined, record: EncodedRecord, done: Completion): void {
    const refusal = this.#refusal(topic, record);
    if (refusal !== undefined) {
      this.#ports.soon(() => done(refusal, -1, -1));
      return;
    }
    const after = this.#unsettled.add();
    if (this.#unsettled.count === 1) this.#machine.send({ type: 'record accepted' });
    const waiting: WaitingRecord = {
      topic,
      partition,
      record,
      done: (error, chosen, offset) => {
        this.#settled(after);
        done(error, chosen, offset);
      },
    };
    if (this.#waiting.hasAnyOf(topic) || !this.#accept(waiting)) this.#waiting.add(waiting);
  }

  /** `done` when everything that was sent so far is settled. */
  flush(done: () => void): void {
    this.#unsettled.whenSettled(done);
    this.#machine.send({ type: 'flush' });
    this.#reportFlushed();
  }

  /** `done` when everything is settled; after `withinMs` the rest is given up. */
  close(done: () => void, withinMs?: number): void {
    if (this.#isClosed) {
      this.#ports.soon(done);
      return;
    }
    this.#closed.push(done);
    this.#machine.send({ type: 'close' });
    if (withinMs === undefined || this.#isClosed) return;
    const { clock } = this.#cluster;
    if (this.#closing !== undefined) clock.clearTimeout(this.#closing.timer);
    const timer = clock.setTimeout(() => this.#machine.send({ type: 'closing time over' }), withinMs);
    this.#closing = { timer, withinMs };
  }

  get #isClosed(): boolean {
    return this.#machine.getSnapshot().value.records === 'closed';
  }

  /** Why a record cannot be taken at all. */
  #refusal(topic: string, { key, value, headers }: EncodedRecord): OdradekError | undefined {
    if (this.#fatal !== undefined) return this.#fatal;
    const { records } = this.#machine.getSnapshot().value;
    if (records === 'closing' || records === 'closed')
      return new OdradekError('CLOSED', `${topic}: the producer is closed`);
    const size = mostRecordBytes(key, value, headers);
    const most = Math.min(this.#settings.maxRequestSize, this.#settings.bufferMemory);
    if (size <= most) return undefined;
    return new OdradekError(
      'MESSAGE_TOO_LARGE',
      `${topic}: a record of up to ${size} bytes; at most ${most} are sent`,
      {
        hint: 'maxRequestSize and bufferMemory are the limits',
      },
    );
  }

  /** Puts a record into its partition's batch; false when it must wait for its topic or for memory. */
  #accept({ topic: name, partition, record, done }: WaitingRecord): boolean {
    const topic = this.#cluster.topic(name);
    if (topic === undefined) return false;
    const size = mostRecordBytes(record.key, record.value, record.headers);
    if (this.#memory + size > this.#settings.bufferMemory) return false;
    const chosen = this.#partitioner.choose(topic, partition, record.key);
    if (chosen >= topic.partitions.length || chosen < 0) {
      const known = `${name} has partitions 0 to ${topic.partitions.length - 1}`;
      done(
        new OdradekError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${chosen}: ${known}`),
        -1,
        -1,
      );
      return true;
    }
    this.#memory += size;
    this.#append(this.#delivery(topic, chosen), record, size, done);
    return true;
  }

  #append(delivery: PartitionDelivery, record: EncodedRecord, size: number, done: Completion): void {
    const { queue } = delivery;
    const most = Math.min(this.#settings.batchSize, queue.mostBytes);
    if (queue.open !== undefined && queue.open.builder.sizeInBytes + size > most) {
      this.#seal(delivery);
      this.#pumpSoon();
    }
    queue.open ??= this.#openBatch();
    queue.open.add(record, size, done);
    if (queue.open.builder.sizeInBytes >= most) {
      this.#seal(delivery);
      this.#pumpSoon();
    }
  }

  #openBatch(): OpenBatch {
    const nowMs = this.#cluster.clock.nowMs();
    const open = new OpenBatch(nowMs, this.#typicalBytes);
    if (this.#settings.lingerMs <= 0 || this.#isFlushing) {
      open.isDue = true;
      this.#pumpSoon();
    } else {
      open.timer = this.#cluster.clock.setTimeout(() => {
        open.isDue = true;
        this.#pump();
      }, this.#settings.lingerMs);
    }
    if (this.#expiry === undefined) this.#expireAt(nowMs + this.#settings.deliveryTimeoutMs);
    return open;
  }

  get #isFlushing(): boolean {
    return this.#machine.getSnapshot().value.records !== 'taking';
  }

  /** The open batch takes no more. */
  #seal(delivery: PartitionDelivery): void {
    const { queue } = delivery;
    const { open } = queue;
    if (open === undefined) return;
    queue.open = undefined;
    // The next one begins as large as this one grew.
    this.#typicalBytes = Math.max(512, Math.min(open.builder.sizeInBytes, this.#settings.batchSize));
    if (open.timer !== undefined) this.#cluster.clock.clearTimeout(open.timer);
    this.#partitioner.batchSealed(queue.topic, queue.partition);
    queue.waiting.push(this.#press.seal(open, open.createdMs + this.#settings.deliveryTimeoutMs));
  }

  #delivery(topic: TopicImage, partition: number): PartitionDelivery {
    let ofTopic = this.#deliveries.get(topic.name);
    if (ofTopic === undefined) {
      ofTopic = [];
      this.#deliveries.set(topic.name, ofTopic);
    }
    const known = ofTopic[partition];
    if (known !== undefined) return known;
    for (let next = ofTopic.length; next <= partition; next++)
      ofTopic.push(this.#newDelivery(topic.name, next));
    return ofTopic[partition] ?? this.#newDelivery(topic.name, partition);
  }

  #newDelivery(topic: string, partition: number): PartitionDelivery {
    const { isIdempotent } = this.#settings;
    const made = new PartitionDelivery(this.#name, this.#cluster, topic, partition, isIdempotent, {
      settle: (batch, error, baseOffset) => this.#settle(batch, partition, error, baseOffset),
      split: (batch) => this.#press.split(batch),
      pump: () => this.#pumpSoon(),
      askForProducerId: () => this.#machine.send({ type: 'id exhausted' }),
      renumbered: this.#ports.renumbered,
    });
    if (this.#producer !== undefined) made.takeProducerId(this.#producer.id, this.#producer.epoch);
    return made;
  }

  *#allDeliveries(): Iterable<PartitionDelivery> {
    for (const ofTopic of this.#deliveries.values()) yield* ofTopic;
  }

  #pumpSoon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    this.#ports.soon(() => {
      this.#isSoon = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#settings.isIdempotent && this.#producer === undefined) return;
    this.#sender.pump(this.#allDeliveries(), (delivery) => {
      if (delivery.queue.open?.isDue === true || this.#isFlushing) this.#seal(delivery);
    });
  }

  /** A batch is done with: its memory is free, and its records are told. */
  #settle(batch: Batch, partition: number, error: OdradekError | undefined, baseOffset: number): void {
    this.#memory -= batch.memory;
    batch.completions.forEach((completion, index) => {
      completion(error, partition, error === undefined && baseOffset >= 0 ? baseOffset + index : -1);
    });
    if (this.#waiting.isEmpty || this.#isRetryingSoon) return;
    this.#isRetryingSoon = true;
    this.#ports.soon(() => {
      this.#isRetryingSoon = false;
      this.#waiting.retry();
    });
  }

  /** A record is settled that was sent after so many flushes. */
  #settled(after: number): void {
    // Told later: the app is to hear of the record first.
    if (this.#unsettled.remove(after)) this.#ports.soon(() => this.#reportFlushed());
  }

  #reportFlushed(): void {
    if (this.#unsettled.tellFlushed() && !this.#isClosed) this.#machine.send({ type: 'flushed' });
  }

  #reportClosed(): void {
    for (const done of this.#closed.splice(0)) done();
  }

  #metadataChanged(): void {
    this.#giveUpDeleted();
    for (const delivery of this.#allDeliveries()) delivery.metadataChanged();
    this.#waiting.retry();
    this.#pump();
  }

  #giveUpDeleted(): void {
    for (const [topic, ofTopic] of this.#deliveries) {
      const error = this.#deleted.error(topic);
      if (error !== undefined) for (const delivery of ofTopic) this.#failWhatWaits(delivery, error);
    }
  }

  #failWhatWaits(delivery: PartitionDelivery, error: OdradekError): void {
    this.#seal(delivery);
    delivery.fail(error);
  }

  #expireAt(deadlineMs: number): void {
    const { clock } = this.#cluster;
    this.#expiry = clock.setTimeout(() => this.#expire(), Math.max(deadlineMs - clock.nowMs(), 1));
  }

  #expire(): void {
    this.#expiry = undefined;
    const nowMs = this.#cluster.clock.nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const delivery of this.#allDeliveries()) {
      const { queue } = delivery;
      // A batch that still grows has waited for its leader, too: it is given up as what it is.
      if (queue.open !== undefined && queue.open.createdMs + this.#settings.deliveryTimeoutMs <= nowMs)
        this.#seal(delivery);
      delivery.expire(nowMs, this.#producer === undefined ? this.#idProblem : undefined);
      nextMs = Math.min(nextMs, queue.nextDeadlineMs());
      if (queue.open !== undefined)
        nextMs = Math.min(nextMs, queue.open.createdMs + this.#settings.deliveryTimeoutMs);
    }
    // One that is in flight past its time is looked at again when its answer is due.
    if (nextMs < Number.POSITIVE_INFINITY) this.#expireAt(Math.max(nextMs, nowMs + 10));
    this.#pumpSoon();
  }

  /** Nothing that waits can succeed. What is in flight is left to its answer. */
  #fail(error: OdradekError): void {
    this.#waiting.fail(error);
    for (const delivery of this.#allDeliveries()) this.#failWhatWaits(delivery, error);
  }

  #giveUpUnsettled(): void {
    const within = `within the ${this.#closing?.withinMs} ms that closing may take`;
    this.#waiting.fail(new OdradekError('TIMEOUT', `not sent ${within}`));
    for (const delivery of this.#allDeliveries()) {
      this.#seal(delivery);
      delivery.giveUpAll(`not acknowledged ${within}`);
    }
  }

  #host() {
    return {
      isIdempotent: this.#settings.isIdempotent,
      askForId: (generation: number) =>
        askForProducerId(this.#cluster, generation, (answer) => {
          this.#idProblem = 'id' in answer ? undefined : answer.error;
          if ('id' in answer) this.#producer = answer;
          else if (answer.isFinal) this.#fatal = answer.error;
          if ('id' in answer) this.#machine.send({ type: 'id granted', generation });
          else this.#machine.send({ type: 'id refused', generation, isFinal: answer.isFinal });
        }),
      announceId: () => {
        const producer = this.#producer;
        if (producer === undefined) return;
        for (const delivery of this.#allDeliveries()) delivery.takeProducerId(producer.id, producer.epoch);
        this.#pumpSoon();
      },
      failEverything: () => {
        if (this.#fatal !== undefined) this.#fail(this.#fatal);
      },
      sendWhatWaits: () => this.#pumpSoon(),
      giveUpUnsettled: () => this.#giveUpUnsettled(),
      reportClosed: () => {
        this.#stopListening();
        if (this.#expiry !== undefined) this.#cluster.clock.clearTimeout(this.#expiry);
        if (this.#closing !== undefined) this.#cluster.clock.clearTimeout(this.#closing.timer);
        this.#waiting.close();
        this.#sender.close();
        for (const delivery of this.#allDeliveries()) delivery.close();
        this.#reportClosed();
      },
      hasUnsettled: () => this.#unsettled.count > 0,
      backOffMs: (attempts: number) => this.#cluster.backOffMs(attempts),
    };
  }
}
