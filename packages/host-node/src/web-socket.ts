// The wire's socket over `ws`. What goes out is framed here: `ws` takes one piece for a message, we have several, and record
// bytes are not copied together.

import { connect, type Socket as TcpSocket } from 'node:net';
import {
  type Address,
  type Dial,
  defaultLimits,
  type Socket,
  type SocketEnd,
  type SocketListener,
  WIRE_PATH,
  WIRE_SUBPROTOCOL,
} from '@odradek/wire';
import { WebSocket } from 'ws';
import { codeOf } from './disk-system.ts';
import { IncomingGuard, type IncomingLimits, incomingLimits } from './incoming-guard.ts';

/** Messages up to this size are copied out of the chunk that the system gave, or each would keep its 64 KiB alive. */
const COPIED_BYTES = 16 * 1024;

/** Pieces up to this size are sent as copies, joined with their neighbours. */
const JOINED_BYTES = 4 * 1024;

/**
 * So much of a turn goes out before its end: whoever receives it begins with it while the rest is being made. Less is not worth a system call and
 * another round.
 */
const AT_ONCE_BYTES = 48 * 1024;

/** Dials by `ws`: for nodes, and for clients on Node. */
export function createDial(maxFrameBytes = defaultLimits.maxFrameBytes): Dial {
  return (address, listener) => dial(address, listener, maxFrameBytes);
}

function dial(address: Address, listener: SocketListener, maxFrameBytes: number): Socket {
  const url = urlOf(address);
  if (url === undefined) return nowhere(address, listener);
  const tcp = connect({ host: address.host, port: address.port, keepAlive: true });
  const web = new WebSocket(url, WIRE_SUBPROTOCOL, {
    createConnection: () => tcp,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    // Masks guard proxies against scripts in web pages; a program has no need of them, and zeros cost nothing.
    generateMask: (mask) => mask.fill(0),
  });
  const socket = new WsSocket(web, tcp, undefined);
  socket.tell(listener);
  return socket;
}

/** Undefined when it is no address: what a peer registered, or a user typed, is not always one. */
function urlOf({ host, port }: Address): string | undefined {
  const url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}${WIRE_PATH}`;
  return /^[\w.:%-]+$/.test(host) && port > 0 && URL.canParse(url) ? url : undefined;
}

/** X13: Node throws at once where there is no such address; a dialler is told later, as of any other failure. */
function nowhere({ host, port }: Address, listener: SocketListener): Socket {
  const reason = `${JSON.stringify(host.slice(0, 100))} with port ${port} is no address`;
  setImmediate(() => listener.closed({ refused: false, reason }));
  const nothing = (): void => undefined;
  return {
    ...{ send: nothing, close: nothing, destroy: nothing, pause: nothing, resume: nothing },
    bufferedBytes: 0,
    receivedBytes: 0,
  };
}

/** A socket that was dialled to us. */
export function acceptedSocket(web: WebSocket, tcp: TcpSocket, limits = incomingLimits): WsSocket {
  tcp.setKeepAlive(true);
  return new WsSocket(web, tcp, limits);
}

export class WsSocket implements Socket {
  readonly #web: WebSocket;
  readonly #tcp: TcpSocket;
  readonly #isDialler: boolean;
  readonly #guard: IncomingGuard | undefined;
  #failure: SocketEnd | undefined;
  /** Of this turn, in order: messages of one turn go out together, since a system call costs more than what most of them say. */
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  readonly #flush = (): void => this.#sendOutgoing();

  /** `guarded`: it was dialled to us, by a stranger. */
  constructor(web: WebSocket, tcp: TcpSocket, guarded: IncomingLimits | undefined) {
    this.#web = web;
    this.#tcp = tcp;
    this.#isDialler = guarded === undefined;
    if (guarded !== undefined)
      this.#guard = new IncomingGuard(web, tcp, guarded, (reason) => this.#hangUp(reason));
  }

  get bufferedBytes(): number {
    return this.#tcp.writableLength + this.#outgoingBytes;
  }

  get receivedBytes(): number {
    return this.#tcp.bytesRead;
  }

  send(pieces: readonly Uint8Array[]): void {
    if (this.#web.readyState !== WebSocket.OPEN) return;
    let size = 0;
    for (const piece of pieces) size += piece.length;
    if (this.#outgoing.length === 0) process.nextTick(this.#flush);
    const header = frameHeader(size, this.#isDialler);
    this.#outgoing.push(header, ...pieces);
    this.#outgoingBytes += header.length + size;
    if (this.#outgoingBytes >= AT_ONCE_BYTES) this.#sendOutgoing();
  }

  #sendOutgoing(): void {
    const pieces = this.#outgoing;
    if (pieces.length === 0) return;
    this.#outgoing = [];
    this.#outgoingBytes = 0;
    if (this.#web.readyState !== WebSocket.OPEN) return;
    const chunks = withSmallOnesJoined(pieces);
    if (chunks.length > 1) this.#tcp.cork();
    for (const chunk of chunks) this.#tcp.write(chunk);
    if (chunks.length > 1) this.#tcp.uncork();
  }

  close(reason: string): void {
    this.#sendOutgoing();
    this.#web.close(1000, shortened(reason));
  }

  destroy(): void {
    this.#web.terminate();
  }

  pause(): void {
    this.#web.pause();
  }

  resume(): void {
    this.#guard?.forget();
    this.#web.resume();
  }

  /** From now on tells what happens. */
  tell(listener: SocketListener): void {
    this.#web.on('open', () => listener.opened());
    this.#web.on('message', (data, isBinary) => {
      this.#guard?.spoke();
      // After our goodbye it may still speak, unheard.
      if (this.#web.readyState !== WebSocket.OPEN) return;
      const bytes = bytesOf(data);
      if (isBinary && bytes !== undefined) listener.message(bytes);
      else this.#web.close(1003, 'binary messages only');
    });
    this.#tcp.on('drain', () => listener.drained());
    this.#web.on('error', (error) => {
      const refused = codeOf(error) === 'ECONNREFUSED';
      this.#failure ??= {
        refused,
        reason: error.message === '' ? (codeOf(error) ?? 'failed') : error.message,
      };
    });
    this.#web.on('close', (code, reason) => {
      const said = reason.length > 0 ? reason.toString() : `it ended with code ${code}`;
      listener.closed(this.#failure ?? { refused: false, reason: said });
    });
  }

  #hangUp(reason: string): void {
    this.#failure ??= { refused: false, reason };
    this.#web.terminate();
  }
}

function bytesOf(data: WebSocket.RawData): Uint8Array | undefined {
  if (!(data instanceof Uint8Array)) return undefined;
  // A plain view: the slice of a Buffer means something else than that of a Uint8Array.
  if (data.length > COPIED_BYTES) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  return new Uint8Array(data);
}

/** Heads, envelopes and short records are copied together: each chunk that the system is given costs more than its copy. */
function withSmallOnesJoined(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let first = 0;
  const joinUpTo = (end: number): void => {
    if (end > first) chunks.push(Buffer.concat(pieces.slice(first, end)));
  };
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at];
    if (piece === undefined || piece.length <= JOINED_BYTES) continue;
    joinUpTo(at);
    chunks.push(piece);
    first = at + 1;
  }
  joinUpTo(pieces.length);
  return chunks;
}

/** The head of one whole binary message (RFC 6455, 5.2); a dialler's has a mask, of zeros. */
export function frameHeader(size: number, isMasked: boolean): Uint8Array {
  const sizeBytes = size > 0xffff ? 8 : size > 125 ? 2 : 0;
  const header = new Uint8Array(2 + sizeBytes + (isMasked ? 4 : 0));
  header[0] = 0x82;
  header[1] = (isMasked ? 0x80 : 0) | (sizeBytes === 8 ? 127 : sizeBytes === 2 ? 126 : size);
  for (let at = 1 + sizeBytes, rest = size; at >= 2; at--, rest = Math.floor(rest / 256)) header[at] = rest;
  return header;
}

/** The reason in a close frame has 123 bytes at most. */
function shortened(reason: string): string {
  return Buffer.from(reason).subarray(0, 120).toString().replace(/�+$/, '');
}
