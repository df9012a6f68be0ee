// What a node asks of its peers, counted while somebody watches. Between messages and whoever counts them stands one question, so that it
// costs nothing else.

import type { Network, PeerHandler } from '@odradek/model';
import type { MessageFacts } from '@odradek/trace';

export class NetworkCounts {
  /** Whether anybody wants to know. */
  isWatched = false;
  readonly #self: number;
  readonly #onSent: (to: number, name: string, body: unknown) => void;
  readonly #counts = new Map<string, { from: number; to: number; name: string; count: number }>();

  /** `self`: the node whose network is counted. `onSent` hears of each message to another node as it leaves, while it is watched. */
  constructor(self: number, onSent: (to: number, name: string, body: unknown) => void = () => {}) {
    this.#self = self;
    this.#onSent = onSent;
  }

  /** The same network, counted. */
  over(network: Network): Network {
    return {
      request: (to, channel, request, timeoutMs, done) => {
        if (!this.isWatched) {
          network.request(to, channel, request, timeoutMs, done);
          return;
        }
        this.#note(this.#self, to, request.api);
        this.#left(to, request.api, request.body);
        network.request(to, channel, request, timeoutMs, (reply) => {
          if (reply.outcome === 'answered') this.#note(to, this.#self, `${request.api} answer`);
          done(reply);
        });
      },
      address: (id, host, port) => network.address(id, host, port),
      probe: (id) => network.probe(id),
      serve: (handler) => network.serve(this.#answering(handler)),
    };
  }

  /** The same handler, its answers seen as they leave. */
  #answering(handler: PeerHandler): PeerHandler {
    return {
      handle: (peer, request, answer) => {
        if (!this.isWatched) handler.handle(peer, request, answer);
        else
          handler.handle(peer, request, (response) => {
            this.#left(peer.id, `${request.api} answer`, response);
            answer(response);
          });
      },
      observe: (evidence) => handler.observe(evidence),
    };
  }

  #left(to: number, name: string, body: unknown): void {
    if (to !== this.#self) this.#onSent(to, name, body);
  }

  /** What went to and fro since the last call. */
  take(): MessageFacts[] {
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    return counts;
  }

  #note(from: number, to: number, name: string): void {
    // A node is one of its own peers now and then: nothing goes anywhere.
    if (from === to) return;
    const key = `${from} ${to} ${name}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { from, to, name, count: 1 });
    else known.count += 1;
  }
}
