// A client of the page for the cluster in the tab: the client that ships, over connections that go through the worker.

import { type Client, type Connect, clientOver, type Reply } from '@odradek/client';
import { browserClock } from '@odradek/host-browser';
import type { ClientApi, ClientRequest, ClientResponse } from '@odradek/model';
import type { TabReply } from './tab-messages.ts';

/** Asks a node of the cluster in the tab. */
export type AskNode = (
  node: number,
  request: ClientRequest,
  timeoutMs: number,
  done: (reply: TabReply) => void,
) => void;

/** It waits in our time, and writes the cluster's date on its records (`wallMs`): brokers refuse what is from the future. */
export function tabClient(ask: AskNode, wallMs: () => number): Client {
  const bootstrap = ['node1:9092', 'node2:9092', 'node3:9092'];
  return clientOver({ bootstrap, clock: { ...browserClock, wallMs } }, connections(ask));
}

function connections(ask: AskNode): Connect {
  return ({ host }) => {
    const node = Number(host.replace(/^node/, ''));
    let isClosed = false;
    return {
      request<Api extends ClientApi>(
        request: ClientRequest<Api>,
        timeoutMs: number,
        done: (reply: Reply<Api>) => void,
      ): void {
        const { api, body } = request;
        // The pair is the one that the caller gave, no longer tied to its own name.
        ask(node, { api, body } as ClientRequest, timeoutMs, (reply) => {
          if (isClosed) done({ outcome: 'failed', reason: 'closed', detail: 'the client was closed' });
          else if (reply.outcome === 'failed') done(reply);
          // What was asked is what was answered: its name ties the two types together.
          else done({ outcome: 'answered', response: reply.response as ClientResponse<Api> });
        });
      },
      close: () => {
        isClosed = true;
      },
    };
  };
}
