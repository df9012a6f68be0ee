// What a stranger may do on a WebSocket before it has said something whole: `ws` gathers a message and answers pings by itself,
// and would do so for ever (X7, X10).

import type { Socket as TcpSocket } from 'node:net';
import type { WebSocket } from 'ws';

export interface IncomingLimits {
  /** Until its first message, the hello, a stranger may send so much. */
  readonly firstMessageBytes: number;
  /** A message that takes longer must come at `minBytesPerSecond` at least. */
  readonly slowMessageMs: number;
  readonly minBytesPerSecond: number;
  /** In any `pingWindowMs`. */
  readonly maxPings: number;
  readonly pingWindowMs: number;
  /** While more waits to be sent, a ping is not answered: whoever sends it does not read. */
  readonly maxPongBacklogBytes: number;
}

export const incomingLimits: IncomingLimits = {
  firstMessageBytes: 64 * 1024,
  slowMessageMs: 30_000,
  minBytesPerSecond: 1024,
  maxPings: 100,
  pingWindowMs: 10_000,
  maxPongBacklogBytes: 64 * 1024,
};

/** Watches one socket that was dialled to us; `fail` hears once what it did wrong. Needs no timer: silence is others' business. */
export class IncomingGuard {
  readonly #web: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #limits: IncomingLimits;
  readonly #fail: (reason: string) => void;
  #hasSpoken = false;
  /** When the message that is coming in began, as far as it can be seen, and what has come of it. */
  #sinceMs: number | undefined;
  #bytes = 0;
  #windowMs = 0;
  #pings = 0;

  constructor(web: WebSocket, tcp: TcpSocket, limits: IncomingLimits, fail: (reason: string) => void) {
    this.#web = web;
    this.#tcp = tcp;
    this.#limits = limits;
    this.#fail = fail;
    tcp.on('data', (chunk: Uint8Array) => this.#came(chunk.length));
    web.on('ping', (data: Buffer) => this.#pinged(data));
    web.on('pong', () => this.forget());
  }

  /** It has said something whole. */
  spoke(): void {
    this.#hasSpoken = true;
    this.forget();
  }

  /** While it is not read its slowness is ours. */
  forget(): void {
    this.#sinceMs = undefined;
    this.#bytes = 0;
  }

  #came(size: number): void {
    const nowMs = performance.now();
    this.#sinceMs ??= nowMs;
    this.#bytes += size;
    const { firstMessageBytes, slowMessageMs, minBytesPerSecond } = this.#limits;
    if (!this.#hasSpoken && this.#bytes > firstMessageBytes) this.#fail('too much came before the hello');
    const tookMs = nowMs - this.#sinceMs;
    if (tookMs > slowMessageMs && this.#bytes < (tookMs / 1000) * minBytesPerSecond)
      this.#fail(`a message comes at less than ${minBytesPerSecond} bytes a second`);
  }

  #pinged(data: Buffer): void {
    this.forget();
    const { maxPings, pingWindowMs, maxPongBacklogBytes } = this.#limits;
    const nowMs = performance.now();
    if (nowMs - this.#windowMs > pingWindowMs) {
      this.#windowMs = nowMs;
      this.#pings = 0;
    }
    this.#pings += 1;
    if (this.#pings > maxPings) this.#fail(`more than ${maxPings} pings in ${pingWindowMs} ms`);
    else if (this.#tcp.writableLength <= maxPongBacklogBytes) this.#web.pong(data);
  }
}
