// A client whose every connection goes through the broker that is the page's way in: a page may speak with nobody else.

import { type Client, createClient } from '@odradek/client';
import { browserSocketAt } from '@odradek/host-browser';
import type { Address, SocketListener } from '@odradek/wire';
import { addressBeside, type Place } from './place.ts';

/** `place`: the way in, which may change; `nodeAt`: the node that listens at an address. */
export function relayedClient(place: () => Place, nodeAt: (address: Address) => number | undefined): Client {
  const { hostname, port, protocol } = new URL(place().href);
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return createClient({
    bootstrap: [`${hostname}:${ownPort}`],
    socket: (address, listener: SocketListener) =>
      browserSocketAt(addressBeside(place(), `client/${nodeAt(address) ?? ''}`).href, listener),
  });
}
