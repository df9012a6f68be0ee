// From image to image: the only place where the metadata changes (C1). Pure; a map is copied when the first record of a call
// touches it, so ten thousand changes of partitions copy each topic's list once.

import { InvariantError, invariant } from '../invariant.ts';
import { type FlushPolicy, type NodeId, type Offset, partitionKey, type RestartClass } from '../nouns.ts';
import { CopiedMap } from './copied-map.ts';
import {
  type BrokerImage,
  configResource,
  type MetadataImage,
  type PartitionImage,
  type TopicImage,
  type UncleanElection,
} from './image.ts';
import { checkMetadataVersion, METADATA_VERSION, MetadataVersionError } from './metadata-version.ts';
import { changedPartition } from './partition-change.ts';
import {
  type MetadataRecord,
  type MetadataRecordBodies,
  type MetadataRecordType,
  NOT_CHANGED,
  NOW_TRUE,
  type PartitionChange,
  RECOVERING,
  TOPIC_RESOURCE,
} from './records.ts';

/** The image after one record at `offset`. A record that does not fit is an {@link InvariantError}: no node goes on from there. */
export function replay(image: MetadataImage, record: MetadataRecord, offset: Offset): MetadataImage {
  return replayAll(image, [record], offset);
}

/** The image after these records, the first of them at `firstOffset`. */
export function replayAll(
  image: MetadataImage,
  records: readonly MetadataRecord[],
  firstOffset: Offset,
): MetadataImage {
  return replayRuns(image, [{ records, firstOffset, lastOffset: firstOffset + records.length - 1 }]);
}

/** Records that stand together in the log, up to `lastOffset`: none, where the quorum's own control records stand. */
export interface RecordRun {
  readonly records: readonly MetadataRecord[];
  readonly firstOffset: Offset;
  readonly lastOffset: Offset;
}

/** The image after runs that follow each other; what they change is copied once for all of them. */
export function replayRuns(image: MetadataImage, runs: readonly RecordRun[]): MetadataImage {
  const draft = new Draft(image);
  let offset = image.offset;
  for (const { records, firstOffset, lastOffset } of runs) {
    const end = offset;
    invariant(firstOffset > end, () => `V16: records from offset ${firstOffset} come after offset ${end}`);
    records.forEach((record, index) => {
      draft.apply(record, firstOffset + index);
    });
    offset = lastOffset;
  }
  return draft.finish(offset);
}

/** The image at a later offset, of which nothing is the metadata's own: a control record of the quorum. */
export function imageAt(image: MetadataImage, offset: Offset): MetadataImage {
  return { ...image, offset };
}

type Body<Type extends MetadataRecordType> = MetadataRecordBodies[Type];

/** One call's next image. What it has copied is its own and is changed in place. */
class Draft {
  readonly #features: CopiedMap<string, number>;
  readonly #brokers: CopiedMap<NodeId, BrokerImage>;
  readonly #topics: CopiedMap<string, TopicImage>;
  readonly #topicIds: CopiedMap<string, string>;
  readonly #configs: CopiedMap<string, ReadonlyMap<string, string>>;
  readonly #elections: CopiedMap<string, readonly UncleanElection[]>;
  readonly #partitions = new Map<string, PartitionImage[]>();
  #nextProducerId: number;

  constructor(image: MetadataImage) {
    this.#features = new CopiedMap(image.features);
    this.#brokers = new CopiedMap(image.brokers);
    this.#topics = new CopiedMap(image.topics);
    this.#topicIds = new CopiedMap(image.topicIds);
    this.#configs = new CopiedMap(image.configs);
    this.#elections = new CopiedMap(image.uncleanElections);
    this.#nextProducerId = image.nextProducerId;
  }

  finish(offset: Offset): MetadataImage {
    return {
      offset,
      features: this.#features.current,
      brokers: this.#brokers.current,
      topics: this.#topics.current,
      topicIds: this.#topicIds.current,
      configs: this.#configs.current,
      nextProducerId: this.#nextProducerId,
      uncleanElections: this.#elections.current,
    };
  }

  apply(record: MetadataRecord, offset: Offset): void {
    switch (record.type) {
      case 'RegisterBrokerRecord':
        this.#register(record);
        break;
      case 'BrokerProcessRecord':
        this.#describeProcess(record, offset);
        break;
      case 'BrokerRegistrationChangeRecord':
        this.#changeRegistration(record, offset);
        break;
      case 'UnregisterBrokerRecord':
        this.#broker(record.brokerId, offset);
        this.#brokers.own().delete(record.brokerId);
        break;
      case 'TopicRecord':
        this.#createTopic(record, offset);
        break;
      case 'RemoveTopicRecord':
        this.#removeTopic(record, offset);
        break;
      case 'PartitionRecord':
        this.#createPartition(record, offset);
        break;
      case 'PartitionChangeRecord':
        this.#changePartition(record, offset);
        break;
      case 'ConfigRecord':
        this.#configure(record);
        break;
      case 'FeatureLevelRecord':
        if (record.name === METADATA_VERSION) checkMetadataVersion(record.featureLevel);
        this.#features.own().set(record.name, record.featureLevel);
        break;
      case 'ProducerIdsRecord':
        invariant(
          record.nextProducerId >= this.#nextProducerId,
          () =>
            `S47: next producer id ${record.nextProducerId} at offset ${offset}, it was ${this.#nextProducerId}`,
        );
        this.#nextProducerId = record.nextProducerId;
        break;
      case 'NoOpRecord':
        break;
      case 'UncleanElectionRecord':
        this.#electUncleanly(record);
        break;
      case 'TruncationRecord':
        this.#truncate(record, offset);
        break;
      default:
        refuse(record, offset);
    }
  }

  #register(record: Body<'RegisterBrokerRecord'>): void {
    const before = this.#brokers.current.get(record.brokerId);
    this.#brokers.own().set(record.brokerId, {
      id: record.brokerId,
      brokerEpoch: record.brokerEpoch,
      incarnation: record.incarnationId,
      directoryIds: record.logDirs,
      endPoints: record.endPoints,
      features: record.features,
      rack: record.rack,
      isFenced: record.fenced,
      isShuttingDown: record.inControlledShutdown,
      processId: before?.processId ?? -1,
      flushPolicy: before?.flushPolicy ?? 'os',
      restartClass: before?.restartClass ?? 'lossy',
    });
  }

  #describeProcess(record: Body<'BrokerProcessRecord'>, offset: Offset): void {
    const broker = this.#broker(record.brokerId, offset);
    this.#brokers.own().set(record.brokerId, {
      ...broker,
      processId: record.processId,
      flushPolicy: record.flushPolicy as FlushPolicy,
      restartClass: record.restartClass as RestartClass,
    });
  }

  #changeRegistration(record: Body<'BrokerRegistrationChangeRecord'>, offset: Offset): void {
    const broker = this.#broker(record.brokerId, offset);
    invariant(
      broker.brokerEpoch === record.brokerEpoch,
      () =>
        `a change at offset ${offset} names epoch ${record.brokerEpoch} of broker ${broker.id}, its epoch is ${broker.brokerEpoch}`,
    );
    this.#brokers.own().set(record.brokerId, {
      ...broker,
      isFenced: changed(broker.isFenced, record.fenced),
      isShuttingDown: changed(broker.isShuttingDown, record.inControlledShutdown),
    });
  }

  #createTopic(record: Body<'TopicRecord'>, offset: Offset): void {
    invariant(
      !this.#topicIds.current.has(record.name),
      () => `topic ${record.name} is made at offset ${offset}, but it exists`,
    );
    this.#topicIds.own().set(record.name, record.topicId);
    const { topicId, name, requestId = null } = record;
    this.#topics.own().set(topicId, { topicId, name, requestId, partitions: [] });
  }

  #removeTopic(record: Body<'RemoveTopicRecord'>, offset: Offset): void {
    const topic = this.#topic(record.topicId, offset);
    this.#topics.own().delete(topic.topicId);
    this.#topicIds.own().delete(topic.name);
    this.#partitions.delete(topic.topicId);
    const resource = configResource('topic', topic.name);
    if (this.#configs.current.has(resource)) this.#configs.own().delete(resource);
    topic.partitions.forEach((_, partition) => {
      const key = partitionKey(topic.topicId, partition);
      if (this.#elections.current.has(key)) this.#elections.own().delete(key);
    });
  }

  #createPartition(record: Body<'PartitionRecord'>, offset: Offset): void {
    const partitions = this.#partitionsOf(record.topicId, offset);
    invariant(
      record.partitionId <= partitions.length,
      () => `partition ${record.partitionId} at offset ${offset} leaves a gap after ${partitions.length}`,
    );
    partitions[record.partitionId] = {
      replicas: record.replicas,
      directories: record.directories,
      inSyncReplicas: record.isr,
      eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? [],
      lastKnownLeaders: record.lastKnownElr ?? [],
      leader: record.leader,
      leaderEpoch: record.leaderEpoch,
      partitionEpoch: record.partitionEpoch,
      isRecovering: record.leaderRecoveryState === RECOVERING,
    };
  }

  #changePartition(record: PartitionChange, offset: Offset): void {
    const partitions = this.#partitionsOf(record.topicId, offset);
    const before = partitions[record.partitionId];
    if (before === undefined)
      throw new InvariantError(
        `partition ${record.partitionId} of topic ${record.topicId} changes at offset ${offset}, but it does not exist`,
      );
    partitions[record.partitionId] = changedPartition(before, record);
    if (record.isr) this.#reconcile(partitionKey(record.topicId, record.partitionId), record.isr);
  }

  /** Who is in sync with a leader has taken over its log. */
  #reconcile(key: string, inSyncReplicas: readonly NodeId[]): void {
    const elections = this.#elections.current.get(key);
    if (elections === undefined) return;
    const next = elections.map((election) => ({
      ...election,
      reconciled: inSyncReplicas.reduce(withMember, election.reconciled),
    }));
    this.#elections.own().set(key, next);
  }

  #configure(record: Body<'ConfigRecord'>): void {
    const kind = record.resourceType === TOPIC_RESOURCE ? 'topic' : 'broker';
    const resource = configResource(kind, record.resourceName);
    const settings = new Map(this.#configs.current.get(resource));
    if (record.value === null) settings.delete(record.name);
    else settings.set(record.name, record.value);
    if (settings.size === 0) this.#configs.own().delete(resource);
    else this.#configs.own().set(resource, settings);
  }

  #electUncleanly(record: Body<'UncleanElectionRecord'>): void {
    const key = partitionKey(record.topicId, record.partitionId);
    const { leaderEpoch, leader, lastInSyncReplicas, reconciledReplicas: reconciled } = record;
    const election = { leaderEpoch, leader, lastInSyncReplicas, truncations: [], reconciled };
    this.#elections.own().set(key, [...(this.#elections.current.get(key) ?? []), election]);
  }

  #truncate(record: Body<'TruncationRecord'>, offset: Offset): void {
    const key = partitionKey(record.topicId, record.partitionId);
    const elections = this.#elections.current.get(key) ?? [];
    invariant(
      elections.some((election) => election.leaderEpoch === record.electionEpoch),
      () =>
        `the truncation at offset ${offset} names no unclean election: leader epoch ${record.electionEpoch}`,
    );
    const { brokerId, isLossy, fromOffset, toOffset, highWatermark } = record;
    const truncation = { brokerId, isLossy, fromOffset, toOffset, highWatermark };
    const next = elections.map((election) =>
      election.leaderEpoch === record.electionEpoch
        ? {
            ...election,
            truncations: [...election.truncations, truncation],
            reconciled: withMember(election.reconciled, brokerId),
          }
        : election,
    );
    this.#elections.own().set(key, next);
  }

  #broker(id: NodeId, offset: Offset): BrokerImage {
    const broker = this.#brokers.current.get(id);
    if (broker === undefined)
      throw new InvariantError(`the record at offset ${offset} names broker ${id}, which is not registered`);
    return broker;
  }

  #topic(topicId: string, offset: Offset): TopicImage {
    const topic = this.#topics.current.get(topicId);
    if (topic === undefined)
      throw new InvariantError(`the record at offset ${offset} names topic ${topicId}, which does not exist`);
    return topic;
  }

  /** The partitions of a topic, to be changed in place. */
  #partitionsOf(topicId: string, offset: Offset): PartitionImage[] {
    const owned = this.#partitions.get(topicId);
    if (owned !== undefined) return owned;
    const topic = this.#topic(topicId, offset);
    const partitions = [...topic.partitions];
    this.#partitions.set(topicId, partitions);
    this.#topics.own().set(topicId, { ...topic, partitions });
    return partitions;
  }
}

function withMember(replicas: readonly NodeId[], replica: NodeId): readonly NodeId[] {
  return replicas.includes(replica) ? replicas : [...replicas, replica];
}

function changed(before: boolean, change: number | undefined): boolean {
  return change === undefined || change === NOT_CHANGED ? before : change === NOW_TRUE;
}

/** Types that are read (Kafka writes them) and that level 1 has no use for. */
function refuse(record: never, offset: Offset): never {
  const { type } = record as { readonly type: string };
  throw new MetadataVersionError(
    `${type} at offset ${offset} is no record of metadata.version 1: it needs a level that this node does not know`,
  );
}
