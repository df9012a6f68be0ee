// The in-sync set as its leader keeps it: which set gates commits (L5), who may join (I3), who must leave (I4), and what an
// answer of the controller means (I5).

import {
  type BrokerEpoch,
  type KafkaErrorName,
  NO_BROKER_EPOCH,
  type NodeId,
  type Offset,
} from '@odradek/model';
import type { InSyncProposal, ProposalResult } from './hosts.ts';
import type { PartitionRegistration } from './registration.ts';
import { hasFetched, isCaughtUp, type ProgressTable, type ReplicaProgress } from './replica-progress.ts';

/** A proposal that is with the controller; the token tells its answers from those of earlier ones. */
export interface PendingProposal {
  readonly token: number;
  readonly proposal: InSyncProposal;
}

/**
 * L5: the committed set, and with it whoever is about to join. While a shrink is pending it is the old set: what gates commits
 * must contain every set that the controller may elect from.
 */
export function maximalInSync(
  registration: PartitionRegistration,
  pending: PendingProposal | undefined,
): readonly NodeId[] {
  if (pending === undefined || pending.proposal.kind === 'shrink') return registration.inSyncReplicas;
  const joining = pending.proposal.changed.filter((id) => !registration.inSyncReplicas.includes(id));
  return joining.length === 0 ? registration.inSyncReplicas : [...registration.inSyncReplicas, ...joining];
}

/** What the metadata says about a broker that would join. */
export interface Candidate {
  readonly isEligible: boolean;
  readonly brokerEpoch: BrokerEpoch;
}

/** What keeps a replica out of the in-sync set, or what it is in it. */
export type JoinObstacle =
  | 'is in sync'
  | 'has not fetched in this leader epoch'
  | 'is below the high watermark'
  | 'is below the start of the leader epoch'
  | 'is fenced or shutting down'
  | 'has fetched in an earlier life';

/** I3, but for "no pending change", which is the state of the machine: the first thing that speaks against a replica's joining. */
export function joinObstacle(
  replica: NodeId,
  progress: ReplicaProgress,
  registration: PartitionRegistration,
  candidate: Candidate,
  highWatermark: Offset,
  leaderEpochStart: Offset,
): JoinObstacle | undefined {
  if (registration.inSyncReplicas.includes(replica)) return 'is in sync';
  if (!hasFetched(progress)) return 'has not fetched in this leader epoch';
  if (progress.endOffset < highWatermark) return 'is below the high watermark';
  // KAFKA-7128: below the epoch's start the high watermark may be stale, and says nothing.
  if (progress.endOffset < leaderEpochStart) return 'is below the start of the leader epoch';
  if (!candidate.isEligible) return 'is fenced or shutting down';
  // KIP-903: the life that has fetched is the life that would join.
  const isOfThisLife =
    progress.brokerEpoch !== NO_BROKER_EPOCH && progress.brokerEpoch === candidate.brokerEpoch;
  return isOfThisLife ? undefined : 'has fetched in an earlier life';
}

/** I4: members that have not all of the log, and have not had it for too long. */
export function laggingMembers(
  table: ProgressTable,
  registration: PartitionRegistration,
  leaderEndOffset: Offset,
  nowMs: number,
  lagTimeMaxMs: number,
): readonly NodeId[] {
  return registration.inSyncReplicas.filter((replica) => {
    const progress = table.get(replica);
    return progress !== undefined && !isCaughtUp(progress, leaderEndOffset, nowMs, lagTimeMaxMs);
  });
}

/** The change by which `changed` join or leave, against the record as it is. */
export function proposalFor(
  kind: InSyncProposal['kind'],
  changed: readonly NodeId[],
  registration: PartitionRegistration,
  brokerEpochOf: (broker: NodeId) => BrokerEpoch,
): InSyncProposal {
  const members =
    kind === 'expand'
      ? [...registration.inSyncReplicas, ...changed]
      : registration.inSyncReplicas.filter((replica) => !changed.includes(replica));
  return {
    kind,
    changed,
    leaderEpoch: registration.leaderEpoch,
    partitionEpoch: registration.partitionEpoch,
    inSyncReplicas: members.map((brokerId) => ({ brokerId, brokerEpoch: brokerEpochOf(brokerId) })),
    // C4: the first change of the set says that the leader has recovered from its unclean election.
    isRecovering: false,
  };
}

/** What an answer means for the proposal. `unknown`: the change may be made or not, so both sets gate commits still. */
export type ProposalOutcome = 'made' | 'not made' | 'known by metadata only' | 'unknown';

const surelyNotMade: readonly KafkaErrorName[] = ['OPERATION_NOT_ATTEMPTED', 'INELIGIBLE_REPLICA'];

const metadataWillTell: readonly KafkaErrorName[] = [
  'FENCED_LEADER_EPOCH',
  'INVALID_UPDATE_VERSION',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INVALID_REQUEST',
  'NEW_LEADER_ELECTED',
];

/** I5. An equal partition epoch is a success that changed nothing; an older one is an answer that the state has overtaken. */
export function outcomeOf(result: ProposalResult, registration: PartitionRegistration): ProposalOutcome {
  if (result.outcome === 'no answer') return 'unknown';
  if (surelyNotMade.includes(result.error)) return 'not made';
  if (metadataWillTell.includes(result.error)) return 'known by metadata only';
  if (result.error !== 'NONE') return 'unknown';
  const isOurs =
    result.leaderEpoch === registration.leaderEpoch && result.partitionEpoch >= registration.partitionEpoch;
  return isOurs ? 'made' : 'known by metadata only';
}
