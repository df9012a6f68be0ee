// What a leader replica knows, and the questions about it that its guards and its callers both ask.

import type { NodeId, Offset, ReplicatedLog } from '@odradek/model';
import type { LeaderReplicaInput } from './faces.ts';
import { followerHighWatermark, type HighWatermark, highWatermarkAfter } from './high-watermark.ts';
import type { InSyncProposal, LeaderHost } from './hosts.ts';
import {
  type JoinObstacle,
  joinObstacle,
  laggingMembers,
  maximalInSync,
  type PendingProposal,
  proposalFor,
} from './in-sync-set.ts';
import type { PartitionRegistration, ReplicaSettings } from './registration.ts';
import {
  mayComeToLag,
  newProgressTable,
  type ProgressTable,
  type ReplicaProgress,
} from './replica-progress.ts';

export interface LeaderContext {
  readonly brokerId: NodeId;
  readonly host: LeaderHost;
  readonly log: ReplicatedLog;
  readonly settings: ReplicaSettings;
  readonly registration: PartitionRegistration;
  /** What is known of the followers: changed in place by each fetch, because most of them change no decision. */
  readonly followers: ProgressTable;
  readonly highWatermark: HighWatermark;
  readonly leaderEpochStart: Offset;
  readonly pending: PendingProposal | undefined;
  /** The token of the last proposal. */
  readonly lastToken: number;
}

/** L2, I2: the epoch begins at the log's end, nothing is known of the others, and the local high watermark is kept (L4). */
export function leaderContext(input: LeaderReplicaInput): LeaderContext {
  const { brokerId, host, log, registration, settings } = input;
  const context: LeaderContext = {
    brokerId,
    host,
    log,
    settings,
    registration,
    followers: newProgressTable(registration, brokerId, host.nowMs()),
    highWatermark: {
      offset: followerHighWatermark(input.highWatermark, log),
      inSyncCount: registration.inSyncReplicas.length,
    },
    leaderEpochStart: log.logEndOffset,
    pending: undefined,
    lastToken: 0,
  };
  context.highWatermark.offset = committedEnd(context);
  return context;
}

/** The high watermark as it may be now (L3). */
export function committedEnd(context: LeaderContext): Offset {
  const { highWatermark, host, log, followers, registration, settings, pending } = context;
  return highWatermarkAfter(
    highWatermark.offset,
    {
      log,
      table: followers,
      registration,
      settings,
      maximalInSync: maximalInSync(registration, pending),
      isEligible: (broker) => host.isEligible(broker),
    },
    host.nowMs(),
  );
}

/** Whether a follower may be proposed for the in-sync set (I3). */
export function isCandidate(context: LeaderContext, brokerId: NodeId): boolean {
  const progress = context.followers.get(brokerId);
  return progress !== undefined && obstacleOf(context, brokerId, progress) === undefined;
}

/** What keeps a follower out of the in-sync set (I3). */
export function obstacleOf(
  { host, registration, highWatermark, leaderEpochStart }: LeaderContext,
  brokerId: NodeId,
  progress: ReplicaProgress,
): JoinObstacle | undefined {
  const candidate = { isEligible: host.isEligible(brokerId), brokerEpoch: host.brokerEpochOf(brokerId) };
  return joinObstacle(brokerId, progress, registration, candidate, highWatermark.offset, leaderEpochStart);
}

/** Members that lag (I4). */
export function laggards({ followers, registration, log, host, settings }: LeaderContext): readonly NodeId[] {
  return laggingMembers(followers, registration, log.logEndOffset, host.nowMs(), settings.lagTimeMaxMs);
}

/** Whether time alone may change something: a follower lacks records, and is a member or counts as caught up still. */
export function isWorthWatching({ followers, registration, log, host, settings }: LeaderContext): boolean {
  const nowMs = host.nowMs();
  for (const [replica, progress] of followers) {
    const isInSync = registration.inSyncReplicas.includes(replica);
    if (mayComeToLag(progress, isInSync, log.logEndOffset, nowMs, settings.lagTimeMaxMs)) return true;
  }
  return false;
}

/** A new proposal, with the next token (I5). */
export function proposed(
  context: LeaderContext,
  kind: InSyncProposal['kind'],
  changed: readonly NodeId[],
): Pick<LeaderContext, 'pending' | 'lastToken'> {
  const { host, followers, registration, lastToken } = context;
  const brokerEpochOf = (broker: NodeId) => {
    const progress = followers.get(broker);
    return progress !== undefined && progress.brokerEpoch >= 0
      ? progress.brokerEpoch
      : host.brokerEpochOf(broker);
  };
  const proposal = proposalFor(kind, changed, registration, brokerEpochOf);
  return { pending: { token: lastToken + 1, proposal }, lastToken: lastToken + 1 };
}
