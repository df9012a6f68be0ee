// The one port of a broker: HTTP, the wire and other WebSockets, Kafka's protocol.
/// <reference types="node" preserve="true" />

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, type Server as TcpServer, type Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type PeerNetwork, WIRE_PATH, type WireLimits } from '@odradek/wire';
import { type WebSocket, WebSocketServer } from 'ws';
import { protocolOf } from './first-bytes.ts';
import { type HttpHead, type HttpPolicy, type HttpRefusal, httpRefusal, splitHost } from './http-checks.ts';
import type { IncomingLimits } from './incoming-guard.ts';
import { acceptedSocket } from './web-socket.ts';

export interface ListenerDoors {
  /** Answers HTTP, after Host, Origin, method and content type were checked. Absent: 404. */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Takes an upgrade on another path than the wire's; returns whether it does. The same checks were made. Who takes it answers it, and owns
   * the socket, whose first bytes after the request are `head`.
   */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** Takes a connection that speaks Kafka's protocol; its first bytes are still unread. Absent: it is closed. */
  readonly kafka?: (socket: TcpSocket) => void;
}

export interface ListenerOptions extends HttpPolicy {
  readonly network: PeerNetwork;
  readonly doors: ListenerDoors;
  readonly limits: WireLimits;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly incoming: IncomingLimits;
  readonly onTrouble: (connection: string, reason: string) => void;
}

/** Not by import: that reads every name the module has, and `WebSocket` among them loads a browser's fetch: 62 ms of a start. */
const { createServer: createHttpServer, STATUS_CODES } = process.getBuiltinModule('node:http');

/** Connections above `max.connections`: for nodes of the cluster, and for those who have not said yet what they are. */
const ROOM_FOR_NODES = 256;

/** Of one message. `ws` keeps each piece apart until the last one has come (X10). */
const MAX_FRAGMENTS = 1024;

/** A fatal alert "handshake failure": what speaks TLS understands no other goodbye. */
const tlsAlert = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40);

export class Listener {
  readonly #options: ListenerOptions;
  readonly #tcp: TcpServer;
  readonly #http: Server;
  readonly #web: WebSocketServer;
  readonly #sockets = new Set<TcpSocket>();
  readonly #countOf = new Map<string, number>();
  #maxConnections: number;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#tcp = createServer({ noDelay: true }, (socket) => this.#connected(socket));
    this.#maxConnections = options.maxConnections;
    this.limitConnections(options.maxConnections);
    this.#tcp.on('drop', (dropped) => {
      const reason = `${this.#maxConnections} connections of clients, and more besides, are open, and more are not taken (max.connections)`;
      options.onTrouble(`${dropped?.remoteAddress ?? '?'}:${dropped?.remotePort ?? '?'}`, reason);
    });
    // X7, X12: deadlines and counts for what HTTP lets a stranger send.
    const { helloTimeoutMs } = options.limits;
    this.#http = createHttpServer({
      headersTimeout: helloTimeoutMs,
      requestTimeout: 10 * helloTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, helloTimeoutMs),
      maxHeaderSize: 16 * 1024,
    });
    // It never listens itself, but keeps its deadlines only from this event on.
    this.#http.emit('listening');
    this.#http.maxHeadersCount = 100;
    this.#http.on('request', (request, response) => this.#requested(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.#upgraded(request, socket, head));
    this.#http.on('clientError', (_, socket) => socket.destroy());
    this.#web = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: options.limits.maxRequestBytes,
      maxFragments: MAX_FRAGMENTS,
      // They are answered as far as the other side reads.
      autoPong: false,
      clientTracking: false,
    });
  }

  /** How many connections of clients are taken from now on; those that are open stay. */
  limitConnections(count: number): void {
    this.#maxConnections = count;
    // X7: some room above the clients' own, where a node has the time to prove that it is one, and a client to be told why it is refused.
    this.#tcp.maxConnections = count + ROOM_FOR_NODES;
  }

  /** How many are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen({ host, port }, () => {
        this.#tcp.off('error', reject);
        const address = this.#tcp.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** No new connections; those that are open get a moment to say goodbye. */
  close(): Promise<void> {
    this.#http.close();
    const dropping = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, this.#options.limits.closeTimeoutMs);
    return new Promise((resolve) => {
      this.#tcp.close(() => {
        clearTimeout(dropping);
        resolve();
      });
      this.#http.closeIdleConnections();
    });
  }

  #connected(socket: TcpSocket): void {
    // A reset of a connection is no news; whoever owns the socket hears of its end by `close`.
    socket.on('error', () => undefined);
    const address = socket.remoteAddress ?? '';
    if (this.#isCrowd(address)) {
      this.#options.onTrouble(
        nameOf(socket),
        `${this.#options.maxConnectionsPerAddress} connections from its address are open, and more are not taken (max.connections.per.ip)`,
      );
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#countOf.set(address, (this.#countOf.get(address) ?? 0) + 1);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#leave(address);
    });
    const seen: Uint8Array[] = [];
    const deadline = setTimeout(() => socket.destroy(), this.#options.limits.helloTimeoutMs);
    const look = (chunk: Uint8Array): void => {
      seen.push(chunk);
      const begun = Buffer.concat(seen);
      const protocol = protocolOf(begun);
      if (protocol === undefined) return;
      clearTimeout(deadline);
      socket.off('data', look);
      socket.pause();
      socket.unshift(begun);
      if (protocol === 'http') this.#takeHttp(socket);
      else if (protocol === 'tls') this.#refuseTls(socket);
      else this.#takeKafka(socket);
    };
    socket.on('data', look);
    socket.on('close', () => clearTimeout(deadline));
  }

  #isCrowd(address: string): boolean {
    return (this.#countOf.get(address) ?? 0) >= this.#options.maxConnectionsPerAddress;
  }

  #leave(address: string): void {
    const left = (this.#countOf.get(address) ?? 0) - 1;
    if (left > 0) this.#countOf.set(address, left);
    else this.#countOf.delete(address);
  }

  #takeHttp(socket: TcpSocket): void {
    this.#http.emit('connection', socket);
    // What was put back flows only once the parser has taken hold of the socket.
    process.nextTick(() => socket.resume());
  }

  #refuseTls(socket: TcpSocket): void {
    this.#options.onTrouble(nameOf(socket), 'it speaks TLS, which this node does not: connect without it');
    socket.end(tlsAlert, () => socket.destroy());
  }

  #takeKafka(socket: TcpSocket): void {
    const { kafka } = this.#options.doors;
    if (kafka !== undefined) {
      kafka(socket);
      return;
    }
    this.#options.onTrouble(
      nameOf(socket),
      'it speaks neither HTTP nor WebSocket, and nothing else is served',
    );
    socket.destroy();
  }

  #requested(request: IncomingMessage, response: ServerResponse): void {
    const refusal = httpRefusal(headOf(request), this.#options);
    const { http } = this.#options.doors;
    if (refusal === undefined && http !== undefined) {
      http(request, response);
      return;
    }
    const { status, text, allow } = refusal ?? nothingHere;
    const head = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
    response.writeHead(status, allow === undefined ? head : { ...head, allow });
    response.end(text);
  }

  #upgraded(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = httpRefusal(headOf(request), this.#options);
    const tcp = request.socket;
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal.status, refusal.text);
      return;
    }
    const path = pathOf(request);
    if (path !== WIRE_PATH) {
      if (this.#options.doors.upgrade?.(request, socket, head) !== true)
        refuseUpgrade(socket, 404, `There is no WebSocket at this path, but at ${WIRE_PATH}.\n`);
      return;
    }
    this.#web.handleUpgrade(request, socket, head, (web) => {
      web.on('error', () => undefined);
      this.#acceptWire(web, tcp, request);
    });
  }

  #acceptWire(web: WebSocket, tcp: TcpSocket, request: IncomingMessage): void {
    const reached = splitHost(request.headers.host);
    const socket = acceptedSocket(web, tcp, this.#options.incoming);
    const address = {
      host: reached?.name ?? tcp.localAddress ?? 'localhost',
      port: reached?.port ?? tcp.localPort ?? 0,
      from: nameOf(tcp),
    };
    socket.tell(this.#options.network.accept(socket, address));
  }
}

const nothingHere: HttpRefusal = { status: 404, text: 'This node serves nothing here.\n' };

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/';
}

function headOf(request: IncomingMessage): HttpHead {
  const { host, origin } = request.headers;
  const { method } = request;
  return { method, path: pathOf(request), host, origin, contentType: request.headers['content-type'] };
}

/** Answers an upgrade with a refusal, in words. */
export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  const reason = STATUS_CODES[status] ?? 'Refused';
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}

function nameOf(socket: TcpSocket): string {
  return `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? '?'}`;
}
