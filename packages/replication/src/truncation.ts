// Where a follower cuts its log, whether that is lawful, and what must be reported (F3, F6, F7).

import {
  type EpochEnd,
  InvariantError,
  type LogView,
  type Offset,
  type ReplicatedLog,
  truncationTarget,
} from '@odradek/model';
import type { TruncationReport } from './hosts.ts';
import type { PartitionRegistration } from './registration.ts';

/** A cut. The log ends at `endOffset` after it; `drops everything` when not even the log's start remains. */
export interface Truncation {
  readonly endOffset: Offset;
  readonly dropsEverything: boolean;
  /** What is known of producers where the log begins anew (P2). */
  readonly producers?: Uint8Array | undefined;
}

/** Where a leader's log begins, and what it knows there. */
export interface LeaderStart {
  readonly logStartOffset: Offset;
  readonly producers: Uint8Array | null;
}

/** F3: the cut by which this log becomes a prefix of the leader's, or comes nearer to it (KIP-279: the follower asks again). */
export function truncationAtDivergence(
  log: LogView,
  highWatermark: Offset,
  diverging: EpochEnd,
  registration: PartitionRegistration,
): Truncation {
  const { offset } = truncationTarget(log.epochs, log.logEndOffset, diverging);
  mustBeLawful(log, highWatermark, offset, registration);
  return { endOffset: offset, dropsEverything: offset < log.logStartOffset };
}

/** F6: the leader's log begins above our end, so what we have is no longer kept, and nothing is lost. */
export function restartAbove(leaderStart: LeaderStart): Truncation {
  return restartAt(leaderStart);
}

/** F6: the leader's log ends below our start, and no epoch can tell where they part: we begin again at its start. */
export function restartBelow(
  log: LogView,
  highWatermark: Offset,
  leaderStart: LeaderStart,
  registration: PartitionRegistration,
): Truncation {
  mustBeLawful(log, highWatermark, leaderStart.logStartOffset, registration);
  return restartAt(leaderStart);
}

function restartAt({ logStartOffset, producers }: LeaderStart): Truncation {
  return { endOffset: logStartOffset, dropsEverything: true, producers: producers ?? undefined };
}

/**
 * F7: whether an unclean election has come since this log's last record. Then a cut below the high watermark is lawful, and what
 * is cut, or that nothing is, is reported before this log changes.
 */
export function isAfterUncleanElection(log: LogView, registration: PartitionRegistration): boolean {
  return registration.uncleanLeaderEpoch > log.lastEpoch;
}

/** F7: without an unclean election since, a committed record would vanish unseen, so the node stops. */
function mustBeLawful(
  log: LogView,
  highWatermark: Offset,
  endOffset: Offset,
  registration: PartitionRegistration,
): void {
  if (endOffset >= highWatermark || isAfterUncleanElection(log, registration)) return;
  throw new InvariantError(
    `F7: cutting the log at ${endOffset} would drop committed records (high watermark ${highWatermark}, log end ` +
      `${log.logEndOffset}, last epoch ${log.lastEpoch}), and there was no unclean election since ` +
      `(the last one: leader epoch ${registration.uncleanLeaderEpoch})`,
  );
}

/**
 * F7: what a replica has to say after an unclean election: the range that a cut drops, or without a cut an empty one, which tells
 * where its log ended. Above the local high watermark it is told too, because that one may be stale: whoever collects the
 * reports knows what was committed.
 */
export function truncationReport(
  log: LogView,
  highWatermark: Offset,
  truncation: Truncation | undefined,
  { uncleanLeaderEpoch: leaderEpoch }: PartitionRegistration,
): TruncationReport {
  const { logStartOffset, logEndOffset: toOffset } = log;
  const remaining = Math.max(truncation?.endOffset ?? toOffset, logStartOffset);
  return { leaderEpoch, fromOffset: Math.min(remaining, toOffset), toOffset, highWatermark };
}

/** Cuts. Even at the log's own end: its epochs may have to go (F5, KAFKA-10706). */
export function truncate(log: ReplicatedLog, { endOffset, dropsEverything, producers }: Truncation): void {
  // The log's start may have moved since the cut was found (L10).
  if (dropsEverything || endOffset < log.logStartOffset) log.truncateFullyAndStartAt(endOffset, producers);
  else log.truncateTo(endOffset);
}
