// What a cluster must come to once all is healed (W1, W3).

import {
  lossesOf,
  type MetadataImage,
  NO_LEADER,
  type PartitionImage,
  partitionKey,
  partitionsOf,
} from '@odradek/model';
import type { ClientHistory, PartitionName, Violation } from './client-history.ts';
import { type ClusterOracle, type LivingNode, recordsBelow, replicasByPartition } from './cluster-oracle.ts';
import type { GhostLog } from './ghost-log.ts';
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
): Violation[] {
  const losses = lossesOf(image).losses.map(({ topic, partition, fromOffset, toOffset, knownToOffset }) => ({
    partition: `${topic}-${partition}`,
    fromOffset,
    toOffset: toOffset ?? knownToOffset ?? fromOffset,
  }));
  const byPartition = replicasByPartition(nodes);
  const logs = new Map<PartitionName, readonly { readonly offset: number; readonly value: string }[]>();
  for (const { topic, partition } of partitionsOf(image)) {
    const replicas = byPartition.get(partitionKey(topic.topicId, partition)) ?? [];
    const leader = replicas.find(({ leads }) => leads);
    if (leader !== undefined)
      logs.set(`${topic.name}-${partition}`, recordsBelow(leader.log, leader.highWatermark));
  }
  return history.violations(logs, losses);
}
