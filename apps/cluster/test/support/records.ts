// Numbered records: sent under load, and read again.

import { type Client, OdradekError, type Producer } from '@odradek/client';
import { eventually } from './eventually.ts';

export interface Placed {
  readonly value: string;
  readonly partition: number;
  readonly offset: number;
}

/** Sends numbered records until it is stopped, some at a time. */
export class Load {
  /** Those acknowledged, in the order of their acknowledgements. */
  readonly acknowledged: Placed[] = [];
  /** Those whose fate nobody told. */
  readonly unanswered: string[] = [];
  readonly errors: unknown[] = [];
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #name: string;
  readonly #running: Promise<void>;
  #isStopped = false;
  #sent = 0;

  constructor(
    client: Client,
    topic: string,
    options: { readonly partitions?: number; readonly inFlight?: number; readonly name?: string } = {},
  ) {
    this.#topic = topic;
    this.#name = options.name ?? topic;
    this.#producer = client.producer({ lingerMs: 1 });
    const { partitions = 1, inFlight = 20 } = options;
    this.#running = Promise.all(
      Array.from({ length: inFlight }, (_, lane) => this.#lane(lane % partitions)),
    ).then(() => {});
  }

  get sent(): number {
    return this.#sent;
  }

  /** Waits until so many more are acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await eventually(`${count} more records are acknowledged`, () => this.acknowledged.length >= wanted);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    await this.#producer.close();
  }

  async #lane(partition: number): Promise<void> {
    while (!this.#isStopped) {
      const value = `${this.#name} ${this.#sent}`;
      this.#sent += 1;
      try {
        const { offset } = await this.#producer.send({ topic: this.#topic, partition, value });
        this.acknowledged.push({ value, partition, offset });
      } catch (error) {
        // The test is over: its client is closed.
        if (error instanceof OdradekError && error.code === 'CLOSED') return;
        this.errors.push(error);
        if (!(error instanceof OdradekError) || error.outcome === 'unknown') this.unanswered.push(value);
      }
    }
  }
}

/** Everything that a consumer gets from some partitions, from `from` to the end of now. */
export async function readAll(
  client: Client,
  topic: string,
  partitions: readonly number[],
  from: number | 'earliest' = 'earliest',
): Promise<readonly Placed[]> {
  const consumer = client.consumer();
  const all = partitions.map((partition) => ({ topic, partition }));
  const ends = await consumer.offsets(all, 'latest');
  consumer.assign(all.map((partition) => ({ ...partition, from })));
  const decoder = new TextDecoder();
  const read: Placed[] = [];
  const isAtEnd = (): boolean => ends.every((end) => (consumer.position(end) ?? -1) >= end.offset);
  while (!isAtEnd())
    for (const { partition, offset, value } of await consumer.poll(1000))
      read.push({ value: decoder.decode(value ?? undefined), partition, offset });
  await consumer.close();
  return read;
}

/** Those acknowledged that are not where they were acknowledged to be. */
export function missingFrom(read: readonly Placed[], acknowledged: readonly Placed[]): readonly Placed[] {
  const values = new Map(read.map(({ partition, offset, value }) => [`${partition}/${offset}`, value]));
  return acknowledged.filter(
    ({ partition, offset, value }) => values.get(`${partition}/${offset}`) !== value,
  );
}

/**
 * What is wrong with what was read of some loads: an acknowledged record that is not where it was acknowledged, a record that is
 * there twice, or two of one load that stand in another order than they were sent in. Empty when all is well.
 */
export function problemsOf(read: readonly Placed[], acknowledged: readonly Placed[]): readonly string[] {
  const problems = missingFrom(read, acknowledged).map((record) => `missing: ${placeText(record)}`);
  const lastOfLoad = new Map<string, { readonly record: Placed; readonly number: number }>();
  const places = new Map<string, Placed>();
  for (const record of read.toSorted((one, other) => one.offset - other.offset)) {
    const twin = places.get(record.value);
    if (twin !== undefined) problems.push(`twice: ${placeText(twin)} and ${placeText(record)}`);
    places.set(record.value, record);
    const { load, number } = nameOf(record);
    const before = lastOfLoad.get(load);
    lastOfLoad.set(load, { record, number });
    if (before !== undefined && before.number > number)
      problems.push(`out of order: ${placeText(record)} after ${placeText(before.record)}`);
  }
  return problems;
}

/** A load's values are its name and a number that counts up. */
function nameOf({ value, partition }: Placed): { readonly load: string; readonly number: number } {
  const [, name = '', digits = ''] = /^(.*) (\d+)$/.exec(value) ?? [];
  return { load: `${partition} ${name}`, number: Number(digits) };
}

function placeText({ value, partition, offset }: Placed): string {
  return `${value} at ${partition}/${offset}`;
}
