// The replicas of all nodes as they were when oracles last looked at them, and which partitions have changed since. An oracle says of what
// has not changed what it said before, so only the others are looked at: after each event all the same, but not all of them.

import { type NodeId, partitionKey, type TopicId } from '@odradek/model';
import { type HostedReplica, isAsBefore, type LivingNode, replicaAt } from './node-view.ts';

/** A partition by its ids. */
export interface PartitionPlace {
  readonly topicId: TopicId;
  readonly partition: number;
}

export class ReplicaBook {
  /** By node, in the order in which they were first seen, and by partition. */
  readonly #byNode = new Map<NodeId, Map<string, HostedReplica>>();
  #changed = new Map<string, PartitionPlace>();

  /** Looks at a node that may have done something. Undefined: it is dead. */
  look(id: NodeId, living: LivingNode | undefined): void {
    const noted = this.#notedAt(id);
    const hosted = living?.node.hosted;
    for (const [key, replica] of noted)
      if (hosted?.get(key)?.log === undefined) {
        noted.delete(key);
        this.#changed.set(key, replica);
      }
    if (living === undefined || hosted === undefined) return;
    for (const [key, one] of hosted) {
      const before = noted.get(key);
      if (before === undefined ? one.log === undefined : isAsBefore(before, living, one)) continue;
      const replica = replicaAt(living, one);
      if (replica === undefined) continue;
      noted.set(key, replica);
      this.#changed.set(key, replica);
    }
  }

  #notedAt(id: NodeId): Map<string, HostedReplica> {
    const known = this.#byNode.get(id);
    if (known !== undefined) return known;
    const made = new Map<string, HostedReplica>();
    this.#byNode.set(id, made);
    return made;
  }

  /** The living replicas of a partition. */
  at({ topicId, partition }: PartitionPlace): readonly HostedReplica[] {
    const key = partitionKey(topicId, partition);
    const found: HostedReplica[] = [];
    for (const noted of this.#byNode.values()) {
      const replica = noted.get(key);
      if (replica !== undefined) found.push(replica);
    }
    return found;
  }

  /** The partitions of which a replica has changed since this was asked last. */
  takeChanged(): readonly PartitionPlace[] {
    if (this.#changed.size === 0) return none;
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }
}

const none: readonly PartitionPlace[] = [];
