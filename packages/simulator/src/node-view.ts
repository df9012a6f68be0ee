// A node as oracles see it, without asking it anything.

import type { OdradekNode } from '@odradek/core';
import type { Disk, LogView, Offset, TopicId } from '@odradek/model';
import { DiskLogView } from './disk-log-view.ts';

/** A replica that is open, leading or following. */
export interface HostedReplica {
  readonly topic: string;
  readonly topicId: TopicId;
  readonly partition: number;
  readonly log: LogView;
  readonly leads: boolean;
  readonly leaderEpoch: number;
  readonly highWatermark: Offset;
}

/** What this file needs of core's hosted partition. */
interface Host {
  readonly name: { readonly topic: string; readonly topicId: TopicId; readonly partition: number };
  readonly log: LogView | undefined;
  readonly leader: { readonly leaderEpoch: number } | undefined;
  readonly follower: { readonly leaderEpoch: number } | undefined;
  readonly highWatermark: Offset;
}

/** The replicas at a node whose logs are open. */
export function replicasAt(node: OdradekNode, disk: Disk): HostedReplica[] {
  const hosted = field(field(field(node, 'replicas'), 'hosted'), 'byKey');
  if (!(hosted instanceof Map))
    throw new Error('A node keeps its partitions elsewhere than the oracles look');
  return [...hosted.values()].filter(isHost).flatMap((host): HostedReplica[] => {
    const { name, log, leader, follower, highWatermark } = host;
    if (log === undefined) return [];
    const leaderEpoch = leader?.leaderEpoch ?? follower?.leaderEpoch ?? -1;
    const view = new DiskLogView(log, disk, `${name.topic}-${name.partition}`);
    return [{ ...name, log: view, leads: leader !== undefined, leaderEpoch, highWatermark }];
  });
}

/** Whether the controller at a node decides now. */
export function isActiveController(node: OdradekNode): boolean {
  const controller = node.root.getSnapshot().children.get('controller');
  return field(controller?.getSnapshot(), 'value') === 'active';
}

function isHost(value: unknown): value is Host {
  return (
    typeof field(field(value, 'name'), 'topicId') === 'string' &&
    typeof field(value, 'highWatermark') === 'number'
  );
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
