// What a leader answers to a follower about one partition, in the fields of `fetchReplicas`.

import type { EpochEnd, KafkaErrorName, RecordBytes } from '@odradek/model';
import type { FetchAcceptance, LeaderReplica, ReplicaRead } from './faces.ts';
import type { FollowerAnswer } from './replica-fetch.ts';

/**
 * What is said of producers in one answer: 22,000 of them, those that wrote last. Of others their follower knows nothing, as if what was
 * known had expired: it takes any sequence (P1).
 */
const MOST_PRODUCER_BYTES = 1024 * 1024;

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
      return result.error === 'OFFSET_OUT_OF_RANGE'
        ? outOfRangeAnswer(leader)
        : answer(leader, result.error, null, []);
  }
}

/** F6, P2: whoever begins anew at the log start is to know what a replica knows that has had the records below. */
function outOfRangeAnswer(leader: LeaderReplica): FollowerAnswer {
  const producers = leader.log.producersAtStart(MOST_PRODUCER_BYTES);
  // It asks again: begun without, it would take what a producer tries again for new.
  if (producers === undefined) return answer(leader, 'KAFKA_STORAGE_ERROR', null, []);
  const said = answer(leader, 'OFFSET_OUT_OF_RANGE', null, []);
  return producers.length === 0 ? said : { ...said, producers };
}

/** Of a broker that does not lead the partition (L9). */
export const notLeaderAnswer: FollowerAnswer = {
  error: 'NOT_LEADER_OR_FOLLOWER',
  highWatermark: -1,
  logStartOffset: -1,
  logEndOffset: -1,
  diverging: null,
  records: [],
  producers: null,
};

/** The log's bounds go with every answer: a follower out of range needs them (F6). */
function answer(
  { highWatermark, log }: LeaderReplica,
  error: KafkaErrorName,
  diverging: EpochEnd | null,
  records: RecordBytes,
): FollowerAnswer {
  const { logStartOffset, logEndOffset } = log;
  return { error, highWatermark, logStartOffset, logEndOffset, diverging, records, producers: null };
}
