// A running cluster as a source: one WebSocket to the broker that serves this page, and through it one for each other node, because each
// node tells of itself.

import type { ActorLooked, LiveMessage, ViewerRequest } from '@odradek/trace';
import type { SourceListener, ViewSource } from './view-source.ts';

/** Between two attempts to reach a node that is gone. */
const retryMs = 1000;

/** Where the page is: a part of the browser's location. */
export interface Place {
  readonly href: string;
  readonly host: string;
}

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
    const address = new URL(path, this.#place.href.replace(/[?#].*$/, ''));
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const isHome = path === 'watch';
    this.#tellers.set(
      path,
      new Teller(address, {
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
          setTimeout(() => this.#dial(path), retryMs);
        },
        first: () => this.#wanted,
      }),
    );
  }

  /** The first teller says who it is, and the cluster's facts say who else there is. */
  #learn(messages: readonly LiveMessage[]): void {
    for (const message of messages) {
      if (message.kind === 'hello') this.#home ??= message.nodeId;
      if (message.kind !== 'cluster') continue;
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

class Teller {
  readonly #socket: WebSocket;

  constructor(address: URL, listener: TellerListener) {
    this.#socket = new WebSocket(address);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => {
      listener.opened();
      const first = listener.first();
      if (first !== undefined) this.ask(first);
    };
    this.#socket.onmessage = ({ data }) => {
      const frame: unknown = JSON.parse(String(data));
      if (Array.isArray(frame)) listener.told(frame as LiveMessage[]);
      else listener.answered(frame as ActorLooked);
    };
    this.#socket.onclose = ({ reason }) =>
      listener.closed(reason === '' ? 'The broker that serves this page does not answer.' : reason);
  }

  ask(request: ViewerRequest): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  close(): void {
    this.#socket.close();
  }
}
