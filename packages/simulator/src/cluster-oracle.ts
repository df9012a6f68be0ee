// What must hold of a whole cluster after every event: the metadata of all nodes, and each partition against its ledger.

import type { OdradekNode } from '@odradek/core';
import { readRecords, walkBatches } from '@odradek/format';
import {
  type Disk,
  type LogView,
  lastUncleanEpoch,
  type MetadataImage,
  type NodeId,
  type Offset,
  partitionKey,
  partitionsOf,
  type TopicId,
  topicConfig,
} from '@odradek/model';
import { ImageOracle } from './image-oracle.ts';
import { replicasAt } from './node-view.ts';
import { PartitionOracle, type ReplicaSeen } from './partition-oracle.ts';

/** A node that runs. */
export interface LivingNode {
  readonly id: NodeId;
  readonly life: number;
  readonly node: OdradekNode;
  readonly disk: Disk;
}

/** What a client was told: records were given to it, or acknowledged, up to an end. */
export interface Told {
  readonly what: 'given' | 'acknowledged';
  readonly topicId: TopicId;
  readonly partition: number;
  readonly endOffset: Offset;
}

export class ClusterOracle {
  readonly #images = new ImageOracle();
  readonly #partitions = new Map<string, PartitionOracle>();
  readonly #told: Told[] = [];

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

  look(nodes: readonly LivingNode[]): string | undefined {
    for (const { id, life, node } of nodes) {
      const { image } = node;
      if (image.offset < 0) continue;
      const broken = this.#images.look(`${id}.${life}`, image, (topicId) => minInSync(image, topicId));
      if (broken !== undefined) return broken;
    }
    const { image } = this;
    return image === undefined
      ? undefined
      : (this.#lookAtPartitions(image, nodes) ?? this.#lookAtTold(image));
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
    for (const { what, topicId, partition, endOffset } of this.#told.splice(0)) {
      // What a topic committed in the moment of its deletion was not looked at any more.
      if (!image.topics.has(topicId)) continue;
      const broken = this.partition(topicId, partition)[what](endOffset);
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
