// A registered broker's life in the metadata: heartbeats, fencing, a log that fails, controlled shutdown (C7, C8, C9, C11).

import {
  type BrokerImage,
  LOST_DIRECTORY,
  type MetadataRecord,
  NO_LEADER,
  NOW_FALSE,
  NOW_TRUE,
  type NodeId,
  type Offset,
  type PeerRequest,
  type PeerResponse,
  partitionKey,
  partitionsOf,
} from '@odradek/model';
import { decidePartitions, electAfterReturn, type PartitionTarget } from './leadership.ts';
import type { Decision, Plan } from './plan.ts';

export type Heartbeat = PeerRequest<'brokerHeartbeat'>['body'];
type Answer = PeerResponse<'brokerHeartbeat'>;

/** Whether every active broker has seen the changes of a controlled shutdown (C9). */
export type HaveAllSeen = (offset: Offset) => boolean;

/** A5: whether `brokerId` speaks under its present registration. The error's name, or its image. */
export function registeredBroker(
  plan: Plan,
  { brokerId, brokerEpoch }: { readonly brokerId: NodeId; readonly brokerEpoch: number },
): BrokerImage | 'BROKER_ID_NOT_REGISTERED' | 'STALE_BROKER_EPOCH' {
  const broker = plan.image.brokers.get(brokerId);
  if (broker === undefined) return 'BROKER_ID_NOT_REGISTERED';
  return broker.brokerEpoch === brokerEpoch ? broker : 'STALE_BROKER_EPOCH';
}

/** `shutdownOffset`: where the changes of this broker's shutdown ended; undefined when it begins now. */
export function heartbeat(
  plan: Plan,
  request: Heartbeat,
  shutdownOffset: Offset | undefined,
  haveAllSeen: HaveAllSeen,
): Decision<Answer> {
  const broker = registeredBroker(plan, request);
  if (typeof broker === 'string')
    return plan.done({ error: broker, isFenced: true, isCaughtUp: false, shouldShutDown: false });
  failLogs(plan, broker.id, request);
  // C7: its own registration, not the end of the log, or a busy cluster would keep it out for ever (KAFKA-13959).
  const isCaughtUp = request.metadataOffset >= broker.brokerEpoch;
  if (request.wantShutDown) beginShutdown(plan, broker);
  else if (request.wantFence && !broker.isFenced) fence(plan, [broker.id]);
  else if (!request.wantFence && broker.isFenced && isCaughtUp) unfence(plan, broker);
  const mayGo =
    request.wantShutDown && leadsNothing(plan, broker.id) && haveAllSeen(shutdownOffset ?? plan.image.offset);
  return plan.done({
    error: 'NONE',
    isFenced: plan.image.brokers.get(broker.id)?.isFenced ?? true,
    isCaughtUp,
    shouldShutDown: mayGo,
  });
}

function registrationChange(
  broker: BrokerImage,
  change: { readonly fenced?: number; readonly inControlledShutdown?: number },
): MetadataRecord {
  const { id: brokerId, brokerEpoch } = broker;
  return { type: 'BrokerRegistrationChangeRecord', brokerId, brokerEpoch, ...change };
}

/** C8: fenced brokers leave every in-sync set, and what they led is led by others. */
export function fence(plan: Plan, ids: readonly NodeId[]): void {
  const brokers = ids.flatMap((id) => plan.image.brokers.get(id) ?? []);
  plan.add(
    brokers
      .filter((broker) => !broker.isFenced)
      .map((broker) => registrationChange(broker, { fenced: NOW_TRUE })),
  );
  leaveInSyncSets(plan, ids);
}

/** C8. Its registration stays; partitions without a leader may have one now. */
function unfence(plan: Plan, broker: BrokerImage): void {
  plan.add([registrationChange(broker, { fenced: NOW_FALSE })]);
  electAfterReturn(plan);
}

/** The in-sync sets go on without these brokers. */
function leaveInSyncSets(plan: Plan, ids: readonly NodeId[]): void {
  decidePartitions(plan, ({ state }): PartitionTarget | undefined => {
    const isTouched = ids.some((id) => state.inSyncReplicas.includes(id) || state.leader === id);
    if (isTouched)
      return { inSyncReplicas: state.inSyncReplicas.filter((replica) => !ids.includes(replica)) };
    // A suspicion about these brokers is over: an unclean election may have waited for it (C3).
    return state.leader === NO_LEADER ? {} : undefined;
  });
}

/** C9: it says that it goes; others take over what it leads. Said again, nothing more happens. */
function beginShutdown(plan: Plan, broker: BrokerImage): void {
  if (broker.isShuttingDown) return;
  plan.add([registrationChange(broker, { inControlledShutdown: NOW_TRUE })]);
  leaveInSyncSets(plan, [broker.id]);
}

function leadsNothing(plan: Plan, id: NodeId): boolean {
  for (const { state } of partitionsOf(plan.image)) if (state.leader === id) return false;
  return true;
}

/** C11, D3: a log that failed is offline until its broker is registered anew, and is lossy alone. */
function failLogs(plan: Plan, id: NodeId, { failedLogs }: Heartbeat): void {
  if (failedLogs.length === 0) return;
  const failed = new Set(failedLogs.map((log) => partitionKey(log.topicId, log.partition)));
  decidePartitions(plan, ({ topic, partition, state }): PartitionTarget | undefined => {
    const place = state.replicas.indexOf(id);
    const isNews = place >= 0 && state.directories[place] !== LOST_DIRECTORY;
    if (!isNews || !failed.has(partitionKey(topic.topicId, partition))) return undefined;
    return { lossyReplicas: [id], directories: state.directories.with(place, LOST_DIRECTORY) };
  });
}
