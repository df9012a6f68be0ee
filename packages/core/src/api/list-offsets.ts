// ListOffsets: the earliest, the latest (the high watermark, L8), or the first offset at or after a timestamp.

import type { ClientRequest, ClientResponse, KafkaErrorName, LeaderEpoch, Offset } from '@odradek/model';
import type { LeaderHere, LeaderLookup } from './leader-lookup.ts';
import { namedTwice } from './named-twice.ts';

type Body = ClientRequest<'listOffsets'>['body'];
type Part = Body['partitions'][number];
type Response = ClientResponse<'listOffsets'>;
type PartResponse = Response['partitions'][number];

const LATEST = -1;
const EARLIEST = -2;

/** Handles one request; `answer` is called once, later if a timestamp lies in cold data. */
export function listOffsets(leaders: LeaderLookup, body: Body, answer: (response: Response) => void): void {
  const twice = namedTwice(body.partitions);
  if (twice !== undefined) {
    answer({ ...twice, partitions: [] });
    return;
  }
  // X5, X6: one after the other, since each may have to be read from the disk, and inflated.
  const parts: PartResponse[] = [];
  let isWaiting = false;
  const goOn = (): void => {
    isWaiting = false;
    while (!isWaiting) {
      const next = body.partitions[parts.length];
      if (next === undefined) {
        answer({ error: 'NONE', errorMessage: null, partitions: parts });
        return;
      }
      isWaiting = true;
      let isWithinTheCall = true;
      listPart(leaders, next, (response) => {
        parts.push(response);
        if (isWithinTheCall) isWaiting = false;
        else goOn();
      });
      isWithinTheCall = false;
    }
  };
  goOn();
}

function listPart(leaders: LeaderLookup, part: Part, settle: (response: PartResponse) => void): void {
  const found = leaders.find(part.topicId, part.partition, part.leaderEpoch);
  if ('error' in found) {
    settle({
      ...partHead(part),
      ...unknownOffset,
      error: found.error,
      errorMessage: found.message,
      leaderHint: found.leaderHint,
    });
    return;
  }
  const { leader } = found;
  const latest = leader.latestOffset(part.leaderEpoch);
  if (typeof latest !== 'number') {
    settle(refused(part, latest, 'the high watermark of this leader epoch is not known yet'));
    return;
  }
  if (part.timestamp === LATEST) settle(at(part, latest, -1, leader.leaderEpoch));
  else if (part.timestamp === EARLIEST) settle(at(part, leader.log.logStartOffset, -1, leader.leaderEpoch));
  else if (part.timestamp < 0)
    settle(
      refused(
        part,
        'INVALID_REQUEST',
        `timestamp ${part.timestamp}: allowed are -1 (latest), -2 (earliest) and ms`,
      ),
    );
  else byTimestamp(found, part, latest, settle);
}

/** A record above the high watermark is not shown to consumers, so its offset is not either (L7). */
function byTimestamp(
  { partition, leader }: LeaderHere,
  part: Part,
  latest: Offset,
  settle: (response: PartResponse) => void,
): void {
  if (partition.log === undefined) {
    settle(refused(part, 'NOT_LEADER_OR_FOLLOWER', 'the log is closed'));
    return;
  }
  partition.log.offsetForTimestamp(part.timestamp, (found) => {
    if (found === undefined) settle(at(part, -1, -1, leader.leaderEpoch));
    else if ('error' in found) settle(refused(part, 'KAFKA_STORAGE_ERROR', found.error));
    else if (found.offset >= latest) settle(at(part, -1, -1, leader.leaderEpoch));
    else settle(at(part, found.offset, found.timestamp, found.leaderEpoch));
  });
}

const unknownOffset = { offset: -1, timestamp: -1, leaderEpoch: -1, leaderHint: -1 };

function partHead({ topicId, partition }: Part) {
  return { topicId, partition, error: 'NONE', errorMessage: null };
}

function refused(part: Part, error: KafkaErrorName, errorMessage: string): PartResponse {
  return { ...partHead(part), ...unknownOffset, error, errorMessage };
}

function at(part: Part, offset: Offset, timestamp: number, leaderEpoch: LeaderEpoch): PartResponse {
  return { ...partHead(part), offset, timestamp, leaderEpoch, leaderHint: -1 };
}
