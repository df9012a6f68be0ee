// Odradek's own protocol: envelopes, proof of role, links and sessions.

export {
  bodyOf,
  decodeFrame,
  type EncodedFrame,
  encodeFrame,
  type Frame,
  type FrameKind,
  frameKinds,
  MESSAGE_VERSION,
  refusedBody,
} from './envelope.ts';
export { WireError } from './errors.ts';
export { backOffMs, defaultLimits, type FrameLimits, type WireLimits } from './limits.ts';
export type { Address, Dial, Socket, SocketEnd, SocketListener } from './socket.ts';
