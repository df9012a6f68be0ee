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
    for (const election of uncleanElectionsOf(image, topic.topicId, partition)) {
      const name = { topic: topic.name, partition, leaderEpoch: election.leaderEpoch };
      const end = committedEnd(election);
      for (const range of droppedRanges(election.truncations)) {
        if (end === undefined) losses.push({ ...name, ...unsettled(range) });
        else {
          losses.push(...settled(election, range.fromOffset, Math.min(range.toOffset, end), name));
          discarded.push(...settled(election, Math.max(range.fromOffset, end), range.toOffset, name));
        }
      }
    }
  }
  return { losses, discarded };
}

/**
 * The end of what was committed before an unclean election: the high watermark of its last leader, if that one never stopped;
 * else the lowest end with which the members of the last in-sync set came back, once all have. Each of them had every
 * committed record, so none is above it. Those that came back lossy prove nothing. Undefined while it is not known.
 */
export function committedEnd(election: UncleanElection): Offset | undefined {
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
    .map((replica) => recoveredEnd(reports, replica));
  const lowest = Math.min(...ends);
  return Number.isFinite(lowest) ? lowest : undefined;
}

/** The end with which a replica came back: of several reports the highest, for a log is cut step by step (F3). -Infinity: none yet. */
function recoveredEnd(reports: readonly Truncation[], replica: NodeId): number {
  const ends = reports.filter((report) => report.brokerId === replica).map((report) => report.toOffset);
  return Math.max(...ends);
}

interface Range {
  readonly fromOffset: Offset;
  readonly toOffset: Offset;
}

type DroppedRange = Range & { readonly reportedBy: readonly NodeId[] };

/** The union of what was dropped, as ranges that do not touch. */
function droppedRanges(truncations: readonly Truncation[]): readonly DroppedRange[] {
  const sorted = truncations
    .filter((report) => report.fromOffset < report.toOffset)
    .toSorted((one, other) => one.fromOffset - other.fromOffset);
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

function unsettled(range: DroppedRange): Omit<LossReport, 'topic' | 'partition' | 'leaderEpoch'> {
  return {
    fromOffset: range.fromOffset,
    toOffset: null,
    records: null,
    knownToOffset: range.toOffset,
    reportedBy: range.reportedBy,
  };
}

/** One side of the committed end; none where a range has nothing on it. */
function settled(
  election: UncleanElection,
  fromOffset: Offset,
  toOffset: Offset,
  name: Pick<LossReport, 'topic' | 'partition' | 'leaderEpoch'>,
): readonly LossReport[] {
  if (fromOffset >= toOffset) return [];
  const reporters = election.truncations.filter(
    (report) => report.fromOffset < toOffset && report.toOffset > fromOffset,
  );
  const reportedBy = sortedSet(reporters.map((report) => report.brokerId));
  const records = toOffset - fromOffset;
  return [{ ...name, fromOffset, toOffset, records, knownToOffset: null, reportedBy }];
}
