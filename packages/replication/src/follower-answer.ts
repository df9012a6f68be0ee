// What a leader answers to a follower about one partition, in the fields of `fetchReplicas`.

import type { EpochEnd, KafkaErrorName, RecordBytes } from '@odradek/model';
import type { FetchAcceptance, LeaderReplica, ReplicaRead } from './faces.ts';
import type { FollowerAnswer } from './replica-fetch.ts';

/** The answer with the records read, or with the reason why there are none. */
export function followerAnswer(
  leader: LeaderReplica,
  result: FetchAcceptance | Exclude<ReplicaRead, { outcome: 'cold' }>,
): FollowerAnswer {
  switch (result.outcome) {
    case 'accepted':
      return answer(leader, 'NONE', null, []);
    case 'records':
      return answer(leader, 'NONE', null, result.records);
    case 'diverging':
      return answer(leader, 'NONE', result.diverging, []);
    case 'refused':
      return answer(leader, result.error, null, []);
  }
}

/** Of a broker that does not lead the partition (L9). */
export const notLeaderAnswer: FollowerAnswer = {
  error: 'NOT_LEADER_OR_FOLLOWER',
  highWatermark: -1,
  logStartOffset: -1,
  logEndOffset: -1,
  diverging: null,
  records: [],
};

/** The log's bounds go with every answer: a follower out of range needs them (F6). */
function answer(
  { highWatermark, log }: LeaderReplica,
  error: KafkaErrorName,
  diverging: EpochEnd | null,
  records: RecordBytes,
): FollowerAnswer {
  const { logStartOffset, logEndOffset } = log;
  return { error, highWatermark, logStartOffset, logEndOffset, diverging, records };
}
