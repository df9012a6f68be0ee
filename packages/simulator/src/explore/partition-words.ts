// Replicas, images and messages of the explored partition in plain words: what has the same words goes on alike.

import { type MetadataImage, partitionOf } from '@odradek/model';
import { TOPIC_ID } from './partition-controller.ts';
import type { Replica, Role } from './partition-replica.ts';
import type { PartitionMessage } from './partition-world.ts';

export function describeReplica({
  id,
  isUp,
  isWiped,
  brokerEpoch,
  log,
  highWatermark,
  ...more
}: Replica): unknown {
  const { image, partition, role } = more;
  return [
    [id, isUp, isWiped, brokerEpoch, highWatermark],
    log.entries.map(({ epoch, value }) => [epoch, value]),
    log.epochs.map(({ epoch, startOffset }) => [epoch, startOffset]),
    log.flushedEnd,
    image === undefined ? 0 : describeImage(image),
    partition === undefined ? 0 : [partition.value, partition.context.place, partition.context.isLogOpen],
    role === undefined ? 0 : describeRole(role),
  ];
}

function describeRole(role: Role): unknown {
  if (role.kind === 'follower') {
    const { registration, highWatermark } = role.snapshot.context;
    return [role.snapshot.value, registration, highWatermark.offset, role.waitsForMetadata];
  }
  const { value, context } = role.snapshot;
  const { registration, followers, highWatermark, leaderEpochStart, pending, lastToken } = context;
  return [value, registration, [...followers], highWatermark, leaderEpochStart, pending ?? 0, lastToken];
}

/** Offsets of the metadata log are left out: how long it took to get there makes no difference. */
export function describeImage(image: MetadataImage): unknown {
  const brokers = [...image.brokers.values()].map(({ brokerEpoch, isFenced, isShuttingDown }) => [
    brokerEpoch,
    isFenced,
    isShuttingDown,
  ]);
  return [brokers, partitionOf(image, TOPIC_ID, 0)];
}

export function describeMessage(message: PartitionMessage): unknown {
  const { type } = message;
  if (type === 'fetch') return [type, message.fetch];
  if (type !== 'answer') return message;
  const { answer, asked } = message;
  return [
    type,
    message.from,
    message.to,
    { ...answer, records: answer.records.map((record) => [...record]) },
    asked,
  ];
}
