// A running cluster as a source: one WebSocket to the broker that is the way in, and through it one for each other node, because each
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
import { WayIn } from './way-in.ts';

/** Between two attempts to reach a node that is gone; doubled each time. */
const firstPauseMs = 500;
const longestPauseMs = 4000;
const lookEveryMs = 1000;
/**
 * A connection that is not open by then is given up. A node that stands still takes connections and says nothing, and browsers open
 * WebSockets to one address one after another: a half open one holds up those to all other nodes.
 */
const openWithinMs = 3000;

export function webSocketSource(place: Place): ViewSource {
  return new WebSocketSource(place);
}

class WebSocketSource implements ViewSource {
  readonly kind = 'cluster';
  readonly about: string;
  readonly #way: WayIn;
  readonly #tellers = new Map<string, Teller>();
  /** Those whose connections are open. */
  readonly #open = new Set<string>();
  #listener: SourceListener | undefined;
  #wanted: ViewerRequest | undefined;
  /** The node of the first teller, which had no number when it was dialled. */
  #home: number | undefined;
  #looking: ReturnType<typeof setInterval> | undefined;
  #brokers: readonly BrokerFacts[] = [];
  #isClosed = false;

  constructor(place: Place) {
    this.#way = new WayIn(place, performance.now());
    this.about = place.host;
  }

  open(listener: SourceListener): void {
    this.#listener = listener;
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
      new Teller(() => this.#addressOf(path), {
        opened: () => {
          this.#open.add(path);
          if (this.#open.size === 1) this.#listener?.opened();
        },
        told: (messages) => {
          this.#way.heard(performance.now());
          this.#learn(messages);
          this.#listener?.told(messages, path);
        },
        answered: (answer) => this.#listener?.answered(answer),
        closed: (reason, host) => {
          this.#open.delete(path);
          if (this.#open.size === 0) this.#listener?.lost(reason);
          const silent = this.#way.node;
          if (this.#way.lost(this.#nodeOf(path), host, performance.now()))
            for (const teller of this.#inOrder(silent)) teller.dialSoon();
        },
        first: () => this.#wanted,
      }),
    );
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

interface TellerListener {
  opened(): void;
  told(messages: readonly LiveMessage[]): void;
  answered(answer: ActorLooked): void;
  /** `host`: where it was dialled. */
  closed(reason: string, host: string): void;
  /** What is said first. */
  first(): ViewerRequest | undefined;
}

/** One node that tells, over connections that may break: its stream goes on where it was, or begins anew. */
class Teller {
  readonly #address: () => URL;
  readonly #listener: TellerListener;
  readonly #reader = new LiveReader();
  #socket: WebSocket | undefined;
  #isClosed = false;
  #pauseMs = firstPauseMs;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** `address` is asked at each dial: the way in may be another one. */
  constructor(address: () => URL, listener: TellerListener) {
    this.#address = address;
    this.#listener = listener;
    this.#dial();
  }

  ask(request: ViewerRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    clearTimeout(this.#patience);
    this.#socket?.close();
  }

  /** There is reason to hope: without the rest of a pause. */
  dialSoon(): void {
    this.#pauseMs = firstPauseMs;
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#dial();
  }

  /** Nothing is expected of the connection any more, not even its end. */
  leave(): void {
    const left = this.#socket;
    this.#socket = undefined;
    left?.close();
    clearTimeout(this.#pause);
    this.#dial();
  }

  #dial(): void {
    this.#pause = undefined;
    if (this.#isClosed) return;
    const address = this.#address();
    const socket = new WebSocket(`${address}${this.#reader.query}`);
    this.#socket = socket;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => socket.close(), openWithinMs);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      clearTimeout(this.#patience);
      this.#pauseMs = firstPauseMs;
      this.#reader.connected();
      this.#listener.opened();
      const first = this.#listener.first();
      if (first !== undefined) this.ask(first);
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#heard(socket, data);
    };
    socket.onclose = ({ reason }) => {
      if (this.#isClosed || this.#socket !== socket) return;
      clearTimeout(this.#patience);
      this.#pause = setTimeout(() => this.#dial(), this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
      this.#listener.closed(reason === '' ? 'The broker does not answer.' : reason, address.host);
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
