// Messages cross the virtual network as they would a real one: through the envelope's encoding and back. So no two nodes share an
// object or a byte, and a message that its schema does not allow fails in the simulator too.

import { crc32c, joinedBytes } from '@odradek/format';
import {
  type ClientAnswer,
  type ClientRequest,
  clientMessages,
  type Field,
  type PeerAnswer,
  type PeerApi,
  type PeerRequest,
  peerMessages,
} from '@odradek/model';
import { bodyOf, decodeFrame, defaultLimits, encodeFrame } from '@odradek/wire';

/** A message after its way, and the checksum of its bytes for the trace. */
export interface Carried<T> {
  readonly message: T;
  readonly crc: number;
}

/** A request whose type is known by its API's name alone. */
export interface AnyRequest {
  readonly api: PeerApi;
  readonly body: unknown;
}

/** Carries a request through its encoding. */
export function carryRequest(request: AnyRequest): Carried<PeerRequest> {
  const { api, body } = request;
  const carried = carry(peerMessages[api], 'request', body);
  // The body was decoded by the schema of this API: the pair is one of the table's.
  return { message: { api, body: carried.body } as PeerRequest, crc: carried.crc };
}

/** Carries an answer through its encoding. */
export function carryAnswer({ api, body }: PeerAnswer): Carried<PeerAnswer> {
  const carried = carry(peerMessages[api], 'response', body);
  return { message: { api, body: carried.body } as PeerAnswer, crc: carried.crc };
}

/** Carries a client's request through its encoding. */
export function carryClientRequest({ api, body }: ClientRequest): Carried<ClientRequest> {
  const carried = carry(clientMessages[api], 'request', body);
  return { message: { api, body: carried.body } as ClientRequest, crc: carried.crc };
}

/** Carries a node's answer to a client through its encoding. */
export function carryClientAnswer({ api, body }: ClientAnswer): Carried<ClientAnswer> {
  const carried = carry(clientMessages[api], 'response', body);
  return { message: { api, body: carried.body } as ClientAnswer, crc: carried.crc };
}

interface AnyPair {
  readonly id: number;
  readonly request: Field<unknown>;
  readonly response: Field<unknown>;
}

function carry(
  pair: AnyPair,
  kind: 'request' | 'response',
  body: unknown,
): { readonly body: unknown; readonly crc: number } {
  const field = pair[kind];
  const bytes = joinedBytes(encodeFrame(kind, pair.id, 0, field, body).pieces);
  return {
    body: bodyOf(decodeFrame(bytes, defaultLimits), field),
    crc: crc32c(bytes, 0, bytes.length),
  };
}
