// What must hold of a whole cluster after every event: the metadata of all nodes, and each partition against its ledger.

import { readRecords, walkBatches } from '@odradek/format';
import {
  type ClientResponse,
  type LogView,
  lastUncleanEpoch,
  type MetadataImage,
  type Offset,
  partitionKey,
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
  readonly #told: Told[] = [];
  readonly #shown: ClientResponse<'metadata'>[] = [];

  /** The latest committed metadata that any node has had. */
  get image(): MetadataImage | undefined {
    return this.#images.latest;
  }

  partition(topicId: TopicId, partition: number, name = partitionKey(topicId, partition)): PartitionOracle {
    const key = partitionKey(topicId, partition);
    const known = this.#partitions.get(key);
    if (known !== undefined) return known;
    const created = new PartitionOracle(name);
    this.#partitions.set(key, created);
    return created;
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

  look(nodes: readonly LivingNode[], voters: readonly Pick<Voter, 'id'>[]): string | undefined {
    const broken = this.#quorum.look(nodes, voters) ?? this.#lookAtImages(nodes);
    if (broken !== undefined) return broken;
    for (const metadata of this.#shown.splice(0)) {
      const uncommitted = this.#images.shown(metadata);
      if (uncommitted !== undefined) return uncommitted;
    }
    const { image } = this;
    return image === undefined
      ? undefined
      : (this.#lookAtPartitions(image, nodes) ?? this.#lookAtTold(image));
  }

  #lookAtImages(nodes: readonly LivingNode[]): string | undefined {
    for (const { id, life, node } of nodes) {
      const { image } = node;
      if (image.offset < 0) continue;
      const broken = this.#images.look(`${id}.${life}`, image, (topicId) => minInSync(image, topicId));
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  #lookAtPartitions(image: MetadataImage, nodes: readonly LivingNode[]): string | undefined {
    if (image.topics.size === 0) return undefined;
    const replicas = replicasByPartition(nodes);
    for (const { topic, partition, state } of partitionsOf(image)) {
      const { topicId, name } = topic;
      const broken = this.partition(topicId, partition, `${name}-${partition}`).look(
        replicas.get(partitionKey(topicId, partition)) ?? [],
        {
          ...state,
          lastUncleanEpoch: lastUncleanEpoch(image, topicId, partition),
          minInSync: Math.min(minInSync(image, topicId), state.replicas.length),
        },
      );
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  #lookAtTold(image: MetadataImage): string | undefined {
    for (const { what, topicId, partition, endOffset, batch } of this.#told.splice(0)) {
      // What a topic committed in the moment of its deletion was not looked at any more.
      if (!image.topics.has(topicId)) continue;
      const oracle = this.partition(topicId, partition);
      const broken = what === 'given' ? oracle.given(endOffset) : oracle.acknowledged(endOffset, batch);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }
}

/** The living replicas of each partition, by its key. */
export function replicasByPartition(nodes: readonly LivingNode[]): Map<string, ReplicaSeen[]> {
  const found = new Map<string, ReplicaSeen[]>();
  for (const { id, life, node, disk } of nodes)
    for (const { topicId, partition, ...replica } of replicasAt(node, disk)) {
      const key = partitionKey(topicId, partition);
      const seen: ReplicaSeen = { broker: id, life, ...replica };
      const others = found.get(key);
      if (others === undefined) found.set(key, [seen]);
      else others.push(seen);
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
