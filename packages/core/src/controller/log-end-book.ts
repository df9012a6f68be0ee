// The ends of logs that brokers were asked for before an unclean election (C3 as amended). An end is worth something for one
// leader epoch of its partition and one registration of its broker.

import {
  type MetadataImage,
  type NodeId,
  type PartitionKey,
  partitionKey,
  partitionOf,
} from '@odradek/model';
import type { LogEndsTold } from './controller-host.ts';
import type { LogEndQuestion, LogEnds } from './plan.ts';

interface Entry {
  readonly leaderEpoch: number;
  readonly brokerEpoch: number;
  /** Undefined while asked; `told` with no end: the broker cannot tell. */
  readonly told:
    | { readonly end: { readonly lastEpoch: number; readonly endOffset: number } | undefined }
    | undefined;
}

/** What was asked and told, by partition and broker. */
export class LogEndBook {
  private readonly entries = new Map<string, Map<NodeId, Entry>>();

  clear(): void {
    this.entries.clear();
  }

  /** What was told of a partition, as far as it still holds. */
  endsOf(image: MetadataImage, partition: PartitionKey): LogEnds {
    const ends = new Map();
    for (const [broker, entry] of this.entriesOf(partition)) {
      if (entry.told !== undefined && holds(image, partition, broker, entry))
        ends.set(broker, entry.told.end);
    }
    return ends;
  }

  /** Notes questions; gives those that were not asked yet, by broker. */
  toAsk(
    image: MetadataImage,
    questions: readonly LogEndQuestion[],
  ): ReadonlyMap<NodeId, readonly PartitionKey[]> {
    const toAsk = new Map<NodeId, PartitionKey[]>();
    for (const { topicId, partition, replicas } of questions) {
      const key = { topicId, partition };
      const leaderEpoch = partitionOf(image, topicId, partition)?.leaderEpoch ?? -1;
      for (const broker of replicas) {
        const known = this.entriesOf(key).get(broker);
        if (known !== undefined && holds(image, key, broker, known)) continue;
        const brokerEpoch = image.brokers.get(broker)?.brokerEpoch ?? -1;
        this.entriesOf(key).set(broker, { leaderEpoch, brokerEpoch, told: undefined });
        toAsk.set(broker, [...(toAsk.get(broker) ?? []), key]);
      }
    }
    return toAsk;
  }

  /** Notes an answer. False: there was none, so the questions are open again. */
  note(broker: NodeId, partitions: readonly PartitionKey[], told: LogEndsTold): boolean {
    for (const partition of partitions) {
      const entries = this.entriesOf(partition);
      const asked = entries.get(broker);
      if (asked === undefined) continue;
      if (told === undefined || told.brokerEpoch !== asked.brokerEpoch) {
        entries.delete(broker);
        continue;
      }
      const answer = told.ends.find(
        (one) => one.topicId === partition.topicId && one.partition === partition.partition,
      );
      entries.set(broker, { ...asked, told: { end: answer?.end } });
    }
    return told !== undefined;
  }

  private entriesOf({ topicId, partition }: PartitionKey): Map<NodeId, Entry> {
    const key = partitionKey(topicId, partition);
    const entries = this.entries.get(key) ?? new Map();
    this.entries.set(key, entries);
    return entries;
  }
}

function holds(
  image: MetadataImage,
  { topicId, partition }: PartitionKey,
  broker: NodeId,
  entry: Entry,
): boolean {
  return (
    partitionOf(image, topicId, partition)?.leaderEpoch === entry.leaderEpoch &&
    image.brokers.get(broker)?.brokerEpoch === entry.brokerEpoch
  );
}
