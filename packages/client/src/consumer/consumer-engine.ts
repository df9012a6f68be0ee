// A consumer below its promises: readers of partitions, and the fetches that serve several of them at once.

import type { LogRecord } from '@odradek/format';
import type { ClientRequest, Compute } from '@odradek/model';
import type { Actor } from 'xstate';
import type { Cluster } from '../cluster/cluster.ts';
import type { Reply } from '../connection/connection.ts';
import type { OdradekError } from '../errors.ts';
import { startMachine } from '../machine/machine-room.ts';
import { consumerMachine } from './consumer.machine.ts';
import type { PositionWanted } from './offset-lookup.ts';
import { PartitionReader, type PositionReset, type ReaderSettings } from './partition-reader.ts';

export interface ConsumerSettings {
  readonly offsetReset: 'none' | 'earliest' | 'latest';
  readonly fetchAheadBytes: number;
  readonly maxPartitionFetchBytes: number;
  readonly fetchMinBytes: number;
  readonly fetchMaxWaitMs: number;
}

export interface ConsumerPorts {
  readonly compute: Pick<Compute, 'inflate'> & Partial<Pick<Compute, 'crc32c'>>;
  readonly soon: (callback: () => void) => void;
  /** Records, or an error, can be taken. */
  readonly ready: () => void;
  readonly reset: (what: PositionReset) => void;
}

export interface Assigned {
  readonly topic: string;
  readonly partition: number;
  readonly from: PositionWanted;
}

export interface TakenRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
}

/** Parked fetches at one leader. More than one, so that a partition need not wait for others that have nothing new. */
const MAX_FETCHES_IN_FLIGHT = 16;
const ANSWER_GRACE_MS = 2000;

type Turn = {
  readonly reader: PartitionReader;
  readonly fetch: NonNullable<ReturnType<PartitionReader['toFetch']>>;
};

export class ConsumerEngine {
  readonly #name: string;
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #ports: ConsumerPorts;
  readonly #machine: Actor<typeof consumerMachine>;
  readonly #stopListening: () => void;
  readonly #fetchesInFlight = new Map<number, number>();
  #readers: PartitionReader[] = [];
  #unreachable: OdradekError | undefined;
  #isSoon = false;

  constructor(name: string, cluster: Cluster, settings: ConsumerSettings, ports: ConsumerPorts) {
    this.#name = name;
    this.#cluster = cluster;
    this.#settings = settings;
    this.#ports = ports;
    this.#machine = startMachine(cluster.room, consumerMachine, name, { host: this.#host() });
    this.#stopListening = cluster.listen({
      changed: () => {
        for (const reader of this.#readers) reader.metadataChanged();
        this.#pumpSoon();
      },
      unreachable: (error, everAnswered) => {
        if (everAnswered) return;
        this.#unreachable = error;
        this.#ports.ready();
      },
    });
  }

  assign(partitions: readonly Assigned[]): void {
    for (const reader of this.#readers) reader.close();
    const { compute } = this.#ports;
    const settings: ReaderSettings = {
      offsetReset: this.#settings.offsetReset,
      inflate: compute.inflate.bind(compute),
      checksum: compute.crc32c?.bind(compute),
    };
    this.#readers = partitions.map(
      (place) =>
        new PartitionReader(this.#name, this.#cluster, place, settings, {
          pump: () => this.#pumpSoon(),
          ready: () => this.#ports.ready(),
          reset: (what) => this.#ports.reset(what),
        }),
    );
    this.#machine.send({ type: 'assigned' });
  }

  reader(topic: string, partition: number): PartitionReader | undefined {
    return this.#readers.find((reader) => reader.topic === topic && reader.partition === partition);
  }

  /** The next records of a partition whose turn it is; undefined when there are none. Throws what stopped a partition. */
  take(): TakenRecords | undefined {
    if (this.#unreachable !== undefined) {
      const error = this.#unreachable;
      this.#unreachable = undefined;
      throw error;
    }
    for (let reader = this.#nextReady(); reader !== undefined; reader = this.#nextReady()) {
      const records = reader.take();
      this.#machine.send({ type: 'records taken' });
      this.#pumpSoon();
      if (records.length > 0) return { topic: reader.topic, partition: reader.partition, records };
    }
    return undefined;
  }

  close(): void {
    this.#stopListening();
    this.#machine.send({ type: 'close' });
  }

  /** Readers take turns: whoever was served goes to the end. */
  #nextReady(): PartitionReader | undefined {
    const place = this.#readers.findIndex((reader) => reader.isReady);
    const [reader] = place < 0 ? [] : this.#readers.splice(place, 1);
    if (reader !== undefined) this.#readers.push(reader);
    return reader;
  }

  get #bufferedBytes(): number {
    return this.#readers.reduce((sum, reader) => sum + reader.bufferedBytes, 0);
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
    if (this.#machine.getSnapshot().value !== 'reading') return;
    const byLeader = new Map<number, Turn[]>();
    for (const reader of this.#readers) {
      const fetch = reader.toFetch(this.#settings.maxPartitionFetchBytes);
      if (fetch === undefined || (this.#fetchesInFlight.get(fetch.leader) ?? 0) >= MAX_FETCHES_IN_FLIGHT)
        continue;
      const turns = byLeader.get(fetch.leader);
      if (turns === undefined) byLeader.set(fetch.leader, [{ reader, fetch }]);
      else turns.push({ reader, fetch });
    }
    for (const [leader, turns] of byLeader) this.#fetch(leader, turns);
  }

  #fetch(leader: number, turns: readonly Turn[]): void {
    this.#fetchesInFlight.set(leader, (this.#fetchesInFlight.get(leader) ?? 0) + 1);
    for (const { reader, fetch } of turns) reader.fetchSent(fetch);
    const maxWaitMs = this.#settings.fetchMaxWaitMs;
    const request: ClientRequest<'fetch'> = {
      api: 'fetch',
      body: {
        maxWaitMs,
        minBytes: this.#settings.fetchMinBytes,
        maxBytes: this.#settings.fetchAheadBytes,
        partitions: turns.map(({ fetch }) => fetch.request),
      },
    };
    const timeoutMs = maxWaitMs + Math.max(this.#cluster.options.requestTimeoutMs, ANSWER_GRACE_MS);
    this.#cluster.ask<'fetch'>(leader, request, timeoutMs, (reply) => {
      this.#fetchesInFlight.set(leader, (this.#fetchesInFlight.get(leader) ?? 1) - 1);
      for (const turn of turns) turn.reader.fetched(turn.fetch.version, answerFor(turn, reply));
      if (this.#bufferedBytes >= this.#settings.fetchAheadBytes) this.#machine.send({ type: 'filled' });
      this.#pumpSoon();
    });
  }

  #host() {
    return {
      fetch: () => this.#pumpSoon(),
      closeReaders: () => {
        for (const reader of this.#readers) reader.close();
        this.#readers = [];
      },
      isFull: () => this.#bufferedBytes >= this.#settings.fetchAheadBytes,
      hasPartitions: () => this.#readers.length > 0,
    };
  }
}

/** What the reply to a fetch says about one of its partitions; undefined when no leader answered. */
function answerFor({ fetch }: Turn, reply: Reply<'fetch'>) {
  if (reply.outcome === 'failed') return undefined;
  const { topicId, partition } = fetch.request;
  const nothing = {
    topicId,
    partition,
    highWatermark: -1,
    logStartOffset: -1,
    diverging: null,
    leaderHint: -1,
  };
  if (reply.outcome === 'refused')
    return { ...nothing, error: reply.error, errorMessage: reply.message, records: [] };
  const { response } = reply;
  if (response.error !== 'NONE')
    return { ...nothing, error: response.error, errorMessage: response.errorMessage, records: [] };
  return response.partitions.find((one) => one.topicId === topicId && one.partition === partition);
}
