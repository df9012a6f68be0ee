// What replicas report to have dropped after an unclean election, on its way into the metadata (C4, F7).

import {
  type LeaderEpoch,
  type MetadataRecord,
  type NodeId,
  type PeerRequest,
  type PeerResponse,
  type UncleanElection,
  uncleanElectionsOf,
} from '@odradek/model';
import { registeredBroker } from './lifecycle.ts';
import type { Decision, Plan } from './plan.ts';

type Request = PeerRequest<'reportTruncations'>['body'];
type Truncation = Request['truncations'][number];

/**
 * Every report becomes a record, except those of topics that are gone, those already there, and those after no unclean election.
 * Nobody is told apart: what is answered without an error may be cut.
 */
export function reportTruncations(plan: Plan, request: Request): Decision<PeerResponse<'reportTruncations'>> {
  const sender = registeredBroker(plan, request);
  if (typeof sender === 'string') return plan.done({ error: sender });
  for (const truncation of request.truncations) plan.add(recordsOf(plan, sender.id, truncation));
  return plan.done({ error: 'NONE' });
}

function recordsOf(plan: Plan, brokerId: NodeId, truncation: Truncation): readonly MetadataRecord[] {
  const { topicId, partition: partitionId, fromOffset, toOffset, highWatermark } = truncation;
  const elections = uncleanElectionsOf(plan.image, topicId, partitionId);
  const election = electionOf(elections, brokerId, truncation.leaderEpoch);
  if (election === undefined || fromOffset > toOffset) return [];
  if (isKnown(elections, election, brokerId, truncation)) return [];
  const electionEpoch = election.leaderEpoch;
  const report = { electionEpoch, brokerId, isLossy: false, fromOffset, toOffset, highWatermark };
  return [{ type: 'TruncationRecord', topicId, partitionId, ...report }];
}

/**
 * Which unclean election a report is the consequence of: the first under whose leader this replica has not been yet, since it
 * drops what it had before that; else the last before the report.
 */
function electionOf(
  elections: readonly UncleanElection[],
  brokerId: NodeId,
  leaderEpoch: LeaderEpoch,
): UncleanElection | undefined {
  const before = elections.filter((election) => election.leaderEpoch <= leaderEpoch);
  return before.find((election) => !election.reconciled.includes(brokerId)) ?? before.at(-1);
}

/**
 * Whether a report has come before, with its answer lost on the way. It is then recorded under an older election that its replica
 * had missed too; but a member of the last in-sync set missed none, so the same range of it is another loss.
 */
function isKnown(
  elections: readonly UncleanElection[],
  election: UncleanElection,
  brokerId: NodeId,
  { fromOffset, toOffset }: Truncation,
): boolean {
  const isMember = election.lastInSyncReplicas.includes(brokerId);
  return (isMember ? [election] : elections).some((one) =>
    one.truncations.some(
      (known) =>
        known.brokerId === brokerId && known.fromOffset === fromOffset && known.toOffset === toOffset,
    ),
  );
}
