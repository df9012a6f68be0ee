// What a cluster must come to once all is healed (W1, W3).

import {
  lossesOf,
  type MetadataImage,
  NO_LEADER,
  type Offset,
  type PartitionImage,
  partitionKey,
  partitionsOf,
} from '@odradek/model';
import type { ClientHistory, DeclaredLoss, FinalLog, PartitionName, Violation } from './client-history.ts';
import { type ClusterOracle, recordsBelow, replicasByPartition } from './cluster-oracle.ts';
import type { GhostLog } from './ghost-log.ts';
import type { LivingNode } from './node-view.ts';
import type { ReplicaSeen } from './partition-oracle.ts';

/** The first partition that is not led, in sync, committed and equal at all its replicas, and what is wrong with it. */
export function unconvergedPartition(
  image: MetadataImage,
  nodes: readonly LivingNode[],
  oracle: ClusterOracle,
): string | undefined {
  const byPartition = replicasByPartition(nodes);
  for (const { topic, partition, state } of partitionsOf(image)) {
    const replicas = byPartition.get(partitionKey(topic.topicId, partition)) ?? [];
    const wrong = unconverged(state, replicas, oracle.partition(topic.topicId, partition).ledger);
    if (wrong !== undefined) return `${topic.name}-${partition}: ${wrong}`;
  }
  return undefined;
}

function unconverged(
  state: PartitionImage,
  replicas: readonly ReplicaSeen[],
  ledger: GhostLog,
): string | undefined {
  const { leader, inSyncReplicas } = state;
  if (leader === NO_LEADER) return `no leader; in sync are [${inSyncReplicas}]`;
  if (inSyncReplicas.length < state.replicas.length) return `in sync are only [${inSyncReplicas}]`;
  if (replicas.length < state.replicas.length)
    return `open are only the replicas of [${replicas.map(({ broker }) => broker)}]`;
  const end = replicas[0]?.log.logEndOffset ?? 0;
  const flushed = replicas.map(({ log }) => log.flushedEndOffset);
  if (flushed.some((one) => one !== end)) return `the flushed ends differ: ${flushed}`;
  if (!replicas.some((one) => one.leads && one.highWatermark === end))
    return `not all of ${end} is committed`;
  for (const { log, broker } of replicas) {
    const difference = ledger.difference(log, end);
    if (log.logEndOffset !== end || difference !== undefined)
      return `the log of ${broker} ends at ${log.logEndOffset}, not ${end}, or differs: ${difference}`;
  }
  return undefined;
}

/** What the clients were promised and did not get (O2), against what a reader finds in the logs at the end. */
export function brokenPromises(
  history: ClientHistory,
  image: MetadataImage,
  nodes: readonly LivingNode[],
  oracle: ClusterOracle,
): Violation[] {
  const losses = declaredLosses(image);
  const byPartition = replicasByPartition(nodes);
  const logs = new Map<PartitionName, FinalLog>();
  for (const { topic, partition } of partitionsOf(image)) {
    const replicas = byPartition.get(partitionKey(topic.topicId, partition)) ?? [];
    const leader = replicas.find(({ leads }) => leads);
    if (leader === undefined) continue;
    logs.set(`${topic.name}-${partition}`, {
      topicId: topic.topicId,
      startOffset: Math.max(
        leader.log.logStartOffset,
        oracle.partition(topic.topicId, partition).deletedBelow,
      ),
      records: finalRecords(leader, replicas),
    });
  }
  return [...history.violations(logs, losses), ...unreportedLosses(image, oracle, losses, logs)];
}

/**
 * The committed records of a partition. What has rotted at its leader, and was read there by nobody yet, is read from one that has it
 * whole: it would be refused to a reader, and fetched again.
 */
export function finalRecords(
  leader: ReplicaSeen,
  replicas: readonly ReplicaSeen[],
): ReturnType<typeof recordsBelow> {
  let best = recordsBelow(leader.log, leader.highWatermark);
  const isWhole = best.length >= leader.highWatermark - leader.log.logStartOffset;
  if (isWhole) return best;
  for (const { log } of replicas) {
    const records = recordsBelow(log, leader.highWatermark);
    if (records.length > best.length) best = records;
  }
  return best;
}

/** What the reports of unclean elections say, each a range of one partition. */
export function declaredLosses(image: MetadataImage): DeclaredLoss[] {
  return lossesOf(image).losses.map(({ topic, partition, fromOffset, toOffset, knownToOffset }) => ({
    partition: `${topic}-${partition}`,
    fromOffset,
    toOffset: toOffset ?? knownToOffset ?? fromOffset,
  }));
}

/**
 * C4: whatever an unclean election took from the ledger is in a report; unless a later one brought it back with a replica that still
 * had it, or retention has been there since.
 */
function unreportedLosses(
  image: MetadataImage,
  oracle: ClusterOracle,
  reports: readonly DeclaredLoss[],
  logs: ReadonlyMap<PartitionName, FinalLog>,
): Violation[] {
  return [...partitionsOf(image)].flatMap(({ topic, partition }) => {
    const name = `${topic.name}-${partition}`;
    const own = reports.filter((report) => report.partition === name);
    const isReported = (offset: Offset): boolean =>
      own.some((report) => report.fromOffset <= offset && offset < report.toOffset);
    const { ledger, losses } = oracle.partition(topic.topicId, partition);
    const startOffset = logs.get(name)?.startOffset ?? 0;
    return losses.flatMap(({ leaderEpoch, fromOffset, toOffset, batches }) => {
      const lost = batches.filter((batch) => batch.baseOffset >= startOffset && !ledger.has(batch));
      const missing = lost.find(
        (batch) => !isReported(batch.baseOffset) || !isReported(batch.nextOffset - 1),
      );
      if (missing === undefined) return [];
      const message = `${name} lost [${fromOffset}, ${toOffset}) in epoch ${leaderEpoch}, and no report has ${missing.baseOffset}: ${JSON.stringify(own)}`;
      return [{ rule: 'C4', partition: name, message }];
    });
  });
}

/** Whether all have read what is committed. A topic that is about to be made anew is not there for a moment: it has no end. */
export function isDrained(
  readers: readonly { readonly name: string; readonly position: Offset }[],
  endOf: (name: string) => Offset | undefined,
): boolean {
  return readers.every(({ name, position }) => position >= (endOf(name) ?? Number.POSITIVE_INFINITY));
}

/** How many leaders of partitions a cluster has had. */
export function electionsIn(image: MetadataImage | undefined): number {
  if (image === undefined) return 0;
  return [...partitionsOf(image)].reduce((sum, { state }) => sum + state.leaderEpoch + 1, 0);
}

/** How many committed records unclean elections have taken from the ledger. */
export function lostIn(image: MetadataImage | undefined, oracle: ClusterOracle): number {
  if (image === undefined) return 0;
  let lost = 0;
  for (const { topic, partition } of partitionsOf(image))
    for (const { fromOffset, toOffset } of oracle.partition(topic.topicId, partition).losses)
      lost += toOffset - fromOffset;
  return lost;
}
