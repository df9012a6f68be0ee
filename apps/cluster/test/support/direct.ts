// Requests straight to one broker, past the client that would look for the right one.

import { createDial, nodeClock, nodeCompute, nodeRandom } from '@odradek/host-node';
import type { ClientApi, ClientRequest, ClientResponse } from '@odradek/model';
import { createClientLinks, defaultLimits } from '@odradek/wire';
import type { ClusterNode } from '../../src/up/cluster-file.ts';

export interface DirectLink {
  /** Undefined when no answer came. */
  ask<Api extends ClientApi>(request: ClientRequest<Api>): Promise<ClientResponse<Api> | undefined>;
  close(): void;
}

/** A node that is paused answers once it goes on. */
const patienceMs = 30_000;

export function directLink({ id, host, port }: Pick<ClusterNode, 'id' | 'host' | 'port'>): DirectLink {
  const links = createClientLinks({
    ...{ clock: nodeClock, random: nodeRandom, compute: nodeCompute, dial: createDial() },
    limits: { missedHeartbeats: patienceMs / defaultLimits.heartbeatMs },
  });
  const link = links.connect(`direct-${id}`, { host, port });
  return {
    ask: (request) =>
      new Promise((done) => {
        link.request(request, patienceMs, (reply) =>
          done(reply.outcome === 'answered' ? reply.response : undefined),
        );
      }),
    close: () => links.close(),
  };
}
