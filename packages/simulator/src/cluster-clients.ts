// The clients of a simulated cluster: who writes, who reads, and the history of what they were told.

import type { ClientDoors } from './client-doors.ts';
import { ClientHistory } from './client-history.ts';
import type { Told } from './cluster-oracle.ts';
import { SimulatedConsumer } from './simulated-consumer.ts';
import { type Acks, SimulatedProducer } from './simulated-producer.ts';

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
}

export class ClusterClients {
  readonly history = new ClientHistory();
  readonly producers: SimulatedProducer[] = [];
  readonly consumers: SimulatedConsumer[] = [];
  readonly #doors: ClientDoors;
  readonly #tell: (told: Told) => void;
  readonly #writers = new Map<string, Writer>();

  /** `tell` hears at once whatever a client is told. */
  constructor(doors: ClientDoors, tell: (told: Told) => void) {
    this.#doors = doors;
    this.#tell = tell;
  }

  /** A producer that never stops writing to a partition, in batches of one to three records. */
  produce(name: string, acks: Acks = 'all'): SimulatedProducer {
    const draw = this.#doors.random;
    const client = `p${this.producers.length + 1}`;
    let sent = 0;
    return this.#producer(client, name, acks, () =>
      Array.from({ length: draw.chance(70) ? draw.between(1, 3) : 0 }, () => `${client}:${++sent}`),
    );
  }

  /** A producer that sends what is put into its queue, one record after the other. */
  writer({ client, partition, acks, padding }: WriterOptions): Writer {
    const key = `${client} ${partition} ${acks} ${padding}`;
    const known = this.#writers.get(key);
    if (known !== undefined) return known;
    const queue: string[] = [];
    this.#producer(client, partition, acks, () => queue.splice(0, 1), padding);
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
    });
    this.consumers.push(consumer);
    consumer.start();
    return consumer;
  }

  #producer(
    client: string,
    name: string,
    acks: Acks,
    next: () => readonly string[],
    padding = 0,
  ): SimulatedProducer {
    const { topic, partition } = placeNamed(name);
    const producer = new SimulatedProducer(this.#doors, this.history, {
      name: client,
      topic,
      partition,
      acks,
      next,
      padding,
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
