// The clients of a simulated cluster: who writes, who reads, and the history of what they were told.

import type { ClientDoors } from './client-doors.ts';
import { ClientHistory } from './client-history.ts';
import type { Told } from './cluster-oracle.ts';
import { type ConsumerOptions, SimulatedConsumer } from './simulated-consumer.ts';
import { type Acks, type ProducerOptions, SimulatedProducer } from './simulated-producer.ts';
import type { Telling } from './telling.ts';

/** Who writes without end gives up so many of a hundred refused tries: about one in a second. */
const GIVEN_UP_PERCENT = 5;

/** A producer that sends what is put into its queue. */
export interface Writer {
  readonly queue: string[];
}

export interface WriterOptions {
  readonly client: string;
  /** `orders-0`. */
  readonly partition: string;
  readonly acks: Acks;
  /** How many bytes the key of each record has. */
  readonly padding: number;
  /** What is refused it does not try again. */
  readonly givesUp?: boolean;
  /** Whether it is told what becomes of each record; by default it is. */
  readonly isTold?: boolean;
}

export class ClusterClients {
  readonly history = new ClientHistory();
  readonly producers: SimulatedProducer[] = [];
  readonly consumers: SimulatedConsumer[] = [];
  readonly #doors: ClientDoors;
  readonly #tell: (told: Told) => void;
  readonly #telling: Telling | undefined;
  /** Somebody writes without end. */
  #isLoaded = false;
  readonly #writers = new Map<string, Writer>();

  /** `tell` hears at once whatever a client is told. */
  constructor(doors: ClientDoors, tell: (told: Told) => void, telling?: Telling) {
    this.#doors = doors;
    this.#tell = tell;
    this.#telling = telling;
  }

  /** A producer that never stops writing to a partition, in batches of one to three records. */
  produce(name: string, acks: Acks = 'all'): SimulatedProducer {
    const draw = this.#doors.random;
    this.#isLoaded = true;
    const client = `p${this.producers.length + 1}`;
    let sent = 0;
    const next = (): readonly string[] =>
      Array.from({ length: draw.chance(70) ? draw.between(1, 3) : 0 }, () => `${client}:${++sent}`);
    return this.#producer(client, name, acks, next, { givesUpPercent: GIVEN_UP_PERCENT });
  }

  /** A producer that sends what is put into its queue, one record after the other. */
  writer({ client, partition, acks, padding, givesUp = false, isTold = true }: WriterOptions): Writer {
    const key = `${client} ${partition} ${acks} ${padding} ${givesUp}`;
    const known = this.#writers.get(key);
    if (known !== undefined) return known;
    const queue: string[] = [];
    this.#producer(client, partition, acks, () => queue.splice(0, 1), {
      padding,
      givesUpPercent: givesUp ? 100 : 0,
      ...(isTold ? this.#writerTold() : {}),
    });
    const writer = { queue };
    this.#writers.set(key, writer);
    return writer;
  }

  consume(name: string, from = 0): SimulatedConsumer {
    const { topic, partition } = placeNamed(name);
    const consumer = new SimulatedConsumer(this.#doors, this.history, {
      name: `c${this.consumers.length + 1}`,
      topic,
      partition,
      from,
      given: (topicId, endOffset) => this.#tell({ what: 'given', topicId, partition, endOffset }),
      ...this.#readerTold(name),
    });
    this.consumers.push(consumer);
    consumer.start();
    return consumer;
  }

  /** What becomes of single records is worth a sentence; of a load without end it is not. */
  #writerTold(): Pick<ProducerOptions, 'told'> {
    const telling = this.#telling;
    if (telling === undefined) return {};
    return {
      told: ({ value, partition, offset }, error, isTriedAgain) => {
        const about = { actor: 'client', partition };
        if (error === 'NONE')
          telling.say({
            ...{ ...about, level: 'info', event: 'acknowledged' },
            text: `${value} is acknowledged: it is offset ${offset ?? '?'} of ${partition}`,
          });
        else
          telling.say({
            ...{ ...about, level: 'warn', event: 'not acknowledged' },
            text: `${value} is not acknowledged (${error})${isTriedAgain ? '; it is sent again' : ''}`,
          });
      },
    };
  }

  #readerTold(partition: string): Pick<ConsumerOptions, 'read' | 'truncated'> {
    const telling = this.#telling;
    if (telling === undefined) return {};
    const about = { actor: 'client', partition };
    return {
      read: (offset, value) => {
        if (this.#isLoaded) return;
        const text = `a reader of ${partition} gets ${value}, offset ${offset}`;
        telling.say({ ...about, level: 'info', event: 'read', text });
      },
      truncated: (divergesAt, position) =>
        telling.say({
          ...{ ...about, level: 'warn', event: 'log parts', rule: 'L9' },
          text: `a reader of ${partition} had read up to ${position}, and hears that the log parts at ${divergesAt}`,
        }),
    };
  }

  #producer(
    client: string,
    name: string,
    acks: Acks,
    next: () => readonly string[],
    more: Pick<ProducerOptions, 'padding' | 'givesUpPercent' | 'told'> = {},
  ): SimulatedProducer {
    const { topic, partition } = placeNamed(name);
    const producer = new SimulatedProducer(this.#doors, this.history, {
      name: client,
      topic,
      partition,
      acks,
      next,
      ...more,
      acknowledged: (topicId, endOffset, batch) =>
        this.#tell({ what: 'acknowledged', topicId, partition, endOffset, batch }),
    });
    this.producers.push(producer);
    producer.start();
    return producer;
  }
}

/** `orders-0` is partition 0 of `orders`. */
export function placeNamed(name: string): { readonly topic: string; readonly partition: number } {
  const at = name.lastIndexOf('-');
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
}
