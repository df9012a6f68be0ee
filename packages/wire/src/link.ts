// A link: the dialling side of a connection to one node. The machine decides; here are its socket, its frames and its requests.

import type { Clock, Compute, Field, MessagePair, NetworkFailure, Random, TimerHandle } from '@odradek/model';
import type { ActorRefFrom } from 'xstate';
import { bodyOf, decodeFrame, encodeFrame, type Frame, type FrameKind, refusedBody } from './envelope.ts';
import { WireError } from './errors.ts';
import {
  type Expectation,
  emptyBody,
  type Greeting,
  greetingBody,
  type Hello,
  helloBody,
  isSame,
  NONCE_BYTES,
  PROTOCOL_VERSION,
  proofBody,
  proofOf,
  refusalOfGreeting,
} from './hello.ts';
import { backOffMs, type WireLimits } from './limits.ts';
import { type LinkHost, linkMachine } from './link.machine.ts';
import { type LinkReply, Requests } from './requests.ts';
import type { Address, Dial, Socket, SocketListener } from './socket.ts';
import type { WireSystem } from './system.ts';

/** What links are made of. */
export interface LinkParts {
  readonly system: WireSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly compute: Compute;
  readonly dial: Dial;
  readonly limits: WireLimits;
}

export interface LinkOptions {
  /** The actor's id. */
  readonly id: string;
  readonly address: Address;
  /** Who we are; the nonce is added. */
  readonly hello: Omit<Hello, 'protocolVersion' | 'nonce'>;
  readonly expected: Expectation;
  /** A node's; a client has none and proves nothing. */
  readonly secret: Uint8Array | undefined;
  /** Dialled again without being asked, for the evidence. */
  readonly isKept: boolean;
  readonly onReached?: () => void;
  readonly onRefused?: () => void;
  /** Why the link has been given up, for a log. */
  readonly onGivenUp?: (detail: string) => void;
}

export class Link {
  readonly #parts: LinkParts;
  readonly #options: LinkOptions;
  readonly #requests: Requests;
  readonly #actor: ActorRefFrom<typeof linkMachine>;
  #address: Address;
  #socket: Socket | undefined;
  /** Closes the socket, and drops it if it does not follow. */
  #letGo: ((reason: string) => void) | undefined;
  #hello: Hello | undefined;
  #greeting: Greeting | undefined;
  #isOpen = false;
  #isClosed = false;
  /** What was reported last: a node that stays away is no news at every dial. */
  #trouble: string | undefined;
  #heardBytes = 0;
  /** Heartbeats in a row that were passed over. */
  #restedBeats = 0;

  constructor(parts: LinkParts, options: LinkOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#address = options.address;
    this.#requests = new Requests(parts.clock, parts.limits, (pieces) => this.#socket?.send(pieces));
    this.#actor = parts.system.spawn(linkMachine, options.id, { host: this.#host() });
  }

  /** The machine, for whoever watches. */
  get actor(): ActorRefFrom<typeof linkMachine> {
    return this.#actor;
  }

  get isUp(): boolean {
    return this.#isOpen;
  }

  get address(): Address {
    return this.#address;
  }

  /** Bytes of requests that were sent and have no answer. */
  get unansweredBytes(): number {
    return this.#requests.unansweredBytes;
  }

  /** Asks the node; dials first if need be. */
  request<Request, Response>(
    pair: MessagePair<Request, Response>,
    body: Request,
    timeoutMs: number,
    done: (reply: LinkReply<Response>) => void,
  ): void {
    if (this.#isClosed) {
      const closed = { outcome: 'failed', reason: 'closed', detail: 'the link was closed' } as const;
      this.#parts.clock.setTimeout(() => done(closed), 0);
      return;
    }
    this.#requests.add(pair, body, timeoutMs, done);
    if (this.#requests.isOverloaded)
      // Later: giving up fails other requests, whose callbacks must not come from within this order.
      this.#parts.clock.setTimeout(() => this.#actor.send({ type: 'overloaded' }), 0);
    if (!this.#isOpen) this.#actor.send({ type: 'wanted' });
  }

  /** Dials at once instead of waiting for a request or for the end of the back-off. */
  dialNow(): void {
    this.#actor.send({ type: 'dial now' });
  }

  /** The node listens elsewhere now. */
  moveTo(address: Address): void {
    if (address.host === this.#address.host && address.port === this.#address.port) return;
    this.#address = address;
    this.#actor.send({ type: 'address changed' });
  }

  close(): void {
    this.#isClosed = true;
    this.#actor.send({ type: 'close' });
  }

  #host(): LinkHost {
    const { random, limits } = this.#parts;
    return {
      dial: () => this.#dial(),
      sayHello: () => this.#sayHello(),
      prove: () => this.#prove(),
      open: () => {
        this.#isOpen = true;
        this.#trouble = undefined;
        this.#requests.open();
      },
      giveUp: (failure, detail) => this.#giveUp(failure, detail),
      reportRefused: () => this.#options.onRefused?.(),
      reportReached: () => this.#options.onReached?.(),
      sendHeartbeat: () => {
        this.#look();
        this.#restedBeats = 0;
        this.#send('ping', emptyBody, {});
      },
      ping: () => this.#send('ping', emptyBody, {}),
      isIdle: () => this.#isIdle(),
      rest: () => {
        this.#look();
        this.#restedBeats += 1;
      },
      hasHeard: () => (this.#socket?.receivedBytes ?? 0) !== this.#heardBytes,
      isWanted: () => this.#options.isKept || this.#requests.waitingCount > 0,
      backOffMs: (failures) => backOffMs(failures, random.below(chances) / chances, limits),
      connectTimeoutMs: limits.connectTimeoutMs,
      helloTimeoutMs: limits.helloTimeoutMs,
      heartbeatMs: limits.heartbeatMs,
      missedHeartbeats: limits.missedHeartbeats,
    };
  }

  #look(): void {
    this.#heardBytes = this.#socket?.receivedBytes ?? 0;
  }

  /** E8: ten thousand clients that ask nothing must not cost their node twenty thousand pings a second. Now and then each says that it is there. */
  #isIdle(): boolean {
    const { heartbeatMs, clientHeartbeatMs } = this.#parts.limits;
    const isDue = (this.#restedBeats + 1) * heartbeatMs >= clientHeartbeatMs;
    return !this.#options.isKept && this.#requests.isIdle && !isDue;
  }

  #dial(): void {
    const { clock, limits } = this.#parts;
    let isOver = false;
    let dropping: TimerHandle | undefined;
    const isCurrent = (): boolean => this.#socket === socket;
    const listener: SocketListener = {
      opened: () => {
        if (isCurrent()) this.#actor.send({ type: 'socket opened' });
      },
      message: (bytes) => {
        if (isCurrent()) this.#receive(bytes);
      },
      drained: () => undefined,
      closed: (end) => {
        isOver = true;
        if (dropping !== undefined) clock.clearTimeout(dropping);
        if (isCurrent()) this.#actor.send({ type: 'socket lost', end });
      },
    };
    // A listener is never called from within `dial`, so `socket` is there when it is.
    const socket = this.#parts.dial(this.#address, listener);
    this.#socket = socket;
    this.#heardBytes = 0;
    this.#letGo = (reason) => {
      if (isOver) return;
      socket.close(reason);
      dropping = clock.setTimeout(() => socket.destroy(), limits.closeTimeoutMs);
    };
  }

  #giveUp(failure: NetworkFailure, detail: string): void {
    const letGo = this.#letGo;
    this.#letGo = undefined;
    this.#socket = undefined;
    this.#isOpen = false;
    letGo?.(detail);
    if (detail !== this.#trouble && failure !== 'closed') this.#options.onGivenUp?.(detail);
    this.#trouble = detail;
    this.#requests.failAll(failure, detail);
  }

  #sayHello(): void {
    const nonce = this.#parts.random.bytes(NONCE_BYTES);
    this.#hello = { ...this.#options.hello, protocolVersion: PROTOCOL_VERSION, nonce };
    this.#greeting = undefined;
    this.#send('hello', helloBody, this.#hello);
  }

  #prove(): void {
    const { secret } = this.#options;
    if (secret === undefined || this.#hello === undefined || this.#greeting === undefined) return;
    const said = { hello: this.#hello, greeting: this.#greeting };
    this.#send('proof', proofBody, { proof: proofOf(this.#parts.compute, secret, 'dialler', said) });
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#take(decodeFrame(bytes, this.#parts.limits));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#actor.send({ type: 'frame refused', reason: error.message });
    }
  }

  #take(frame: Frame): void {
    if (this.#isOpen) this.#takeWhenUp(frame);
    else this.#takeInHandshake(frame);
  }

  #takeWhenUp(frame: Frame): void {
    if (frame.kind === 'response' || frame.kind === 'refusal') this.#requests.answered(frame);
    else if (frame.kind !== 'pong') throw new WireError(`a ${frame.kind} on a link that is up`);
  }

  #takeInHandshake(frame: Frame): void {
    if (frame.kind === 'greeting' && this.#greeting === undefined) {
      this.#greeting = bodyOf(frame, greetingBody);
      this.#actor.send({ type: 'greeted', objection: this.#objectionTo(this.#greeting) });
    } else if (frame.kind === 'welcome' && this.#greeting !== undefined) {
      this.#actor.send({ type: 'welcomed' });
    } else if (frame.kind === 'refusal') {
      const { error, message } = bodyOf(frame, refusedBody);
      this.#actor.send({ type: 'turned away', reason: `${error}: ${message}` });
    } else throw new WireError(`a ${frame.kind} before the end of the hello`);
  }

  /** X8: who listens there must prove to be a node too, before it gets as much as a request of ours. */
  #objectionTo(greeting: Greeting): string | undefined {
    const objection = refusalOfGreeting(greeting, this.#options.expected);
    const { secret } = this.#options;
    if (objection !== undefined || secret === undefined || this.#hello === undefined) return objection;
    const wanted = proofOf(this.#parts.compute, secret, 'listener', { hello: this.#hello, greeting });
    return isSame(greeting.proof, wanted) ? undefined : 'it does not know the secret of the cluster';
  }

  #send<T>(kind: FrameKind, field: Field<T>, body: T): void {
    this.#socket?.send(encodeFrame(kind, 0, 0, field, body).pieces);
  }
}

/** The grain of a draw from 0 to 1. */
const chances = 1 << 20;
