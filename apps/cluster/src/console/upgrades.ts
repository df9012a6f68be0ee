// Which WebSockets there are besides the wire's: to watch this node, to watch another, to be a client of another.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WIRE_PATH } from '@odradek/wire';
import type { Relay } from './relay.ts';
import type { WatchDoor } from './watch-door.ts';

export interface UpgradesOptions {
  readonly nodeId: number;
  readonly watch: WatchDoor;
  readonly relay: Relay;
}

/** Takes an upgrade if it knows the path: `/watch`, `/watch/N`, `/client/N`. */
export function takeUpgrade(
  { nodeId, watch, relay }: UpgradesOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): boolean {
  const { url = '/' } = request;
  const [path = '/', query] = url.split('?');
  const [, what, node] = /^\/(watch|client)(?:\/(\d{1,10}))?$/.exec(path) ?? [];
  const id = Number(node ?? nodeId);
  if (what === 'watch' && id === nodeId) watch.take(request, socket, head);
  else if (what === 'watch') relay.take(request, socket, head, id, `/watch${safeQuery(query)}`);
  else if (what === 'client' && node !== undefined) relay.take(request, socket, head, id, WIRE_PATH);
  else return false;
  return true;
}

/** Where a stream goes on, written anew. */
function safeQuery(query: string | undefined): string {
  const given = new URLSearchParams(query ?? '');
  const stream = given.get('stream') ?? '';
  const after = given.get('after') ?? '';
  return /^[\w-]{1,64}$/.test(stream) && /^\d{1,16}$/.test(after) ? `?stream=${stream}&after=${after}` : '';
}
