// Which API a number means, for peers and for clients.

import { type ClientApi, clientMessages, type Field, type PeerApi, peerMessages } from '@odradek/model';

/** An API as the door needs it: bodies are checked by these fields, whatever their types. */
export interface ApiEntry<Api extends string> {
  readonly api: Api;
  readonly id: number;
  readonly request: Field<unknown>;
  readonly response: Field<unknown>;
}

export const peerApis: ReadonlyMap<number, ApiEntry<PeerApi>> = byId<PeerApi>(peerMessages);
export const clientApis: ReadonlyMap<number, ApiEntry<ClientApi>> = byId<ClientApi>(clientMessages);

type Table<Api extends string> = Readonly<Record<Api, Omit<ApiEntry<Api>, 'api'>>>;

function byId<Api extends string>(table: Table<Api>): ReadonlyMap<number, ApiEntry<Api>> {
  const entries = new Map<number, ApiEntry<Api>>();
  for (const api in table) {
    const { id, request, response } = table[api];
    entries.set(id, { api, id, request, response });
  }
  return entries;
}
