// The way from a broker to the active controller: whoever leads the metadata quorum, as far as this node knows.

import {
  Few,
  type Network,
  type NetworkFailure,
  type NodeId,
  type PeerApi,
  type PeerRequest,
  type PeerResponse,
} from '@odradek/model';

/**
 * `no controller`: no quorum leader is known. `controller changed`: another one is known meanwhile, and whether the one that was
 * asked has done it is not.
 */
export type ControllerReply<Api extends PeerApi> =
  | { readonly outcome: 'answered'; readonly response: PeerResponse<Api> }
  | { readonly outcome: 'failed'; readonly reason: NetworkFailure | 'no controller' | 'controller changed' };

/**
 * What may be asked twice: a proposal holds only against one partition epoch (I5), a report that is known already is no other one
 * (F7), a block of producer ids that nobody uses costs nothing (S47). The broker's machine asks anew by itself; a client must know.
 */
const movesWithTheController: ReadonlySet<PeerApi> = new Set([
  'alterPartitions',
  'reportTruncations',
  'allocateProducerIds',
]);

/** A request that the controller has not answered yet. */
interface Pending {
  readonly to: NodeId;
  readonly controllerChanged: () => void;
}

/** Requests to the active controller. One that is paused or cut off is waited for no longer than until another is known. */
export class ControllerChannel {
  private readonly network: Network;
  private readonly leaderId: () => NodeId | undefined;
  private readonly pending = new Few<Pending>();

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
    if (to === undefined) {
      done({ outcome: 'failed', reason: 'no controller' });
      return;
    }
    const pending: Pending = {
      to,
      controllerChanged: () => {
        this.pending.delete(pending);
        if (movesWithTheController.has(request.api)) this.request(request, timeoutMs, done);
        else done({ outcome: 'failed', reason: 'controller changed' });
      },
    };
    this.pending.add(pending);
    this.network.request(to, 'control', request, timeoutMs, (reply) => {
      // What comes later is not waited for any more: the same was asked of another, or was answered.
      if (this.pending.delete(pending)) done(reply);
    });
  }

  /** The quorum has another leader than those who were asked. */
  controllerChanged(): void {
    const now = this.leaderId();
    if (now === undefined) return;
    for (const pending of this.pending.all) if (pending.to !== now) pending.controllerChanged();
  }
}
