// One true request of every API, as a client or a node would send it now: what an attacker begins with.

import { buildBatch, textBytes } from '@odradek/format';
import {
  type ClientApi,
  type ClientRequest,
  clientMessages,
  type Field,
  type PeerApi,
  type PeerRequest,
  peerMessages,
} from '@odradek/model';
import { bodyOf, decodeFrame, defaultLimits, type EncodedFrame, encodeFrame, WireError } from '@odradek/wire';

/** What the attacker has learnt about the cluster: true, so that its lies are near the truth. */
export interface Known {
  readonly clusterId: string;
  readonly topic: string;
  readonly topicId: string;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  /** The ends of the partition's log and of the metadata. */
  readonly logEnd: number;
  readonly metadataEnd: number;
  readonly controllerEpoch: number;
  /** The node whose place the attacker has taken, and the one it speaks to. */
  readonly self: { readonly id: number; readonly directoryId: string; readonly incarnation: string };
  readonly brokerEpoch: number;
  readonly asked: { readonly id: number; readonly directoryId: string };
}

/** The door that is attacked: a client's, or a node's with a valid proof. */
export type HostileDoor = 'client' | 'peer';

/** All true requests at a door. */
export function trueFrames(door: HostileDoor, known: Known): readonly Uint8Array[] {
  return door === 'client' ? clientRequests(known).map(clientFrame) : peerRequests(known).map(peerFrame);
}

function clientFrame({ api, body }: ClientRequest): Uint8Array {
  const { id, request } = clientMessages[api];
  return oneBuffer(encodeFrame<unknown>('request', id, id, request, body));
}

function peerFrame({ api, body }: PeerRequest): Uint8Array {
  const { id, request } = peerMessages[api];
  return oneBuffer(encodeFrame<unknown>('request', id, id, request, body));
}

/** Whether a frame ends its session before anybody asks what it says: it is none, or its body is not of its API's schema. */
export function isRefusedAtSight(door: HostileDoor, bytes: Uint8Array): boolean {
  try {
    const frame = decodeFrame(bytes, defaultLimits);
    if (frame.kind === 'ping') return false;
    if (frame.kind !== 'request') return true;
    const request = requestsOfDoors[door].get(frame.api);
    if (request !== undefined) bodyOf(frame, request);
    return false;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return true;
  }
}

const requestsOfDoors: Readonly<Record<HostileDoor, ReadonlyMap<number, Field<unknown>>>> = {
  client: new Map(Object.values(clientMessages).map(({ id, request }) => [id, request as Field<unknown>])),
  peer: new Map(Object.values(peerMessages).map(({ id, request }) => [id, request as Field<unknown>])),
};

/** The pieces of a frame in one buffer. */
export function oneBuffer({ pieces, byteLength }: EncodedFrame): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const batch = buildBatch({
  records: ['a', 'hostile', 'record'].map((text) => ({
    timestamp: -1,
    key: textBytes(text),
    value: textBytes(text),
  })),
});

function clientRequests(known: Known): readonly ClientRequest[] {
  const { topic, topicId, leaderEpoch, logEnd } = known;
  const at = { topicId, partition: 0 };
  const read = {
    ...at,
    leaderEpoch,
    fetchOffset: Math.max(0, logEnd - 1),
    lastFetchedEpoch: -1,
    maxBytes: 1000,
  };
  const requests: { readonly [Api in ClientApi]: ClientRequest<Api>['body'] } = {
    metadata: { topics: [topic, 'no-such-topic'] },
    produce: { acks: -1, timeoutMs: 100, partitions: [{ ...at, leaderEpoch, records: [batch] }] },
    fetch: { maxWaitMs: 5, minBytes: 1, maxBytes: 10_000, partitions: [read, { ...read, partition: 1 }] },
    listOffsets: {
      partitions: [
        { ...at, leaderEpoch, timestamp: -1 },
        { ...at, leaderEpoch, timestamp: 1000 },
      ],
    },
    initProducerId: {},
    describeTopic: { name: topic },
    clusterStatus: {},
    explainPartition: { topic, partition: 0 },
    describeConfigs: { topic },
    createTopics: {
      timeoutMs: 100,
      validateOnly: true,
      requestId: 'hostile',
      topics: [
        {
          name: 'hostile',
          partitions: 2,
          replicationFactor: 2,
          assignment: [],
          config: [{ name: 'retention.ms', value: '-1' }],
        },
      ],
    },
    deleteTopics: { timeoutMs: 100, names: ['hostile', 'no-such-topic'] },
    createPartitions: { timeoutMs: 100, topics: [{ name: 'hostile', count: 3, assignment: [] }] },
    alterConfigs: {
      timeoutMs: 100,
      broker: -1,
      topic: 'hostile',
      changes: [{ name: 'retention.ms', value: '1000000' }],
    },
    electLeaders: { timeoutMs: 100, kind: 'preferred', partitions: [{ topic, partition: 0 }] },
  };
  return all(requests);
}

/** Bodies for some APIs of nodes. */
type PeerBodies<Api extends PeerApi> = { readonly [A in Api]: PeerRequest<A>['body'] };

function peerRequests(known: Known): readonly PeerRequest[] {
  const forwarded = clientRequests(known).filter(({ api }) => Object.hasOwn(peerMessages, api));
  return [
    ...all<PeerRequest>(quorumBodies(known)),
    ...all<PeerRequest>(controllerBodies(known)),
    ...all<PeerRequest>(replicaBodies(known)),
    // The forwarded ones have the same bodies in both tables.
    ...(forwarded as unknown as readonly PeerRequest[]),
  ];
}

type QuorumApis = 'vote' | 'beginQuorumEpoch' | 'endQuorumEpoch' | 'fetchMetadata' | 'fetchSnapshot';

function quorumBodies({
  clusterId,
  controllerEpoch,
  metadataEnd,
  self,
  asked,
}: Known): PeerBodies<QuorumApis> {
  const leads = { clusterId, leaderId: self.id, leaderEpoch: controllerEpoch };
  const replica = { clusterId, epoch: controllerEpoch, replicaId: self.id };
  return {
    vote: {
      ...{ clusterId, epoch: controllerEpoch, candidateId: self.id, candidateDirectoryId: self.directoryId },
      ...{ voterId: asked.id, voterDirectoryId: asked.directoryId, lastEpoch: controllerEpoch },
      ...{ lastEpochEndOffset: metadataEnd, preVote: true },
    },
    beginQuorumEpoch: { ...leads, voterDirectoryId: asked.directoryId },
    endQuorumEpoch: { ...leads, preferredSuccessors: [asked.id, self.id] },
    fetchMetadata: {
      ...{ ...replica, replicaDirectoryId: self.directoryId, fetchOffset: metadataEnd },
      ...{ lastFetchedEpoch: controllerEpoch, highWatermark: metadataEnd, maxWaitMs: 5, maxBytes: 10_000 },
    },
    fetchSnapshot: { ...replica, snapshot: { endOffset: 0, epoch: 0 }, position: 0, maxBytes: 1000 },
  };
}

type ControllerApis =
  | 'registerBroker'
  | 'brokerHeartbeat'
  | 'alterPartitions'
  | 'allocateProducerIds'
  | 'reportTruncations'
  | 'describeLogEnds';

function controllerBodies(known: Known): PeerBodies<ControllerApis> {
  const { clusterId, topicId, leaderEpoch, partitionEpoch, logEnd, metadataEnd, self } = known;
  const at = { topicId, partition: 0 };
  const broker = { brokerId: self.id, brokerEpoch: known.brokerEpoch };
  const { directoryId, incarnation } = self;
  const range = { fromOffset: 1, toOffset: logEnd, highWatermark: logEnd };
  return {
    registerBroker: {
      ...{ clusterId, brokerId: self.id, directoryId, incarnation, host: 'nowhere', port: 9, rack: null },
      ...{ processId: 1, flushPolicy: 'commit', restartClass: 'lossy', previousBrokerEpoch: -1 },
      ...{
        failedLogs: [at],
        missingLogs: [{ topic: 't', partition: 1 }],
        minMetadataVersion: 1,
        maxMetadataVersion: 1,
        previousIncarnations: [incarnation],
      },
    },
    brokerHeartbeat: {
      ...{ ...broker, metadataOffset: metadataEnd, failedLogs: [] },
      ...{ wantFence: false, wantShutDown: false, isMetadataStuck: false, noRoom: '' },
    },
    alterPartitions: {
      ...broker,
      partitions: [{ ...at, leaderEpoch, partitionEpoch, inSyncReplicas: [broker], isRecovering: false }],
    },
    allocateProducerIds: broker,
    reportTruncations: { ...broker, truncations: [{ ...at, leaderEpoch, ...range }] },
    describeLogEnds: { controllerEpoch: known.controllerEpoch, partitions: [at] },
  };
}

type ReplicaApis = 'fetchReplicas' | 'reportFlushed' | 'describePartitions' | 'describeQuorum';

function replicaBodies({ topicId, leaderEpoch, logEnd, self, brokerEpoch }: Known): PeerBodies<ReplicaApis> {
  const at = { topicId, partition: 0 };
  const broker = { brokerId: self.id, brokerEpoch };
  const fetched = {
    ...{ ...at, currentLeaderEpoch: leaderEpoch, fetchOffset: logEnd, lastFetchedEpoch: leaderEpoch },
    ...{ flushedEnd: logEnd, logStartOffset: 0, maxBytes: 1000 },
  };
  return {
    fetchReplicas: {
      ...{ ...broker, sessionId: 0, sessionEpoch: 0, maxWaitMs: 5, maxBytes: 10_000, forgotten: [] },
      partitions: [fetched, { ...fetched, partition: 1 }],
    },
    reportFlushed: { ...broker, partitions: [{ ...at, leaderEpoch, flushedEnd: logEnd }] },
    describePartitions: { partitions: [at] },
    describeQuorum: {},
  };
}

/** Bodies under the names of their APIs. */
function all<Request extends { readonly api: string }>(
  bodies: Readonly<Record<string, unknown>>,
): readonly Request[] {
  return Object.entries(bodies).map(([api, body]) => ({ api, body }) as unknown as Request);
}
