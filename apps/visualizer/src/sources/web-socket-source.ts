// A running cluster as a source: one WebSocket to the broker that serves this page, and through it one for each other node, because each
// node tells of itself.

import {
  type ActorLooked,
  LiveDecoder,
  type LiveMessage,
  LiveStreamError,
  readOpening,
  type ViewerRequest,
} from '@odradek/trace';
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

/** One node that tells, over connections that may break: its stream goes on where it was, or begins anew. */
class Teller {
  readonly #address: URL;
  readonly #listener: TellerListener;
  #socket: WebSocket | undefined;
  #decoder = new LiveDecoder();
  #stream: string | undefined;
  #isClosed = false;

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
    const address = new URL(this.#address);
    if (this.#stream !== undefined) {
      address.searchParams.set('stream', this.#stream);
      address.searchParams.set('after', String(this.#decoder.last));
    }
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => this.#heard(socket, data);
    socket.onclose = ({ reason }) => {
      if (this.#isClosed) return;
      this.#listener.closed(reason === '' ? 'The broker that serves this page does not answer.' : reason);
      setTimeout(() => this.#dial(), retryMs);
    };
  }

  #heard(socket: WebSocket, data: unknown): void {
    try {
      if (typeof data === 'string') this.#begin(data);
      else if (data instanceof ArrayBuffer) this.#take(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof LiveStreamError)) throw error;
      // What cannot be read is asked for anew, as a stream of its own.
      this.#stream = undefined;
      socket.close(4000, error.message.slice(0, 100));
    }
  }

  #begin(said: string): void {
    const { stream, next } = readOpening(said);
    if (next !== this.#decoder.last + 1) this.#decoder = new LiveDecoder();
    this.#stream = stream;
    this.#listener.opened();
    const first = this.#listener.first();
    if (first !== undefined) this.ask(first);
  }

  #take(bytes: Uint8Array): void {
    const told: LiveMessage[] = [];
    for (const message of this.#decoder.decode(bytes).messages) {
      if ('answer' in message) this.#listener.answered(message);
      else told.push(message);
    }
    if (told.length > 0) this.#listener.told(told);
  }
}
