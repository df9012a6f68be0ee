// What becomes of a partition when its brokers change: its in-sync set, its leader, and the record that says it. Who may lead is
// decided by `@odradek/election`; here it is put to use (C2 to C5, C8).

import {
  type Election,
  type ElectionKind,
  effectiveMinInSync,
  electLeader,
  isAcceptableLeader,
  type PartitionLeadership,
  type ReplicaCondition,
  withElectedLeader,
  withInSyncReplicas,
  withoutLeader,
} from '@odradek/election';
import {
  type DirectoryId,
  isLogOnline,
  type MetadataImage,
  type MetadataRecord,
  type NamedPartition,
  NO_LEADER,
  type NodeId,
  type PartitionChange,
  type PartitionImage,
  partitionsOf,
  RECOVERED,
  RECOVERING,
  topicSetting,
} from '@odradek/model';
import type { Facts, Plan } from './plan.ts';

/** What is to happen to a partition. */
export interface PartitionTarget {
  readonly inSyncReplicas?: readonly NodeId[];
  /** They may have lost what they had reported: they are neither in sync nor eligible (C5, C6). */
  readonly lossyReplicas?: readonly NodeId[];
  /** Whoever leads leads no longer under this epoch, even if elected again: its process is another one (C6). */
  readonly endsLeadership?: boolean;
  /** Nobody leads for now, though somebody could: somebody better is expected in a moment ({@link electAfterReturn}). */
  readonly awaitsLeader?: boolean;
  readonly directories?: readonly DirectoryId[];
  readonly electionKind?: ElectionKind;
}

/** What was decided about a partition. */
export interface PartitionOutcome {
  readonly records: readonly MetadataRecord[];
  /** The election that was held, if one was. */
  readonly election: Election | undefined;
}

/** C2: what the image and the sessions say of a replica. */
export function conditionOf(
  facts: Facts,
  image: MetadataImage,
  partition: PartitionImage,
): (replica: NodeId) => ReplicaCondition {
  return (replica) => {
    const broker = image.brokers.get(replica);
    const isFenced = broker?.isFenced ?? true;
    return {
      isRegistered: broker !== undefined,
      isFenced,
      isShuttingDown: broker?.isShuttingDown ?? false,
      isLogOnline: isLogOnline(partition, replica),
      isSuspected: broker !== undefined && isLogOnline(partition, replica) && facts.isSuspected(replica),
      lacksRoom: facts.lacksRoom(replica),
      hasLastingRoom: facts.hasLastingRoom(replica),
    };
  };
}

/** The effective `min.insync.replicas` of a partition (L3). */
export function minInSyncOf(facts: Facts, image: MetadataImage, topic: string, replicas: number): number {
  return effectiveMinInSync(topicSetting(image, facts.configuration, topic, 'min.insync.replicas'), replicas);
}

/** Decides about one partition, against one image. */
export function decidePartition(
  facts: Facts,
  image: MetadataImage,
  named: NamedPartition,
  target: PartitionTarget,
): PartitionOutcome {
  const before = named.state;
  const state: PartitionImage =
    target.directories === undefined ? before : { ...before, directories: target.directories };
  const minInSync = minInSyncOf(facts, image, named.topic.name, state.replicas.length);
  const held = withTargetInSync(state, target, minInSync);
  const conditions = conditionOf(facts, image, state);
  const keepsLeader =
    held.leader !== NO_LEADER &&
    target.endsLeadership !== true &&
    (target.electionKind ?? 'any') === 'any' &&
    held.inSyncReplicas.includes(held.leader) &&
    isAcceptableLeader(conditions(held.leader));
  if (keepsLeader) return { records: changesOf(named, state, held, undefined), election: undefined };
  if (target.awaitsLeader === true)
    return { records: changesOf(named, state, withoutLeader(held), held), election: undefined };
  const election = electLeader(held, conditions, {
    kind: target.electionKind ?? 'any',
    isUncleanEnabled: topicSetting(
      image,
      facts.configuration,
      named.topic.name,
      'unclean.leader.election.enable',
    ),
    logEnds: facts.logEndsOf({ topicId: named.topic.topicId, partition: named.partition }),
  });
  const after = afterElection(held, election, minInSync, target);
  return { records: changesOf(named, state, after, held), election };
}

/** C5, and the last leader is remembered as soon as nobody is in sync: later it has no name any more. */
function withTargetInSync(
  state: PartitionImage,
  target: PartitionTarget,
  minInSyncReplicas: number,
): PartitionLeadership {
  const { inSyncReplicas, lossyReplicas = [] } = target;
  if (inSyncReplicas === undefined && lossyReplicas.length === 0) return state;
  const wanted = (inSyncReplicas ?? state.inSyncReplicas).filter(
    (replica) => !lossyReplicas.includes(replica),
  );
  const after = withInSyncReplicas(state, { inSyncReplicas: wanted, minInSyncReplicas, lossyReplicas });
  const hasEmptied = wanted.length === 0 && state.inSyncReplicas.length > 0 && state.leader !== NO_LEADER;
  return hasEmptied ? { ...after, lastKnownLeaders: [state.leader] } : after;
}

function afterElection(
  held: PartitionLeadership,
  election: Election,
  minInSync: number,
  target: PartitionTarget,
): PartitionLeadership {
  if (election.outcome !== 'elected') return withoutLeader(held);
  const isSame = election.leader === held.leader && target.endsLeadership !== true;
  if (isSame && election.isClean) return held;
  const after = withElectedLeader(held, election.leader, election.isClean);
  // V15: with enough in sync, records are committed without the eligible ones.
  return after.inSyncReplicas.length >= minInSync ? { ...after, eligibleLeaderReplicas: [] } : after;
}

/** The records from one state of a partition to the next; none when nothing changes. `held`: before an election. */
function changesOf(
  { topic: { topicId }, partition: partitionId, state: before }: NamedPartition,
  state: PartitionImage,
  after: PartitionLeadership,
  held: PartitionLeadership | undefined,
): readonly MetadataRecord[] {
  const change: PartitionChange = {
    topicId,
    partitionId,
    ...(same(before.inSyncReplicas, after.inSyncReplicas) ? {} : { isr: after.inSyncReplicas }),
    ...(before.leaderEpoch === after.leaderEpoch ? {} : { leader: after.leader }),
    ...(same(before.eligibleLeaderReplicas, after.eligibleLeaderReplicas)
      ? {}
      : { eligibleLeaderReplicas: after.eligibleLeaderReplicas }),
    ...(same(before.lastKnownLeaders, after.lastKnownLeaders)
      ? {}
      : { lastKnownElr: after.lastKnownLeaders }),
    ...(before.isRecovering === after.isRecovering
      ? {}
      : { leaderRecoveryState: after.isRecovering ? RECOVERING : RECOVERED }),
    ...(same(before.directories, state.directories) ? {} : { directories: state.directories }),
  };
  if (Object.keys(change).length === 2) return [];
  const record: MetadataRecord = { type: 'PartitionChangeRecord', ...change };
  const isUnclean =
    held !== undefined && after.leaderEpoch !== before.leaderEpoch && isUncleanResult(held, after);
  if (!isUnclean) return [record];
  const { leader, leaderEpoch } = after;
  const lastInSyncReplicas = [...held.inSyncReplicas, ...held.eligibleLeaderReplicas];
  const election = { leader, leaderEpoch, lastInSyncReplicas, reconciledReplicas: [leader] };
  return [record, { type: 'UncleanElectionRecord', topicId, partitionId, ...election }];
}

/** C4: a leader that was neither in sync nor eligible. */
function isUncleanResult(held: PartitionLeadership, after: PartitionLeadership): boolean {
  return (
    after.leader !== NO_LEADER &&
    !held.inSyncReplicas.includes(after.leader) &&
    !held.eligibleLeaderReplicas.includes(after.leader)
  );
}

function same<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/** Decides about every partition for which `targetOf` has a target, and notes whose ends must be asked first. */
export function decidePartitions(
  plan: Plan,
  targetOf: (named: NamedPartition) => PartitionTarget | undefined,
): void {
  const records: MetadataRecord[] = [];
  for (const named of partitionsOf(plan.image)) {
    const target = targetOf(named);
    if (target === undefined) continue;
    const outcome = decidePartition(plan.facts, plan.image, named, target);
    records.push(...outcome.records);
    noteQuestion(plan, named, outcome);
  }
  plan.add(records);
}

/** An election that must ask first is held again when the ends are known. */
export function noteQuestion(plan: Plan, named: NamedPartition, { election }: PartitionOutcome): void {
  if (election?.outcome !== 'ask ends') return;
  plan.ask({ topicId: named.topic.topicId, partition: named.partition, replicas: election.replicas });
}

/** Tries an election for every partition that has no leader (C8, unfence; a suspicion that ended). */
export function electLeaderless(plan: Plan): void {
  decidePartitions(plan, ({ state }) => (state.leader === NO_LEADER ? {} : undefined));
}

/** From how many partitions on it is worth waiting for their preferred leaders. */
const MANY_PARTITIONS = 100;

/**
 * The same after one of several brokers came back. When all have stopped, the first to be back would lead everything, and a second later
 * give two thirds away again; of thousands of partitions that costs more than the moment until the others are back (C3).
 */
export function electAfterReturn(plan: Plan): void {
  const isAwaited = (named: NamedPartition): boolean =>
    named.state.leader === NO_LEADER && awaitsBetter(plan, named.state);
  const areMany = isTrueOfMany(plan.image, isAwaited);
  if (areMany) plan.awaitLeaders();
  decidePartitions(plan, (named) =>
    named.state.leader === NO_LEADER && !(areMany && isAwaited(named)) ? {} : undefined,
  );
}

/**
 * C6: of the partitions that a broker led whose new process comes now, those that are to wait for somebody: when all have stopped at once
 * the others are alive by the metadata alone, and would be given what they give up again when they come.
 */
export function leftWithoutLeader(plan: Plan, id: NodeId): (state: PartitionImage) => boolean {
  const isLeft = (state: PartitionImage): boolean => state.leader === id && !isAnyHeard(plan, state);
  if (!isTrueOfMany(plan.image, ({ state }) => isLeft(state))) return () => false;
  plan.awaitLeaders();
  return isLeft;
}

/** Whether its preferred leader is on its way, or whoever could lead has not been heard by this controller. */
function awaitsBetter(plan: Plan, state: PartitionImage): boolean {
  const [preferred] = state.replicas;
  if (preferred === undefined) return false;
  const condition = conditionOf(plan.facts, plan.image, state)(preferred);
  const isComing = condition.isFenced && condition.isSuspected && !condition.isShuttingDown;
  return (isComing && state.inSyncReplicas.includes(preferred)) || !isAnyHeard(plan, state);
}

/** Whether an in-sync replica that may lead has been heard. */
function isAnyHeard({ facts, image }: Plan, state: PartitionImage): boolean {
  const conditions = conditionOf(facts, image, state);
  return state.inSyncReplicas.some((one) => facts.isHeard(one) && isAcceptableLeader(conditions(one)));
}

function isTrueOfMany(image: MetadataImage, holds: (named: NamedPartition) => boolean): boolean {
  let count = 0;
  for (const named of partitionsOf(image)) {
    if (holds(named)) count += 1;
    if (count === MANY_PARTITIONS) return true;
  }
  return false;
}

/** A partition without a leader, and for whom it waits (C3). */
export interface OfflinePartition {
  readonly topicId: string;
  readonly partition: number;
  readonly waitingFor: readonly NodeId[];
}

/** Every partition without a leader. */
export function offlinePartitions(facts: Facts, image: MetadataImage): readonly OfflinePartition[] {
  const offline: OfflinePartition[] = [];
  for (const named of partitionsOf(image)) {
    if (named.state.leader !== NO_LEADER) continue;
    const { election } = decidePartition(facts, image, named, {});
    const waitingFor =
      election?.outcome === 'waiting'
        ? election.waitingFor
        : election?.outcome === 'ask ends'
          ? election.replicas
          : [];
    offline.push({ topicId: named.topic.topicId, partition: named.partition, waitingFor });
  }
  return offline;
}
