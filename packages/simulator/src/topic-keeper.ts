// Topics as somebody wants them to be: created, asked for again until they are there, deleted under load and created anew.

import type { ClientDoors } from './client-doors.ts';

const RETRY_MS = 100;
const TIMEOUT_MS = 3000;
const CLIENT_TIMEOUT_MS = 5000;
const LOOK_MS = 500;

export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  /** The replicas of each partition; empty: the controller places them. */
  readonly assignment?: readonly (readonly number[])[];
  readonly config: Readonly<Record<string, string>>;
}

export interface KeeperOptions {
  /** Whether the latest metadata has a topic. */
  readonly hasTopic: (name: string) => boolean;
  /** A request was refused that is right. */
  readonly refused: (message: string) => void;
}

export class TopicKeeper {
  readonly #doors: ClientDoors;
  readonly #options: KeeperOptions;
  readonly #wanted = new Map<string, WantedTopic>();
  readonly #creating = new Set<string>();

  constructor(doors: ClientDoors, options: KeeperOptions) {
    this.#doors = doors;
    this.#options = options;
  }

  /** A topic that shall be there, and is not. */
  get missing(): string | undefined {
    return [...this.#wanted.keys()].find((name) => !this.#options.hasTopic(name));
  }

  create(topic: WantedTopic): void {
    const { name, partitions, replicas, assignment = [], config } = topic;
    this.#wanted.set(name, topic);
    this.#creating.add(name);
    const wanted = {
      name,
      partitions,
      replicationFactor: replicas,
      assignment,
      config: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    };
    const body = { timeoutMs: TIMEOUT_MS, validateOnly: false, requestId: '', topics: [wanted] };
    this.#doors.ask(this.#anybody(), { api: 'createTopics', body }, CLIENT_TIMEOUT_MS, (reply) => {
      this.#creating.delete(name);
      if (this.#options.hasTopic(name)) return;
      const error =
        reply.outcome === 'answered'
          ? (reply.response.topics[0]?.error ?? reply.response.error)
          : reply.outcome;
      // Too few brokers may be there just now, or none of those chosen; nothing else is wrong with the request.
      if (error.startsWith('INVALID') && !error.startsWith('INVALID_REPLICA'))
        this.#options.refused(`topic ${name} was refused: ${JSON.stringify(reply)}`);
      if (error === 'NONE') return;
      this.#creating.add(name);
      this.#doors.time.after(RETRY_MS, () => this.create(topic));
    });
  }

  /** Deletes a topic under the feet of its clients, and has it created again, whatever becomes of the requests. */
  recreate(name: string): void {
    const body = { timeoutMs: TIMEOUT_MS, names: [name] };
    const request = { api: 'deleteTopics', body } as const;
    this.#doors.ask(this.#anybody(), request, CLIENT_TIMEOUT_MS, () => this.#keep(name));
  }

  /** Creates a topic whenever it is not there: a deletion that was not answered may come late. */
  #keep(name: string): void {
    const topic = this.#wanted.get(name);
    if (topic !== undefined && !this.#options.hasTopic(name) && !this.#creating.has(name)) this.create(topic);
    this.#doors.time.after(LOOK_MS, () => this.#keep(name));
  }

  #anybody(): number {
    return this.#doors.random.pick(this.#doors.nodeIds);
  }
}
