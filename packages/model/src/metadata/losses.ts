// What unclean elections have cost: the union of what the replicas dropped, split at the end of what had been committed. A pure
// function of the image, so every broker tells the same, also after a restart (C4, F7).

import type { LeaderEpoch, NodeId, Offset } from '../nouns.ts';
import {
  type MetadataImage,
  partitionsOf,
  type Truncation,
  type UncleanElection,
  uncleanElectionsOf,
} from './image.ts';

/** Records that replicas dropped after an unclean election; the range is half open. */
export interface LossReport {
  readonly topic: string;
  readonly partition: number;
  /** The unclean leader's. */
  readonly leaderEpoch: LeaderEpoch;
  readonly fromOffset: Offset;
  /** Null while the committed end is not known. */
  readonly toOffset: Offset | null;
  readonly records: number | null;
  /** While `toOffset` is null: the highest end that a replica had. */
  readonly knownToOffset: Offset | null;
  readonly reportedBy: readonly NodeId[];
}

export interface Losses {
  /** Committed records. Before the committed end is known, all that may be. */
  readonly losses: readonly LossReport[];
  /** Records that were never committed. */
  readonly discarded: readonly LossReport[];
}

/** Every loss that the image knows of. */
export function lossesOf(image: MetadataImage): Losses {
  const losses: LossReport[] = [];
  const discarded: LossReport[] = [];
  if (image.uncleanElections.size === 0) return { losses, discarded };
  for (const { topic, partition } of partitionsOf(image)) {
    const elections = uncleanElectionsOf(image, topic.topicId, partition);
    for (const { election, dropped } of droppedByElection(elections)) {
      const name = { topic: topic.name, partition, leaderEpoch: election.leaderEpoch };
      const later = laterThan(elections, election);
      const end = committedEnd(election, later);
      const lost = clipped(dropped, returnedEnd(election, later), end ?? Number.POSITIVE_INFINITY);
      if (end === undefined) losses.push(...unionOf(lost).map((range) => ({ ...name, ...unsettled(range) })));
      else {
        losses.push(...unionOf(lost).map((range) => ({ ...name, ...settled(range) })));
        const above = clipped(dropped, end, Number.POSITIVE_INFINITY);
        discarded.push(...unionOf(above).map((range) => ({ ...name, ...settled(range) })));
      }
    }
  }
  return { losses, discarded };
}

function laterThan(
  elections: readonly UncleanElection[],
  { leaderEpoch }: UncleanElection,
): readonly UncleanElection[] {
  return elections.filter((election) => election.leaderEpoch > leaderEpoch);
}

/**
 * The end of what was committed before an unclean election: the high watermark of its last leader, if that one never stopped;
 * else the lowest end with which the members of the last in-sync set came back, once all have. Each of them had every
 * committed record, so none is above it. Those that came back lossy prove nothing. Undefined while it is not known.
 */
export function committedEnd(
  election: UncleanElection,
  later: readonly UncleanElection[] = [],
): Offset | undefined {
  const reports = election.truncations.filter(
    (report) => election.lastInSyncReplicas.includes(report.brokerId) && !report.isLossy,
  );
  const highWatermark = Math.max(...reports.map((report) => report.highWatermark));
  if (highWatermark >= 0) return highWatermark;
  const lossy = new Set(
    election.truncations.filter((report) => report.isLossy).map((report) => report.brokerId),
  );
  const ends = election.lastInSyncReplicas
    .filter((replica) => !lossy.has(replica))
    .map((replica) => recoveredEnd(reports, replica, later));
  const lowest = Math.min(...ends);
  return Number.isFinite(lowest) ? lowest : undefined;
}

/**
 * The end with which a replica came back: of several reports the highest, for a log is cut step by step (F3); one that came back to
 * be elected uncleanly itself has told it as the start of its epoch. -Infinity: none yet.
 */
function recoveredEnd(
  reports: readonly Truncation[],
  replica: NodeId,
  later: readonly UncleanElection[],
): number {
  const ends = reports.filter((report) => report.brokerId === replica).map((report) => report.toOffset);
  if (ends.length > 0) return Math.max(...ends);
  const own = later.find(({ leader }) => leader === replica);
  return (own && leaderStart(own)) ?? Number.NEGATIVE_INFINITY;
}

/** Where the unclean leader began: it had what is below, so its election cost nothing of that. Undefined until it has told. */
function leaderStart({ leader, truncations }: UncleanElection): Offset | undefined {
  return truncations.find(({ brokerId, isLossy }) => brokerId === leader && !isLossy)?.fromOffset;
}

interface Range {
  readonly fromOffset: Offset;
  readonly toOffset: Offset;
}

type Dropped = Range & { readonly brokerId: NodeId };
type DroppedRange = Range & { readonly reportedBy: readonly NodeId[] };

/**
 * What was dropped because of each election. A replica that had missed several reports all that it drops under the first: what
 * lies below that leader's start was lost by a later one.
 */
function droppedByElection(
  elections: readonly UncleanElection[],
): readonly { readonly election: UncleanElection; readonly dropped: readonly Dropped[] }[] {
  let carried: readonly Dropped[] = [];
  return elections.map((election) => {
    const all = [...election.truncations, ...carried];
    const later = laterThan(elections, election);
    const start = later.length === 0 ? 0 : (leaderStart(election) ?? 0);
    carried = clipped(all, 0, start);
    return { election, dropped: clipped(all, start, Number.POSITIVE_INFINITY) };
  });
}

/**
 * Up to where nothing is lost after all: a member of the last in-sync set, with every committed record, that was elected uncleanly
 * later without having followed this leader brings back what it has.
 */
function returnedEnd(
  { lastInSyncReplicas, truncations }: UncleanElection,
  later: readonly UncleanElection[],
): Offset {
  const returned = later.find(
    ({ leader }) =>
      lastInSyncReplicas.includes(leader) && !truncations.some(({ brokerId }) => brokerId === leader),
  );
  return (returned && leaderStart(returned)) ?? 0;
}

/** The parts of ranges between two offsets. */
function clipped(ranges: readonly Dropped[], fromOffset: Offset, toOffset: number): readonly Dropped[] {
  return ranges
    .map((range) => ({
      brokerId: range.brokerId,
      fromOffset: Math.max(range.fromOffset, fromOffset),
      toOffset: Math.min(range.toOffset, toOffset),
    }))
    .filter((range) => range.fromOffset < range.toOffset);
}

/** The union of what was dropped, as ranges that do not touch. */
function unionOf(dropped: readonly Dropped[]): readonly DroppedRange[] {
  const sorted = dropped.toSorted((one, other) => one.fromOffset - other.fromOffset);
  const ranges: DroppedRange[] = [];
  for (const { fromOffset, toOffset, brokerId } of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && fromOffset <= last.toOffset)
      ranges[ranges.length - 1] = {
        fromOffset: last.fromOffset,
        toOffset: Math.max(last.toOffset, toOffset),
        reportedBy: sortedSet([...last.reportedBy, brokerId]),
      };
    else ranges.push({ fromOffset, toOffset, reportedBy: [brokerId] });
  }
  return ranges;
}

function sortedSet(ids: readonly NodeId[]): readonly NodeId[] {
  return [...new Set(ids)].toSorted((one, other) => one - other);
}

type LossRange = Omit<LossReport, 'topic' | 'partition' | 'leaderEpoch'>;

function unsettled({ fromOffset, toOffset, reportedBy }: DroppedRange): LossRange {
  return { fromOffset, toOffset: null, records: null, knownToOffset: toOffset, reportedBy };
}

/** A range on one side of the committed end. */
function settled({ fromOffset, toOffset, reportedBy }: DroppedRange): LossRange {
  return { fromOffset, toOffset, records: toOffset - fromOffset, knownToOffset: null, reportedBy };
}
