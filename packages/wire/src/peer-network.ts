// The network port over links and sessions. Per ordered pair of nodes the asker dials one control and one data link; requests
// flow from the dialler to the listener only.

import {
  type Channel,
  type ClientHandler,
  type Clock,
  type Compute,
  type MessagePair,
  type Network,
  type NetworkFailure,
  type NetworkReply,
  type NodeId,
  type Peer,
  type PeerAnswer,
  type PeerApi,
  type PeerHandler,
  type PeerRequest,
  type PeerResponse,
  peerMessages,
  type Random,
} from '@odradek/model';
import type { AnyActorRef } from 'xstate';
import type { NodeIdentity } from './hello.ts';
import { defaultLimits, type WireLimits } from './limits.ts';
import { Link } from './link.ts';
import type { LinkReply } from './requests.ts';
import { ServingLoad } from './serving-load.ts';
import { Session, type SessionParts } from './session.ts';
import type { Address, Dial, Socket, SocketListener } from './socket.ts';
import { createWireSystem, type WireSystem } from './system.ts';

export interface PeerNetworkOptions {
  readonly identity: NodeIdentity;
  /** Of the cluster; without it nobody is a node, neither there nor here. */
  readonly secret: Uint8Array | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly compute: Compute;
  readonly dial: Dial;
  readonly limits?: Partial<WireLimits>;
  /** What went wrong on a connection, for a log: the actor's id, what, and who is at its other end. */
  readonly onTrouble?: (connection: string, reason: string, from: string) => void;
}

/** How a connection reached this node. */
export interface Reached {
  readonly host: string;
  readonly port: number;
  /** The address of who has dialled, for a log. */
  readonly from?: string;
}

export interface PeerNetwork extends Network {
  /** The supervisor of links and sessions, for whoever watches. */
  readonly root: AnyActorRef;
  /** Takes a socket that was dialled to us, of a node or of a client; what the socket tells goes to the listener returned. */
  accept(socket: Socket, reached: Reached): SocketListener;
  /** Hands in who answers clients. Until then they are told that the node is starting. */
  serveClients(handler: ClientHandler): void;
  /** How many clients are served from now on; those that are stay. */
  limitClients(count: number): void;
  /** Closes all links and sessions. */
  close(): void;
}

export function createPeerNetwork(options: PeerNetworkOptions): PeerNetwork {
  return new WiredNetwork(options);
}

class WiredNetwork implements PeerNetwork {
  readonly #options: PeerNetworkOptions;
  readonly #limits: WireLimits;
  readonly #system: WireSystem;
  readonly #sessionParts: SessionParts;
  readonly #addresses = new Map<NodeId, Address>();
  readonly #links = new Map<string, Link>();
  /** Links that are about to be made, and what is to be done with each. */
  readonly #awaited = new Map<string, ((link: Link | undefined) => void)[]>();
  readonly #sessions = new Set<Session>();
  readonly #clients = new Set<Session>();
  #handler: PeerHandler | undefined;
  #clientHandler: ClientHandler | undefined;
  #sessionsSoFar = 0;
  #maxClients: number;
  #isClosed = false;

  constructor(options: PeerNetworkOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#maxClients = this.#limits.maxClients;
    this.#system = createWireSystem('network', options.clock);
    this.#sessionParts = {
      ...options,
      system: this.#system,
      limits: this.#limits,
      load: new ServingLoad(this.#limits.maxServingBytes),
      clientCount: () => this.#clients.size,
      maxClients: () => this.#maxClients,
      peerHandler: () => this.#handler,
      clientHandler: () => this.#clientHandler,
      onServing: (session) => this.#linked(session),
      onClient: (session) => this.#clients.add(session),
      onClosed: (session) => this.#unlinked(session),
      onRefused: (session, reason) => {
        if (!this.#isClosed) options.onTrouble?.(session.id, reason, whoIs(session));
      },
    };
  }

  get root(): AnyActorRef {
    return this.#system.root;
  }

  request<Api extends PeerApi>(
    to: NodeId,
    channel: Channel,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ): void {
    if (to === this.#options.identity.id) {
      this.#askOurselves(request, timeoutMs, done);
      return;
    }
    this.#withLink(to, channel, (link) => {
      if (link === undefined) this.#fail(this.#isClosed ? 'closed' : 'unknown address', done);
      else link.request(peerPair(request.api), request.body, timeoutMs, (reply) => done(networkReply(reply)));
    });
  }

  address(id: NodeId, host: string, port: number): void {
    this.#addresses.set(id, { host, port });
    for (const channel of channels) this.#links.get(linkId(id, channel))?.moveTo({ host, port });
  }

  limitClients(count: number): void {
    this.#maxClients = count;
  }

  probe(id: NodeId): void {
    this.#withLink(id, 'control', (link) => link?.dialNow());
  }

  serve(handler: PeerHandler): void {
    this.#handler = handler;
    const linked = [...this.#sessions].filter((session) => session.peer !== undefined);
    this.#options.clock.setTimeout(() => {
      for (const session of linked) if (this.#sessions.has(session)) this.#observeLinked(session);
    }, 0);
  }

  serveClients(handler: ClientHandler): void {
    this.#clientHandler = handler;
  }

  accept(socket: Socket, reached: Reached): SocketListener {
    this.#sessionsSoFar += 1;
    const id = `session-${this.#sessionsSoFar}`;
    const context = { connection: id, reachedHost: reached.host, reachedPort: reached.port };
    const session = new Session(this.#sessionParts, id, socket, context, reached.from);
    this.#sessions.add(session);
    if (this.#isClosed) session.close('the node is stopping');
    return session.listener;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const link of this.#links.values()) link.close();
    for (const session of this.#sessions) session.close('the node is stopping');
  }

  /**
   * Uses the link to a node at once, or as soon as it is made: in a turn of its own, since whoever asks may be in the middle of a
   * transition, in which no actor is made. Undefined: nobody knows where the node is, or all is closed.
   */
  #withLink(to: NodeId, channel: Channel, use: (link: Link | undefined) => void): void {
    const id = linkId(to, channel);
    const known = this.#isClosed ? undefined : this.#links.get(id);
    const waiting = this.#awaited.get(id);
    if (waiting !== undefined) waiting.push(use);
    else if (known !== undefined || this.#isClosed || !this.#addresses.has(to)) use(known);
    else {
      this.#awaited.set(id, [use]);
      this.#options.clock.setTimeout(() => this.#makeAwaited(id, to, channel), 0);
    }
  }

  #makeAwaited(id: string, to: NodeId, channel: Channel): void {
    const address = this.#addresses.get(to);
    const link = this.#isClosed || address === undefined ? undefined : this.#newLink(to, channel, address);
    const waiting = this.#awaited.get(id) ?? [];
    this.#awaited.delete(id);
    for (const use of waiting) use(link);
  }

  #newLink(to: NodeId, channel: Channel, address: Address): Link {
    const id = linkId(to, channel);
    const { clock, random, compute, dial, identity, secret, onTrouble } = this.#options;
    const { clusterId, id: nodeId, directoryId, incarnation } = identity;
    const link = new Link(
      { system: this.#system, clock, random, compute, dial, limits: this.#limits },
      {
        id,
        address,
        hello: { role: 'node', channel, clusterId, nodeId, directoryId, incarnation },
        expected: { clusterId, nodeId: to },
        secret,
        isKept: true,
        onReached: () => this.#handler?.observe({ type: 'reached', id: to }),
        onRefused: () => this.#handler?.observe({ type: 'refused', id: to }),
        onGivenUp: (detail) => onTrouble?.(id, detail, `node ${to}`),
      },
    );
    this.#links.set(id, link);
    return link;
  }

  /** A node is one of its own peers now and then: the controller that registers its own broker. */
  #askOurselves<Api extends PeerApi>(
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ): void {
    const { clock, identity } = this.#options;
    let isOver = false;
    const finish = (reply: NetworkReply<Api>): void => {
      if (isOver) return;
      isOver = true;
      clock.clearTimeout(timer);
      done(reply);
    };
    const timer = clock.setTimeout(() => finish({ outcome: 'failed', reason: 'timed out' }), timeoutMs);
    clock.setTimeout(() => {
      const answer = (response: PeerAnswer): void =>
        void clock.setTimeout(() => finish({ outcome: 'answered', response: ownAnswer(response) }), 0);
      this.#handler?.handle(identity, request as PeerRequest, answer);
    }, 0);
  }

  #fail<Api extends PeerApi>(reason: NetworkFailure, done: (reply: NetworkReply<Api>) => void): void {
    this.#options.clock.setTimeout(() => done({ outcome: 'failed', reason }), 0);
  }

  #linked(session: Session): void {
    const peer = session.peer;
    if (peer === undefined) return;
    // An older session of the same process on the same channel is a half-open one: it would not have dialled again otherwise.
    for (const other of this.#sessions)
      if (
        other !== session &&
        other.hello?.channel === session.hello?.channel &&
        isSamePeer(other.peer, peer)
      )
        other.close('the same node has dialled again');
    this.#observeLinked(session);
    // It lives: no need to wait for the end of a back-off.
    for (const channel of channels) this.#links.get(linkId(peer.id, channel))?.dialNow();
  }

  #observeLinked(session: Session): void {
    if (session.peer !== undefined && session.hello?.channel === 'control')
      this.#handler?.observe({ type: 'linked', peer: session.peer });
  }

  #unlinked(session: Session): void {
    this.#sessions.delete(session);
    this.#clients.delete(session);
    const { peer } = session;
    if (peer === undefined || session.hello?.channel !== 'control') return;
    for (const other of this.#sessions)
      if (other.hello?.channel === 'control' && isSamePeer(other.peer, peer)) return;
    this.#handler?.observe({ type: 'unlinked', peer });
  }
}

const channels: readonly Channel[] = ['control', 'data'];

function linkId(to: NodeId, channel: Channel): string {
  return `link-${to}-${channel}`;
}

function isSamePeer(one: Peer | undefined, other: Peer): boolean {
  return one !== undefined && one.id === other.id && one.incarnation === other.incarnation;
}

/** Why a listener refused a request of a node, if it ever does, is in the log there. */
function networkReply<Api extends PeerApi>(reply: LinkReply<PeerResponse<Api>>): NetworkReply<Api> {
  if (reply.outcome === 'answered') return reply;
  return { outcome: 'failed', reason: reply.outcome === 'failed' ? reply.reason : 'disconnected' };
}

/** The table's entry with the types that belong to the name. */
function peerPair<Api extends PeerApi>(api: Api): MessagePair<PeerRequest<Api>['body'], PeerResponse<Api>> {
  const pair: MessagePair<unknown, unknown> = peerMessages[api];
  return pair as MessagePair<PeerRequest<Api>['body'], PeerResponse<Api>>;
}

/** A handler answers the API it was asked. */
function ownAnswer<Api extends PeerApi>(answer: PeerAnswer): PeerResponse<Api> {
  const body: unknown = answer.body;
  return body as PeerResponse<Api>;
}

/** A node that has proved who it is is known by its id, a stranger by its address. */
function whoIs({ peer, from, id }: Session): string {
  return peer === undefined ? (from ?? id) : `node ${peer.id}`;
}
