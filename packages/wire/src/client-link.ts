// A client's connection to one node, for `client`: the broker API over a link without a proof.

import {
  type ClientApi,
  type ClientRequest,
  type ClientResponse,
  type Clock,
  type Compute,
  clientMessages,
  type MessagePair,
  type Random,
} from '@odradek/model';
import type { AnyActorRef } from 'xstate';
import { defaultLimits, type WireLimits } from './limits.ts';
import { Link } from './link.ts';
import type { LinkReply } from './requests.ts';
import type { Address, Dial } from './socket.ts';
import { createWireSystem } from './system.ts';

export interface ClientLinksOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly compute: Compute;
  readonly dial: Dial;
  readonly limits?: Partial<WireLimits>;
  /** Refuse nodes of another cluster; absent: any. */
  readonly clusterId?: string;
}

/** A client's links, under one supervisor. */
export interface ClientLinks {
  /** For whoever watches. */
  readonly root: AnyActorRef;
  /** A link to an address. It dials on its first request, and again on the next after it was lost. `id` names its actor. */
  connect(id: string, address: Address): ClientLink;
  close(): void;
}

export interface ClientLink {
  readonly address: Address;
  readonly isUp: boolean;
  readonly actor: AnyActorRef;
  /** Asks the node. `done` is called later, once. Requests arrive in order, or, from the first failure on, not at all. */
  request<Api extends ClientApi>(
    request: ClientRequest<Api>,
    timeoutMs: number,
    done: (reply: LinkReply<ClientResponse<Api>>) => void,
  ): void;
  close(): void;
}

export function createClientLinks(options: ClientLinksOptions): ClientLinks {
  const { clock, random, compute, dial } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const system = createWireSystem('links', clock);
  const links = new Set<Link>();
  return {
    root: system.root,
    connect(id, address) {
      const link = new Link(
        { system, clock, random, compute, dial, limits },
        {
          id,
          address,
          hello: {
            role: 'client',
            channel: 'data',
            clusterId: options.clusterId ?? '',
            nodeId: -1,
            directoryId: '',
            incarnation: '',
          },
          expected: { clusterId: options.clusterId, nodeId: undefined },
          secret: undefined,
          isKept: false,
        },
      );
      links.add(link);
      return {
        address,
        get isUp() {
          return link.isUp;
        },
        actor: link.actor,
        request: (request, timeoutMs, done) =>
          link.request(clientPair(request.api), request.body, timeoutMs, done),
        close() {
          links.delete(link);
          link.close();
          system.forget(id);
        },
      };
    },
    close() {
      for (const link of links) link.close();
      links.clear();
      system.stop();
    },
  };
}

/** The table's entry with the types that belong to the name. */
function clientPair<Api extends ClientApi>(
  api: Api,
): MessagePair<ClientRequest<Api>['body'], ClientResponse<Api>> {
  const pair: MessagePair<unknown, unknown> = clientMessages[api];
  return pair as MessagePair<ClientRequest<Api>['body'], ClientResponse<Api>>;
}
