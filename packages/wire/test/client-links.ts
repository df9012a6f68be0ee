// Clients of a made-up node.

import type { ClientResponse } from '@odradek/model';
import { type ClientLink, createClientLinks } from '../src/client-link.ts';
import type { WireLimits } from '../src/limits.ts';
import type { LinkReply } from '../src/requests.ts';
import { compute, countingRandom, limits, type MadeUpNet, type MadeUpNode } from './made-up-world.ts';

export const here = { host: 'localhost', port: 9002 };

export function links(net: MadeUpNet, more: Partial<WireLimits> = {}) {
  const { clock, dial } = net;
  return createClientLinks({
    clock,
    random: countingRandom(),
    compute,
    dial,
    limits: { ...limits, ...more },
  });
}

export type Reply = LinkReply<ClientResponse<'initProducerId'>>;

export function ask(link: ClientLink, timeoutMs = 60_000): Reply[] {
  const replies: Reply[] = [];
  const request = { api: 'initProducerId', body: {} } as const;
  link.request<'initProducerId'>(request, timeoutMs, (reply) => replies.push(reply));
  return replies;
}

/** A produce request of a size, whose answer is of no interest. */
export function produce(link: ClientLink, size: number): LinkReply<ClientResponse<'produce'>>[] {
  const replies: LinkReply<ClientResponse<'produce'>>[] = [];
  const partitions = [{ topicId: 't', partition: 0, leaderEpoch: -1, records: [new Uint8Array(size)] }];
  link.request<'produce'>(
    { api: 'produce', body: { acks: -1, timeoutMs: 1000, partitions } },
    60_000,
    (reply) => replies.push(reply),
  );
  return replies;
}

export const body = { error: 'NONE', errorMessage: null, producerId: 5, producerEpoch: 0 };

/** Answers of a node, each given when the test says so. */
export function heldAnswers(node: MadeUpNode): (() => void)[] {
  const answers: (() => void)[] = [];
  const produced = { error: 'NONE', errorMessage: null, partitions: [] };
  node.network.serveClients({
    handle: (_, __, answer) => answers.push(() => answer({ api: 'produce', body: produced })),
  });
  return answers;
}
