// The cluster as one client sees it: its brokers, a connection to each, and who leads what. Everybody who needs a leader reads
// it here; whoever is told that it is wrong says so here, and hears when more is known.

import type {
  ClientApi,
  ClientRequest,
  ClientResponse,
  Clock,
  NetworkFailure,
  NodeId,
  Random,
} from '@odradek/model';
import type { Address } from '@odradek/wire';
import type { Actor } from 'xstate';
import type { Connect, Connection, Reply } from '../connection/connection.ts';
import { OdradekError } from '../errors.ts';
import { backOffMs, type MachineRoom, startMachine } from '../machine/machine-room.ts';
import { BrokerOrder } from './broker-order.ts';
import {
  addressText,
  type ClusterImage,
  imageAfter,
  imageWithHint,
  nothingKnown,
  type PartitionLeader,
  saysTheSame,
  type TopicImage,
} from './cluster-image.ts';
import { type MetadataHost, metadataMachine } from './metadata.machine.ts';
import { askTheOthers, type MetadataAnswer, type Opinions } from './second-opinion.ts';

export interface ClusterOptions {
  readonly bootstrap: readonly Address[];
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly metadataMaxAgeMs: number;
}

export interface ClusterListener {
  /** Leaders or topics may have changed. */
  changed(): void;
  /** No broker answers. `everAnswered`: one once did, so it may be worth waiting. */
  unreachable(error: OdradekError, everAnswered: boolean): void;
}

/** A broker that does not answer so simple a question by then is passed over (E3). */
export const MOST_METADATA_WAIT_MS = 3000;
/** The next one is asked as well after this time: long for an answer from memory, short for whoever waits. */
const METADATA_PATIENCE_MS = 300;
/** Of the pauses between questions: so the news of an election is late by a third of the time it took at most. */
const METADATA_BACK_OFF_GROWTH = 1.25;

export class Cluster {
  readonly options: ClusterOptions;
  readonly #room: MachineRoom;
  readonly #connect: Connect;
  readonly #connections = new Map<string, Connection>();
  readonly #listeners = new Set<ClusterListener>();
  readonly #topicsWanted = new Set<string>();
  readonly #metadata: Actor<typeof metadataMachine>;
  #image: ClusterImage = nothingKnown;
  /** Whom to ask in this round, and what each that failed said. */
  #candidates: Address[] = [];
  #failures: string[] = [];
  readonly #order = new BrokerOrder();
  #answeredAtMs: number | undefined;
  #answer: { readonly from: Address; readonly body: ClientResponse<'metadata'> } | undefined;
  #news: ((listener: ClusterListener) => void) | undefined;
  #isClosed = false;

  constructor(room: MachineRoom, connect: Connect, options: ClusterOptions) {
    this.#room = room;
    this.#connect = connect;
    this.options = options;
    this.#metadata = startMachine(room, metadataMachine, 'client/metadata', { host: this.#host() });
  }

  get clock(): Clock {
    return this.#room.clock;
  }

  get random(): Random {
    return this.#room.random;
  }

  get room(): MachineRoom {
    return this.#room;
  }

  get image(): ClusterImage {
    return this.#image;
  }

  listen(listener: ClusterListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A topic, if it is known. If not it is asked for; the listeners hear when it is. */
  topic(name: string): TopicImage | undefined {
    this.#topicsWanted.add(name);
    const known = this.#image.topics.get(name);
    if (known === undefined) this.refresh();
    return known;
  }

  leaderOf(topic: string, partition: number): PartitionLeader | undefined {
    return this.#image.topics.get(topic)?.partitions[partition];
  }

  /** What is known is wrong or not enough. */
  refresh(): void {
    this.#metadata.send({ type: 'metadata wanted' });
  }

  /** Waits until some broker has told who the others are, and so which of them answer; not for long when none does. */
  whenKnown(mostMs: number, done: () => void): void {
    if (this.#image.brokers.size > 0) {
      this.#room.soon(done);
      return;
    }
    const end = (): void => {
      stop();
      this.clock.clearTimeout(timer);
      done();
    };
    const timer = this.clock.setTimeout(end, mostMs);
    const stop = this.listen({ changed: end, unreachable: end });
    this.refresh();
  }

  /** A broker that does not lead a partition said who does; it is believed until more is known. */
  hint(topic: string, partition: number, leader: NodeId): void {
    const image = imageWithHint(this.#image, topic, partition, leader);
    if (image === this.#image) return;
    this.#image = image;
    this.#tell((listener) => listener.changed());
  }

  /** Asks one broker. One whose address is not known fails as such. */
  ask<Api extends ClientApi>(
    broker: NodeId,
    request: ClientRequest<Api>,
    timeoutMs: number,
    done: (reply: Reply<Api>) => void,
  ): void {
    const address = this.#image.brokers.get(broker);
    if (address !== undefined) {
      this.askAt(address, request, timeoutMs, done);
      return;
    }
    const detail = `no address is known of broker ${broker}`;
    this.clock.setTimeout(() => done({ outcome: 'failed', reason: 'unknown address', detail }), 0);
  }

  askAt<Api extends ClientApi>(
    address: Address,
    request: ClientRequest<Api>,
    timeoutMs: number,
    done: (reply: Reply<Api>) => void,
  ): void {
    if (this.#isClosed) {
      this.#room.soon(() => done({ outcome: 'failed', reason: 'closed', detail: 'the client is closed' }));
      return;
    }
    const key = addressText(address);
    const ask = (connection: Connection): void =>
      connection.request(request, timeoutMs, (reply) => {
        if (reply.outcome === 'failed' && wasLost(reply.reason)) this.#forget(key, connection);
        if (reply.outcome !== 'failed' || reply.reason !== 'closed')
          this.#order.heard(address, reply.outcome !== 'failed');
        done(reply);
      });
    const known = this.#connections.get(key);
    // A connection is made of machines, and whoever asks may be in the middle of a transition of its own.
    if (known === undefined) this.#room.soon(() => ask(this.#connection(key, address)));
    else ask(known);
  }

  /** Whom to ask what any broker can answer, the most promising first. */
  anyBroker(): Address[] {
    return this.#order.inOrder([...this.#image.brokers.values()], this.options.bootstrap);
  }

  /** Asks the other brokers who leads, for `leader` may have been succeeded without knowing it. */
  askTheOthers(leader: NodeId, done: (told: Opinions) => void): void {
    const needs = {
      image: () => this.#image,
      anyBroker: () => this.anyBroker(),
      ask: (address: Address, told: (answer: MetadataAnswer | undefined) => void) =>
        this.#askMetadata(address, (reply) =>
          told(reply.outcome === 'answered' && problemOf(reply) === undefined ? reply.response : undefined),
        ),
      adopt: (answer: MetadataAnswer) => {
        this.#image = imageAfter(this.#image, answer);
        this.#tell((listener) => listener.changed());
      },
    };
    // Whoever asks may be in the middle of a transition.
    this.#room.soon(() => askTheOthers(needs, leader, done));
  }

  backOffMs(attempts: number): number {
    return backOffMs(attempts, this.options, this.random);
  }

  close(): void {
    this.#isClosed = true;
    this.#metadata.send({ type: 'close' });
  }

  #connection(key: string, address: Address): Connection {
    const known = this.#connections.get(key);
    if (known !== undefined) return known;
    const made = this.#connect(address);
    this.#connections.set(key, made);
    return made;
  }

  /** E5: a lost connection is not dialled again by itself: whoever asks next has waited already, and back-off is in one layer. */
  #forget(key: string, connection: Connection): void {
    if (this.#connections.get(key) !== connection) return;
    this.#connections.delete(key);
    this.#room.soon(() => connection.close());
  }

  #tell(what: (listener: ClusterListener) => void): void {
    for (const listener of [...this.#listeners]) what(listener);
  }

  #host(): MetadataHost {
    return {
      patienceMs: METADATA_PATIENCE_MS,
      noteSilence: () => {
        const [address] = this.#candidates;
        if (address !== undefined) this.#order.heard(address, false);
      },
      maxAgeMs: this.options.metadataMaxAgeMs,
      ask: (generation) => this.#askCandidate(generation),
      firstCandidate: () => {
        this.#candidates = this.anyBroker();
        this.#failures = [];
      },
      nextCandidate: () => this.#candidates.shift(),
      hasAnotherCandidate: () => this.#candidates.length > 1,
      adopt: () => this.#adopt(),
      reportUnreachable: () => {
        const error = unreachable(this.#failures);
        this.#news = (listener) => listener.unreachable(error, this.#answeredAtMs !== undefined);
      },
      hasJustAnswered: () =>
        this.#answeredAtMs !== undefined &&
        this.clock.nowMs() - this.#answeredAtMs < this.options.retryBackoffMaxMs,
      backOffMs: (attempts) => backOffMs(attempts, this.options, this.random, METADATA_BACK_OFF_GROWTH),
      closeConnections: () => {
        for (const connection of this.#connections.values()) connection.close();
        this.#connections.clear();
      },
    };
  }

  #askCandidate(generation: number): void {
    const [address] = this.#candidates;
    if (address === undefined) return;
    this.#askMetadata(address, (reply) => {
      const problem = problemOf(reply);
      if (problem === undefined && reply.outcome === 'answered') {
        this.#answer = { from: address, body: reply.response };
        this.#metadata.send({ type: 'answered', generation });
      } else {
        this.#failures.push(`${addressText(address)} (${problem})`);
        this.#order.heard(address, false);
        this.#metadata.send({ type: 'candidate failed', generation });
      }
      // Told when the machine has come to rest: what the listeners do may ask it again.
      const news = this.#news;
      this.#news = undefined;
      if (news !== undefined) this.#tell(news);
    });
  }

  #askMetadata(address: Address, done: (reply: Reply<'metadata'>) => void): void {
    const request = { api: 'metadata', body: { topics: [...this.#topicsWanted] } } as const;
    const timeoutMs = Math.min(this.options.requestTimeoutMs, MOST_METADATA_WAIT_MS);
    this.askAt<'metadata'>(address, request, timeoutMs, (reply) => {
      if (!this.#isClosed) done(reply);
    });
  }

  #adopt(): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    this.#answeredAtMs = this.clock.nowMs();
    const image = imageAfter(this.#image, answer.body);
    this.#order.told(answer.from, !saysTheSame(this.#image, image));
    this.#image = image;
    this.#news = (listener) => listener.changed();
  }
}

/** Whether a failure means that the connection is no more; one that was closed here is forgotten already. */
function wasLost(reason: NetworkFailure): boolean {
  return reason !== 'timed out' && reason !== 'closed';
}

/** Why a reply to a question about metadata is none. */
export function problemOf(reply: Reply<'metadata'>): string | undefined {
  if (reply.outcome === 'failed') return `${reply.reason}: ${reply.detail}`;
  if (reply.outcome === 'refused') return `${reply.error}: ${reply.message}`;
  return reply.response.error === 'NONE' ? undefined : (reply.response.errorMessage ?? reply.response.error);
}

/** CONNECT, with every address that was tried. */
export function unreachable(failures: readonly string[]): OdradekError {
  return new OdradekError('CONNECT', `no broker could be reached; tried ${failures.join(', ')}`, {
    hint: 'is the cluster running there?',
  });
}
