import type {
  Channel,
  Clock,
  Network,
  NetworkFailure,
  NetworkReply,
  NodeId,
  Peer,
  PeerAnswer,
  PeerApi,
  PeerEvidence,
  PeerHandler,
  PeerRequest,
} from '@odradek/model';

interface Pending {
  readonly from: NodeId;
  readonly to: NodeId;
  fail(reason: NetworkFailure): void;
}

/** Links between nodes in one process: with latency, and cut by direction. */
export class TestNetwork {
  readonly #clock: Clock;
  readonly #handlers = new Map<NodeId, PeerHandler>();
  readonly #cuts = new Set<string>();
  readonly #pending = new Set<Pending>();
  /** How long each message takes. */
  latencyMs = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nothing that `from` says reaches `to`. A question whose answer is lost times out. */
  cut(from: NodeId, to: NodeId): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
  }

  attach(peer: Peer, handler: PeerHandler): Network {
    this.#handlers.set(peer.id, handler);
    return {
      request: (to, _channel: Channel, request, timeoutMs, done) =>
        this.#request(peer, to, request, timeoutMs, done),
      address: () => {},
      probe: (to) => {
        this.#clock.setTimeout(() => {
          if (this.#cuts.has(`${peer.id}>${to}`)) return;
          handler.observe({ type: this.#handlers.has(to) ? 'reached' : 'refused', id: to });
        }, this.latencyMs);
      },
      serve: () => {},
    };
  }

  /** The process is gone: its address refuses, its links close. */
  detach(peer: Peer): void {
    const { id } = peer;
    this.#handlers.delete(id);
    for (const pending of this.#pending) {
      if (pending.from === id) this.#pending.delete(pending);
      if (pending.to !== id || this.#cuts.has(`${id}>${pending.from}`)) continue;
      this.#clock.setTimeout(() => pending.fail('disconnected'), this.latencyMs);
    }
    for (const [other, handler] of this.#handlers) {
      if (this.#cuts.has(`${id}>${other}`)) continue;
      const unlinked: PeerEvidence = { type: 'unlinked', peer };
      this.#clock.setTimeout(() => {
        if (this.#handlers.get(other) === handler) handler.observe(unlinked);
      }, this.latencyMs);
    }
  }

  #request<Api extends PeerApi>(
    from: Peer,
    to: NodeId,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ): void {
    const pending: Pending = {
      from: from.id,
      to,
      fail: (reason) => {
        if (this.#pending.delete(pending)) done({ outcome: 'failed', reason });
      },
    };
    this.#pending.add(pending);
    this.#clock.setTimeout(() => pending.fail('timed out'), timeoutMs);
    this.#clock.setTimeout(() => {
      if (this.#cuts.has(`${from.id}>${to}`)) return;
      const handler = this.#handlers.get(to);
      if (handler === undefined) return pending.fail('refused');
      // The pair of one API's request and answer, of which the compiler knows only that it is some API's.
      handler.handle(from, request as PeerRequest, (answer) =>
        this.#answer(pending, answer, done as (reply: NetworkReply<PeerApi>) => void),
      );
    }, this.latencyMs);
  }

  #answer(pending: Pending, answer: PeerAnswer, done: (reply: NetworkReply<PeerApi>) => void): void {
    if (!this.#handlers.has(pending.to)) return;
    this.#clock.setTimeout(() => {
      if (this.#cuts.has(`${pending.to}>${pending.from}`)) return;
      if (this.#pending.delete(pending)) done({ outcome: 'answered', response: answer.body });
    }, this.latencyMs);
  }
}
