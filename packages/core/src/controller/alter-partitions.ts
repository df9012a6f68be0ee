// A leader proposes its in-sync set; the controller checks and records it (I5, I6).

import {
  type DirectoryId,
  invariant,
  LOST_DIRECTORY,
  type MetadataImage,
  type MetadataRecord,
  NO_LEADER,
  type NodeId,
  type PartitionImage,
  type PeerRequest,
  type PeerResponse,
  partitionKey,
  partitionOf,
  RECOVERED,
} from '@odradek/model';
import { decidePartition } from './leadership.ts';
import { registeredBroker } from './lifecycle.ts';
import type { Decision, Plan } from './plan.ts';

type Request = PeerRequest<'alterPartitions'>['body'];
type Proposal = Request['partitions'][number];
type Answer = PeerResponse<'alterPartitions'>;
type PartAnswer = Answer['partitions'][number];
type Records = readonly MetadataRecord[];

/** Each proposal is answered for itself; those that are taken are one step of the plan. */
export function alterPartitions(plan: Plan, request: Request): Decision<Answer> {
  const sender = registeredBroker(plan, request);
  if (typeof sender === 'string') return plan.done({ error: 'STALE_BROKER_EPOCH', partitions: [] });
  const seen = new Set<string>();
  const judged = request.partitions.map((proposal) => {
    const key = partitionKey(proposal.topicId, proposal.partition);
    const isFirst = !seen.has(key);
    seen.add(key);
    return { proposal, judgement: isFirst ? judge(plan, sender.id, proposal) : 'INVALID_REQUEST' };
  });
  plan.add(judged.flatMap(({ judgement }) => (typeof judgement === 'string' ? [] : judgement)));
  const partitions = judged.map(({ proposal, judgement }) =>
    typeof judgement === 'string' ? refusedPart(proposal, judgement) : takenPart(plan.image, proposal),
  );
  return plan.done({ error: 'NONE', partitions });
}

/** The records of a proposal, or the error that refuses it. */
function judge(plan: Plan, sender: NodeId, proposal: Proposal): Records | string {
  const topic = plan.image.topics.get(proposal.topicId);
  const state = topic?.partitions[proposal.partition];
  if (topic === undefined) return 'UNKNOWN_TOPIC_ID';
  if (state === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
  const error = proposalError(plan.image, state, sender, proposal);
  if (error !== undefined) return error;
  const inSyncReplicas = proposal.inSyncReplicas.map((member) => member.brokerId);
  const named = { topic, partition: proposal.partition, state };
  const directories = directoriesAfter(plan.image, state, inSyncReplicas);
  const { records } = decidePartition(plan.facts, plan.image, named, { inSyncReplicas, directories });
  return withRecovery(records, state, proposal);
}

/** C11: who comes in has all of its leader's log, so what was said of a failed log of its is over (D8); it may lead again. */
function directoriesAfter(
  image: MetadataImage,
  state: PartitionImage,
  inSyncReplicas: readonly NodeId[],
): readonly DirectoryId[] {
  return state.directories.map((directory, place) => {
    const replica = state.replicas[place] ?? NO_LEADER;
    const hasHealed =
      directory === LOST_DIRECTORY &&
      inSyncReplicas.includes(replica) &&
      !state.inSyncReplicas.includes(replica);
    return hasHealed ? (image.brokers.get(replica)?.directoryIds[0] ?? directory) : directory;
  });
}

function takenPart(image: MetadataImage, { topicId, partition }: Proposal): PartAnswer {
  const state = partitionOf(image, topicId, partition);
  invariant(state !== undefined, () => `partition ${partition} of ${topicId} is gone within one decision`);
  const { leader, leaderEpoch, partitionEpoch, inSyncReplicas } = state;
  return { topicId, partition, error: 'NONE', leader, leaderEpoch, partitionEpoch, inSyncReplicas };
}

/** C4: the first proposal of a leader that was elected uncleanly says that it has recovered. */
function withRecovery(
  records: Records,
  state: PartitionImage,
  { topicId, partition: partitionId, isRecovering }: Proposal,
): Records {
  if (!state.isRecovering || isRecovering) return records;
  const [first, ...rest] = records;
  const change = first?.type === 'PartitionChangeRecord' ? first : { topicId, partitionId };
  return [{ type: 'PartitionChangeRecord', ...change, leaderRecoveryState: RECOVERED }, ...rest];
}

/** I6, in its order. Undefined: the proposal may become a record. */
function proposalError(
  image: MetadataImage,
  state: PartitionImage,
  sender: NodeId,
  proposal: Proposal,
): string | undefined {
  if (proposal.leaderEpoch > state.leaderEpoch || proposal.partitionEpoch > state.partitionEpoch)
    return 'NOT_CONTROLLER';
  if (proposal.leaderEpoch < state.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (sender !== state.leader) return 'INVALID_REQUEST';
  if (proposal.partitionEpoch < state.partitionEpoch) return 'INVALID_UPDATE_VERSION';
  const members = proposal.inSyncReplicas.map((member) => member.brokerId);
  const isSubset = members.every((member) => state.replicas.includes(member));
  if (!isSubset || !members.includes(sender) || new Set(members).size !== members.length)
    return 'INVALID_REQUEST';
  if (proposal.isRecovering && (!state.isRecovering || members.length !== 1)) return 'INVALID_REQUEST';
  const isEligible = proposal.inSyncReplicas.every((member) => isEligibleMember(image, state, member));
  return isEligible ? undefined : 'INELIGIBLE_REPLICA';
}

/**
 * KIP-841, KIP-903: who comes in is registered, unfenced, stays, and is the process that fetched. Who is in sync already may be
 * fenced for a while, as one that has just come back intact (C6 as amended).
 */
function isEligibleMember(
  image: MetadataImage,
  state: PartitionImage,
  { brokerId, brokerEpoch }: Proposal['inSyncReplicas'][number],
): boolean {
  if (state.inSyncReplicas.includes(brokerId)) return true;
  const broker = image.brokers.get(brokerId);
  return (
    broker !== undefined && !broker.isFenced && !broker.isShuttingDown && broker.brokerEpoch === brokerEpoch
  );
}

function refusedPart({ topicId, partition }: Proposal, error: string): PartAnswer {
  const nothing = { leader: NO_LEADER, leaderEpoch: 0, partitionEpoch: 0, inSyncReplicas: [] };
  return { topicId, partition, error, ...nothing };
}
