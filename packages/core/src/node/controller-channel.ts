// The way from a broker to the active controller: whoever leads the metadata quorum, as far as this node knows.

import type { Network, NetworkFailure, NodeId, PeerApi, PeerRequest, PeerResponse } from '@odradek/model';

/** `no controller`: no quorum leader is known; `not active`: the asked node does not lead any more. */
export type ControllerReply<Api extends PeerApi> =
  | { readonly outcome: 'answered'; readonly response: PeerResponse<Api> }
  | { readonly outcome: 'failed'; readonly reason: NetworkFailure | 'no controller' };

/** Requests to the active controller. Nobody retries here: each asker knows best when it is worth it. */
export class ControllerChannel {
  private readonly network: Network;
  private readonly leaderId: () => NodeId | undefined;

  constructor(network: Network, leaderId: () => NodeId | undefined) {
    this.network = network;
    this.leaderId = leaderId;
  }

  get controllerId(): NodeId | undefined {
    return this.leaderId();
  }

  request<Api extends PeerApi>(
    request: PeerRequest<Api>,
    timeoutMs: number,
    done: (reply: ControllerReply<Api>) => void,
  ): void {
    const to = this.leaderId();
    if (to === undefined) done({ outcome: 'failed', reason: 'no controller' });
    else this.network.request(to, 'control', request, timeoutMs, done);
  }
}
