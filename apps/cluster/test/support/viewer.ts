// One who watches a node, as the console does: a stream over connections that may break, and the picture it makes.

import { once } from 'node:events';
import { type ActorLooked, type LiveMessage, LiveReader, type ViewerRequest, World } from '@odradek/trace';
import { WebSocket } from 'ws';

export class TestViewer {
  world = new World();
  /** Of all streams so far. */
  readonly heard: LiveMessage[] = [];
  readonly answers: ActorLooked[] = [];
  /** How many streams have begun. */
  streams = 0;
  bytes = 0;
  /** Why the last connection ended. */
  ended: string | undefined;
  readonly #reader = new LiveReader();
  readonly #url: string;
  #web: WebSocket | undefined;

  constructor(port: number, path = '/watch') {
    this.#url = `ws://127.0.0.1:${port}${path}`;
  }

  /** Opens a connection; the stream goes on where it was, if it can. */
  async connect(headers: Readonly<Record<string, string>> = {}): Promise<this> {
    const web = new WebSocket(this.#url + this.#reader.query, { headers });
    this.#web = web;
    this.ended = undefined;
    this.#reader.connected();
    web.on('message', (data: Buffer, isBinary) => this.#read(isBinary ? data : data.toString(), data.length));
    web.on('close', (code, reason) => {
      if (this.#web === web) this.ended = `${code} ${reason}`;
    });
    await once(web, 'open');
    web.on('error', () => undefined);
    return this;
  }

  ask(request: ViewerRequest): void {
    this.#web?.send(JSON.stringify(request));
  }

  say(text: string | Uint8Array): void {
    this.#web?.send(text);
  }

  /** As when the network fails. */
  drop(): void {
    this.#web?.terminate();
  }

  /** Reads nothing more. */
  pause(): void {
    this.#web?.pause();
  }

  resume(): void {
    this.#web?.resume();
  }

  close(): void {
    this.#web?.close();
  }

  #read(data: string | Buffer, size: number): void {
    this.bytes += size;
    const { begins, messages } = this.#reader.read(data);
    if (begins) {
      this.streams += 1;
      this.world = new World();
    }
    for (const message of messages) {
      if ('answer' in message) this.answers.push(message);
      else {
        this.heard.push(message);
        this.world.apply(message);
      }
    }
  }
}
