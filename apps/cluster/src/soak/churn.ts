// A topic that is made, written, read, altered, deleted and made again under the same name for as long as a soak lasts: each life
// shows its own records alone (S23), and every command is done or not, whoever dies meanwhile (C1, S79).

import { type Client, type Consumer, OdradekError } from '@odradek/client';
import { insist } from './insist.ts';
import { later } from './later.ts';
import type { Ledger } from './ledger.ts';
import { textOf, withConsumer } from './load.ts';
import { UntilStopped } from './until-stopped.ts';

const topic = 'churn';
const partitions = 2;
const records = 10;
const askAgainMs = 50;

export class Churn {
  readonly #client: Client;
  readonly #ledger: Ledger;
  readonly #work: UntilStopped;
  lives = 0;

  constructor(client: Client, ledger: Ledger) {
    this.#client = client;
    this.#ledger = ledger;
    this.#work = new UntilStopped((isStopped) => this.#run(isStopped));
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      this.lives += 1;
      try {
        await this.#live(isStopped);
      } catch (error) {
        if (!(error instanceof OdradekError)) throw error;
        if (lacksBrokers(error)) await later(askAgainMs);
        // Stopped in the middle, it may end with whatever it was told last.
        else if (!isStopped()) this.#ledger.problem(`life ${this.lives} of ${topic}: ${error.message} (S79)`);
      }
    }
  }

  async #live(isStopped: () => boolean): Promise<void> {
    const admin = this.#client.admin();
    const persist = (ask: () => Promise<unknown>, done: OdradekError['code'] | 'nothing'): Promise<number> =>
      insist(ask, done, isStopped);
    await persist(() => admin.createTopic({ name: topic, partitions }), 'TOPIC_ALREADY_EXISTS');
    try {
      await this.#write();
      await this.#read();
      await persist(() => admin.alterConfig(topic, { 'retention.ms': String(1e9 + this.lives) }), 'nothing');
      await persist(() => admin.createPartitions(topic, partitions + 1), 'INVALID_PARTITIONS');
    } finally {
      await persist(() => admin.deleteTopic(topic), 'UNKNOWN_TOPIC_OR_PARTITION');
    }
  }

  async #write(): Promise<void> {
    const producer = this.#client.producer();
    const sent = Array.from({ length: records }, (_, index) =>
      producer.send({ topic, partition: index % partitions, value: `life ${this.lives}` }),
    );
    // Whether they arrive is the other writers' question; this one asks for what is there from before.
    await Promise.allSettled(sent);
    await producer.close();
  }

  async #read(): Promise<void> {
    try {
      await withConsumer(this.#client, (consumer) => this.#look(consumer));
    } catch (error) {
      // Who cannot read now finds nothing old either.
      if (!(error instanceof OdradekError)) throw error;
    }
  }

  async #look(consumer: Consumer): Promise<void> {
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    consumer.assign(places.map((place) => ({ ...place, from: 'earliest' as const })));
    for (const { partition, offset, value } of await consumer.poll(1000)) {
      const text = textOf(value);
      if (text !== `life ${this.lives}`)
        this.#ledger.problem(`${topic} ${partition}/${offset}: ${text} in life ${this.lives} (S23)`);
    }
  }
}

/** While brokers are dead there are not enough for as many replicas as were asked for, or none that could lead. */
function lacksBrokers({ code }: OdradekError): boolean {
  return code === 'INVALID_REPLICATION_FACTOR' || code === 'INVALID_REPLICA_ASSIGNMENT';
}
