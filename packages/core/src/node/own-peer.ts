// A node is its own peer: its broker registers with the controller in the same process, its followers may sit beside their
// leader's controller. Same messages, same order, no link.

import type {
  Channel,
  Clock,
  Network,
  NetworkReply,
  NodeId,
  Peer,
  PeerApi,
  PeerHandler,
  PeerRequest,
  PeerResponse,
} from '@odradek/model';

/** A network whose requests to this node itself are handled here, never within the call that asks. */
export class OwnPeer implements Network {
  private readonly outside: Network;
  private readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  private readonly self: Peer;
  private handler: PeerHandler | undefined;

  constructor(outside: Network, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>, self: Peer) {
    this.outside = outside;
    this.clock = clock;
    this.self = self;
  }

  request<Api extends PeerApi>(
    to: NodeId,
    channel: Channel,
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: NetworkReply<Api>) => void,
  ): void {
    if (to !== this.self.id) {
      this.outside.request(to, channel, request, timeoutMs, done);
      return;
    }
    let isOpen = true;
    const end = (reply: NetworkReply<Api>): void => {
      if (!isOpen) return;
      isOpen = false;
      this.clock.clearTimeout(timer);
      done(reply);
    };
    const timer = this.clock.setTimeout(() => end({ outcome: 'failed', reason: 'timed out' }), timeoutMs);
    this.clock.setTimeout(() => {
      this.handler?.handle(this.self, request as PeerRequest, ({ api, body }) => {
        if (api !== request.api) throw new TypeError(`a request of ${request.api} was answered as ${api}`);
        // The two names are equal, so the body is this API's.
        const response = body as PeerResponse<Api>;
        this.clock.setTimeout(() => end({ outcome: 'answered', response }), 0);
      });
    }, 0);
  }

  address(id: NodeId, host: string, port: number): void {
    if (id !== this.self.id) this.outside.address(id, host, port);
  }

  probe(id: NodeId): void {
    if (id !== this.self.id) this.outside.probe(id);
  }

  serve(handler: PeerHandler): void {
    this.handler = handler;
    this.outside.serve(handler);
  }
}
