// The traffic of a soak: writers that count, and readers that look anywhere.

import { type Client, type Consumer, LogTruncated, OdradekError, type Producer } from '@odradek/client';
import type { Draw } from './episodes.ts';
import { later } from './later.ts';
import { type Ledger, valueText } from './ledger.ts';

export const soakTopic = 'soak';

/** Sends numbered records to all partitions, several at a time, until it is stopped. */
export class Writer {
  readonly #producer: Producer;
  readonly #ledger: Ledger;
  readonly #id: number;
  readonly #pauseMs: number;
  readonly #running: Promise<unknown>;
  #next = 0;
  #isStopped = false;

  constructor(
    client: Client,
    ledger: Ledger,
    options: {
      readonly id: number;
      readonly partitions: number;
      readonly lanes: number;
      readonly pauseMs: number;
    },
  ) {
    this.#producer = client.producer({ lingerMs: 2 });
    this.#ledger = ledger;
    this.#id = options.id;
    this.#pauseMs = options.pauseMs;
    const lanes = Array.from({ length: options.partitions * options.lanes }, (_, lane) =>
      this.#lane(lane % options.partitions),
    );
    this.#running = Promise.all(lanes);
  }

  /** Ends once everything that was sent has its answer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    await this.#producer.close();
  }

  async #lane(partition: number): Promise<void> {
    while (!this.#isStopped) {
      const name = { writer: this.#id, number: this.#next };
      this.#next += 1;
      try {
        const { offset } = await this.#producer.send({ topic: soakTopic, partition, value: valueText(name) });
        this.#ledger.acknowledged(partition, offset, name);
      } catch (error) {
        if (!(error instanceof OdradekError)) throw error;
        if (error.outcome === 'unknown') this.#ledger.notToldOf();
        else this.#ledger.refused(name);
      }
      await later(this.#pauseMs);
    }
  }
}

/** Reads a stretch from an arbitrary offset, again and again; what it is given must follow without a gap, and be what others were given. */
export class Reader {
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #draw: Draw;
  readonly #partitions: number;
  readonly #running: Promise<void>;
  #isStopped = false;
  records = 0;

  constructor(client: Client, ledger: Ledger, draw: Draw, partitions: number) {
    this.#client = client;
    this.#ledger = ledger;
    this.#draw = draw;
    this.#partitions = partitions;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const consumer = this.#client.consumer();
      try {
        await this.#stretch(consumer);
      } catch (error) {
        if (!(error instanceof OdradekError)) throw error;
        // What it has read itself is never taken back, and what was acknowledged is there, whoever it asked first.
        if (error instanceof LogTruncated) this.#ledger.problem(`a reader was told: ${error.message} (V7)`);
        else if (error.code === 'OFFSET_OUT_OF_RANGE')
          this.#ledger.problem(`a reader was misled about an acknowledged offset: ${error.message} (L9)`);
      } finally {
        await consumer.close();
      }
    }
  }

  async #stretch(consumer: Consumer): Promise<void> {
    const partition = this.#draw.between(0, this.#partitions - 1);
    const end = this.#ledger.knownEnd(partition);
    // Near the end as often as anywhere.
    const from = this.#draw.between(this.#draw.chance(50) ? Math.max(0, end - 100) : 0, end);
    consumer.assign([{ topic: soakTopic, partition, from }]);
    let left = this.#draw.between(1, 2000);
    for (let expected = from; left > 0 && !this.#isStopped; ) {
      const records = await consumer.poll(500);
      if (records.length === 0) return;
      for (const { offset, value } of records) {
        if (offset !== expected)
          this.#ledger.problem(`${partition}/${offset}: a reader expected ${expected} next (V6, V42)`);
        expected = offset + 1;
        this.#ledger.read(partition, offset, decoder.decode(value ?? undefined));
      }
      this.records += records.length;
      left -= records.length;
    }
  }
}

const decoder = new TextDecoder();

/** Everything of a partition, from offset 0 to the end of now. */
export async function readWhole(client: Client, partition: number): Promise<readonly string[]> {
  const consumer = client.consumer();
  const place = { topic: soakTopic, partition };
  const [end] = await consumer.offsets([place], 'latest');
  consumer.assign([{ ...place, from: 'earliest' }]);
  const values: string[] = [];
  while (values.length < (end?.offset ?? 0))
    for (const { value } of await consumer.poll(1000)) values.push(decoder.decode(value ?? undefined));
  await consumer.close();
  return values;
}
