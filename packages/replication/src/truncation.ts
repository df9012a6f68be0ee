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
  /** The records lost through an unclean election; undefined when there was none, or nothing is cut. */
  readonly report: TruncationReport | undefined;
}

/** F3: the cut by which this log becomes a prefix of the leader's, or comes nearer to it (KIP-279: the follower asks again). */
export function truncationAtDivergence(
  log: LogView,
  highWatermark: Offset,
  diverging: EpochEnd,
  registration: PartitionRegistration,
): Truncation {
  const { offset } = truncationTarget(log.epochs, log.logEndOffset, diverging);
  return {
    endOffset: offset,
    dropsEverything: offset < log.logStartOffset,
    report: lawfulCut(log, highWatermark, offset, registration),
  };
}

/** F6: the leader's log begins above our end, so what we have is no longer kept, and nothing is lost. */
export function restartAbove(leaderStartOffset: Offset): Truncation {
  return { endOffset: leaderStartOffset, dropsEverything: true, report: undefined };
}

/** F6: the leader's log ends below our start, and no epoch can tell where they part: we begin again at its start. */
export function restartBelow(
  log: LogView,
  highWatermark: Offset,
  leaderStartOffset: Offset,
  registration: PartitionRegistration,
): Truncation {
  const report = lawfulCut(log, highWatermark, leaderStartOffset, registration);
  return { endOffset: leaderStartOffset, dropsEverything: true, report };
}

/**
 * F7: below the local high watermark a cut is lawful only after an unclean election that our last record has not seen; then it
 * is reported. Without one a committed record would vanish unseen, so the node stops. Above the high watermark it is
 * reported too, because the local one may be stale: whoever collects the reports knows what was committed.
 */
function lawfulCut(
  log: LogView,
  highWatermark: Offset,
  endOffset: Offset,
  registration: PartitionRegistration,
): TruncationReport | undefined {
  const isAfterUncleanElection = registration.uncleanLeaderEpoch > log.lastEpoch;
  if (endOffset < highWatermark && !isAfterUncleanElection)
    throw new InvariantError(
      `F7: cutting the log at ${endOffset} would drop committed records (high watermark ${highWatermark}, log end ` +
        `${log.logEndOffset}, last epoch ${log.lastEpoch}), and there was no unclean election since ` +
        `(the last one: leader epoch ${registration.uncleanLeaderEpoch})`,
    );
  if (!isAfterUncleanElection || endOffset >= log.logEndOffset) return undefined;
  const fromOffset = Math.max(endOffset, log.logStartOffset);
  return {
    leaderEpoch: registration.uncleanLeaderEpoch,
    fromOffset,
    toOffset: log.logEndOffset,
    highWatermark,
  };
}

/** Cuts. Even at the log's own end: its epochs may have to go (F5, KAFKA-10706). */
export function truncate(log: ReplicatedLog, { endOffset, dropsEverything }: Truncation): void {
  if (dropsEverything) log.truncateFullyAndStartAt(endOffset);
  else log.truncateTo(endOffset);
}
