// Facts of one node, read from what it knows: its metadata image, its replicas. What has not changed is the same object as before, so
// that looking ten times a second costs little.

import {
  type BrokerImage,
  lossesOf,
  type MetadataImage,
  type PartitionImage,
  type TopicImage,
} from '@odradek/model';
import type { ClusterFacts } from './facts.ts';
import type { BrokerFacts, LossFacts, ReplicaFacts, TopicFacts } from './messages.ts';

/** What a node knows of the cluster. */
export interface ClusterKnowledge {
  readonly image: MetadataImage;
  /** Everything below it is in the image. */
  readonly metadataEnd: number;
  /** Of the quorum's leader; -1: nobody is known. */
  readonly controllerId: number;
  readonly controllerEpoch: number;
  readonly voters: readonly number[];
}

/** Makes the facts of topics: of what is the same object in two images, the same facts. */
export class TopicFactsMaker {
  private readonly topics = new WeakMap<TopicImage, TopicFacts>();
  private readonly partitions = new WeakMap<PartitionImage, TopicFacts['partitions'][number]>();

  /** By name. */
  of(image: MetadataImage): Map<string, TopicFacts> {
    return new Map([...image.topics.values()].map((topic) => [topic.name, this.topicFacts(topic)]));
  }

  private topicFacts(topic: TopicImage): TopicFacts {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    const { name, topicId } = topic;
    const partitions = topic.partitions.map((image, partition) => this.partitionFacts(image, partition));
    const made = { name, topicId, partitions };
    this.topics.set(topic, made);
    return made;
  }

  private partitionFacts(image: PartitionImage, partition: number): TopicFacts['partitions'][number] {
    const known = this.partitions.get(image);
    if (known !== undefined) return known;
    const { leader, leaderEpoch, replicas, inSyncReplicas, eligibleLeaderReplicas } = image;
    const made = { partition, leader, leaderEpoch, replicas, inSyncReplicas, eligibleLeaderReplicas };
    this.partitions.set(image, made);
    return made;
  }
}

/** Makes a cluster's facts from images that follow each other. */
export class ClusterFactsMaker {
  private readonly topics = new TopicFactsMaker();
  private image: MetadataImage | undefined;
  private known: ClusterFacts | undefined;

  of(knowledge: ClusterKnowledge): ClusterFacts {
    const { image, controllerId: id, controllerEpoch: epoch, voters, metadataEnd } = knowledge;
    const { known } = this;
    const isSameImage = known !== undefined && image === this.image;
    if (
      isSameImage &&
      known.controller.id === id &&
      known.controller.epoch === epoch &&
      known.metadataEnd === metadataEnd &&
      known.voters.length === voters.length
    )
      return known;
    const made: ClusterFacts = {
      metadataEnd,
      controller: { id, epoch },
      voters,
      ...(isSameImage
        ? { brokers: known.brokers, losses: known.losses, topics: known.topics }
        : this.ofImage(image)),
    };
    this.image = image;
    this.known = made;
    return made;
  }

  private ofImage(image: MetadataImage): Pick<ClusterFacts, 'brokers' | 'losses' | 'topics'> {
    return {
      brokers: [...image.brokers.values()].map(brokerFacts),
      losses: lossesOf(image).losses.map(lossFacts),
      topics: this.topics.of(image),
    };
  }
}

function brokerFacts({ id, isFenced, isShuttingDown, endPoints }: BrokerImage): BrokerFacts {
  const state = isFenced ? 'fenced' : isShuttingDown ? 'in controlled shutdown' : 'running';
  return { id, state, host: endPoints[0]?.host ?? '', port: endPoints[0]?.port ?? 0 };
}

/** A loss as it is told. */
export function lossFacts({
  topic,
  partition,
  leaderEpoch,
  fromOffset,
  toOffset,
}: ReturnType<typeof lossesOf>['losses'][number]): LossFacts {
  return { topic, partition, leaderEpoch, fromOffset, toOffset };
}

/** A replica as the node that hosts it knows it. */
export interface HostedReplica {
  readonly name: { readonly topic: string; readonly partition: number };
  readonly log:
    | {
        readonly logStartOffset: number;
        readonly logEndOffset: number;
        readonly flushedEndOffset: number;
        readonly sizeInBytes: number;
      }
    | undefined;
  readonly leader: { readonly leaderEpoch: number } | undefined;
  readonly follower: { readonly leaderEpoch: number } | undefined;
  readonly highWatermark: number;
}

/** Makes the facts of one broker's replicas. */
export class ReplicaFactsMaker {
  private readonly broker: number;
  private readonly known = new WeakMap<HostedReplica, ReplicaFacts>();

  constructor(broker: number) {
    this.broker = broker;
  }

  *of(hosted: Iterable<HostedReplica>): Generator<ReplicaFacts, void, undefined> {
    for (const replica of hosted) yield this.factsOf(replica);
  }

  private factsOf(replica: HostedReplica): ReplicaFacts {
    const { name, log, leader, follower, highWatermark } = replica;
    const known = this.known.get(replica);
    const role = leader !== undefined ? 'leader' : follower !== undefined ? 'follower' : 'none';
    const leaderEpoch = leader?.leaderEpoch ?? follower?.leaderEpoch ?? -1;
    if (
      known !== undefined &&
      known.logEndOffset === (log?.logEndOffset ?? -1) &&
      known.flushedEndOffset === (log?.flushedEndOffset ?? -1) &&
      known.highWatermark === highWatermark &&
      known.role === role &&
      known.leaderEpoch === leaderEpoch &&
      known.logStartOffset === (log?.logStartOffset ?? -1)
    )
      return known;
    const made: ReplicaFacts = {
      broker: this.broker,
      topic: name.topic,
      partition: name.partition,
      role,
      leaderEpoch,
      logStartOffset: log?.logStartOffset ?? -1,
      highWatermark,
      logEndOffset: log?.logEndOffset ?? -1,
      flushedEndOffset: log?.flushedEndOffset ?? -1,
      ...(log === undefined ? {} : { sizeInBytes: log.sizeInBytes }),
    };
    this.known.set(replica, made);
    return made;
  }
}
