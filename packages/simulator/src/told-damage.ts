// What the system has said of its own damage, partition by partition: nodes in their words, the metadata by who came back lossy. Over budget
// (D14) a promise may be broken only where something was said.

import { type BrokerEpoch, type MetadataImage, type NodeId, partitionsOf } from '@odradek/model';
import type { PartitionName } from './client-history.ts';

/** A log, or a file of it, and what has become of it. */
const TOLD =
  /^(\S+-\d+)(?:\/\S+)?: (?:its log failed|its log was flushed once, and is gone|cut \d+ bytes|no other replica is in sync)/;

export class ToldDamage {
  readonly #partitions = new Map<PartitionName, string>();
  readonly #firstEpochs = new Map<NodeId, BrokerEpoch>();
  #image: MetadataImage | undefined;

  /** A node says something. */
  said(line: string): void {
    const partition = TOLD.exec(line)?.[1];
    if (partition !== undefined) this.#note(partition, line);
  }

  /** A broker that comes back `lossy` says so of all that it has. The first time nobody had anything. */
  look(image: MetadataImage): void {
    if (image === this.#image) return;
    for (const [id, { brokerEpoch, restartClass }] of image.brokers) {
      if (!this.#firstEpochs.has(id)) this.#firstEpochs.set(id, brokerEpoch);
      const isNew = this.#image?.brokers.get(id)?.brokerEpoch !== brokerEpoch;
      if (!isNew || restartClass !== 'lossy' || this.#firstEpochs.get(id) === brokerEpoch) continue;
      for (const { topic, partition, state } of partitionsOf(image))
        if (state.replicas.includes(id)) this.#note(`${topic.name}-${partition}`, `${id} came back lossy`);
    }
    this.#image = image;
  }

  /** What was said first of a partition; undefined: nothing. */
  of(partition: PartitionName): string | undefined {
    return this.#partitions.get(partition);
  }

  #note(partition: PartitionName, what: string): void {
    if (!this.#partitions.has(partition)) this.#partitions.set(partition, what);
  }
}
