// What nodes say to each other: one table, from which the types, the encoding and the checks come. Requests flow from the
// dialler to the listener only. Every request carries the epoch of the authority it relies on (law of epochs, A1).

import { clientMessages } from './client-messages.ts';
import { describedVoter, explainedReplica } from './describe-messages.ts';
import { unknown } from './message-parts.ts';
import {
  type AnswerIn,
  bytes,
  flag,
  integer,
  list,
  message,
  nullable,
  oneOf,
  type RequestIn,
  type ResponseIn,
  records,
  struct,
  text,
} from './schema.ts';

/** Kafka's error name; NONE when all went well. */
const error = text;

/** D6. What its heartbeats alone would hide. */
const diskTrouble = {
  /** What is new in the metadata cannot be written here: this broker hears of no leader and no topic. */
  isMetadataStuck: flag,
  /** Why it takes no records of clients; empty: it does. */
  noRoom: text,
};

const quorumHead = { error, leaderId: unknown, leaderEpoch: unknown };
const epochEnd = struct({ epoch: unknown, endOffset: unknown });
const snapshotId = struct({ endOffset: integer, epoch: integer });

/** The metadata quorum (A6). */
const quorumMessages = {
  /** Q2, Q3. A pre-vote carries the candidate's current epoch and changes nothing durable. */
  vote: message(
    1,
    struct({
      clusterId: text,
      epoch: integer,
      candidateId: integer,
      candidateDirectoryId: text,
      voterId: integer,
      voterDirectoryId: text,
      lastEpoch: integer,
      lastEpochEndOffset: integer,
      preVote: flag,
    }),
    struct({ ...quorumHead, voteGranted: flag }),
  ),
  /** Q9. */
  beginQuorumEpoch: message(
    2,
    struct({ clusterId: text, leaderId: integer, leaderEpoch: integer, voterDirectoryId: text }),
    struct(quorumHead),
  ),
  /** Q9. Successors by fetch offset, the best first. */
  endQuorumEpoch: message(
    3,
    struct({ clusterId: text, leaderId: integer, leaderEpoch: integer, preferredSuccessors: list(integer) }),
    struct(quorumHead),
  ),
  /** Q5, Q7, Q13. `fetchOffset` is the end that the voter has fsynced. */
  fetchMetadata: message(
    4,
    struct({
      clusterId: text,
      epoch: integer,
      replicaId: integer,
      replicaDirectoryId: text,
      fetchOffset: integer,
      lastFetchedEpoch: integer,
      highWatermark: unknown,
      maxWaitMs: integer,
      maxBytes: integer,
    }),
    struct({
      ...quorumHead,
      highWatermark: unknown,
      logStartOffset: unknown,
      diverging: nullable(epochEnd),
      snapshot: nullable(snapshotId),
      records,
    }),
  ),
  /** Q7, Q11. */
  fetchSnapshot: message(
    5,
    struct({
      clusterId: text,
      epoch: integer,
      replicaId: integer,
      snapshot: snapshotId,
      position: integer,
      maxBytes: integer,
    }),
    struct({ ...quorumHead, sizeInBytes: integer, position: integer, bytes }),
  ),
} as const;

const partition = { topicId: text, partition: integer };
const brokerHead = { brokerId: integer, brokerEpoch: integer };

const registeredPartitionEnd = struct({
  broker: integer,
  logEndOffset: unknown,
  flushedEndOffset: unknown,
});

/** What a broker asks others to give a client a complete answer, and an admin command on its way to the controller. */
const forwardedMessages = {
  /** The ends of partitions, from their leader; -1 and no ends where the asked broker does not lead. */
  describePartitions: message(
    50,
    struct({ partitions: list(struct({ topicId: text, partition: integer })) }),
    struct({
      error,
      partitions: list(
        struct({
          topicId: text,
          partition: integer,
          error,
          leaderEpoch: unknown,
          logStartOffset: unknown,
          highWatermark: unknown,
          logEndOffset: unknown,
          replicaEnds: list(registeredPartitionEnd),
        }),
      ),
    }),
  ),
  /** The quorum as its leader sees it, with the controller's view of the cluster that only it has. */
  describeQuorum: message(
    51,
    struct({}),
    struct({
      error,
      leaderId: unknown,
      leaderEpoch: unknown,
      highWatermark: unknown,
      voters: list(describedVoter),
      observers: list(struct({ id: integer, directoryId: text, logEndOffset: unknown })),
      offline: list(struct({ topicId: text, partition: integer, waitingFor: list(integer) })),
      /** Brokers whose last heartbeat to this controller said that something is wrong with their disk. */
      troubled: list(struct({ broker: integer, ...diskTrouble })),
    }),
  ),
  /** What a broker's machines say of its replicas: their states, and the answers of their guards. */
  explainReplicas: message(
    52,
    struct({ partitions: list(struct({ topicId: text, partition: integer })) }),
    struct({ error, replicas: list(explainedReplica) }),
  ),
  createTopics: clientMessages.createTopics,
  deleteTopics: clientMessages.deleteTopics,
  createPartitions: clientMessages.createPartitions,
  alterConfigs: clientMessages.alterConfigs,
  electLeaders: clientMessages.electLeaders,
} as const;

/** A broker and the active controller (A5). */
const controllerMessages = {
  /** C6 and the restart classes. A log named in `failedLogs`, or by its name in `missingLogs`, is lossy alone. */
  registerBroker: message(
    20,
    struct({
      clusterId: text,
      brokerId: integer,
      directoryId: text,
      incarnation: text,
      host: text,
      port: integer,
      rack: nullable(text),
      processId: integer,
      flushPolicy: oneOf('commit', 'os', 'memory'),
      restartClass: oneOf('lossy', 'intact', 'clean'),
      previousBrokerEpoch: unknown,
      failedLogs: list(struct(partition)),
      missingLogs: list(struct({ topic: text, partition: integer })),
      minMetadataVersion: integer,
      maxMetadataVersion: integer,
      /** D11: the processes whose directory it was before. */
      previousIncarnations: list(text),
    }),
    struct({ error, brokerEpoch: unknown }),
  ),
  /** C7, C9. */
  brokerHeartbeat: message(
    21,
    struct({
      ...brokerHead,
      metadataOffset: integer,
      wantFence: flag,
      wantShutDown: flag,
      failedLogs: list(struct(partition)),
      ...diskTrouble,
    }),
    struct({ error, isFenced: flag, isCaughtUp: flag, shouldShutDown: flag }),
  ),
  /** I5, I6. */
  alterPartitions: message(
    22,
    struct({
      ...brokerHead,
      partitions: list(
        struct({
          ...partition,
          leaderEpoch: integer,
          partitionEpoch: integer,
          inSyncReplicas: list(struct({ brokerId: integer, brokerEpoch: integer })),
          isRecovering: flag,
        }),
      ),
    }),
    struct({
      error,
      partitions: list(
        struct({
          ...partition,
          error,
          leader: unknown,
          leaderEpoch: integer,
          partitionEpoch: integer,
          inSyncReplicas: list(integer),
        }),
      ),
    }),
  ),
  /** P1. A block of ids that is never given twice (S47). */
  allocateProducerIds: message(
    23,
    struct(brokerHead),
    struct({ error, firstProducerId: unknown, count: integer }),
  ),
  /**
   * F7. What a follower cut after an unclean election; offsets half open, an empty range only says where its log ended.
   * `highWatermark`: of a leader that never stopped, -1 of others.
   */
  reportTruncations: message(
    24,
    struct({
      ...brokerHead,
      truncations: list(
        struct({
          ...partition,
          leaderEpoch: integer,
          fromOffset: integer,
          toOffset: integer,
          highWatermark: unknown,
        }),
      ),
    }),
    struct({ error }),
  ),
  /** Asked by the controller before an unclean election: who has the longest log, by (epoch, end). */
  describeLogEnds: message(
    25,
    struct({ controllerEpoch: integer, partitions: list(struct(partition)) }),
    struct({
      error,
      brokerEpoch: unknown,
      partitions: list(
        struct({ ...partition, error, lastEpoch: unknown, logEndOffset: unknown, highWatermark: unknown }),
      ),
    }),
  ),
} as const;

/** Replicas of partitions (A2 to A4). */
const replicaMessages = {
  /** I1, L9, F1. `fetchOffset` is where to read on; `flushedEnd` is what counts as the follower's end in L3. */
  fetchReplicas: message(
    40,
    struct({
      ...brokerHead,
      sessionId: integer,
      sessionEpoch: integer,
      maxWaitMs: integer,
      maxBytes: integer,
      partitions: list(
        struct({
          ...partition,
          currentLeaderEpoch: integer,
          fetchOffset: integer,
          lastFetchedEpoch: unknown,
          flushedEnd: integer,
          logStartOffset: integer,
          maxBytes: integer,
        }),
      ),
      forgotten: list(struct(partition)),
    }),
    struct({
      error,
      sessionId: integer,
      partitions: list(
        struct({
          ...partition,
          error,
          highWatermark: unknown,
          logStartOffset: unknown,
          logEndOffset: unknown,
          diverging: nullable(epochEnd),
          records,
          /** P2: of the log start, where a follower is out of range and is to begin there; null when nobody is known, and of older nodes. */
          producers: nullable(bytes),
        }),
      ),
    }),
  ),
  /** A flush that ended while a fetch was parked; `flushedEnd` is never above the last accepted fetch offset. */
  reportFlushed: message(
    41,
    struct({
      ...brokerHead,
      partitions: list(struct({ ...partition, leaderEpoch: integer, flushedEnd: integer })),
    }),
    struct({ error }),
  ),
} as const;

/** Every API between nodes. A number, once given, keeps its meaning. */
export const peerMessages = {
  ...quorumMessages,
  ...controllerMessages,
  ...replicaMessages,
  ...forwardedMessages,
} as const;

export type PeerApi = keyof typeof peerMessages;

/** A request with the name of its API. */
export type PeerRequest<Api extends PeerApi = PeerApi> = RequestIn<typeof peerMessages, Api>;

/** The answer to one API. */
export type PeerResponse<Api extends PeerApi = PeerApi> = ResponseIn<typeof peerMessages, Api>;

/** An answer with the name of its API, as a handler gives it. */
export type PeerAnswer<Api extends PeerApi = PeerApi> = AnswerIn<typeof peerMessages, Api>;
