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
  const before = uncleanElectionsOf(plan.image, topicId, partitionId).filter(
    (election) => election.leaderEpoch <= truncation.leaderEpoch,
  );
  const election = electionOf(before, brokerId, truncation);
  if (election === undefined || fromOffset > toOffset || isKnown(before, election, brokerId, truncation))
    return [];
  const record = (electionEpoch: LeaderEpoch, range: Range): MetadataRecord => {
    const report = { electionEpoch, brokerId, isLossy: false, ...range, highWatermark };
    return { type: 'TruncationRecord', topicId, partitionId, ...report };
  };
  // Of the others that it had missed it says only that it follows now.
  const others = before.filter((one) => one !== election && !one.reconciled.includes(brokerId));
  const follows = { fromOffset, toOffset: fromOffset };
  return [
    record(election.leaderEpoch, { fromOffset, toOffset }),
    ...others.map((one) => record(one.leaderEpoch, follows)),
  ];
}

interface Range {
  readonly fromOffset: number;
  readonly toOffset: number;
}

/**
 * Which unclean election a report is the consequence of. A leader tells where its own began. A follower's is the first under whose
 * leader it has not been yet, since it drops what it had before that; or the one whose cut it goes on with (F3); else the last.
 */
function electionOf(
  before: readonly UncleanElection[],
  brokerId: NodeId,
  { fromOffset, toOffset }: Truncation,
): UncleanElection | undefined {
  const last = before.at(-1);
  if (fromOffset === toOffset && last?.leader === brokerId) return last;
  const goesOn = ({ truncations }: UncleanElection): boolean =>
    truncations.some((known) => known.brokerId === brokerId && known.fromOffset === toOffset);
  return before.find((election) => !election.reconciled.includes(brokerId)) ?? before.find(goesOn) ?? last;
}

/**
 * Whether a report has come before, with its answer lost on the way. It is then recorded under an older election that its replica
 * had missed too; but the leader and a member of the last in-sync set missed none, so the same range of it is another loss.
 */
function isKnown(
  before: readonly UncleanElection[],
  election: UncleanElection,
  brokerId: NodeId,
  { fromOffset, toOffset }: Truncation,
): boolean {
  const hasMissedNone = election.leader === brokerId || election.lastInSyncReplicas.includes(brokerId);
  return (hasMissedNone ? [election] : before).some((one) =>
    one.truncations.some(
      (known) =>
        known.brokerId === brokerId && known.fromOffset === fromOffset && known.toOffset === toOffset,
    ),
  );
}
