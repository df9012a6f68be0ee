// A node as oracles see it, without asking it anything.

import type { OdradekNode } from '@odradek/core';
import type { Disk, NodeId, Offset, TopicId } from '@odradek/model';
import { DiskLogView } from './disk-log-view.ts';
import type { ReplicaSeen } from './partition-oracle.ts';

/** A node that runs. */
export interface LivingNode {
  readonly id: NodeId;
  readonly life: number;
  readonly directoryId: string;
  readonly node: OdradekNode;
  readonly disk: Disk;
}

/** A node's replica of a partition. */
export interface HostedReplica extends ReplicaSeen {
  readonly topicId: TopicId;
  readonly partition: number;
  readonly ends: ReplicaEnds;
}

/** A log's ends as they were when it was looked at: the log itself moves on. */
export interface ReplicaEnds {
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly flushedEndOffset: Offset;
}

type Hosted = OdradekNode['hosted'] extends ReadonlyMap<string, infer One> ? One : never;

/** A replica as it is now; undefined while its log is not open. */
export function replicaAt({ id, life, disk }: LivingNode, hosted: Hosted): HostedReplica | undefined {
  const { name, log, leader, follower, highWatermark } = hosted;
  if (log === undefined) return undefined;
  const { topic, topicId, partition } = name;
  const { logStartOffset, logEndOffset, flushedEndOffset } = log;
  const seen = {
    topicId,
    partition,
    broker: id,
    life,
    log: new DiskLogView(log, disk, `${topic}-${partition}`),
    opened: log,
    leads: leader !== undefined,
    leaderEpoch: leader?.leaderEpoch ?? follower?.leaderEpoch ?? -1,
    highWatermark,
    ends: { logStartOffset, logEndOffset, flushedEndOffset },
  };
  if (leader === undefined) return seen;
  const { maximalInSync } = leader;
  return { ...seen, maximalInSync, flushedEndHeardOf: (other) => heardOf(leader, other) };
}

function heardOf(leader: NonNullable<Hosted['leader']>, other: NodeId): Offset {
  return leader.describeEnds().find(({ broker }) => broker === other)?.flushedEndOffset ?? -1;
}

/** Whether a replica is as it was: then no oracle has anything new to say of it. */
export function isAsBefore(before: HostedReplica, { life }: LivingNode, hosted: Hosted): boolean {
  const { log, leader, follower } = hosted;
  return (
    log !== undefined &&
    before.opened === log &&
    before.life === life &&
    before.leads === (leader !== undefined) &&
    before.leaderEpoch === (leader?.leaderEpoch ?? follower?.leaderEpoch ?? -1) &&
    before.highWatermark === hosted.highWatermark &&
    before.ends.logEndOffset === log.logEndOffset &&
    before.ends.flushedEndOffset === log.flushedEndOffset &&
    before.ends.logStartOffset === log.logStartOffset &&
    isSameSet(before.maximalInSync, leader?.maximalInSync)
  );
}

function isSameSet(one: readonly NodeId[] | undefined, other: readonly NodeId[] | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || one.length !== other?.length) return false;
  return one.every((id, index) => id === other[index]);
}

/** The replicas at a node whose logs are open. */
export function replicasAt(node: LivingNode): HostedReplica[] {
  return [...node.node.hosted.values()].flatMap((hosted) => replicaAt(node, hosted) ?? []);
}
