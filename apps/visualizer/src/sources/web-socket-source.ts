// A running cluster as a source: one WebSocket to the broker that is the way in, and through it one for each other node, because each
// node tells of itself.

import type { Client } from '@odradek/client';
import { type BrokerFacts, LIVE_VERSION, type LiveMessage, type ViewerRequest } from '@odradek/trace';
import type { Address } from '@odradek/wire';
import { postOrder } from './break-door.ts';
import { Pace } from './pace.ts';
import { addressBeside } from './place.ts';
import { relayedClient } from './relayed-client.ts';
import { Teller } from './teller.ts';
import type { Breaker, SourceListener, ViewSource } from './view-source.ts';
import type { WayIn } from './way-in.ts';

const lookEveryMs = 1000;

/** `way`: where its cluster was reached last. */
export function webSocketSource(way: WayIn): ViewSource {
  return new WebSocketSource(way);
}

class WebSocketSource implements ViewSource {
  readonly kind = 'cluster';
  readonly about: string;
  readonly #way: WayIn;
  readonly #tellers = new Map<string, Teller>();
  /** One for all: together they must leave time to draw. */
  readonly #pace = new Pace();
  /** Those that have said who they are. */
  readonly #met = new Set<string>();
  /** Those whose connections are open. */
  readonly #open = new Set<string>();
  #listener: SourceListener | undefined;
  #wanted: ViewerRequest | undefined;
  /** The node of the first teller, which had no number when it was dialled. */
  #home: number | undefined;
  #looking: ReturnType<typeof setInterval> | undefined;
  #brokers: readonly BrokerFacts[] = [];
  #isClosed = false;
  /** The latest time that was told, by the cluster's clocks. */
  #lastMs = 0;

  constructor(way: WayIn) {
    this.#way = way;
    this.#home = way.node;
    this.about = way.place.host;
  }

  open(listener: SourceListener): void {
    this.#listener = listener;
    this.#way.heard(performance.now());
    this.#dial('watch');
    this.#looking = setInterval(() => this.#look(), lookEveryMs);
  }

  ask(request: ViewerRequest): void {
    if (request.ask === 'watch') this.#wanted = request;
    for (const teller of this.#tellers.values()) teller.ask(request);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#looking);
    for (const teller of this.#tellers.values()) teller.close();
  }

  #dial(path: string): void {
    if (this.#isClosed) return;
    this.#tellers.set(
      path,
      new Teller(
        () => this.#addressOf(path),
        {
          opened: () => {
            this.#open.add(path);
            if (this.#open.size === 1) this.#listener?.opened();
          },
          told: (messages) => {
            this.#way.heard(performance.now());
            if (messages.some(({ kind }) => kind === 'hello')) this.#met.add(path);
            this.#learn(messages);
            this.#listener?.told(messages, path);
          },
          answered: (answer) => this.#listener?.answered(answer),
          unheard: () => this.#isUnheard(path),
          closed: (reason, host) => {
            this.#open.delete(path);
            if (this.#open.size === 0) this.#listener?.lost(reason === '' ? this.#silence() : reason);
            const silent = this.#way.node;
            if (this.#way.lost(this.#nodeOf(path), host, performance.now()))
              for (const teller of this.#inOrder(silent)) teller.dialSoon();
          },
          first: () => this.#wanted,
        },
        this.#pace,
      ),
    );
  }

  #silence(): string {
    return this.#brokers.length > 1 ? 'None of the brokers answers.' : 'The broker does not answer.';
  }

  /** Told in its place, so that it is remembered at its moment like all else: nothing lives there. */
  #isUnheard(path: string): boolean {
    // Who hears nobody knows nothing of anybody.
    if (this.#open.size === 0) return false;
    const timeMs = this.#lastMs;
    const nodeId = this.#nodeOf(path);
    if (nodeId === undefined) return false;
    const told: LiveMessage[] = [
      { kind: 'actors', timeMs, all: true, actors: [] },
      { kind: 'whole', timeMs },
    ];
    // Of a node that was dead when the page was opened there is no first word either: else it would be waited for as one that has yet to tell.
    if (!this.#met.has(path))
      told.unshift({ kind: 'hello', version: LIVE_VERSION, timeMs, about: '', nodeId, allowed: [] });
    this.#listener?.told(told, path);
    return true;
  }

  /** By its number once it is known: the way in may be another node by then. */
  #addressOf(path: string): URL {
    return addressBeside(
      this.#way.place,
      path === 'watch' && this.#home !== undefined ? `watch/${this.#home}` : path,
    );
  }

  #pathOf(node: number): string {
    return node === this.#home ? 'watch' : `watch/${node}`;
  }

  #nodeOf(path: string): number | undefined {
    return path === 'watch' ? this.#home : Number(path.slice('watch/'.length));
  }

  #look(): void {
    const silent = this.#way.node;
    if (this.#way.look(performance.now())) for (const teller of this.#inOrder(silent)) teller.leave();
  }

  /** As they are to be dialled: the way in first, and last the one that may hold up the others. */
  #inOrder(silent: number | undefined): Teller[] {
    const rank = (path: string): number => {
      const node = this.#nodeOf(path);
      return node === this.#way.node ? 0 : node === silent ? 2 : 1;
    };
    return [...this.#tellers].sort(([one], [other]) => rank(one) - rank(other)).map(([, teller]) => teller);
  }

  readonly breaker: Breaker = (order) => postOrder(this.#way.place, order);

  readonly client = (): Client =>
    relayedClient(
      () => this.#way.place,
      (address) => this.#nodeAt(address),
    );

  /** The node that has registered an address; the one at the way in for any other. */
  #nodeAt({ host, port }: Address): number | undefined {
    const samePort = this.#brokers.filter((broker) => broker.port === port);
    return (samePort.find((broker) => broker.host === host) ?? samePort[0])?.id ?? this.#way.node;
  }

  /** The first teller says who it is, and the cluster's facts say who else there is. */
  #learn(messages: readonly LiveMessage[]): void {
    for (const message of messages) {
      if ('timeMs' in message) this.#lastMs = Math.max(this.#lastMs, message.timeMs);
      if (message.kind === 'hello') {
        this.#home ??= message.nodeId;
        this.#way.met(message.nodeId);
      }
      if (message.kind !== 'cluster') continue;
      this.#brokers = message.brokers;
      this.#way.learn(message.brokers);
      const nodes = new Set([...message.brokers.map(({ id }) => id), ...message.voters]);
      for (const id of nodes) if (!this.#tellers.has(this.#pathOf(id))) this.#dial(this.#pathOf(id));
    }
  }
}
