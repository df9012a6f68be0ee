// Where a client's request about a partition goes: to the leader here, or back with the name of the one to ask instead (L9).

import type { KafkaErrorName, LeaderEpoch, MetadataImage, NodeId, Refusal, TopicId } from '@odradek/model';
import { NO_EPOCH, NO_LEADER, partitionKey, partitionOf } from '@odradek/model';
import type { LeaderReplica } from '@odradek/replication';
import type { HostedPartition } from '../partition/hosted-partition.ts';

/** Why a request cannot be answered here, and who may answer it. */
export interface NotHere extends Refusal {
  readonly leaderHint: NodeId;
}

export interface LeaderHere {
  readonly partition: HostedPartition;
  readonly leader: LeaderReplica;
}

/** Finds the leaders at this broker. */
export class LeaderLookup {
  readonly hosted: ReadonlyMap<string, HostedPartition>;
  private readonly image: () => MetadataImage;

  constructor(hosted: ReadonlyMap<string, HostedPartition>, image: () => MetadataImage) {
    this.hosted = hosted;
    this.image = image;
  }

  /** `leaderEpoch`: the one the client believes in, NO_EPOCH when it does not say (L9). */
  find(topicId: TopicId, partition: number, leaderEpoch: LeaderEpoch): LeaderHere | NotHere {
    const hosted = this.hosted.get(partitionKey(topicId, partition));
    const leader = hosted?.leader;
    if (hosted === undefined || leader === undefined) return this.notHere(topicId, partition, hosted);
    if (leaderEpoch === NO_EPOCH || leaderEpoch === leader.leaderEpoch) return { partition: hosted, leader };
    const isOlder = leaderEpoch < leader.leaderEpoch;
    return {
      error: isOlder ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH',
      message: `leader epoch ${leaderEpoch} was named, here it is ${leader.leaderEpoch}`,
      leaderHint: isOlder ? hosted.brokerId : NO_LEADER,
    };
  }

  private notHere(topicId: TopicId, index: number, hosted: HostedPartition | undefined): NotHere {
    const image = this.image();
    const partition = partitionOf(image, topicId, index);
    if (partition === undefined) return unknownPartition(image, topicId, index);
    const name = `${image.topics.get(topicId)?.name ?? topicId}-${index}`;
    if (partition.leader === NO_LEADER) {
      const message = `partition ${name} has no leader`;
      return { error: 'LEADER_NOT_AVAILABLE', message, leaderHint: NO_LEADER };
    }
    const message = `broker ${partition.leader} leads partition ${name}`;
    const error: KafkaErrorName = hosted?.notLeading ?? 'NOT_LEADER_OR_FOLLOWER';
    return { error, message, leaderHint: partition.leader };
  }
}

function unknownPartition(image: MetadataImage, topicId: TopicId, index: number): NotHere {
  const topic = image.topics.get(topicId);
  if (topic === undefined)
    return {
      error: 'UNKNOWN_TOPIC_ID',
      message: `there is no topic with id ${topicId}`,
      leaderHint: NO_LEADER,
    };
  const message = `topic ${topic.name} has ${topic.partitions.length} partitions, there is no partition ${index}`;
  return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message, leaderHint: NO_LEADER };
}
