// What every modern JavaScript platform offers, as the ports of a client: in Node and in browsers alike.

import { crc32c, joinedBytes } from '@odradek/format';
import {
  type Clock,
  type Compute,
  type InflateDone,
  InvariantError,
  inflateInSlices,
  invariant,
  type Random,
  type TimerHandle,
} from '@odradek/model';
import type { Address, Dial, Socket, SocketListener } from '@odradek/wire';

export const platformClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimeout: (callback, delayMs): TimerHandle => setTimeout(callback, delayMs),
  clearTimeout(handle) {
    // What was given out came from setTimeout above.
    clearTimeout(handle as ReturnType<typeof setTimeout>);
  },
};

export const platformRandom: Random = {
  below: (bound) => Math.floor(Math.random() * bound),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/**
 * Gzip by the platform's streams; snappy, lz4 and the checksum in JavaScript. A host that has faster ones hands them in; no browser
 * has zstd.
 */
export const platformCompute: Compute = {
  crc32c: (bytes, start, end) => crc32c(bytes, start, end),
  hmacSha256() {
    throw new InvariantError('a client proves no role: it has no secret to make a proof with');
  },
  deflate(codec, bytes, done) {
    invariant(codec === 'gzip', `the platform compresses by gzip only, not by ${codec}`);
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
    void new Response(stream).arrayBuffer().then((buffer) => done(new Uint8Array(buffer)));
  },
  inflate(codec, bytes, maxBytes, done) {
    if (codec === 'gzip') void gunzip(bytes, maxBytes).then(done);
    else if (codec === 'snappy' || codec === 'lz4')
      inflateInSlices(codec, bytes, maxBytes, (slice) => void setTimeout(slice, 0), done);
    else queueMicrotask(() => done({ error: 'UNSUPPORTED' }));
  },
};

/** Inflates piece by piece, and stops as soon as it is too much (X5). */
async function gunzip(bytes: Uint8Array, maxBytes: number): Promise<Parameters<InflateDone>[0]> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('gzip'));
    for await (const piece of stream) {
      size += piece.length;
      if (size > maxBytes) return { error: 'TOO_LARGE' };
      pieces.push(piece);
    }
  } catch {
    return { error: 'CORRUPT' };
  }
  return joinedBytes(pieces);
}

/** Where brokers speak the wire's protocol. */
const WIRE_PATH = '/wire';
const SUBPROTOCOL = 'odradek';

/** Sockets by the platform's own WebSocket. */
export const platformSocket: Dial = (address, listener) => new PlatformSocket(address, listener);

class PlatformSocket implements Socket {
  readonly #web: WebSocket;
  receivedBytes = 0;

  constructor(address: Address, listener: SocketListener) {
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    this.#web = new WebSocket(`ws://${host}:${address.port}${WIRE_PATH}`, SUBPROTOCOL);
    this.#web.binaryType = 'arraybuffer';
    let isOpen = false;
    this.#web.onopen = () => {
      isOpen = true;
      listener.opened();
    };
    this.#web.onmessage = ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return this.#web.close(1003, 'only binary messages are understood');
      this.receivedBytes += data.byteLength;
      listener.message(new Uint8Array(data));
    };
    this.#web.onclose = ({ code, reason }) => {
      // The platform hides why a dial failed. To a client `refused` says only that nothing was sent.
      if (isOpen) listener.closed({ refused: false, reason: reason === '' ? `closed (${code})` : reason });
      else listener.closed({ refused: true, reason: 'the connection could not be opened' });
    };
  }

  get bufferedBytes(): number {
    return this.#web.bufferedAmount;
  }

  send(pieces: readonly Uint8Array[]): void {
    if (this.#web.readyState !== WebSocket.OPEN) return;
    this.#web.send(joinedBytes(pieces));
  }

  close(reason: string): void {
    this.#web.close(1000, reason.slice(0, 40));
  }

  /** The platform knows no other end than its own. */
  destroy(): void {
    this.#web.close();
  }

  pause(): void {}

  resume(): void {}
}
