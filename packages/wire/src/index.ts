// Odradek's own protocol: envelopes, proof of role, links and sessions.

export {
  type ClientLink,
  type ClientLinks,
  type ClientLinksOptions,
  createClientLinks,
} from './client-link.ts';
export {
  bodyOf,
  decodeFrame,
  type EncodedBody,
  type EncodedFrame,
  encodeBody,
  encodeFrame,
  type Frame,
  type FrameKind,
  frameKinds,
  MESSAGE_VERSION,
  refusedBody,
} from './envelope.ts';
export { WireError } from './errors.ts';
export type { Plain, RunSource } from './field-codec.ts';
export {
  emptyBody,
  greetingBody,
  helloBody,
  isSame,
  NONCE_BYTES,
  type NodeIdentity,
  PROTOCOL_VERSION,
  proofBody,
  proofOf,
} from './hello.ts';
export { backOffMs, defaultLimits, type FrameLimits, type WireLimits } from './limits.ts';
export { linkMachine } from './link.machine.ts';
export {
  createPeerNetwork,
  type PeerNetwork,
  type PeerNetworkOptions,
  type Reached,
} from './peer-network.ts';
export type { LinkReply } from './requests.ts';
export { sessionMachine } from './session.machine.ts';
export {
  type Address,
  type Dial,
  type Socket,
  type SocketEnd,
  type SocketListener,
  WIRE_PATH,
  WIRE_SUBPROTOCOL,
} from './socket.ts';
