// Reads records of a topic for a person: from a position on, those that match, up to a number or for as long as wanted.

import {
  type Client,
  type Consumer,
  type ConsumerRecord,
  type Position,
  type RecordFilter,
  recordMatches,
} from '@odradek/client';
import { type ReadonlySignal, signal } from '@preact/signals';

export interface Reading {
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly from: Position;
  readonly filter: RecordFilter;
  /** Ends after so many that match. */
  readonly most: number;
  /** Goes on at the end, as new records come. */
  readonly isFollowing: boolean;
}

export interface ReadSoFar {
  readonly records: readonly ConsumerRecord[];
  readonly looked: number;
  readonly state: 'idle' | 'reading' | 'done' | 'failed';
  readonly reason: string;
}

const nothing: ReadSoFar = { records: [], looked: 0, state: 'idle', reason: '' };
const patienceMs = 300;

export class RecordReader {
  readonly #client: Client;
  readonly #soFar = signal<ReadSoFar>(nothing);
  readonly soFar: ReadonlySignal<ReadSoFar> = this.#soFar;
  #consumer: Consumer | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  async read(reading: Reading): Promise<void> {
    await this.stop();
    const consumer = this.#client.consumer({ offsetReset: 'earliest' });
    this.#consumer = consumer;
    this.#soFar.value = { ...nothing, state: 'reading' };
    try {
      await this.#readWith(consumer, reading);
      this.#end(consumer, 'done', '');
    } catch (error) {
      this.#end(consumer, 'failed', error instanceof Error ? error.message : String(error));
    } finally {
      await consumer.close();
    }
  }

  async stop(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    await consumer?.close();
    if (this.#soFar.value.state === 'reading') this.#soFar.value = { ...this.#soFar.value, state: 'done' };
  }

  async #readWith(
    consumer: Consumer,
    { topic, partitions, from, filter, most, isFollowing }: Reading,
  ): Promise<void> {
    const wanted = partitions.map((partition) => ({ topic, partition }));
    const ends = isFollowing ? [] : await consumer.offsets(wanted, 'latest');
    consumer.assign(wanted.map((one) => ({ ...one, from })));
    while (this.#consumer === consumer) {
      const records = await consumer.poll(patienceMs);
      if (this.#consumer !== consumer) return;
      this.#take(records, filter, most, isFollowing);
      if (!isFollowing && this.#soFar.value.records.length >= most) return;
      const isAtEnd = ends.every((end) => (consumer.position(end) ?? -1) >= end.offset);
      if (!isFollowing && isAtEnd) return;
    }
  }

  /** Who follows keeps the newest, who reads keeps the first. */
  #take(read: readonly ConsumerRecord[], filter: RecordFilter, most: number, isFollowing: boolean): void {
    if (read.length === 0) return;
    const { records, looked } = this.#soFar.value;
    const all = [...records, ...read.filter((record) => recordMatches(record, filter))];
    this.#soFar.value = {
      ...this.#soFar.value,
      records: isFollowing ? all.slice(-most) : all.slice(0, most),
      looked: looked + read.length,
    };
  }

  #end(consumer: Consumer, state: 'done' | 'failed', reason: string): void {
    if (this.#consumer !== consumer) return;
    this.#consumer = undefined;
    this.#soFar.value = { ...this.#soFar.value, state, reason };
  }
}

/** What a person writes as a position: `earliest`, `latest`, an offset, `-N` (N before the end), or a time. */
export function positionOf(text: string): Position | undefined {
  const trimmed = text.trim();
  if (trimmed === 'earliest' || trimmed === 'latest') return trimmed;
  if (/^-?\d{1,15}$/.test(trimmed)) return Number(trimmed);
  const timestamp = Date.parse(trimmed.replace(/^@/, ''));
  return Number.isNaN(timestamp) ? undefined : { timestamp };
}
