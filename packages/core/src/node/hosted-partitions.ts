// The partitions that the metadata places on this broker: started, told of changes, and ended as the image changes (I7, C10).

import {
  type MetadataImage,
  NO_LEADER,
  type PartitionImage,
  type PartitionKey,
  partitionKey,
  partitionOf,
  type TopicImage,
} from '@odradek/model';
import { HostedPartition, type PartitionName, type PartitionNeeds } from '../partition/hosted-partition.ts';
import type { partitionMachine } from '../partition/partition.machine.ts';
import type { PartitionPlace } from '../partition/partition-host.ts';
import type { Supervisor } from './supervisor.ts';

/** The partitions of this broker, by key. */
export class HostedPartitions {
  readonly byKey = new Map<string, HostedPartition>();
  private readonly supervisor: Supervisor;
  private readonly machine: typeof partitionMachine;
  private readonly needs: PartitionNeeds;
  private readonly checkpointOf: (name: PartitionName) => number;

  /** `checkpointOf`: a partition's high watermark as it was last written down, 0 if never (D10). */
  constructor(
    supervisor: Supervisor,
    machine: typeof partitionMachine,
    needs: PartitionNeeds,
    checkpointOf: (name: PartitionName) => number,
  ) {
    this.supervisor = supervisor;
    this.machine = machine;
    this.needs = needs;
    this.checkpointOf = checkpointOf;
  }

  /** Brings what is hosted from one image to the next. Unchanged topics cost one comparison. */
  apply(before: MetadataImage, after: MetadataImage): void {
    if (before.topics !== after.topics) {
      for (const topic of before.topics.values())
        if (!after.topics.has(topic.topicId)) this.removeTopic(topic);
      for (const topic of after.topics.values()) {
        const known = before.topics.get(topic.topicId);
        if (known !== topic) this.applyTopic(known, topic);
      }
    }
    if (before.brokers !== after.brokers)
      for (const hosted of this.byKey.values()) hosted.leader?.eligibilityChanged();
  }

  /** Ends those that are placed elsewhere now, or nowhere. */
  keep(isPlacedHere: (partition: PartitionKey) => boolean): void {
    for (const [key, { name }] of [...this.byKey]) if (!isPlacedHere(name)) this.remove(key);
  }

  /** Takes every role away, but no log; the next {@link apply} gives roles again. */
  suspend(image: MetadataImage): void {
    for (const hosted of this.byKey.values()) {
      const state = partitionOf(image, hosted.name.topicId, hosted.name.partition);
      const place = state === undefined ? hosted.place : placeOf(state);
      hosted.tell({ type: 'place changed', place: { ...place, leader: NO_LEADER } });
    }
  }

  /** The broker ends: nobody leads or follows here any more, and whoever waits is told (C9). */
  close(): void {
    for (const hosted of this.byKey.values()) hosted.close();
  }

  private applyTopic(known: TopicImage | undefined, topic: TopicImage): void {
    topic.partitions.forEach((state, partition) => {
      if (known?.partitions[partition] === state) return;
      const name = { topic: topic.name, topicId: topic.topicId, partition };
      if (state.replicas.includes(this.needs.brokerId)) this.place(name, state);
      else this.remove(partitionKey(topic.topicId, partition));
    });
  }

  private place(name: PartitionName, state: PartitionImage): void {
    const key = partitionKey(name.topicId, name.partition);
    const place = placeOf(state);
    const hosted = this.byKey.get(key);
    if (hosted !== undefined) {
      hosted.tell({ type: 'place changed', place });
      return;
    }
    const created = new HostedPartition(this.needs, name, place, this.checkpointOf(name));
    this.byKey.set(key, created);
    const actor = this.supervisor.make(actorId(name), this.machine, { host: created.host, place });
    created.begin(actor);
  }

  private removeTopic(topic: TopicImage): void {
    topic.partitions.forEach((_, partition) => {
      this.remove(partitionKey(topic.topicId, partition));
    });
  }

  private remove(key: string): void {
    const hosted = this.byKey.get(key);
    if (hosted === undefined) return;
    this.byKey.delete(key);
    hosted.tell({ type: 'deleted' });
  }
}

/** How a partition's actors are called: topic names cannot have slashes. */
export function actorId({ topic, partition }: PartitionName): string {
  return `${topic}-${partition}`;
}

/** What a replica's machine needs to know of the metadata's record. */
export function placeOf(state: PartitionImage): PartitionPlace {
  const { leader, leaderEpoch, partitionEpoch, isRecovering } = state;
  const { replicas, inSyncReplicas, eligibleLeaderReplicas } = state;
  return {
    leader,
    leaderEpoch,
    partitionEpoch,
    replicas,
    inSyncReplicas,
    eligibleLeaderReplicas,
    isRecovering,
  };
}
