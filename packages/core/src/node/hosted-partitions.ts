// The partitions that the metadata places on this broker: started, told of changes, and ended as the image changes (I7, C10).

import {
  emptyImage,
  type LeaderEpoch,
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

/**
 * How many places are taken in one turn of the event loop: each makes an actor or two, a role, and perhaps a log, up to a millisecond where
 * somebody watches on a busy machine. The quorum's messages wait meanwhile: with 32 no pre-vote came back within an election timeout.
 */
const PLACES_A_TURN = 8;

/** What is to be told to a partition: its place, or only that other brokers have changed. */
interface Due {
  readonly name: PartitionName;
  readonly isPlace: boolean;
}

export interface HostedPartitionsNeeds {
  readonly supervisor: Supervisor;
  readonly machine: typeof partitionMachine;
  readonly partitions: PartitionNeeds;
  /** A partition's high watermark as it was last written down, 0 if never (D10). */
  checkpointOf(name: PartitionName): number;
  /** Runs something in a later turn of the event loop. */
  soon(callback: () => void): void;
}

/** The partitions of this broker, by key. */
export class HostedPartitions {
  readonly byKey = new Map<string, HostedPartition>();
  private readonly needs: HostedPartitionsNeeds;
  private image: MetadataImage = emptyImage;
  /** Those that are here and are led here from now on: they go first, for nobody can write to them, or follow them, until then (C8). */
  private readonly dueLeaderships = new Map<string, Due>();
  /** Those that are here and have another leader. */
  private readonly dueRoles = new Map<string, Due>();
  /** Whose place has changed in the image and is to be taken; in this order, so that a topic is gone before another has its name. */
  private readonly due = new Map<string, Due>();
  /** In the order in which they go. */
  private readonly queues = [this.dueLeaderships, this.dueRoles, this.due];
  private isScheduled = false;
  private isStarting = false;

  constructor(needs: HostedPartitionsNeeds) {
    this.needs = needs;
  }

  /**
   * Brings what is hosted from one image to the next. Unchanged topics cost one comparison. What is too much for one turn of the event
   * loop is done in the next ones, by the image as it is then: as if it had been replayed a little later (I7).
   */
  apply(before: MetadataImage, after: MetadataImage): void {
    this.image = after;
    this.isStarting = this.byKey.size === 0 && this.due.size === 0;
    if (before.topics !== after.topics) this.noteChanges(before, after);
    if (before.brokers !== after.brokers)
      for (const { key, name, leader } of this.byKey.values())
        if (leader !== undefined && !this.queues.some((queue) => queue.has(key)))
          this.due.set(key, { name, isPlace: false });
    if (!this.isScheduled) this.takePlaces();
  }

  /** Whether places are still to be taken in later turns. */
  get isTakingPlaces(): boolean {
    return this.queues.some((queue) => queue.size > 0);
  }

  /** Whether a leadership is placed here that has not begun: its place is still to be taken, or its log to be opened. */
  isToLead(key: string, leaderEpoch: LeaderEpoch): boolean {
    const hosted = this.byKey.get(key);
    const name = this.dueLeaderships.get(key)?.name ?? this.due.get(key)?.name ?? hosted?.name;
    if (name === undefined || hosted?.leader !== undefined) return false;
    const state = partitionOf(this.image, name.topicId, name.partition);
    return state?.leader === this.needs.partitions.brokerId && state.leaderEpoch === leaderEpoch;
  }

  /** Ends those that are placed elsewhere now, or nowhere. */
  keep(isPlacedHere: (partition: PartitionKey) => boolean): void {
    for (const [key, { name }] of [...this.byKey]) if (!isPlacedHere(name)) this.remove(key);
  }

  /** Takes every role away, but no log; the next {@link apply} gives roles again. */
  suspend(image: MetadataImage): void {
    for (const queue of this.queues) queue.clear();
    for (const hosted of this.byKey.values()) {
      const state = partitionOf(image, hosted.name.topicId, hosted.name.partition);
      const place = state === undefined ? hosted.place : placeOf(state);
      hosted.tell({ type: 'place changed', place: { ...place, leader: NO_LEADER } });
    }
  }

  /** The broker ends: nobody leads or follows here any more, and whoever waits is told (C9). */
  close(): void {
    for (const queue of this.queues) queue.clear();
    for (const hosted of this.byKey.values()) hosted.close();
  }

  private noteChanges(before: MetadataImage, after: MetadataImage): void {
    for (const topic of before.topics.values())
      if (!after.topics.has(topic.topicId))
        topic.partitions.forEach((state, partition) => {
          this.noteChange(topic, partition, state);
        });
    for (const topic of after.topics.values()) {
      const known = before.topics.get(topic.topicId);
      if (known === topic) continue;
      topic.partitions.forEach((state, partition) => {
        if (known?.partitions[partition] !== state) this.noteChange(topic, partition, state);
      });
    }
  }

  private noteChange({ name: topic, topicId }: TopicImage, partition: number, state: PartitionImage): void {
    const key = partitionKey(topicId, partition);
    const hosted = this.byKey.get(key);
    if (hosted === undefined && !state.replicas.includes(this.needs.partitions.brokerId)) return;
    const wanted = this.queueOf(state, hosted);
    const known = this.queues.findIndex((queue) => queue.has(key));
    const first = known < 0 ? wanted : Math.min(known, wanted);
    if (known !== first) this.queues[known]?.delete(key);
    this.queues[first]?.set(key, { name: { topic, topicId, partition }, isPlace: true });
  }

  /** Which of the queues. */
  private queueOf(state: PartitionImage, hosted: HostedPartition | undefined): number {
    const isLedHere = state.leader === this.needs.partitions.brokerId;
    // At the start nothing of any topic is here that would have to go before.
    if (hosted === undefined) return isLedHere && this.isStarting && !isNew(state) ? 0 : 2;
    if (hosted.place.leaderEpoch === state.leaderEpoch) return 2;
    return isLedHere ? 0 : 1;
  }

  private takePlaces(): void {
    let count = 0;
    for (const queue of this.queues)
      for (const [key, due] of queue) {
        if (count === PLACES_A_TURN) {
          this.takeMoreLater();
          return;
        }
        count += 1;
        queue.delete(key);
        this.tell(key, due);
      }
  }

  private takeMoreLater(): void {
    this.isScheduled = true;
    this.needs.soon(() => {
      this.isScheduled = false;
      this.takePlaces();
    });
  }

  private tell(key: string, { name, isPlace }: Due): void {
    if (!isPlace) {
      this.byKey.get(key)?.leader?.eligibilityChanged();
      return;
    }
    const state = partitionOf(this.image, name.topicId, name.partition);
    if (state?.replicas.includes(this.needs.partitions.brokerId)) this.place(key, name, state);
    else this.remove(key);
  }

  private place(key: string, name: PartitionName, state: PartitionImage): void {
    const { supervisor, machine, partitions, checkpointOf } = this.needs;
    const place = placeOf(state);
    const hosted = this.byKey.get(key);
    if (hosted !== undefined) {
      hosted.tell({ type: 'place changed', place });
      return;
    }
    const created = new HostedPartition(partitions, name, place, checkpointOf(name));
    this.byKey.set(key, created);
    const actor = supervisor.make(actorId(name), machine, { host: created.host, place });
    created.begin(actor);
  }

  private remove(key: string): void {
    const hosted = this.byKey.get(key);
    if (hosted === undefined) return;
    this.byKey.delete(key);
    hosted.tell({ type: 'deleted' });
  }
}

/**
 * A partition that was just made is taken up in its turn, by its leader and its followers at about the same time: of ten thousand new
 * ones a leader that had taken its own first would wait in vain for followers that are still at theirs, and take them out (I4).
 */
function isNew({ leaderEpoch, partitionEpoch }: PartitionImage): boolean {
  return leaderEpoch === 0 && partitionEpoch === 0;
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
