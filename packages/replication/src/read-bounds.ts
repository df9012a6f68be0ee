// Who may read how far, and with which error one is refused (L7, L8, L9, F2).

import {
  divergence,
  type EpochEnd,
  endOfEpoch,
  type KafkaErrorName,
  type LeaderEpoch,
  type LogView,
  NO_EPOCH,
  type Offset,
  type Refusal,
} from '@odradek/model';
import type { ConsumerPosition, ReadBounds } from './faces.ts';
import type { FetchPosition } from './replica-fetch.ts';

/** L9: an older epoch is fenced, a newer one not known here yet. Clients may name none. */
export function epochRefusal(requested: LeaderEpoch, leaderEpoch: LeaderEpoch): Refusal | undefined {
  if (requested === leaderEpoch) return undefined;
  const message = `the request is of leader epoch ${requested}, this leader's is ${leaderEpoch}`;
  return { error: requested < leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH', message };
}

/** L9 for clients: those that name no epoch are not compared. */
export function clientEpochRefusal(requested: LeaderEpoch, leaderEpoch: LeaderEpoch): Refusal | undefined {
  return requested === NO_EPOCH ? undefined : epochRefusal(requested, leaderEpoch);
}

/** F2: where a follower's log parts from this one, or why it cannot be said. Undefined when it is a prefix of this one. */
export function followerDivergence(
  log: LogView,
  position: FetchPosition,
):
  | { readonly outcome: 'diverging'; readonly diverging: EpochEnd }
  | ({ readonly outcome: 'refused' } & Refusal)
  | undefined {
  const { fetchOffset, lastFetchedEpoch } = position;
  const isEpochUnknown =
    lastFetchedEpoch !== NO_EPOCH && endOfEpoch(log.epochs, lastFetchedEpoch, log.logEndOffset) === undefined;
  if (isEpochUnknown || fetchOffset < log.logStartOffset) return outOfRange(log, fetchOffset);
  const diverging = divergence(log.epochs, log.logEndOffset, fetchOffset, lastFetchedEpoch);
  if (diverging !== undefined) return { outcome: 'diverging', diverging };
  return fetchOffset > log.logEndOffset ? outOfRange(log, fetchOffset) : undefined;
}

/**
 * L7: a consumer reads up to the high watermark. Between it and the log end there is nothing yet, which is no error: a new
 * leader's high watermark may be stale. A client that says what it read last learns when this log has other records (S18).
 */
export function consumerBoundsOf(
  log: LogView,
  leaderEpoch: LeaderEpoch,
  highWatermark: Offset,
  position: ConsumerPosition,
): ReadBounds {
  const refusal = clientEpochRefusal(position.currentLeaderEpoch, leaderEpoch);
  if (refusal !== undefined) return { outcome: 'refused', ...refusal };
  const { fetchOffset, lastFetchedEpoch } = position;
  const diverging = divergence(log.epochs, log.logEndOffset, fetchOffset, lastFetchedEpoch);
  if (diverging !== undefined) return { outcome: 'diverging', diverging };
  if (fetchOffset < log.logStartOffset || fetchOffset > log.logEndOffset) return outOfRange(log, fetchOffset);
  return { outcome: 'readable', upToOffset: highWatermark };
}

/** L8: until the high watermark has reached the epoch's start, an answer could be contradicted by a later one. */
export function latestOffsetOf(highWatermark: Offset, leaderEpochStart: Offset): Offset | KafkaErrorName {
  return highWatermark < leaderEpochStart ? 'OFFSET_NOT_AVAILABLE' : highWatermark;
}

function outOfRange(log: LogView, offset: Offset): { readonly outcome: 'refused' } & Refusal {
  const message = `offset ${offset} is outside the log, which holds ${log.logStartOffset} up to ${log.logEndOffset}`;
  return { outcome: 'refused', error: 'OFFSET_OUT_OF_RANGE', message };
}
