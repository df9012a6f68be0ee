// What a node asks of its peers, counted while somebody watches. Between messages and whoever counts them stands one question, so that it
// costs nothing else.

import type { Network } from '@odradek/model';
import type { MessageFacts } from '@odradek/trace';

export class NetworkCounts {
  /** Whether anybody wants to know. */
  isWatched = false;
  readonly #self: number;
  readonly #counts = new Map<string, { from: number; to: number; name: string; count: number }>();

  /** `self`: the node whose network is counted. */
  constructor(self: number) {
    this.#self = self;
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
        network.request(to, channel, request, timeoutMs, (reply) => {
          if (reply.outcome === 'answered') this.#note(to, this.#self, `${request.api} answer`);
          done(reply);
        });
      },
      address: (id, host, port) => network.address(id, host, port),
      probe: (id) => network.probe(id),
      serve: (handler) => network.serve(handler),
    };
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
