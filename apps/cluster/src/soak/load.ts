// The traffic of a soak: writers that count, and readers that look anywhere.

import { type Client, type Consumer, LogTruncated, OdradekError, type Producer } from '@odradek/client';
import type { Draw } from './draw.ts';
import { later } from './later.ts';
import { type Ledger, valueText } from './ledger.ts';
import { UntilStopped } from './until-stopped.ts';

export const soakTopic = 'soak';

export interface WriterOptions {
  readonly id: number;
  readonly partitions: number;
  /** Records on their way at the same time, to each partition. */
  readonly lanes: number;
  readonly pauseMs: number;
}

/** Sends numbered records to all partitions, several at a time, until it is stopped. */
export class Writer {
  readonly #producer: Producer;
  readonly #ledger: Ledger;
  readonly #options: WriterOptions;
  readonly #work: UntilStopped;
  #next = 0;

  constructor(client: Client, ledger: Ledger, options: WriterOptions) {
    this.#producer = client.producer({ lingerMs: 2 });
    this.#ledger = ledger;
    this.#options = options;
    const { partitions, lanes } = options;
    this.#work = new UntilStopped((isStopped) =>
      Promise.all(
        Array.from({ length: partitions * lanes }, (_, lane) => this.#lane(lane % partitions, isStopped)),
      ),
    );
  }

  /** Ends once everything that was sent has its answer. */
  async stop(): Promise<void> {
    await this.#work.stop();
    await this.#producer.close();
  }

  async #lane(partition: number, isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      const name = { writer: this.#options.id, number: this.#next };
      this.#next += 1;
      try {
        const { offset } = await this.#producer.send({ topic: soakTopic, partition, value: valueText(name) });
        this.#ledger.acknowledged(partition, offset, name);
      } catch (error) {
        if (!(error instanceof OdradekError)) throw error;
        if (error.outcome === 'unknown') this.#ledger.notToldOf();
        else this.#ledger.refused(name);
      }
      await later(this.#options.pauseMs);
    }
  }
}

/** Reads a stretch from an arbitrary offset, again and again; what it is given must follow without a gap, and be what others were given. */
export class Reader {
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #draw: Draw;
  readonly #partitions: number;
  readonly #work: UntilStopped;
  records = 0;

  constructor(client: Client, ledger: Ledger, draw: Draw, partitions: number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#draw = draw;
    this.#partitions = partitions;
    this.#work = new UntilStopped((isStopped) => this.#run(isStopped));
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      try {
        await withConsumer(this.#client, (consumer) => this.#stretch(consumer, isStopped));
      } catch (error) {
        if (!(error instanceof OdradekError)) throw error;
        // What it has read itself is never taken back, and what was acknowledged is there, whoever it asked first.
        if (error instanceof LogTruncated) this.#ledger.problem(`a reader was told: ${error.message} (V7)`);
        else if (error.code === 'OFFSET_OUT_OF_RANGE')
          this.#ledger.problem(`a reader was misled about an acknowledged offset: ${error.message} (L9)`);
      }
    }
  }

  async #stretch(consumer: Consumer, isStopped: () => boolean): Promise<void> {
    const partition = this.#draw.between(0, this.#partitions - 1);
    const end = this.#ledger.knownEnd(partition);
    // Near the end as often as anywhere.
    const from = this.#draw.between(this.#draw.chance(50) ? Math.max(0, end - 100) : 0, end);
    consumer.assign([{ topic: soakTopic, partition, from }]);
    let left = this.#draw.between(1, 2000);
    for (let expected = from; left > 0 && !isStopped(); ) {
      const records = await consumer.poll(500);
      if (records.length === 0) return;
      for (const { offset, value } of records) {
        if (offset !== expected)
          this.#ledger.problem(`${partition}/${offset}: a reader expected ${expected} next (V6, V42)`);
        expected = offset + 1;
        this.#ledger.read(partition, offset, textOf(value));
      }
      this.records += records.length;
      left -= records.length;
    }
  }
}

/** Everything of a partition, from offset 0 to the end of now. */
export function readWhole(client: Client, partition: number): Promise<readonly string[]> {
  return withConsumer(client, async (consumer) => {
    const place = { topic: soakTopic, partition };
    const [end] = await consumer.offsets([place], 'latest');
    consumer.assign([{ ...place, from: 'earliest' }]);
    const values: string[] = [];
    while (values.length < (end?.offset ?? 0))
      for (const { value } of await consumer.poll(1000)) values.push(textOf(value));
    return values;
  });
}

/** A consumer for as long as somebody reads. */
export async function withConsumer<Result>(
  client: Client,
  read: (consumer: Consumer) => Promise<Result>,
): Promise<Result> {
  const consumer = client.consumer();
  try {
    return await read(consumer);
  } finally {
    await consumer.close();
  }
}

const decoder = new TextDecoder();

export function textOf(value: Uint8Array | null): string {
  return decoder.decode(value ?? undefined);
}
