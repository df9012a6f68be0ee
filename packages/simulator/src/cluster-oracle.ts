// What must hold of a whole cluster after every event: the metadata of all nodes, and each partition against its ledger.

import { readRecords, walkBatches } from '@odradek/format';
import {
  type ClientResponse,
  type LogView,
  lastUncleanEpoch,
  type MetadataImage,
  type NodeId,
  type Offset,
  partitionKey,
  partitionOf,
  partitionsOf,
  type TopicId,
  topicConfig,
  type Voter,
} from '@odradek/model';
import { ImageOracle } from './image-oracle.ts';
import { type LivingNode, replicasAt } from './node-view.ts';
import { type AcknowledgedBatch, PartitionOracle, type ReplicaSeen } from './partition-oracle.ts';
import type { GrantedVote } from './quorum-oracle.ts';
import { QuorumWatch } from './quorum-watch.ts';
import { type PartitionPlace, ReplicaBook } from './replica-book.ts';

/** What a client was told: records were given to it, or acknowledged, up to an end. */
export interface Told {
  readonly what: 'given' | 'acknowledged';
  readonly topicId: TopicId;
  readonly partition: number;
  readonly endOffset: Offset;
  /** Of an acknowledgement: the batch as its producer numbered it, and where it was told to stand. */
  readonly batch?: AcknowledgedBatch;
}

export class ClusterOracle {
  readonly #images = new ImageOracle();
  readonly #quorum = new QuorumWatch();
  readonly #partitions = new Map<string, PartitionOracle>();
  readonly #replicas = new ReplicaBook();
  #lookedAt: MetadataImage | undefined;
  #told: Told[] = [];
  #shown: ClientResponse<'metadata'>[] = [];
  readonly #isOverBudget: boolean;

  constructor(isOverBudget = false) {
    this.#isOverBudget = isOverBudget;
  }

  /** The latest committed metadata that any node has had. */
  get image(): MetadataImage | undefined {
    return this.#images.latest;
  }

  partition(topicId: TopicId, partition: number, topic?: string): PartitionOracle {
    const key = partitionKey(topicId, partition);
    const known = this.#partitions.get(key);
    if (known !== undefined) return known;
    const name = topic === undefined ? key : `${topic}-${partition}`;
    const created = new PartitionOracle(name, this.#isOverBudget);
    this.#partitions.set(key, created);
    return created;
  }

  /** The disk of a broker has lost, or spoiled, what lay there: all of it, or one log, `t-0`. */
  diskSpoiled(broker: NodeId, log?: string): void {
    for (const oracle of this.#partitions.values())
      if (log === undefined || log === oracle.name) oracle.diskSpoiled(broker);
  }

  /** A client was told something; it is held against the ledger once what happened with it is in it. */
  told(told: Told): void {
    this.#told.push(told);
  }

  /** A vote was given on the wire (V21). */
  voted(vote: GrantedVote): string | undefined {
    return this.#quorum.oracle.voted(vote);
  }

  /** A client was shown metadata (V26). */
  shown(metadata: ClientResponse<'metadata'>): void {
    this.#shown.push(metadata);
  }

  /**
   * Looks at what has happened: `ran` names the nodes that did anything, or died, since the last look, `livingAt` gives those that live.
   * What has not changed since is not looked at again.
   */
  look(
    ran: Iterable<NodeId>,
    livingAt: (id: NodeId) => LivingNode | undefined,
    voters: readonly Pick<Voter, 'id'>[],
  ): string | undefined {
    const looked: { readonly id: NodeId; readonly living: LivingNode | undefined }[] = [];
    for (const id of ran) looked.push({ id, living: livingAt(id) });
    const broken = this.#quorum.look(looked, voters);
    if (broken !== undefined) return broken;
    for (const { id, living } of looked) {
      this.#replicas.look(id, living);
      const wrong = living === undefined ? undefined : this.#lookAtImage(living);
      if (wrong !== undefined) return wrong;
    }
    const { image } = this;
    return (
      this.#lookAtShown() ??
      (image === undefined ? undefined : (this.#lookAtPartitions(image) ?? this.#lookAtTold(image)))
    );
  }

  #lookAtShown(): string | undefined {
    if (this.#shown.length === 0) return undefined;
    const shown = this.#shown;
    this.#shown = [];
    for (const metadata of shown) {
      const uncommitted = this.#images.shown(metadata);
      if (uncommitted !== undefined) return uncommitted;
    }
    return undefined;
  }

  #lookAtImage({ id, life, node }: LivingNode): string | undefined {
    const { image } = node;
    if (image.offset < 0) return undefined;
    return this.#images.look(`${id}.${life}`, image, (topicId) => minInSync(image, topicId));
  }

  /** All of them after a change of the metadata, else those of which a replica has changed. */
  #lookAtPartitions(image: MetadataImage): string | undefined {
    const changed = this.#replicas.takeChanged();
    const isNew = image !== this.#lookedAt;
    this.#lookedAt = image;
    for (const place of isNew ? placesOf(image) : changed) {
      const broken = this.#lookAtPartition(image, place);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  #lookAtPartition(image: MetadataImage, { topicId, partition }: PartitionPlace): string | undefined {
    const state = partitionOf(image, topicId, partition);
    const topic = image.topics.get(topicId);
    if (state === undefined || topic === undefined) return undefined;
    return this.partition(topicId, partition, topic.name).look(this.#replicas.at({ topicId, partition }), {
      ...state,
      lastUncleanEpoch: lastUncleanEpoch(image, topicId, partition),
      minInSync: Math.min(minInSync(image, topicId), state.replicas.length),
    });
  }

  #lookAtTold(image: MetadataImage): string | undefined {
    if (this.#told.length === 0) return undefined;
    const told = this.#told;
    this.#told = [];
    for (const { what, topicId, partition, endOffset, batch } of told) {
      // What a topic committed in the moment of its deletion was not looked at any more.
      if (!image.topics.has(topicId)) continue;
      const oracle = this.partition(topicId, partition);
      const broken = what === 'given' ? oracle.given(endOffset) : oracle.acknowledged(endOffset, batch);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }
}

function placesOf(image: MetadataImage): PartitionPlace[] {
  return [...partitionsOf(image)].map(({ topic: { topicId }, partition }) => ({ topicId, partition }));
}

/** The living replicas of each partition, by its key. */
export function replicasByPartition(nodes: readonly LivingNode[]): Map<string, ReplicaSeen[]> {
  const found = new Map<string, ReplicaSeen[]>();
  for (const node of nodes)
    for (const replica of replicasAt(node)) {
      const key = partitionKey(replica.topicId, replica.partition);
      const others = found.get(key);
      if (others === undefined) found.set(key, [replica]);
      else others.push(replica);
    }
  return found;
}

function minInSync(image: MetadataImage, topicId: TopicId): number {
  const topic = image.topics.get(topicId);
  const text = topic === undefined ? undefined : topicConfig(image, topic.name).get('min.insync.replicas');
  return text === undefined ? 1 : Number(text);
}

/** The records of a log below an offset, as a reader gets them. */
export function recordsBelow(
  log: LogView,
  endOffset: Offset,
): { readonly offset: Offset; readonly value: string }[] {
  const records: { readonly offset: Offset; readonly value: string }[] = [];
  let at = log.logStartOffset;
  while (at < endOffset) {
    const read = log.read(at, { upToOffset: endOffset, maxBytes: 1 << 20 });
    if (read.outcome !== 'records' || read.nextOffset <= at) break;
    for (const piece of read.records)
      walkBatches(piece, (batch) => {
        if (batch.isControl) return;
        for (const { offset, value } of readRecords(batch))
          records.push({ offset, value: value === null ? '' : new TextDecoder().decode(value) });
      });
    at = read.nextOffset;
  }
  return records;
}
