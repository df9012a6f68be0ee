// The wire's socket over the browser's WebSocket. A browser hides why a dial failed: `refused` says here only that nothing was sent, and
// so a node in a tab takes a peer that cannot be reached for dead sooner than others would.

import { joinedBytes } from '@odradek/format';
import {
  type Address,
  type Dial,
  type Socket,
  type SocketListener,
  WIRE_PATH,
  WIRE_SUBPROTOCOL,
} from '@odradek/wire';

/** Dials by WebSocket, from a page or from a worker. */
export const browserDial: Dial = (address, listener) => {
  const url = urlOf(address);
  return url === undefined ? nowhere(address, listener) : browserSocketAt(url, listener);
};

/** A socket to somebody who hands on what it carries, at an address of its own. */
export function browserSocketAt(url: string, listener: SocketListener): Socket {
  return new BrowserSocket(new WebSocket(url, WIRE_SUBPROTOCOL), listener);
}

/** Undefined when it is no address: what a peer registered, or somebody typed, is not always one. */
function urlOf({ host, port }: Address): string | undefined {
  // A page that came over TLS may dial nothing else.
  const scheme = globalThis.location?.protocol === 'https:' ? 'wss' : 'ws';
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${WIRE_PATH}`;
  return /^[\w.:%-]+$/.test(host) && port > 0 && URL.canParse(url) ? url : undefined;
}

/** X13: the browser throws at once where there is no such address; a dialler is told later, as of any other failure. */
function nowhere({ host, port }: Address, listener: SocketListener): Socket {
  const reason = `${JSON.stringify(host.slice(0, 100))} with port ${port} is no address`;
  queueMicrotask(() => listener.closed({ refused: false, reason }));
  const nothing = (): void => undefined;
  return {
    ...{ send: nothing, close: nothing, destroy: nothing, pause: nothing, resume: nothing },
    bufferedBytes: 0,
    receivedBytes: 0,
  };
}

/** Scripts may say no codes but their own: 1003, which means it, throws. */
const notBinary = 4003;

/** A close frame has room for 123 bytes of reason; what we say is ASCII. */
const longestReason = 120;

class BrowserSocket implements Socket {
  readonly #web: WebSocket;
  #receivedBytes = 0;

  constructor(web: WebSocket, listener: SocketListener) {
    this.#web = web;
    web.binaryType = 'arraybuffer';
    let isOpen = false;
    web.onopen = () => {
      isOpen = true;
      listener.opened();
    };
    web.onmessage = ({ data }) => {
      // After our goodbye it may still speak, unheard.
      if (web.readyState !== WebSocket.OPEN) return;
      if (!(data instanceof ArrayBuffer)) return web.close(notBinary, 'binary messages only');
      this.#receivedBytes += data.byteLength;
      listener.message(new Uint8Array(data));
    };
    web.onclose = ({ code, reason }) => {
      if (!isOpen) listener.closed({ refused: true, reason: 'the connection could not be opened' });
      else listener.closed({ refused: false, reason: reason === '' ? `it ended with code ${code}` : reason });
    };
  }

  get bufferedBytes(): number {
    return this.#web.bufferedAmount;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  send(pieces: readonly Uint8Array[]): void {
    if (this.#web.readyState === WebSocket.OPEN) this.#web.send(joinedBytes(pieces));
  }

  close(reason: string): void {
    this.#web.close(1000, reason.slice(0, longestReason));
  }

  /** The browser knows no other end than its own. */
  destroy(): void {
    this.#web.close();
  }

  /** A browser reads on, whatever we say. */
  pause(): void {}

  resume(): void {}
}
