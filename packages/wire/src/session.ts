// A session: the dialled side of a connection, from a node or a client. The machine decides; here are its socket, its frames and
// the requests that are being answered.

import type {
  ClientContext,
  ClientHandler,
  ClientRequest,
  Clock,
  Compute,
  Field,
  Peer,
  PeerHandler,
  PeerRequest,
  Random,
} from '@odradek/model';
import type { ActorRefFrom } from 'xstate';
import { type ApiEntry, clientApis, peerApis } from './api-tables.ts';
import {
  bodyOf,
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameKind,
  MESSAGE_VERSION,
  refusedBody,
} from './envelope.ts';
import { WireError } from './errors.ts';
import {
  emptyBody,
  greetingBody,
  type Hello,
  helloBody,
  isSame,
  NONCE_BYTES,
  type NodeIdentity,
  PROTOCOL_VERSION,
  proofBody,
  proofOf,
  type Refusal,
  refusalOfHello,
} from './hello.ts';
import type { WireLimits } from './limits.ts';
import type { Burdened, ServingLoad } from './serving-load.ts';
import { type SessionHost, type SessionRole, sessionMachine } from './session.machine.ts';
import type { Socket, SocketListener } from './socket.ts';
import type { WireSystem } from './system.ts';

/** What sessions are made of, and whom they tell. */
export interface SessionParts {
  readonly system: WireSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly compute: Compute;
  readonly limits: WireLimits;
  readonly identity: NodeIdentity;
  readonly secret: Uint8Array | undefined;
  /** Of all clients together. */
  readonly load: ServingLoad;
  /** How many clients are served now. */
  readonly clientCount: () => number;
  /** How many may be; it changes while the node runs. */
  readonly maxClients: () => number;
  /** Who answers; undefined: nobody yet. */
  readonly peerHandler: () => PeerHandler | undefined;
  readonly clientHandler: () => ClientHandler | undefined;
  /** A node is served from now on. */
  readonly onServing: (session: Session) => void;
  readonly onClient: (session: Session) => void;
  readonly onClosed: (session: Session) => void;
  /** Something was refused, for a log. */
  readonly onRefused: (session: Session, reason: string) => void;
}

export class Session implements Burdened {
  readonly id: string;
  readonly context: ClientContext;
  /** The address at the other end, where it is known. */
  readonly from: string | undefined;
  /** What the socket tells. */
  readonly listener: SocketListener;
  /** The node at the other end, once it has proved that; of a client undefined. */
  peer: Peer | undefined;
  hello: Hello | undefined;
  readonly #parts: SessionParts;
  readonly #socket: Socket;
  readonly #actor: ActorRefFrom<typeof sessionMachine>;
  readonly #nonce: Uint8Array;
  #phase: 'hello' | 'proof' | 'serving' | 'over' = 'hello';
  #serving = 0;
  #servingBytes = 0;
  #isPaused = false;
  /** At the last look: what had come in, and what had been taken of what we sent. */
  #lastReceived = 0;
  #lastTaken = 0;
  #sentBytes = 0;

  constructor(parts: SessionParts, id: string, socket: Socket, context: ClientContext, from?: string) {
    this.#parts = parts;
    this.id = id;
    this.context = context;
    this.from = from;
    this.#socket = socket;
    this.#nonce = parts.random.bytes(NONCE_BYTES);
    this.listener = {
      opened: () => undefined,
      message: (bytes) => this.#receive(bytes),
      drained: () => this.#balance(),
      closed: (end) => this.#actor.send({ type: 'socket lost', end }),
    };
    this.#actor = parts.system.spawn(sessionMachine, id, { host: this.#host() });
  }

  /** The machine, for whoever watches. */
  get actor(): ActorRefFrom<typeof sessionMachine> {
    return this.#actor;
  }

  roomAgain(): void {
    this.#balance();
  }

  close(reason: string): void {
    this.#actor.send({ type: 'close', reason });
  }

  #host(): SessionHost {
    const { limits } = this.#parts;
    return {
      greet: () => this.#greet(),
      welcome: () => {
        this.#phase = 'serving';
        if (this.peer === undefined) this.#parts.onClient(this);
        this.#send('welcome', 0, 0, emptyBody, {});
        this.#look();
      },
      refuse: (refusal) => this.#refuse(0, 0, refusal),
      reportLinked: () => this.#parts.onServing(this),
      endService: () => this.#end(),
      countRefusedRequest: () => this.#parts.onRefused(this, 'a client asked what only a node may ask'),
      isAlive: () => this.#isAlive(),
      look: () => this.#look(),
      hangUp: (reason) => {
        this.#end();
        this.#parts.onRefused(this, reason);
        this.#socket.close(reason);
      },
      drop: () => this.#socket.destroy(),
      forget: () => {
        this.#end();
        this.#parts.system.forget(this.id);
        this.#parts.onClosed(this);
      },
      heartbeatMs: (role) => (role === 'node' ? limits.heartbeatMs : limits.clientHeartbeatMs),
      helloTimeoutMs: limits.helloTimeoutMs,
      closeTimeoutMs: limits.closeTimeoutMs,
      missedHeartbeats: limits.missedHeartbeats,
    };
  }

  /** What it had asked may still be answered, but it is heard no more. */
  #end(): void {
    this.#phase = 'over';
    this.#parts.load.forget(this);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#phase === 'over') return;
    try {
      this.#take(bytes);
    } catch (error) {
      // What a handler throws is a bug and stops the node; what the bytes are wrong with stops this connection (X13).
      if (!(error instanceof WireError)) throw error;
      this.#actor.send({ type: 'frame refused', reason: error.message });
    }
  }

  #take(bytes: Uint8Array): void {
    const { limits } = this.#parts;
    if (this.#phase === 'serving') {
      this.#serve(decodeFrame(bytes, limits, limits.maxRequestBytes), bytes.length);
      return;
    }
    const frame = decodeFrame(bytes, limits, limits.maxGreetingBytes);
    if (this.#phase === 'hello' && frame.kind === 'hello') this.#takeHello(bodyOf(frame, helloBody));
    else if (this.#phase === 'proof' && frame.kind === 'proof')
      this.#takeProof(bodyOf(frame, proofBody).proof);
    else throw new WireError(`a ${frame.kind} before the end of the hello`);
  }

  #takeHello(hello: Hello): void {
    const { identity, secret } = this.#parts;
    const role: SessionRole = hello.role === 'node' ? 'node' : 'client';
    this.hello = hello;
    this.#phase = 'proof';
    const refusal = refusalOfHello(hello, identity, secret) ?? this.#refusalOfCrowd(role);
    this.#actor.send({ type: 'hello', role, refusal });
  }

  /** X7: strangers may fill the room for clients; nodes have their own. */
  #refusalOfCrowd(role: SessionRole): Refusal | undefined {
    const maxClients = this.#parts.maxClients();
    if (role === 'node' || this.#parts.clientCount() < maxClients) return undefined;
    const message = `${maxClients} clients are connected, and more are not taken (max.connections)`;
    return { error: 'BROKER_NOT_AVAILABLE', message };
  }

  #takeProof(proof: Uint8Array): void {
    const wanted = this.#proof('dialler');
    const isRight = wanted !== undefined && isSame(proof, wanted);
    if (isRight && this.hello !== undefined) {
      const { nodeId: id, directoryId, incarnation } = this.hello;
      this.peer = { id, directoryId, incarnation };
    }
    this.#actor.send({ type: 'proof', isRight });
  }

  #greet(): void {
    const proof = this.hello?.role === 'node' ? this.#proof('listener') : undefined;
    this.#send('greeting', 0, 0, greetingBody, { ...this.#presented(), proof: proof ?? new Uint8Array(0) });
  }

  #presented() {
    const { clusterId, id, directoryId, incarnation } = this.#parts.identity;
    const protocolVersion = PROTOCOL_VERSION;
    return { protocolVersion, clusterId, nodeId: id, directoryId, incarnation, nonce: this.#nonce };
  }

  #proof(side: 'dialler' | 'listener'): Uint8Array | undefined {
    const { secret, compute } = this.#parts;
    if (secret === undefined || this.hello === undefined) return undefined;
    return proofOf(compute, secret, side, { hello: this.hello, greeting: this.#presented() });
  }

  #serve(frame: Frame, byteLength: number): void {
    if (frame.kind === 'ping') this.#send('pong', 0, 0, emptyBody, {});
    else if (frame.kind !== 'request') throw new WireError(`a ${frame.kind} on a session that serves`);
    else if (this.peer !== undefined) this.#servePeer(this.peer, frame);
    else this.#serveClient(frame, byteLength);
    this.#balance();
  }

  #servePeer(peer: Peer, frame: Frame): void {
    const entry = peerApis.get(frame.api);
    if (!this.#isServed(entry, frame)) return;
    const handler = this.#parts.peerHandler();
    // Until there is a node that answers, peers are not answered: they ask again.
    if (handler === undefined) return;
    const request = { api: entry.api, body: bodyOf(frame, entry.request) } as PeerRequest;
    const { maxRequests } = this.#parts.limits;
    if (this.#serving >= maxRequests)
      throw new WireError(`more than ${maxRequests} requests wait for an answer`);
    this.#serving += 1;
    const answer = this.#answerOnce(frame, entry);
    handler.handle(peer, request, (response) => {
      if (answer(response.body)) this.#serving -= 1;
    });
  }

  #serveClient(frame: Frame, byteLength: number): void {
    const entry = clientApis.get(frame.api);
    const peerEntry = peerApis.get(frame.api);
    if (entry === undefined && peerEntry !== undefined) {
      this.#actor.send({ type: 'peer API refused', api: peerEntry.api });
      const message = `${peerEntry.api} is for nodes of the cluster only; this connection is a client's`;
      this.#refuse(frame.api, frame.correlationId, { error: 'CLUSTER_AUTHORIZATION_FAILED', message });
      return;
    }
    if (!this.#isServed(entry, frame)) return;
    const handler = this.#parts.clientHandler();
    if (handler === undefined) {
      const message = 'this node is starting and does not serve clients yet';
      this.#refuse(frame.api, frame.correlationId, { error: 'BROKER_NOT_AVAILABLE', message });
      return;
    }
    const request = { api: entry.api, body: bodyOf(frame, entry.request) } as ClientRequest;
    this.#serving += 1;
    this.#servingBytes += byteLength;
    this.#parts.load.add(byteLength);
    const answer = this.#answerOnce(frame, entry);
    handler.handle(this.context, request, (response) => {
      if (answer(response.body)) this.#served(byteLength);
    });
  }

  #served(byteLength: number): void {
    this.#serving -= 1;
    this.#servingBytes -= byteLength;
    this.#parts.load.remove(byteLength);
    this.#balance();
  }

  #isServed<Api extends string>(entry: ApiEntry<Api> | undefined, frame: Frame): entry is ApiEntry<Api> {
    if (entry !== undefined && frame.version === MESSAGE_VERSION) return true;
    const message =
      entry === undefined
        ? `API ${frame.api} is not known here`
        : `${entry.api} version ${frame.version}; this node speaks ${MESSAGE_VERSION}`;
    this.#refuse(frame.api, frame.correlationId, { error: 'UNSUPPORTED_VERSION', message });
    return false;
  }

  /** Returns whether it was the first answer. */
  #answerOnce(frame: Frame, entry: ApiEntry<string>): (body: unknown) => boolean {
    let isAnswered = false;
    return (body) => {
      if (isAnswered) return false;
      isAnswered = true;
      if (this.#phase === 'serving')
        this.#send('response', frame.api, frame.correlationId, entry.response, body);
      return true;
    };
  }

  #refuse(api: number, correlationId: number, refusal: Refusal): void {
    this.#send('refusal', api, correlationId, refusedBody, refusal);
  }

  #send<T>(kind: FrameKind, api: number, correlationId: number, field: Field<T>, body: T): void {
    const frame = encodeFrame(kind, api, correlationId, field, body);
    this.#sentBytes += frame.byteLength;
    this.#socket.send(frame.pieces);
    if (this.#socket.bufferedBytes > this.#parts.limits.maxBufferedBytesHard)
      this.#actor.send({ type: 'overloaded' });
  }

  /** E4, X7: who takes no answers, or asks too much at once, is not read until it is better. */
  #balance(): void {
    const { load } = this.#parts;
    const isCrowded = this.peer === undefined && load.isFull;
    if (isCrowded && this.#phase === 'serving') load.hold(this);
    const isTooMuch = isCrowded || this.#hasEnough();
    if (isTooMuch === this.#isPaused) return;
    this.#isPaused = isTooMuch;
    if (isTooMuch) this.#socket.pause();
    else this.#socket.resume();
  }

  #hasEnough(): boolean {
    const { maxServing, maxUnansweredBytes, maxBufferedBytes } = this.#parts.limits;
    if (this.#socket.bufferedBytes > maxBufferedBytes) return true;
    // A node is never held up by what it waits for itself: it asks more while long polls lie here.
    if (this.peer !== undefined) return false;
    return this.#serving >= maxServing || this.#servingBytes > maxUnansweredBytes;
  }

  get #takenBytes(): number {
    return this.#sentBytes - this.#socket.bufferedBytes;
  }

  /** While we do not read it, its silence means nothing; that it takes our answers does. */
  #isAlive(): boolean {
    const isTaking = this.#socket.bufferedBytes === 0 || this.#takenBytes !== this.#lastTaken;
    return isTaking && (this.#isPaused || this.#socket.receivedBytes !== this.#lastReceived);
  }

  #look(): void {
    this.#lastReceived = this.#socket.receivedBytes;
    this.#lastTaken = this.#takenBytes;
  }
}
