// The controller of the explored partition: its decisions on an image that everybody will hear of in time. That they are committed and
// survive a change of controller is the quorum's work, and is explored there.

import { decide, type Facts, fence, type Liveness, Plan } from '@odradek/core';
import {
  emptyImage,
  flagSource,
  METADATA_VERSION,
  type MetadataImage,
  type NodeId,
  type PeerRequest,
  type PeerResponse,
  replayAll,
  resolveConfiguration,
} from '@odradek/model';

export const TOPIC = 'explored';
const CLUSTER = 'explored';

type Proposal = PeerRequest<'alterPartitions'>['body'];
type ProposalAnswer = PeerResponse<'alterPartitions'>;

/** The first image: brokers registered and unfenced, one partition on all of them. */
export function firstImage(brokers: readonly NodeId[], minInSyncReplicas: number): MetadataImage {
  const level = { type: 'FeatureLevelRecord', name: METADATA_VERSION, featureLevel: 1 } as const;
  let image = replayAll(emptyImage, [level], 0);
  for (const id of brokers) image = registered(image, id, 'intact', image.offset + 1, minInSyncReplicas);
  for (const id of brokers) image = heard(image, id, minInSyncReplicas);
  const topic = { name: TOPIC, partitions: -1, replicationFactor: -1, assignment: [brokers], config: [] };
  const body = { timeoutMs: 1, validateOnly: false, topics: [topic], requestId: '' };
  const plan = planOn(image, minInSyncReplicas, image.offset + 1);
  return decide(plan, { api: 'createTopics', body }, nobodyAlive, newId).image;
}

/** A broker comes back in a new life, whose epoch is `offset`. */
export function registered(
  image: MetadataImage,
  id: NodeId,
  restart: 'intact' | 'lossy',
  offset: number,
  minInSyncReplicas: number,
): MetadataImage {
  const plan = planOn(image, minInSyncReplicas, offset);
  return decide(plan, registration(id, restart, offset), nobodyAlive, newId).image;
}

/** A broker that has heard of its own registration says that it lives. */
export function heard(image: MetadataImage, id: NodeId, minInSyncReplicas: number): MetadataImage {
  const plan = planOn(image, minInSyncReplicas, image.offset + 1);
  return decide(plan, beat(image, id), nobodyAlive, newId).image;
}

export function fenced(image: MetadataImage, id: NodeId, minInSyncReplicas: number): MetadataImage {
  const plan = planOn(image, minInSyncReplicas, image.offset + 1);
  fence(plan, [id]);
  return plan.image;
}

/** Leadership goes to the preferred replica, if it is in sync. */
export function moved(image: MetadataImage, minInSyncReplicas: number): MetadataImage {
  const plan = planOn(image, minInSyncReplicas, image.offset + 1);
  const body = { timeoutMs: 1, kind: 'preferred', partitions: [{ topic: TOPIC, partition: 0 }] };
  return decide(plan, { api: 'electLeaders', body }, nobodyAlive, newId).image;
}

export function altered(
  image: MetadataImage,
  body: Proposal,
  minInSyncReplicas: number,
): { readonly image: MetadataImage; readonly answer: ProposalAnswer } {
  const plan = planOn(image, minInSyncReplicas, image.offset + 1);
  const decision = decide(plan, { api: 'alterPartitions', body }, nobodyAlive, newId);
  return { image: decision.image, answer: decision.response.body as ProposalAnswer };
}

/** The topic's id, which is the first that was given. */
export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

function newId(): string {
  return TOPIC_ID;
}

const nobodyAlive: Liveness = {
  holderOf: () => ({ isAlive: false, isLinked: false }),
  shutdownOffsetOf: () => undefined,
  haveAllSeen: () => true,
};

function planOn(image: MetadataImage, minInSyncReplicas: number, offset: number): Plan {
  const settings = { 'node.id': '1', 'min.insync.replicas': `${minInSyncReplicas}` };
  const facts: Facts = {
    clusterId: CLUSTER,
    configuration: resolveConfiguration([flagSource(settings)]),
    isSuspected: () => false,
    isHeard: () => true,
    lacksRoom: () => false,
    hasLastingRoom: () => true,
    logEndsOf: () => new Map(),
  };
  return new Plan(facts, image, offset);
}

function registration(
  brokerId: NodeId,
  restartClass: 'intact' | 'lossy',
  life: number,
): PeerRequest<'registerBroker'> {
  const body = {
    clusterId: CLUSTER,
    brokerId,
    // A lossy restart keeps its directory: with another one the partition's epoch would grow, and fence what is under way all the same.
    directoryId: uuidOf(brokerId, 0),
    incarnation: uuidOf(brokerId, life + 1),
    host: 'localhost',
    port: 9090 + brokerId,
    rack: null,
    processId: 1,
    flushPolicy: 'commit' as const,
    restartClass,
    previousBrokerEpoch: -1,
    failedLogs: [],
    missingLogs: [],
    minMetadataVersion: 1,
    maxMetadataVersion: 1,
    previousIncarnations: [uuidOf(brokerId, life)],
  };
  return { api: 'registerBroker', body };
}

/** A text of a UUID's length that tells the two numbers apart. */
function uuidOf(brokerId: NodeId, number: number): string {
  return `B${brokerId}${String(number).padStart(18, 'A')}AQ`;
}

function beat(image: MetadataImage, brokerId: NodeId): PeerRequest<'brokerHeartbeat'> {
  const brokerEpoch = image.brokers.get(brokerId)?.brokerEpoch ?? -1;
  const body = {
    brokerId,
    brokerEpoch,
    metadataOffset: image.offset,
    wantFence: false,
    wantShutDown: false,
    failedLogs: [],
    isMetadataStuck: false,
    noRoom: '',
  };
  return { api: 'brokerHeartbeat', body };
}
