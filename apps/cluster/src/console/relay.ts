// A page may speak with its own origin alone, and looks at a whole cluster: so each node hands connections on to the others. Only to
// nodes of this cluster, only WebSockets, only at two paths; the bytes pass as they are, each side as fast as the other reads.

import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from '@odradek/host-node';

export interface RelayOptions {
  /** Where a node of this cluster listens; undefined: it is none. */
  addressOf(id: number): { readonly host: string; readonly port: number } | undefined;
  /** Until it has answered. */
  readonly connectTimeoutMs?: number;
}

const mostRelays = 128;
const lastWordsMs = 1000;

export class Relay {
  readonly #options: RelayOptions & { readonly connectTimeoutMs: number };
  readonly #peers = new Set<Socket>();

  constructor(options: RelayOptions) {
    this.#options = { connectTimeoutMs: 3000, ...options };
  }

  /** Hands an upgrade on to `path` (with its query) at node `id`. Host and Origin were checked here; there they are this node's. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer, id: number, path: string): void {
    const address = this.#options.addressOf(id);
    const key = request.headers['sec-websocket-key'];
    if (address === undefined) refuseUpgrade(socket, 404, `There is no node ${id} in this cluster.\n`);
    else if (!isKey(key)) refuseUpgrade(socket, 400, 'This is no WebSocket.\n');
    else if (this.#peers.size >= mostRelays)
      refuseUpgrade(socket, 503, `${mostRelays} connections are handed on already.\n`);
    else this.#handOn(socket, head, address, upgradeOf(request, address, path, key));
  }

  close(): void {
    for (const peer of this.#peers) peer.destroy();
  }

  #handOn(socket: Duplex, head: Buffer, address: { host: string; port: number }, upgrade: string): void {
    const peer = connect({ ...address, noDelay: true, timeout: this.#options.connectTimeoutMs });
    this.#peers.add(peer);
    let isConnected = false;
    let hasAnswered = false;
    const failed = (reason: string): void => {
      if (hasAnswered) return;
      refuseUpgrade(socket, 502, `${address.host}:${address.port} does not answer: ${reason}\n`);
      peer.destroy();
    };
    peer.on('timeout', () => failed('nothing came in time'));
    peer.on('error', (error) => failed(error.message));
    peer.on('close', () => {
      this.#peers.delete(peer);
      if (isConnected) socket.end();
    });
    socket.on('close', () => peer.destroy());
    peer.on('connect', () => {
      isConnected = true;
      peer.setKeepAlive(true);
      peer.write(upgrade);
      if (head.length > 0) peer.write(head);
      socket.pipe(peer);
      peer.pipe(socket);
      // A node that stands still takes connections, and no more: until its first word the time goes on.
      peer.once('data', () => {
        hasAnswered = true;
        peer.setTimeout(0);
      });
      // Each ends the other, after a moment for the last words; why a connection broke is of no interest here.
      const over = (): void => {
        setTimeout(() => {
          peer.destroy();
          socket.destroy();
        }, lastWordsMs).unref();
      };
      socket.on('end', over);
      peer.on('end', over);
    });
  }
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && /^[A-Za-z0-9+/]{22}==$/.test(key);
}

/** A request of our own: nothing that the page wrote goes into it unchecked. */
function upgradeOf(
  request: IncomingMessage,
  { host, port }: { readonly host: string; readonly port: number },
  path: string,
  key: string,
): string {
  const protocol = request.headers['sec-websocket-protocol'];
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host.includes(':') ? `[${host}]` : host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    ...(protocol !== undefined && /^[\w.-]{1,40}$/.test(protocol)
      ? [`Sec-WebSocket-Protocol: ${protocol}`]
      : []),
    '',
    '',
  ].join('\r\n');
}
