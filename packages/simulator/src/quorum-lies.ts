// What a voter that lies may say about the epoch (X9): a question as it would ask it, had it come so far.

import type { LeaderEpoch, PeerRequest, Voter } from '@odradek/model';
import { ScheduleError } from './schedule.ts';

type QuorumLie = PeerRequest<'vote' | 'beginQuorumEpoch' | 'endQuorumEpoch'>;

/** `kind` is a word of a schedule: pre-vote, vote, begin or end. */
export function quorumLie(
  kind: string,
  clusterId: string,
  liar: Voter,
  to: Voter,
  epoch: LeaderEpoch,
): QuorumLie {
  const leads = { clusterId, leaderId: liar.id, leaderEpoch: epoch };
  const [candidateDirectoryId, voterDirectoryId] = [liar.directoryId, to.directoryId];
  switch (kind) {
    case 'pre-vote':
    case 'vote': {
      const asks = { candidateId: liar.id, candidateDirectoryId, voterId: to.id, voterDirectoryId };
      const log = { lastEpoch: epoch - 1, lastEpochEndOffset: 0 };
      return { api: 'vote', body: { clusterId, epoch, ...asks, ...log, preVote: kind === 'pre-vote' } };
    }
    case 'begin':
      return { api: 'beginQuorumEpoch', body: { ...leads, voterDirectoryId } };
    case 'end':
      return { api: 'endQuorumEpoch', body: { ...leads, preferredSuccessors: [to.id] } };
    default:
      throw new ScheduleError(`"lie ${kind}": pre-vote, vote, begin or end`);
  }
}
