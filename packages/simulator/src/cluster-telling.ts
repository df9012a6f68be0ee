// What is told of a whole cluster after each event, where it has changed: the metadata of the node that knows most, who lives, and the
// ends of every replica's log.

import { type NodeMachines, nodeMachines, type OdradekNode } from '@odradek/core';
import { emptyImage, lossesOf, type MetadataImage, type NodeId } from '@odradek/model';
import {
  type BrokerFacts,
  type ClusterTold,
  lossFacts,
  newsOf,
  type ReplicaFacts,
  replicaKey,
  sentenceOf,
  type TopicFacts,
  TopicFactsMaker,
  toldSteps,
  topicsChange,
} from '@odradek/trace';
import type { Telling } from './telling.ts';

/** What is looked at. */
export interface ToldCluster {
  readonly nodes: readonly ToldNode[];
  readonly brokerIds: readonly NodeId[];
  readonly voters: readonly { readonly id: NodeId }[];
}

interface ToldNode {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
  readonly process: { readonly isPaused: boolean } | undefined;
  readonly running: { readonly node: OdradekNode } | undefined;
}

export class ClusterTelling {
  readonly #telling: Telling;
  readonly #cluster: ToldCluster;
  #image: MetadataImage = emptyImage;
  /** Who lives, who is the controller: what the metadata does not say. */
  #life = '';
  readonly #facts = new TopicFactsMaker();
  #topics: ReadonlyMap<string, TopicFacts> = new Map();
  readonly #replicas = new Map<string, ReplicaFacts>();

  readonly #failed: (error: unknown) => void;

  /** `failed`: a sentence could not be made. */
  constructor(telling: Telling, cluster: ToldCluster, failed: (error: unknown) => void) {
    this.#failed = failed;
    this.#telling = telling;
    this.#cluster = cluster;
    telling.look = () => this.#look();
    telling.partitionOf = (body) => this.#partitionIn(body);
  }

  /** The machines of a node, those that take few steps made to tell them in sentences. */
  machines(given: Partial<NodeMachines> = {}): Partial<NodeMachines> {
    const told = toldSteps({
      onStep: (step) => {
        const sentence = sentenceOf(step);
        if (sentence === undefined) return;
        const { level, actor, event, text, rule } = sentence;
        const about = step.machine === 'partition' ? { partition: actor.slice(actor.indexOf('/') + 1) } : {};
        this.#telling.say({ level, actor, event, text, ...(rule === undefined ? {} : { rule }), ...about });
      },
      onFailure: this.#failed,
    });
    const { broker, controller, quorum, partition } = { ...nodeMachines, ...given };
    return {
      ...given,
      broker: told(broker),
      controller: told(controller),
      quorum: told(quorum),
      partition: told(partition),
    };
  }

  #look(): void {
    const image = this.#newest();
    const life = this.#lifeText();
    if (image !== this.#image || life !== this.#life) this.#tellCluster(image, life);
    this.#tellReplicas();
  }

  /** The image of the node that knows most, never older than one that was told. */
  #newest(): MetadataImage {
    let newest = this.#image;
    for (const { running } of this.#cluster.nodes)
      if (running !== undefined && running.node.image.offset > newest.offset) newest = running.node.image;
    return newest;
  }

  #lifeText(): string {
    return this.#cluster.nodes
      .map(({ process: life, running }) => {
        if (life === undefined || running === undefined) return 'down';
        const role = running.node.isActiveController ? 'controller' : 'node';
        return life.isPaused ? `paused ${role}` : role;
      })
      .join();
  }

  #tellCluster(image: MetadataImage, life: string): void {
    const before = this.#image;
    const isFirst = this.#life === '';
    this.#image = image;
    this.#life = life;
    this.#telling.tell(this.#clusterTold(image, isFirst));
    const actor = this.#controllerPath();
    for (const news of newsOf(before, image)) this.#telling.say({ ...news, actor });
  }

  #clusterTold(image: MetadataImage, all: boolean): ClusterTold {
    const before = this.#topics;
    this.#topics = this.#facts.of(image);
    const { topics, deletedTopics, changed } = topicsChange(before, this.#topics);
    const { nodes, voters, brokerIds } = this.#cluster;
    const active = this.#controller();
    return {
      kind: 'cluster',
      timeMs: this.#telling.nowMs,
      metadataEnd: image.offset + 1,
      controller: { id: active?.id ?? -1, epoch: active?.epoch ?? -1 },
      voters: voters.map(({ id }) => id),
      brokers: nodes.filter(({ id }) => brokerIds.includes(id)).map((node) => brokerFacts(node, image)),
      all,
      topics,
      deletedTopics,
      losses: lossesOf(image).losses.map(lossFacts),
      ...(changed.length === 0 ? {} : { changed }),
    };
  }

  /** Of several that think they are, as one that stands still does, the one of the latest epoch is. */
  #controller(): { readonly id: number; readonly epoch: number } | undefined {
    return this.#cluster.nodes
      .filter(({ running }) => running?.node.isActiveController)
      .map(({ id, running }) => ({ id, epoch: running?.node.metadataQuorum?.quorum.epoch ?? -1 }))
      .sort((one, other) => other.epoch - one.epoch)[0];
  }

  #controllerPath(): string {
    const { brokerIds } = this.#cluster;
    const id = this.#controller()?.id;
    if (id === undefined) return 'controller';
    return `${brokerIds.includes(id) ? 'broker' : 'controller'}-${id}/controller`;
  }

  #tellReplicas(): void {
    const moved: ReplicaFacts[] = [];
    const seen = new Set<string>();
    for (const { id, running } of this.#cluster.nodes)
      for (const hosted of running?.node.hosted.values() ?? []) {
        const { topic, partition } = hosted.name;
        const key = replicaKey({ broker: id, topic, partition });
        seen.add(key);
        const known = this.#replicas.get(key);
        const { log, leader, follower, highWatermark } = hosted;
        if (log === undefined) continue;
        const role = leader !== undefined ? 'leader' : follower !== undefined ? 'follower' : 'none';
        const facts: ReplicaFacts = {
          broker: id,
          topic,
          partition,
          role,
          leaderEpoch: leader?.leaderEpoch ?? follower?.leaderEpoch ?? -1,
          logStartOffset: log.logStartOffset,
          highWatermark,
          logEndOffset: log.logEndOffset,
          flushedEndOffset: log.flushedEndOffset,
        };
        if (known === undefined || isMoved(known, facts)) moved.push(facts);
      }
    // What a node that has died held is on its disk still: nobody leads or follows there.
    for (const [key, facts] of this.#replicas)
      if (!seen.has(key) && facts.role !== 'none') moved.push({ ...facts, role: 'none' });
    if (moved.length === 0) return;
    for (const facts of moved) this.#replicas.set(replicaKey(facts), facts);
    this.#telling.tell({ kind: 'replicas', timeMs: this.#telling.nowMs, replicas: moved });
  }

  /** `laser-0`, of a message that is about one partition. */
  #partitionIn(body: unknown): string | undefined {
    if (typeof body !== 'object' || body === null || !('partitions' in body)) return undefined;
    const { partitions } = body;
    if (!Array.isArray(partitions) || partitions.length !== 1) return undefined;
    const [one]: unknown[] = partitions;
    if (typeof one !== 'object' || one === null || !('partition' in one)) return undefined;
    const topicId = 'topicId' in one && typeof one.topicId === 'string' ? one.topicId : '';
    const topic = this.#image.topics.get(topicId);
    return topic === undefined ? undefined : `${topic.name}-${String(one.partition)}`;
  }
}

function isMoved(known: ReplicaFacts, facts: ReplicaFacts): boolean {
  return (
    known.logEndOffset !== facts.logEndOffset ||
    known.flushedEndOffset !== facts.flushedEndOffset ||
    known.highWatermark !== facts.highWatermark ||
    known.logStartOffset !== facts.logStartOffset ||
    known.leaderEpoch !== facts.leaderEpoch ||
    known.role !== facts.role
  );
}

function brokerFacts({ id, host, port, process: life }: ToldNode, image: MetadataImage): BrokerFacts {
  const known = image.brokers.get(id);
  const state = (): string => {
    if (life === undefined) return 'down';
    if (life.isPaused) return 'paused';
    if (known === undefined) return 'starting';
    if (known.isFenced) return 'fenced';
    return known.isShuttingDown ? 'in controlled shutdown' : 'running';
  };
  return { id, state: state(), host, port };
}
