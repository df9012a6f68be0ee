// A node as oracles see it, without asking it anything.

import type { OdradekNode } from '@odradek/core';
import type { Disk, LogView, NodeId, Offset, TopicId } from '@odradek/model';
import { DiskLogView } from './disk-log-view.ts';

/** A node that runs. */
export interface LivingNode {
  readonly id: NodeId;
  readonly life: number;
  readonly directoryId: string;
  readonly node: OdradekNode;
  readonly disk: Disk;
}

/** A replica that is open, leading or following. */
export interface HostedReplica {
  readonly topic: string;
  readonly topicId: TopicId;
  readonly partition: number;
  readonly log: LogView;
  /** The same for as long as it is the same log: one that was damaged is thrown away, and another begins in its place (D8). */
  readonly opened: object;
  readonly leads: boolean;
  readonly leaderEpoch: number;
  readonly highWatermark: Offset;
  readonly maximalInSync?: readonly NodeId[];
}

/** The replicas at a node whose logs are open. */
export function replicasAt(node: OdradekNode, disk: Disk): HostedReplica[] {
  return [...node.hosted.values()].flatMap((hosted): HostedReplica[] => {
    const { name, log, leader, follower, highWatermark } = hosted;
    if (log === undefined) return [];
    const leaderEpoch = leader?.leaderEpoch ?? follower?.leaderEpoch ?? -1;
    const view = new DiskLogView(log, disk, `${name.topic}-${name.partition}`);
    const role = leader === undefined ? {} : { maximalInSync: leader.maximalInSync };
    return [
      { ...name, log: view, opened: log, leads: leader !== undefined, leaderEpoch, highWatermark, ...role },
    ];
  });
}
