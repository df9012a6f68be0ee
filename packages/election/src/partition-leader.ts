// Who leads a partition: the rules by which the controller elects, and whom a partition without a leader waits for
// (C2 to C5, as amended: unclean elections ask for the longest log, and wait for those that are only suspected).

import { type LeaderEpoch, NO_LEADER, type NodeId, type Offset } from '@odradek/model';
import { compareLogEnds } from './quorum-arithmetic.ts';

/** What the controller knows about the broker of a replica. */
export interface ReplicaCondition {
  readonly isRegistered: boolean;
  readonly isFenced: boolean;
  readonly isShuttingDown: boolean;
  /** Its log directory works; a log that failed is offline. */
  readonly isLogOnline: boolean;
  /** Silent, or fenced, but its address was not seen to refuse, and its full session timeout has not passed. */
  readonly isSuspected: boolean;
  /** D6: its disk has no room: it would refuse what clients send, and may not even hear that it leads. */
  readonly lacksRoom: boolean;
  /** Its disk has had room for a while: what comes and goes is nobody's to move to (W5). */
  readonly hasLastingRoom: boolean;
}

/** Asks for the condition of a replica's broker. */
export type ConditionOf = (replica: NodeId) => ReplicaCondition;

/** The part of a partition's record that elections read and write. */
export interface PartitionLeadership {
  /** In assignment order; the first is the preferred leader. */
  readonly replicas: readonly NodeId[];
  readonly inSyncReplicas: readonly NodeId[];
  /** ELR: not in sync, but holding every committed record (C5). */
  readonly eligibleLeaderReplicas: readonly NodeId[];
  /** Who led last when ISR and ELR both became empty; else empty. */
  readonly lastKnownLeaders: readonly NodeId[];
  /** NO_LEADER while offline. */
  readonly leader: NodeId;
  readonly leaderEpoch: LeaderEpoch;
  /** After an unclean election, until the leader's first change of its in-sync set (C4). */
  readonly isRecovering: boolean;
}

/**
 * What is asked: `any` valid leader, the current one if it is; `preferred`: the first replica rather than the current leader; `with room`:
 * one whose disk has had room for a while rather than the current leader; `unclean` and `last known leader`: an operator's word.
 */
export type ElectionKind = 'any' | 'preferred' | 'with room' | 'unclean' | 'last known leader';

/** The end of a replica's log, as its broker answered when asked before an unclean election. */
export interface ReplicaLogEnd {
  readonly lastEpoch: LeaderEpoch;
  readonly endOffset: Offset;
}

export interface ElectionRequest {
  readonly kind: ElectionKind;
  /** `unclean.leader.election.enable` of the topic. */
  readonly isUncleanEnabled: boolean;
  /** The ends asked for so far; `undefined` of a replica: it was asked and cannot tell. */
  readonly logEnds: ReadonlyMap<NodeId, ReplicaLogEnd | undefined>;
}

/** What becomes of an election. */
export type Election =
  | { readonly outcome: 'elected'; readonly leader: NodeId; readonly isClean: boolean }
  /** Unclean, and more than one could lead: ask these for the ends of their logs, then elect again. */
  | { readonly outcome: 'ask ends'; readonly replicas: readonly NodeId[] }
  /** Offline, until one of these comes back, or a suspicion about them is settled. */
  | { readonly outcome: 'waiting'; readonly waitingFor: readonly NodeId[] };

/** C2: registered, unfenced, not in controlled shutdown, its log online. */
export function isAcceptableLeader(condition: ReplicaCondition): boolean {
  return condition.isRegistered && !condition.isFenced && !condition.isShuttingDown && condition.isLogOnline;
}

/** Those that hold every committed record: the in-sync replicas, or the eligible ones when there are none (C2). */
export function cleanCandidates(partition: PartitionLeadership): readonly NodeId[] {
  const holders =
    partition.inSyncReplicas.length > 0 ? partition.inSyncReplicas : partition.eligibleLeaderReplicas;
  return partition.replicas.filter((replica) => holders.includes(replica));
}

/** Elects a leader: clean if one can be had, unclean if that is allowed, else nobody, and says who is waited for (C3). */
export function electLeader(
  partition: PartitionLeadership,
  conditionOf: ConditionOf,
  request: ElectionRequest,
): Election {
  const isAcceptable = (replica: NodeId): boolean => isAcceptableLeader(conditionOf(replica));
  const clean = cleanLeader(partition, cleanCandidates(partition).filter(isAcceptable), conditionOf, request);
  if (clean !== undefined) return { outcome: 'elected', leader: clean, isClean: true };
  if (request.kind === 'last known leader') return electLastKnownLeader(partition, isAcceptable);
  if (request.isUncleanEnabled || request.kind === 'unclean')
    return electUncleanly(partition, conditionOf, request.logEnds);
  return { outcome: 'waiting', waitingFor: awaited(partition) };
}

/** C3: whoever is asked for; else the current leader; else the first in assignment order, one with room before one without (D6). */
function cleanLeader(
  { replicas: [preferred], leader }: PartitionLeadership,
  candidates: readonly NodeId[],
  conditionOf: ConditionOf,
  { kind }: ElectionRequest,
): NodeId | undefined {
  const wanted =
    kind === 'preferred'
      ? candidates.find((replica) => replica === preferred)
      : kind === 'with room'
        ? candidates.find((replica) => conditionOf(replica).hasLastingRoom)
        : undefined;
  if (wanted !== undefined) return wanted;
  if (candidates.includes(leader)) return leader;
  return candidates.find((replica) => !conditionOf(replica).lacksRoom) ?? candidates[0];
}

/** C3, S17: by an operator's word only, and only while it is alive: what it lost nobody knows. */
function electLastKnownLeader(
  partition: PartitionLeadership,
  isAcceptable: (replica: NodeId) => boolean,
): Election {
  const [remembered, ...others] = partition.lastKnownLeaders;
  const nobodyIsClean = cleanCandidates(partition).length === 0;
  if (nobodyIsClean && remembered !== undefined && others.length === 0 && isAcceptable(remembered))
    return { outcome: 'elected', leader: remembered, isClean: false };
  return { outcome: 'waiting', waitingFor: awaited(partition) };
}

/**
 * C3 as amended: an in-sync or eligible replica that is only suspected would lose nothing, so it is waited for, for its full
 * session timeout. Then, of the replicas alive, the one with the longest log by (epoch, end) leads; all are asked first.
 */
function electUncleanly(
  partition: PartitionLeadership,
  conditionOf: ConditionOf,
  logEnds: ElectionRequest['logEnds'],
): Election {
  const complete = [...partition.inSyncReplicas, ...partition.eligibleLeaderReplicas];
  const suspected = partition.replicas.filter(
    (replica) => complete.includes(replica) && conditionOf(replica).isSuspected,
  );
  if (suspected.length > 0) return { outcome: 'waiting', waitingFor: suspected };
  const alive = partition.replicas.filter((replica) => isAcceptableLeader(conditionOf(replica)));
  if (alive.length === 0) return { outcome: 'waiting', waitingFor: partition.replicas };
  const [only] = alive;
  if (only !== undefined && alive.length === 1) return { outcome: 'elected', leader: only, isClean: false };
  const unasked = alive.filter((replica) => !logEnds.has(replica));
  if (unasked.length > 0) return { outcome: 'ask ends', replicas: unasked };
  const longest = longestLog(alive, logEnds);
  return longest === undefined
    ? { outcome: 'waiting', waitingFor: alive }
    : { outcome: 'elected', leader: longest, isClean: false };
}

/** The replica with the longest log by (epoch, end); of equals the first. Undefined when none could tell its end. */
export function longestLog(
  replicas: readonly NodeId[],
  logEnds: ElectionRequest['logEnds'],
): NodeId | undefined {
  let best: { readonly replica: NodeId; readonly end: ReplicaLogEnd } | undefined;
  for (const replica of replicas) {
    const end = logEnds.get(replica);
    if (end !== undefined && (best === undefined || compareLogEnds(end, best.end) > 0))
      best = { replica, end };
  }
  return best?.replica;
}

/** Whom an offline partition waits for while only a clean leader will do: ISR, then ELR, then who led last. */
function awaited(partition: PartitionLeadership): readonly NodeId[] {
  const candidates = cleanCandidates(partition);
  return candidates.length > 0 ? candidates : partition.lastKnownLeaders;
}

/**
 * The partition under a newly elected leader: the epoch counts one up. After an unclean election the leader alone is in sync,
 * and recovering (C4). One elected out of ELR is in sync by that, and lost nothing.
 */
export function withElectedLeader(
  partition: PartitionLeadership,
  leader: NodeId,
  isClean: boolean,
): PartitionLeadership {
  const leaderEpoch = partition.leaderEpoch + 1;
  if (!isClean)
    return {
      ...partition,
      leader,
      leaderEpoch,
      inSyncReplicas: [leader],
      eligibleLeaderReplicas: [],
      lastKnownLeaders: [],
      isRecovering: true,
    };
  const isInSync = partition.inSyncReplicas.includes(leader);
  return {
    ...partition,
    leader,
    leaderEpoch,
    inSyncReplicas: isInSync ? partition.inSyncReplicas : [leader],
    eligibleLeaderReplicas: partition.eligibleLeaderReplicas.filter((replica) => replica !== leader),
    lastKnownLeaders: [],
  };
}

/** The partition without a leader: the epoch counts one up, so that the old leader's messages are fenced. */
export function withoutLeader(partition: PartitionLeadership): PartitionLeadership {
  if (partition.leader === NO_LEADER) return partition;
  return { ...partition, leader: NO_LEADER, leaderEpoch: partition.leaderEpoch + 1 };
}

/** `min(min.insync.replicas, replicas)`: below it nothing is committed (L3), which is what makes ELR safe. */
export function effectiveMinInSync(minInSyncReplicas: number, replicaCount: number): number {
  return Math.min(minInSyncReplicas, replicaCount);
}

export interface InSyncChange {
  readonly inSyncReplicas: readonly NodeId[];
  /** `min.insync.replicas`. */
  readonly minInSyncReplicas: number;
  /** Replicas that may have lost what they had reported (restart class `lossy`, or a failed log). */
  readonly lossyReplicas: readonly NodeId[];
}

/**
 * C5: the partition with another in-sync set. While that set is below the minimum, those that leave it stay eligible, for
 * nothing is committed without them; the lossy ones do not. Once nobody is left, the last leader is remembered.
 */
export function withInSyncReplicas(
  partition: PartitionLeadership,
  change: InSyncChange,
): PartitionLeadership {
  const inSyncReplicas = change.inSyncReplicas;
  const minimum = effectiveMinInSync(change.minInSyncReplicas, partition.replicas.length);
  if (inSyncReplicas.length >= minimum)
    return { ...partition, inSyncReplicas, eligibleLeaderReplicas: [], lastKnownLeaders: [] };
  const held = [...partition.eligibleLeaderReplicas, ...partition.inSyncReplicas];
  const eligibleLeaderReplicas = partition.replicas.filter(
    (replica) =>
      held.includes(replica) && !inSyncReplicas.includes(replica) && !change.lossyReplicas.includes(replica),
  );
  const nobodyIsLeft = inSyncReplicas.length === 0 && eligibleLeaderReplicas.length === 0;
  const remembers = nobodyIsLeft && partition.leader !== NO_LEADER;
  const lastKnownLeaders = remembers ? [partition.leader] : partition.lastKnownLeaders;
  return { ...partition, inSyncReplicas, eligibleLeaderReplicas, lastKnownLeaders };
}
