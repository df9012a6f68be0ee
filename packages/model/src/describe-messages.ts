// The broker API, of those who look at the cluster: any broker answers completely, asking the others.

import { configuration, leadership, outcome, partition, unknown } from './message-parts.ts';
import { flag, integer, list, message, nullable, struct, text } from './schema.ts';

/** A voter of the metadata quorum; `host` and `port` are where nodes reach it, for one that wants to join them. */
export const describedVoter = struct({
  id: integer,
  directoryId: text,
  logEndOffset: unknown,
  reachable: flag,
  host: text,
  port: integer,
});

/** One replica of a partition, as its broker's machines say it. Empty texts and -1 where there is nothing to say. */
export const explainedReplica = struct({
  ...partition,
  broker: integer,
  /** Of the partition's machine: leading, following, offline or failed; empty: it is not there. */
  state: text,
  /** Of the role's machine: establishing or serving; reconciling, fetching, caught up … */
  role: text,
  leaderEpoch: unknown,
  failure: text,
  logStartOffset: unknown,
  logEndOffset: unknown,
  flushedEndOffset: unknown,
  lastEpoch: unknown,
  highWatermark: unknown,
  /** Of a leader. */
  minInSync: unknown,
  lagTimeMaxMs: unknown,
  pendingKind: text,
  pendingReplicas: list(integer),
  followers: list(
    struct({
      broker: integer,
      logEndOffset: unknown,
      flushedEndOffset: unknown,
      /** -1: never in this leader epoch. */
      caughtUpAgoMs: unknown,
      /** What keeps it out of the in-sync set; `is in sync`; empty: it is about to join. */
      obstacle: text,
    }),
  ),
  /** Why its broker takes no records of clients (D6); empty: its disk has room. */
  noRoom: text,
});

/** Looking at the cluster: any broker answers completely, asking the others. */
export const describeMessages = {
  describeTopic: message(
    70,
    struct({ name: text }),
    struct({
      ...outcome,
      name: text,
      topicId: text,
      partitions: list(
        struct({
          ...leadership,
          eligibleLeaderReplicas: list(integer),
          logStartOffset: unknown,
          highWatermark: unknown,
          logEndOffset: unknown,
          replicaEnds: list(struct({ broker: integer, logEndOffset: unknown, flushedEndOffset: unknown })),
          /** Whom a partition without a leader waits for; else empty. */
          waitingFor: list(integer),
        }),
      ),
      config: configuration,
    }),
  ),
  clusterStatus: message(
    71,
    struct({}),
    struct({
      ...outcome,
      clusterId: text,
      controller: struct({ id: unknown, epoch: unknown }),
      quorum: struct({
        leader: unknown,
        epoch: unknown,
        highWatermark: unknown,
        voters: list(describedVoter),
        observers: list(struct({ id: integer, directoryId: text, logEndOffset: unknown })),
      }),
      brokers: list(
        struct({
          id: integer,
          state: text,
          address: text,
          pid: integer,
          leads: integer,
          replicas: integer,
          flushPolicy: text,
          /** What is wrong with its disk, as it told the controller (D6); empty: nothing. */
          trouble: text,
        }),
      ),
      offlinePartitions: list(struct({ topic: text, partition: integer, waitingFor: list(integer) })),
      underReplicatedPartitions: list(struct({ topic: text, partition: integer, missing: list(integer) })),
      losses: list(lossReport()),
      discarded: list(lossReport()),
    }),
  ),
  describeConfigs: message(
    72,
    struct({ topic: nullable(text) }),
    struct({
      ...outcome,
      entries: list(
        struct({ name: text, value: nullable(text), source: text, isReadOnly: flag, documentation: text }),
      ),
      /** With `topic` null: what is set in the metadata, for one broker, or with -1 for all. */
      dynamic: list(struct({ broker: unknown, name: text, value: text })),
    }),
  ),
  /** What everybody who has a part in a partition says of it: the metadata, the controller, each replica. */
  explainPartition: message(
    73,
    struct({ topic: text, partition: integer }),
    struct({
      ...outcome,
      topic: text,
      ...partition,
      leader: unknown,
      leaderEpoch: unknown,
      replicas: list(integer),
      inSyncReplicas: list(integer),
      eligibleLeaderReplicas: list(integer),
      lastKnownLeaders: list(integer),
      /** Replicas whose log has failed. */
      failedReplicas: list(integer),
      minInSyncReplicas: integer,
      isUncleanEnabled: flag,
      /** -1: none. */
      controllerId: unknown,
      /** Why there is none. */
      missingQuorum: text,
      /** Whom a partition without a leader waits for, as the controller sees it. */
      waitingFor: list(integer),
      brokers: list(
        struct({
          id: integer,
          isRegistered: flag,
          isFenced: flag,
          isShuttingDown: flag,
          brokerEpoch: unknown,
          address: text,
          /** Since when it is fenced, or serves; milliseconds since 1970, -1 where it is not known. */
          sinceMs: unknown,
          /** As in {@link describeMessages.clusterStatus}. */
          trouble: text,
        }),
      ),
      /** Of those that have answered. */
      words: list(explainedReplica),
    }),
  ),
} as const;

/** Records dropped after an unclean election; ranges half open. Null while the committed end is not known yet. */
function lossReport() {
  return struct({
    topic: text,
    partition: integer,
    leaderEpoch: integer,
    fromOffset: integer,
    toOffset: nullable(integer),
    records: nullable(integer),
    knownToOffset: nullable(integer),
    reportedBy: list(integer),
  });
}
