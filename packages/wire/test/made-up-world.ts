// A world for links and sessions: a clock that is moved by hand, and sockets that are pairs of queues on it.

import { createHmac } from 'node:crypto';
import type {
  ClientRequest,
  Clock,
  Compute,
  NetworkReply,
  PeerEvidence,
  PeerHandler,
  PeerRequest,
  Random,
} from '@odradek/model';
import { defaultLimits, type WireLimits } from '../src/limits.ts';
import { createPeerNetwork, type PeerNetwork } from '../src/peer-network.ts';
import type { Address, Dial, Socket, SocketListener } from '../src/socket.ts';
import { joined } from './arbitrary-message.ts';

export const limits: WireLimits = { ...defaultLimits, heartbeatMs: 100, missedHeartbeats: 3 };
export const LATENCY_MS = 1;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();
  nowMs(): number {
    return this.#now;
  }
  wallMs(): number {
    return this.#now;
  }
  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }
  clearTimeout(handle: number | object): void {
    for (const timer of this.#timers) if (timer === handle) this.#timers.delete(timer);
  }
  get pendingTimers(): number {
    return this.#timers.size;
  }
  /** Lets time pass, each timer at its time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }
  /** A stalled process: time has passed, and every timer is late. */
  stall(ms: number): void {
    this.#now += ms;
  }
  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }
}

/** One end of a pair of queues. */
export class MadeUpSocket implements Socket {
  readonly #clock: HandClock;
  listener: SocketListener | undefined;
  other: MadeUpSocket | undefined;
  /** Nothing arrives any more, and nobody is told (E3). */
  isCut = false;
  /** The system takes nothing: what is sent is buffered. */
  isStuck = false;
  isPaused = false;
  bufferedBytes = 0;
  receivedBytes = 0;
  closedBecause: string | undefined;
  #isOver = false;
  readonly #held: Uint8Array[] = [];

  constructor(clock: HandClock) {
    this.#clock = clock;
  }

  send(pieces: readonly Uint8Array[]): void {
    const bytes = joined(pieces);
    if (this.isStuck) this.bufferedBytes += bytes.length;
    else if (!this.isCut && !this.#isOver)
      this.#clock.setTimeout(() => this.other?.arrive(bytes), LATENCY_MS);
  }

  arrive(bytes: Uint8Array): void {
    if (this.isPaused) this.#held.push(bytes);
    else {
      this.receivedBytes += bytes.length;
      this.listener?.message(bytes);
    }
  }

  close(reason: string): void {
    this.closedBecause ??= reason;
    this.#end(reason);
    if (!this.isCut && this.other !== undefined) this.other.#end(reason);
  }

  destroy(): void {
    this.close('destroyed');
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    while (this.#held.length > 0 && !this.isPaused) this.arrive(this.#held.shift() ?? new Uint8Array(0));
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clock.setTimeout(() => this.listener?.closed({ refused: false, reason }), LATENCY_MS);
  }
}

/** A listener behind an address, or what it does instead. */
export type Door = ((socket: MadeUpSocket) => SocketListener) | 'hangs' | 'resets';

export class MadeUpNet {
  readonly clock = new HandClock();
  readonly doors = new Map<number, Door>();
  /** The dialled sockets, with the sockets at their other ends. */
  readonly sockets: MadeUpSocket[] = [];
  readonly dial: Dial = (address, listener) => this.#dial(address, listener);

  #dial(address: Address, listener: SocketListener): Socket {
    const near = new MadeUpSocket(this.clock);
    near.listener = listener;
    this.sockets.push(near);
    const door = this.doors.get(address.port);
    if (door === 'hangs') return near;
    this.clock.setTimeout(() => {
      if (door === undefined) {
        listener.closed({ refused: true, reason: `ECONNREFUSED ${address.host}:${address.port}` });
        return;
      }
      if (door === 'resets') {
        listener.closed({ refused: false, reason: 'read ECONNRESET' });
        return;
      }
      const far = new MadeUpSocket(this.clock);
      near.other = far;
      far.other = near;
      far.listener = door(far);
      listener.opened();
    }, LATENCY_MS);
    return near;
  }
}

export const compute: Compute = {
  crc32c: () => 0,
  hmacSha256: (key, message) => new Uint8Array(createHmac('sha256', key).update(message).digest()),
  inflate: (_codec, _bytes, _maxBytes, done) => done({ error: 'UNSUPPORTED' }),
  deflate: (_codec, bytes, done) => done(bytes),
};

/** Chance that is the same in every run. */
export function countingRandom(): Random {
  let count = 0;
  return {
    below: (bound) => {
      count += 7;
      return count % bound;
    },
    bytes: (length) => Uint8Array.from({ length }, () => (count++ * 31) % 256),
  };
}

export const secret = new TextEncoder().encode('the secret of the cluster');

export interface MadeUpNode {
  readonly network: PeerNetwork;
  readonly evidence: PeerEvidence[];
  readonly requests: PeerRequest[];
  readonly clientRequests: ClientRequest[];
  readonly troubles: string[];
  /** Who was at the other end, each time. */
  readonly troubledBy: string[];
  /** How the node answers peers. */
  answerWith: PeerHandler['handle'];
}

/** A node at port `9000 + id`, which knows where nodes 1 to 3 are. */
export function madeUpNode(
  net: MadeUpNet,
  id: number,
  options: {
    secret?: Uint8Array | undefined;
    incarnation?: string;
    limits?: Partial<WireLimits>;
    servesClients?: boolean;
  } = {},
): MadeUpNode {
  const troubles: string[] = [];
  const troubledBy: string[] = [];
  const network = createPeerNetwork({
    identity: { clusterId: 'c', id, directoryId: `d${id}`, incarnation: options.incarnation ?? `i${id}` },
    secret: 'secret' in options ? options.secret : secret,
    clock: net.clock,
    random: countingRandom(),
    compute,
    dial: net.dial,
    limits: { ...limits, ...options.limits },
    onTrouble(connection, reason, from) {
      troubles.push(`${connection}: ${reason}`);
      troubledBy.push(from);
    },
  });
  const node: MadeUpNode = {
    network,
    evidence: [],
    requests: [],
    clientRequests: [],
    ...{ troubles, troubledBy },
    answerWith: (_peer, _request, answer) =>
      answer({ api: 'reportFlushed', body: { error: `answered by ${id}` } }),
  };
  network.serve({
    handle(peer, request, answer) {
      node.requests.push(request);
      node.answerWith(peer, request, answer);
    },
    observe: (evidence) => node.evidence.push(evidence),
  });
  if (options.servesClients !== false)
    network.serveClients({
      handle(_client, request) {
        node.clientRequests.push(request);
      },
    });
  net.doors.set(9000 + id, (socket) => network.accept(socket, { host: 'localhost', port: 9000 + id }));
  for (const other of [1, 2, 3]) network.address(other, 'localhost', 9000 + other);
  return node;
}

export type Reply = NetworkReply<'reportFlushed'>;

/** Asks for a report named by its broker epoch. */
export function ask(from: MadeUpNode, to: number, brokerEpoch = 1, timeoutMs = 5000): Reply[] {
  const replies: Reply[] = [];
  from.network.request<'reportFlushed'>(
    to,
    'control',
    { api: 'reportFlushed', body: { brokerId: 9, brokerEpoch, partitions: [] } },
    timeoutMs,
    (reply) => replies.push(reply),
  );
  if (replies.length > 0) throw new Error('answered from within the order');
  return replies;
}

export const answeredBy = (id: number): Reply => ({
  outcome: 'answered',
  response: { error: `answered by ${id}` },
});
export const failed = (reason: string) => ({ outcome: 'failed', reason });
