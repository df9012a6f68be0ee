// An image as records: what a snapshot holds, and what makes two images equal.

import { ByteWriter, crc32c } from '@odradek/format';
import { NO_BROKER_EPOCH, NO_LEADER, type Offset } from '../nouns.ts';
import {
  type BrokerImage,
  emptyImage,
  type MetadataImage,
  type PartitionImage,
  type TopicImage,
  type UncleanElection,
} from './image.ts';
import { METADATA_VERSION } from './metadata-version.ts';
import { encodeMetadataRecord } from './record-codec.ts';
import { BROKER_RESOURCE, type MetadataRecord, RECOVERED, RECOVERING, TOPIC_RESOURCE } from './records.ts';
import { imageAt, replayAll } from './replay.ts';

/** The records that make this image of an empty one, the level of the metadata first. Equal images give equal records. */
export function imageToRecords(image: MetadataImage): readonly MetadataRecord[] {
  const topics = byName(image);
  return [
    ...featureRecords(image),
    ...byId(image).flatMap(brokerRecords),
    ...topics.flatMap(topicRecords),
    ...configRecords(image),
    ...producerIdRecords(image),
    ...topics.flatMap((topic) => electionRecords(image, topic)),
  ];
}

/** The image that a snapshot's records make; `offset` is that of the last record it stands for. */
export function imageOfSnapshot(records: readonly MetadataRecord[], offset: Offset): MetadataImage {
  return imageAt(replayAll(emptyImage, records, 0), offset);
}

/** Checksums of parts of images: the next image has those that did not change. */
export type KnownParts = WeakMap<object, number>;

/**
 * A checksum of what an image says, by which nodes, restarts and tests are compared (V16). With `known`, what was encoded once is not encoded
 * again, and so not seen if somebody should change it in place.
 */
export function imageHash(image: MetadataImage, known: KnownParts = new WeakMap()): number {
  const writer = new ByteWriter(256);
  writer.int64(image.offset);
  const add = (part: object, records: () => readonly MetadataRecord[]): void =>
    writer.uint32(checksumOf(part, records, known));
  add(image.features, () => featureRecords(image));
  for (const broker of byId(image)) add(broker, () => brokerRecords(broker));
  const topics = byName(image);
  for (const topic of topics) add(topic, () => topicRecords(topic));
  add(image.configs, () => configRecords(image));
  writer.int64(image.nextProducerId);
  for (const topic of topics)
    for (const record of electionRecords(image, topic)) writer.bytes(encodeMetadataRecord(record));
  return crc32c(writer.take());
}

function checksumOf(part: object, records: () => readonly MetadataRecord[], known: KnownParts): number {
  const before = known.get(part);
  if (before !== undefined) return before;
  const writer = new ByteWriter(1024);
  for (const record of records()) writer.bytes(encodeMetadataRecord(record));
  const checksum = crc32c(writer.take());
  known.set(part, checksum);
  return checksum;
}

function byId(image: MetadataImage): readonly BrokerImage[] {
  return [...image.brokers.values()].toSorted((one, other) => one.id - other.id);
}

function byName(image: MetadataImage): readonly TopicImage[] {
  return [...image.topics.values()].toSorted((one, other) => compare(one.name, other.name));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function featureRecords(image: MetadataImage): readonly MetadataRecord[] {
  const rank = (name: string): string => (name === METADATA_VERSION ? '' : name);
  return [...image.features]
    .toSorted(([one], [other]) => compare(rank(one), rank(other)))
    .map(([name, featureLevel]) => ({ type: 'FeatureLevelRecord', name, featureLevel }));
}

function brokerRecords(broker: BrokerImage): readonly MetadataRecord[] {
  const head = { brokerId: broker.id, brokerEpoch: broker.brokerEpoch };
  return [
    {
      type: 'RegisterBrokerRecord',
      ...head,
      incarnationId: broker.incarnation,
      endPoints: broker.endPoints,
      features: broker.features,
      rack: broker.rack,
      fenced: broker.isFenced,
      inControlledShutdown: broker.isShuttingDown,
      logDirs: broker.directoryIds,
    },
    {
      type: 'BrokerProcessRecord',
      ...head,
      processId: broker.processId,
      flushPolicy: broker.flushPolicy,
      restartClass: broker.restartClass,
    },
  ];
}

function topicRecords({ topicId, name, requestId, partitions }: TopicImage): readonly MetadataRecord[] {
  return [
    { type: 'TopicRecord', topicId, name, requestId },
    ...partitions.map((partition, index) => partitionRecord(topicId, index, partition)),
  ];
}

/** The record that makes a partition as it is. */
export function partitionRecord(
  topicId: string,
  partitionId: number,
  partition: PartitionImage,
): MetadataRecord<'PartitionRecord'> {
  const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);
  return {
    type: 'PartitionRecord',
    topicId,
    partitionId,
    replicas: partition.replicas,
    directories: partition.directories,
    isr: partition.inSyncReplicas,
    eligibleLeaderReplicas: orNull(partition.eligibleLeaderReplicas),
    lastKnownElr: orNull(partition.lastKnownLeaders),
    leader: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    leaderRecoveryState: partition.isRecovering ? RECOVERING : RECOVERED,
  };
}

function configRecords(image: MetadataImage): readonly MetadataRecord[] {
  return [...image.configs]
    .toSorted(([one], [other]) => compare(one, other))
    .flatMap(([resource, settings]) => {
      const [kind] = resource.split(':', 1);
      const resourceType = kind === 'topic' ? TOPIC_RESOURCE : BROKER_RESOURCE;
      const resourceName = resource.slice(resource.indexOf(':') + 1);
      return [...settings]
        .toSorted(([one], [other]) => compare(one, other))
        .map(([name, value]) => ({ type: 'ConfigRecord' as const, resourceType, resourceName, name, value }));
    });
}

function producerIdRecords(image: MetadataImage): readonly MetadataRecord[] {
  if (image.nextProducerId === 0) return [];
  const nextProducerId = image.nextProducerId;
  return [{ type: 'ProducerIdsRecord', brokerId: NO_LEADER, brokerEpoch: NO_BROKER_EPOCH, nextProducerId }];
}

function electionRecords(image: MetadataImage, topic: TopicImage): readonly MetadataRecord[] {
  const { topicId } = topic;
  return topic.partitions.flatMap((_, partitionId) =>
    (image.uncleanElections.get(`${topicId}:${partitionId}`) ?? []).flatMap((election) =>
      electionRecord(topicId, partitionId, election),
    ),
  );
}

function electionRecord(
  topicId: string,
  partitionId: number,
  election: UncleanElection,
): readonly MetadataRecord[] {
  const { leaderEpoch, leader, lastInSyncReplicas, reconciled: reconciledReplicas } = election;
  const body = { leaderEpoch, leader, lastInSyncReplicas, reconciledReplicas };
  return [
    { type: 'UncleanElectionRecord', topicId, partitionId, ...body },
    ...election.truncations.map((truncation) => ({
      type: 'TruncationRecord' as const,
      topicId,
      partitionId,
      electionEpoch: leaderEpoch,
      ...truncation,
    })),
  ];
}
