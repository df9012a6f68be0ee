// Messages cross the virtual network as they would a real one: through the envelope's encoding and back. So no two nodes share an
// object or a byte, and a message that its schema does not allow fails in the simulator too.

import { crc32c } from '@odradek/format';
import { type Field, type PeerAnswer, type PeerApi, type PeerRequest, peerMessages } from '@odradek/model';
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
  const { body, crc } = carry(request.api, 'request', request.body);
  // The body was decoded by the schema of this API: the pair is one of the table's.
  return { message: { api: request.api, body } as PeerRequest, crc };
}

/** Carries an answer through its encoding. */
export function carryAnswer(answer: PeerAnswer): Carried<PeerAnswer> {
  const { body, crc } = carry(answer.api, 'response', answer.body);
  return { message: { api: answer.api, body } as PeerAnswer, crc };
}

function carry(
  api: PeerApi,
  kind: 'request' | 'response',
  body: unknown,
): { readonly body: unknown; readonly crc: number } {
  const pair = peerMessages[api];
  const field: Field<unknown> = kind === 'request' ? pair.request : pair.response;
  const { pieces, byteLength } = encodeFrame(kind, pair.id, 0, field, body);
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return {
    body: bodyOf(decodeFrame(bytes, defaultLimits), field),
    crc: crc32c(bytes, 0, bytes.length),
  };
}
