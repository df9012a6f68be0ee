// What a follower replica knows, and what an answer of its leader asks of its log: the arithmetic beside the machine.

import { checkBatch } from '@odradek/format';
import type { NodeId, Offset, ReplicatedLog } from '@odradek/model';
import type { HighWatermark } from './high-watermark.ts';
import type { FollowerHost, TruncationReport } from './hosts.ts';
import type { PartitionRegistration } from './registration.ts';
import type { FetchPosition, FollowerAnswer, NextFetch } from './replica-fetch.ts';
import {
  isAfterUncleanElection,
  restartAbove,
  restartBelow,
  type Truncation,
  truncationAtDivergence,
  truncationReport,
} from './truncation.ts';

export interface FollowerContext {
  readonly brokerId: NodeId;
  readonly host: FollowerHost;
  readonly log: ReplicatedLog;
  readonly registration: PartitionRegistration;
  readonly highWatermark: Pick<HighWatermark, 'offset'>;
  /** What waits until the controller has committed its report. */
  readonly awaited: AwaitedReport | undefined;
  /** Whether it has told in this leader epoch where its log ended (F7). */
  readonly hasReported: boolean;
}

/** A report on its way, and the cut of which it tells; undefined when it only tells where the log ends. */
export interface AwaitedReport {
  readonly report: TruncationReport;
  readonly truncation: Truncation | undefined;
}

/** A leader's answer, the position from which it was asked, and whom to tell what to do next. */
export interface AnsweredFetch {
  readonly answer: FollowerAnswer;
  readonly asked: FetchPosition;
  readonly next: (next: NextFetch) => void;
}

/**
 * F3: an answer is applied only where it was asked: in this leader epoch, at this end of the log (M6, M7), behind a record of the same
 * epoch. Two fetches may be under way, and what the answer to one has cut may be filled again to the same end before the other comes.
 */
export function isInPlace({ registration, log }: FollowerContext, { asked }: AnsweredFetch): boolean {
  return (
    asked.currentLeaderEpoch === registration.leaderEpoch &&
    asked.fetchOffset === log.logEndOffset &&
    asked.lastFetchedEpoch === log.lastEpoch
  );
}

/** F6: everything is dropped, because the leader keeps nothing of it any more. */
export function beginsAboveEnd({ log }: FollowerContext, answer: FollowerAnswer): boolean {
  return answer.error === 'OFFSET_OUT_OF_RANGE' && answer.logStartOffset > log.logEndOffset;
}

/** F6: our log goes on where the leader's has ended, and no epoch tells where they part. */
export function endsBelowEnd({ log }: FollowerContext, answer: FollowerAnswer): boolean {
  return answer.error === 'OFFSET_OUT_OF_RANGE' && answer.logEndOffset < log.logEndOffset;
}

/** F3: the leader's log parts from ours. */
export function isDiverging(answer: FollowerAnswer): boolean {
  return answer.error === 'NONE' && answer.diverging !== null;
}

/** The cut that an answer demands; undefined when it demands none. */
export function cutFor(context: FollowerContext, answer: FollowerAnswer): Truncation | undefined {
  const { log, highWatermark, registration } = context;
  if (answer.error === 'NONE' && answer.diverging !== null)
    return truncationAtDivergence(log, highWatermark.offset, answer.diverging, registration);
  if (beginsAboveEnd(context, answer)) return restartAbove(answer);
  if (!endsBelowEnd(context, answer)) return undefined;
  return restartBelow(log, highWatermark.offset, answer, registration);
}

/**
 * F7: after an unclean election every cut is in the metadata before it is made, or a crash between would lose the report; and who
 * cuts nothing says where its log ended before it takes a record.
 */
export function mustReportFirst(context: FollowerContext, answer: FollowerAnswer): boolean {
  if (!isAfterUncleanElection(context.log, context.registration)) return false;
  const isCut = isDiverging(answer) || beginsAboveEnd(context, answer) || endsBelowEnd(context, answer);
  return isCut || (answer.error === 'NONE' && !context.hasReported);
}

/** What is to be reported because of an answer. */
export function awaitedReport(context: FollowerContext, answer: FollowerAnswer): AwaitedReport {
  const { log, highWatermark, registration } = context;
  const truncation = cutFor(context, answer);
  // What the leader keeps no more was not lost by its election.
  const lost = beginsAboveEnd(context, answer) ? undefined : truncation;
  return { report: truncationReport(log, highWatermark.offset, lost, registration), truncation };
}

/**
 * F6: where the first batch begins, if an empty log begins in the middle of it: the leader's log start may stand there, and batches
 * come whole.
 */
export function startOfStraddlingBatch(
  { log }: FollowerContext,
  { error, diverging, records: [first] }: FollowerAnswer,
): Offset | undefined {
  if (log.logStartOffset < log.logEndOffset || error !== 'NONE' || diverging !== null || first === undefined)
    return undefined;
  const check = checkBatch(first);
  if (!check.ok || check.batch.baseOffset >= log.logEndOffset || check.batch.lastOffset < log.logEndOffset)
    return undefined;
  return check.batch.baseOffset;
}
