// What one node tells those who watch it: its actors, what it knows of the cluster, its replicas, its messages, its sentences.

import type { OdradekNode } from '@odradek/core';
import {
  ClusterFactsMaker,
  type FactSources,
  type Hello,
  type MessageFacts,
  ReplicaFactsMaker,
  type Said,
  Teller,
} from '@odradek/trace';
import { type Entry, printable } from '../log/entry.ts';
import type { NetworkCounts } from './network-counts.ts';

export interface NodeTellerOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly allowed: Hello['allowed'];
  /** Undefined while it is put together. */
  readonly node: () => OdradekNode | undefined;
  readonly network: NetworkCounts;
  readonly onTrouble: (reason: string) => void;
}

export function nodeTeller(options: NodeTellerOptions): Teller {
  const { nodeId, clusterId, allowed, network } = options;
  return new Teller({
    hello: { about: `node ${nodeId} of cluster ${clusterId}`, nodeId, clusterId, allowed },
    nowMs: Date.now,
    every(periodMs, callback) {
      network.isWatched = true;
      const timer = setInterval(callback, periodMs).unref();
      return () => {
        network.isWatched = false;
        clearInterval(timer);
      };
    },
    facts: nodeFacts(options),
    onFailure: (error) =>
      options.onTrouble(`watching failed: ${error instanceof Error ? error.message : error}`),
  });
}

function nodeFacts({ nodeId, node, network }: NodeTellerOptions): FactSources {
  const clusters = new ClusterFactsMaker();
  const replicas = new ReplicaFactsMaker(nodeId);
  const clients = new ClientCounts(nodeId);
  return {
    cluster() {
      const measures = node()?.measures();
      if (measures?.quorum === undefined) return undefined;
      const { image, metadataEnd, quorum } = measures;
      return clusters.of({
        image,
        metadataEnd,
        controllerId: quorum.leaderId ?? -1,
        controllerEpoch: quorum.epoch,
        voters: quorum.voters.map(({ id }) => id),
      });
    },
    replicas: () => replicas.of(node()?.hosted.values() ?? []),
    messages: () => [...network.take(), ...clients.take(node())],
  };
}

/** What clients asked of this node, by the counters that it keeps anyway. */
class ClientCounts {
  readonly #nodeId: number;
  readonly #seen = new Map<string, { requests: number; answers: number }>();

  constructor(nodeId: number) {
    this.#nodeId = nodeId;
  }

  take(node: OdradekNode | undefined): MessageFacts[] {
    const facts: MessageFacts[] = [];
    for (const [name, { requests, latencies }] of node?.measures().counters.clientRequests.byApi ?? []) {
      const answers = latencies.count;
      const seen = this.#seen.get(name) ?? { requests: 0, answers: 0 };
      const [asked, answered] = [requests - seen.requests, answers - seen.answers];
      if (asked > 0) facts.push({ from: 'client', to: this.#nodeId, name, count: asked });
      if (answered > 0)
        facts.push({ from: this.#nodeId, to: 'client', name: `${name} answer`, count: answered });
      this.#seen.set(name, { requests, answers });
    }
    return facts;
  }
}

/** A line of the log as a sentence of the story. */
export function saidOf({ level, actor, event, text, rule, partition }: Entry): Said {
  return {
    ...{ kind: 'said', timeMs: Date.now(), level, actor, event, text: printable(text) },
    ...(rule === undefined ? {} : { rule }),
    ...(partition === undefined ? {} : { partition }),
  };
}
