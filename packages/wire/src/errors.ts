/** Bytes from a peer that are not a message of this protocol. It costs the connection they came on, never more (X13). */
export class WireError extends Error {
  override readonly name = 'WireError';
}
