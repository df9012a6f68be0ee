// The ends of logs that brokers were asked for before an unclean election (C3 as amended). An end is worth something for one
// leader epoch of its partition and one registration of its broker.

import type { ReplicaLogEnd } from '@odradek/election';
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
  /** `failed`: no answer came, or one of another registration; it is asked again, but not at once. */
  readonly state: 'asked' | 'failed' | 'told';
  /** Undefined while not told, and when the broker cannot tell. */
  readonly end: ReplicaLogEnd | undefined;
}

/** What was asked and told, by partition and broker. */
export class LogEndBook {
  private readonly entries = new Map<string, Map<NodeId, Entry>>();

  clear(): void {
    this.entries.clear();
  }

  /** What was told of a partition, as far as it still holds. */
  endsOf(image: MetadataImage, partition: PartitionKey): LogEnds {
    const ends = new Map<NodeId, ReplicaLogEnd | undefined>();
    // Asked of every partition that has no leader, so nothing is kept for the asking (W2).
    const entries = this.entries.get(partitionKey(partition.topicId, partition.partition)) ?? [];
    for (const [broker, entry] of entries) {
      if (entry.state === 'told' && holds(image, partition, broker, entry)) ends.set(broker, entry.end);
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
        this.entriesOf(key).set(broker, { leaderEpoch, brokerEpoch, state: 'asked', end: undefined });
        toAsk.set(broker, [...(toAsk.get(broker) ?? []), key]);
      }
    }
    return toAsk;
  }

  /** Notes an answer. False: it was none, and must be asked for again later. */
  note(broker: NodeId, partitions: readonly PartitionKey[], told: LogEndsTold): boolean {
    let isWhole = true;
    for (const partition of partitions) {
      const entries = this.entriesOf(partition);
      const asked = entries.get(broker);
      if (asked === undefined) continue;
      if (told === undefined || told.brokerEpoch !== asked.brokerEpoch) {
        entries.set(broker, { ...asked, state: 'failed' });
        isWhole = false;
        continue;
      }
      const answer = told.ends.find(
        (one) => one.topicId === partition.topicId && one.partition === partition.partition,
      );
      entries.set(broker, { ...asked, state: 'told', end: answer?.end });
    }
    return isWhole;
  }

  /** What failed may be asked again. */
  forgetFailed(): void {
    for (const entries of this.entries.values())
      for (const [broker, entry] of entries) if (entry.state === 'failed') entries.delete(broker);
  }

  private entriesOf({ topicId, partition }: PartitionKey): Map<NodeId, Entry> {
    const key = partitionKey(topicId, partition);
    const entries = this.entries.get(key) ?? new Map<NodeId, Entry>();
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
