// A running cluster as a source: one WebSocket to the broker that serves this page, and through it one for each other node, because each
// node tells of itself.

import type { Client } from '@odradek/client';
import {
  type ActorLooked,
  type BrokerFacts,
  type LiveMessage,
  LiveReader,
  LiveStreamError,
  type ViewerRequest,
} from '@odradek/trace';
import type { Address } from '@odradek/wire';
import { postOrder } from './break-door.ts';
import { addressBeside, type Place } from './place.ts';
import { relayedClient } from './relayed-client.ts';
import type { Breaker, SourceListener, ViewSource } from './view-source.ts';

/** Between two attempts to reach a node that is gone; doubled each time. */
const firstPauseMs = 500;
const longestPauseMs = 4000;

export function webSocketSource(place: Place): ViewSource {
  return new WebSocketSource(place);
}

class WebSocketSource implements ViewSource {
  readonly kind = 'cluster';
  readonly about: string;
  readonly #place: Place;
  readonly #tellers = new Map<string, Teller>();
  #listener: SourceListener | undefined;
  #wanted: ViewerRequest | undefined;
  #home: number | undefined;
  #brokers: readonly BrokerFacts[] = [];
  #isClosed = false;

  constructor(place: Place) {
    this.#place = place;
    this.about = place.host;
  }

  open(listener: SourceListener): void {
    this.#listener = listener;
    this.#dial('watch');
  }

  ask(request: ViewerRequest): void {
    if (request.ask === 'watch') this.#wanted = request;
    for (const teller of this.#tellers.values()) teller.ask(request);
  }

  close(): void {
    this.#isClosed = true;
    for (const teller of this.#tellers.values()) teller.close();
  }

  #dial(path: string): void {
    if (this.#isClosed) return;
    const isHome = path === 'watch';
    this.#tellers.set(
      path,
      new Teller(addressBeside(this.#place, path), {
        opened: () => {
          if (isHome) this.#listener?.opened();
        },
        told: (messages) => {
          this.#learn(messages);
          this.#listener?.told(messages, path);
        },
        answered: (answer) => this.#listener?.answered(answer),
        closed: (reason) => {
          if (isHome && !this.#isClosed) this.#listener?.lost(reason);
        },
        first: () => this.#wanted,
      }),
    );
  }

  readonly breaker: Breaker = (order) => postOrder(this.#place, order);

  readonly client = (): Client => relayedClient(this.#place, (address) => this.#nodeAt(address));

  /** The node that has registered an address; that of the page itself for any other. */
  #nodeAt({ host, port }: Address): number | undefined {
    const samePort = this.#brokers.filter((broker) => broker.port === port);
    return (samePort.find((broker) => broker.host === host) ?? samePort[0])?.id ?? this.#home;
  }

  /** The first teller says who it is, and the cluster's facts say who else there is. */
  #learn(messages: readonly LiveMessage[]): void {
    for (const message of messages) {
      if (message.kind === 'hello') this.#home ??= message.nodeId;
      if (message.kind !== 'cluster') continue;
      this.#brokers = message.brokers;
      const nodes = new Set([...message.brokers.map(({ id }) => id), ...message.voters]);
      for (const id of nodes)
        if (id !== this.#home && !this.#tellers.has(`watch/${id}`)) this.#dial(`watch/${id}`);
    }
  }
}

interface TellerListener {
  opened(): void;
  told(messages: readonly LiveMessage[]): void;
  answered(answer: ActorLooked): void;
  closed(reason: string): void;
  /** What is said first. */
  first(): ViewerRequest | undefined;
}

/** One node that tells, over connections that may break: its stream goes on where it was, or begins anew. */
class Teller {
  readonly #address: URL;
  readonly #listener: TellerListener;
  readonly #reader = new LiveReader();
  #socket: WebSocket | undefined;
  #isClosed = false;
  #pauseMs = firstPauseMs;

  constructor(address: URL, listener: TellerListener) {
    this.#address = address;
    this.#listener = listener;
    this.#dial();
  }

  ask(request: ViewerRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  #dial(): void {
    if (this.#isClosed) return;
    const socket = new WebSocket(`${this.#address}${this.#reader.query}`);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#pauseMs = firstPauseMs;
      this.#reader.connected();
      this.#listener.opened();
      const first = this.#listener.first();
      if (first !== undefined) this.ask(first);
    };
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = ({ reason }) => {
      if (this.#isClosed) return;
      this.#listener.closed(reason === '' ? 'The broker that serves this page does not answer.' : reason);
      setTimeout(() => this.#dial(), this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
    };
  }

  #heard(socket: WebSocket, data: unknown): void {
    const told: LiveMessage[] = [];
    try {
      for (const message of this.#reader.read(data).messages) {
        if ('answer' in message) this.#listener.answered(message);
        else told.push(message);
      }
    } catch (error) {
      if (!(error instanceof LiveStreamError)) throw error;
      // What cannot be read is asked for anew, as a stream of its own.
      socket.close(4000, error.message.slice(0, 100));
    }
    if (told.length > 0) this.#listener.told(told);
  }
}
