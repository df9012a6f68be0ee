// The door of those who watch: a WebSocket at `/watch`. What is told is made by the teller; here are sockets, their pace and their limits.
// Nothing of it may cost the node a record: who is slow misses messages, who is rude is hung up on.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LiveStream, LiveStreamError, type Teller } from '@odradek/trace';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';

export interface WatchDoorOptions {
  readonly teller: Teller;
  /** Watching itself failed. */
  readonly onTrouble: (reason: string) => void;
  /** How long a stream whose connection broke is kept. */
  readonly lingerMs?: number;
}

/** Each costs the node a picture, and some memory for what it has not taken. */
const mostViewers = 32;
/** While so much is not on its way, nothing more is sent. */
const mostUnsentBytes = 1024 * 1024;
/** Who takes nothing for so long is gone. */
const stuckMs = 60_000;
const requestsPerSecond = 50;
/** The code of a connection that just broke (RFC 6455, 7.4.1). */
const noGoodbye = 1006;
const mostRequestBytes = 64 * 1024;

interface Seat {
  readonly stream: LiveStream;
  web: WebSocket | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Since when it has taken nothing of what waits. */
  stuckSinceMs: number | undefined;
  requests: { sinceMs: number; count: number };
}

export class WatchDoor {
  readonly #options: WatchDoorOptions & { readonly lingerMs: number };
  readonly #seats = new Map<string, Seat>();
  readonly #web = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: mostRequestBytes,
    autoPong: false,
    clientTracking: false,
  });
  #isClosed = false;

  constructor(options: WatchDoorOptions) {
    this.#options = { lingerMs: 10_000, ...options };
  }

  /** Takes an upgrade to `/watch?stream=…&after=…`; Host and Origin were checked. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    request.socket.setKeepAlive(true);
    const query = new URLSearchParams(request.url?.split('?')[1] ?? '');
    this.#web.handleUpgrade(request, socket, head, (web) => {
      web.on('error', () => undefined);
      // Answered as far as the other side reads.
      web.on('ping', (data) => {
        if (web.bufferedAmount < mostRequestBytes) web.pong(data);
      });
      if (this.#isClosed) web.close(1001, 'the node is stopping');
      else this.#seat(web, query.get('stream') ?? '', Number(query.get('after')));
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const seat of [...this.#seats.values()]) {
      seat.web?.close(1001, 'the node is stopping');
      this.#forget(seat);
    }
  }

  #seat(web: WebSocket, id: string, after: number): void {
    const known = this.#seats.get(id);
    const missing = known?.stream.since(after);
    if (known !== undefined && missing === undefined) this.#forget(known);
    const seat = known !== undefined && missing !== undefined ? known : this.#newSeat();
    if (seat === undefined) {
      web.close(1013, `${mostViewers} watch already`);
      return;
    }
    seat.web?.close(4000, 'the stream goes on over another connection');
    clearTimeout(seat.timer);
    seat.web = web;
    seat.stuckSinceMs = undefined;
    web.on('message', (data, isBinary) => this.#heard(seat, web, data, isBinary));
    web.on('close', (code) => this.#left(seat, web, code === noGoodbye));
    web.send(JSON.stringify({ stream: seat.stream.id, next: missing === undefined ? 1 : after + 1 }));
    for (const frame of missing ?? []) web.send(frame);
    this.#send(seat);
  }

  #newSeat(): Seat | undefined {
    if (this.#seats.size >= mostViewers) {
      const lingering = [...this.#seats.values()].find((seat) => seat.web === undefined);
      if (lingering === undefined) return undefined;
      this.#forget(lingering);
    }
    const id = randomBytes(12).toString('base64url');
    const stream = new LiveStream(this.#options.teller, { id, nowMs: Date.now });
    const seat: Seat = {
      stream,
      web: undefined,
      timer: undefined,
      stuckSinceMs: undefined,
      requests: { sinceMs: 0, count: 0 },
    };
    this.#seats.set(id, seat);
    return seat;
  }

  /** Sends what there is, as far as the connection takes it, and again after the viewer's time. */
  #send(seat: Seat): void {
    const { web, stream } = seat;
    if (web === undefined) return;
    if (web.bufferedAmount <= mostUnsentBytes) {
      seat.stuckSinceMs = undefined;
      const frame = stream.take();
      if (frame !== undefined) web.send(frame);
    } else {
      seat.stuckSinceMs ??= performance.now();
      if (performance.now() - seat.stuckSinceMs > stuckMs) web.terminate();
    }
    seat.timer = setTimeout(() => this.#send(seat), stream.everyMs).unref();
  }

  #heard(seat: Seat, web: WebSocket, data: RawData, isBinary: boolean): void {
    if (seat.web !== web) return;
    if (isBinary) web.close(1003, 'a request is text');
    else if (!this.#mayAsk(seat)) web.close(1008, `more than ${requestsPerSecond} requests in a second`);
    else
      try {
        seat.stream.ask(String(data));
      } catch (error) {
        if (!(error instanceof LiveStreamError)) this.#options.onTrouble(`a request failed: ${error}`);
        web.close(
          1007,
          error instanceof LiveStreamError ? error.message.slice(0, 100) : 'the request failed',
        );
      }
  }

  #mayAsk({ requests }: Seat): boolean {
    const nowMs = performance.now();
    if (nowMs - requests.sinceMs > 1000) Object.assign(requests, { sinceMs: nowMs, count: 0 });
    requests.count += 1;
    return requests.count <= requestsPerSecond;
  }

  /** The connection is over; who did not say goodbye may come back for a while. */
  #left(seat: Seat, web: WebSocket, mayReturn: boolean): void {
    if (seat.web !== web) return;
    seat.web = undefined;
    clearTimeout(seat.timer);
    if (this.#isClosed || !mayReturn) this.#forget(seat);
    else seat.timer = setTimeout(() => this.#forget(seat), this.#options.lingerMs).unref();
  }

  #forget(seat: Seat): void {
    clearTimeout(seat.timer);
    if (!this.#seats.delete(seat.stream.id)) return;
    seat.web?.close(1001, 'the stream has ended');
    seat.web = undefined;
    seat.stream.close();
  }
}
