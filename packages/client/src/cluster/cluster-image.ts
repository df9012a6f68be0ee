// What metadata says about brokers and topics, as an immutable value; and how a newer answer changes it.

import { type ClientResponse, NO_EPOCH, NO_LEADER } from '@odradek/model';
import type { Address } from '@odradek/wire';

export interface PartitionLeader {
  /** -1: none. */
  readonly leader: number;
  /** The latest that is known. */
  readonly leaderEpoch: number;
  /** The leader was named by another broker: its epoch is not known, so a request names none. */
  readonly isHinted: boolean;
}

export interface TopicImage {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly PartitionLeader[];
}

export interface ClusterImage {
  readonly brokers: ReadonlyMap<number, Address>;
  readonly topics: ReadonlyMap<string, TopicImage>;
  /** Topics that were asked for and could not be told about, with the error's name. */
  readonly missing: ReadonlyMap<string, { readonly error: string; readonly message: string | null }>;
}

export const nothingKnown: ClusterImage = { brokers: new Map(), topics: new Map(), missing: new Map() };

/** The image after an answer about `asked`. A leader of an older epoch than the one known is not believed (L9). */
export function imageAfter(image: ClusterImage, answer: ClientResponse<'metadata'>): ClusterImage {
  const topics = new Map(image.topics);
  const missing = new Map<string, { readonly error: string; readonly message: string | null }>();
  for (const topic of answer.topics) {
    if (topic.error !== 'NONE') {
      missing.set(topic.name, { error: topic.error, message: topic.errorMessage });
      topics.delete(topic.name);
      continue;
    }
    const known = topics.get(topic.name);
    // A topic made anew has another id: what was known of the old one says nothing about it (C10).
    const before = known?.topicId === topic.topicId ? known.partitions : [];
    const partitions: PartitionLeader[] = topic.partitions.map(() => ({
      leader: NO_LEADER,
      leaderEpoch: NO_EPOCH,
      isHinted: false,
    }));
    for (const { partition, leader, leaderEpoch } of topic.partitions) {
      const old = before[partition];
      const isOlder = old !== undefined && leaderEpoch < old.leaderEpoch;
      if (partition < partitions.length)
        partitions[partition] = isOlder ? old : { leader, leaderEpoch, isHinted: false };
    }
    topics.set(topic.name, { name: topic.name, topicId: topic.topicId, partitions });
  }
  const brokers =
    answer.brokers.length === 0
      ? image.brokers
      : new Map(answer.brokers.map(({ id, host, port }): [number, Address] => [id, { host, port }]));
  return { brokers, topics, missing };
}

/** The image after a broker that does not lead a partition said who does. */
export function imageWithHint(
  image: ClusterImage,
  topicName: string,
  partition: number,
  leader: number,
): ClusterImage {
  const topic = image.topics.get(topicName);
  const known = topic?.partitions[partition];
  if (topic === undefined || known === undefined || known.leader === leader) return image;
  if (leader < 0 || !image.brokers.has(leader)) return image;
  const partitions = topic.partitions.with(partition, { ...known, leader, isHinted: true });
  return { ...image, topics: new Map(image.topics).set(topicName, { ...topic, partitions }) };
}

/** The epoch that a request to a partition's leader carries: -1 asks for no check (L9). */
export function epochInRequest(leader: PartitionLeader): number {
  return leader.isHinted ? NO_EPOCH : leader.leaderEpoch;
}

/** Whether two images name the same topics, leaders and epochs. */
export function saysTheSame(one: ClusterImage, other: ClusterImage): boolean {
  return (
    one.topics.size === other.topics.size &&
    one.missing.size === other.missing.size &&
    [...one.missing].every(([name, { error }]) => other.missing.get(name)?.error === error) &&
    [...one.topics].every(([name, topic]) => sameTopic(topic, other.topics.get(name)))
  );
}

function sameTopic(one: TopicImage, other: TopicImage | undefined): boolean {
  return (
    one.topicId === other?.topicId &&
    one.partitions.length === other.partitions.length &&
    one.partitions.every(
      ({ leader, leaderEpoch }, partition) =>
        leader === other.partitions[partition]?.leader &&
        leaderEpoch === other.partitions[partition]?.leaderEpoch,
    )
  );
}

export function addressText(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
