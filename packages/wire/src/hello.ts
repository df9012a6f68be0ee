// Who speaks (X8). The dialler says hello, the listener greets; a node then proves its role, as the listener has in its greeting,
// by an HMAC with the cluster's secret over what both said, both nonces included. Without proof a link is a client's.

import {
  bytes,
  type Channel,
  type Compute,
  integer,
  integerOr,
  type NodeId,
  oneOf,
  type Peer,
  struct,
  text,
  type ValueOf,
} from '@odradek/model';
import { encodePlain } from './envelope.ts';

/** Of hello, heartbeats and envelopes together. */
export const PROTOCOL_VERSION = 1;

export const NONCE_BYTES = 16;

/** A node as it presents itself. */
export interface NodeIdentity extends Peer {
  readonly clusterId: string;
}

export const helloBody = struct({
  protocolVersion: integer,
  role: oneOf('client', 'node'),
  channel: oneOf<Channel>('data', 'control'),
  /** Empty: a client that takes any cluster. */
  clusterId: text,
  nodeId: integerOr(-1),
  directoryId: text,
  incarnation: text,
  nonce: bytes,
});

export const greetingBody = struct({
  protocolVersion: integer,
  clusterId: text,
  nodeId: integer,
  directoryId: text,
  incarnation: text,
  nonce: bytes,
  /** Empty towards a client. */
  proof: bytes,
});

export const proofBody = struct({ proof: bytes });
/** Ping, pong and welcome say nothing but that they came. */
export const emptyBody = struct({});

export type Hello = ValueOf<typeof helloBody>;
export type Greeting = ValueOf<typeof greetingBody>;

/** Why a hello leads nowhere: Kafka's name for it, and what would be right. */
export interface Refusal {
  readonly error: string;
  readonly message: string;
}

/** What a listener has against a hello; undefined: nothing. The proof of a node comes after it. */
export function refusalOfHello(
  hello: Hello,
  own: NodeIdentity,
  secret: Uint8Array | undefined,
): Refusal | undefined {
  if (hello.protocolVersion !== PROTOCOL_VERSION)
    return {
      error: 'UNSUPPORTED_VERSION',
      message: `protocol version ${hello.protocolVersion}; this node speaks ${PROTOCOL_VERSION}`,
    };
  if (hello.role !== 'client' && hello.role !== 'node')
    return { error: 'INVALID_REQUEST', message: 'a role must be client or node' };
  const isAnyCluster = hello.role === 'client' && hello.clusterId === '';
  if (!isAnyCluster && hello.clusterId !== own.clusterId)
    return { error: 'INCONSISTENT_CLUSTER_ID', message: `this is a node of cluster ${own.clusterId}` };
  if (hello.role === 'client') return undefined;
  if (hello.channel !== 'control' && hello.channel !== 'data')
    return { error: 'INVALID_REQUEST', message: 'a channel must be control or data' };
  if (hello.nodeId === own.id)
    return {
      error: 'DUPLICATE_BROKER_REGISTRATION',
      message: `this is node ${own.id}; another one may not have its id`,
    };
  if (hello.nonce.length !== NONCE_BYTES)
    return { error: 'INVALID_REQUEST', message: `a nonce must have ${NONCE_BYTES} bytes` };
  if (secret === undefined)
    return {
      error: 'CLUSTER_AUTHORIZATION_FAILED',
      message: 'this node has no odradek.cluster.secret.file: nobody can prove to be a node here',
    };
  return undefined;
}

/** Whom a dialler expects at an address. */
export interface Expectation {
  /** Undefined: any cluster, for a client. */
  readonly clusterId: string | undefined;
  /** Undefined: any node, for a client. */
  readonly nodeId: NodeId | undefined;
}

/** What a dialler has against a greeting; undefined: nothing. A node asks for its proof besides. */
export function refusalOfGreeting(greeting: Greeting, expected: Expectation): string | undefined {
  if (greeting.protocolVersion !== PROTOCOL_VERSION)
    return `it speaks protocol version ${greeting.protocolVersion}; this side speaks ${PROTOCOL_VERSION}`;
  if (expected.clusterId !== undefined && greeting.clusterId !== expected.clusterId)
    return `it is a node of cluster ${greeting.clusterId}, not of ${expected.clusterId}`;
  if (expected.nodeId !== undefined && greeting.nodeId !== expected.nodeId)
    return `node ${greeting.nodeId} answers there, not node ${expected.nodeId}`;
  return undefined;
}

/** Which side proves. The two proofs differ, so that neither can be sent back as the other. */
export type Side = 'dialler' | 'listener';

/** What both said, which the proofs cover. */
export interface Conversation {
  readonly hello: Hello;
  readonly greeting: Omit<Greeting, 'proof'>;
}

export function proofOf(
  compute: Pick<Compute, 'hmacSha256'>,
  secret: Uint8Array,
  side: Side,
  said: Conversation,
): Uint8Array {
  const { hello, greeting } = said;
  const signed = encodePlain([
    `odradek ${side} proof`,
    [hello.protocolVersion, hello.role, hello.channel, hello.clusterId],
    [hello.nodeId, hello.directoryId, hello.incarnation, hello.nonce],
    [greeting.protocolVersion, greeting.clusterId],
    [greeting.nodeId, greeting.directoryId, greeting.incarnation, greeting.nonce],
  ]);
  return compute.hmacSha256(secret, signed);
}

/** Compares in a time that does not tell how many bytes were right. */
export function isSame(given: Uint8Array, wanted: Uint8Array): boolean {
  let difference = given.length ^ wanted.length;
  for (let i = 0; i < wanted.length; i++) difference |= (given[i] ?? 0) ^ (wanted[i] ?? 0);
  return difference === 0;
}
