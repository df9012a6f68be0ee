// Which leader epoch begins at which offset, and the lookup by which every replica, of a partition as of the metadata log,
// finds where its log parts from the leader's (F2, F3, F8, L2, Q7). One file, so that nobody computes it twice.

import type { LeaderEpoch, Offset } from './nouns.ts';

/** An epoch and the offset of its first record. */
export interface EpochStart {
  readonly epoch: LeaderEpoch;
  readonly startOffset: Offset;
}

/** An epoch and the end (exclusive) of its records in somebody's log. */
export interface EpochEnd {
  readonly epoch: LeaderEpoch;
  readonly endOffset: Offset;
}

/** Epochs in ascending order, each with a start not below the one before. Immutable: every change gives a new history. */
export type EpochHistory = readonly EpochStart[];

/** The latest epoch of a history, or undefined when it has none. */
export function latestEpoch(history: EpochHistory): LeaderEpoch | undefined {
  return history.at(-1)?.epoch;
}

/**
 * Enters an epoch. The history stays monotone in epoch and offset: entries at the tail with an epoch or a start not below
 * the new one's are removed (F8). The same entry again changes nothing.
 */
export function withEpoch(history: EpochHistory, epoch: LeaderEpoch, startOffset: Offset): EpochHistory {
  const last = history.at(-1);
  if (last !== undefined && last.epoch === epoch && last.startOffset <= startOffset) return history;
  const kept = history.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
  return [...kept, { epoch, startOffset }];
}

/** The history of a log cut at `endOffset`: epochs that begin there or later are gone (F5). */
export function truncatedFromEnd(history: EpochHistory, endOffset: Offset): EpochHistory {
  return history.filter((entry) => entry.startOffset < endOffset);
}

/** The history of a log that now begins at `logStartOffset`: the epoch that covers it begins there. */
export function truncatedFromStart(history: EpochHistory, logStartOffset: Offset): EpochHistory {
  const covering = history.findLast((entry) => entry.startOffset <= logStartOffset);
  const later = history.filter((entry) => entry.startOffset > logStartOffset);
  return covering === undefined ? later : [{ epoch: covering.epoch, startOffset: logStartOffset }, ...later];
}

/**
 * The end of `epoch` in a log that ends at `logEndOffset` (F2): of the latest epoch the log end; of an earlier one the start
 * of the next higher, under the epoch that really holds those records (the floor). Undefined when nothing is known.
 */
export function endOfEpoch(
  history: EpochHistory,
  epoch: LeaderEpoch,
  logEndOffset: Offset,
): EpochEnd | undefined {
  if (epoch < 0) return undefined;
  if (latestEpoch(history) === epoch) return { epoch, endOffset: logEndOffset };
  const nextHigher = history.find((entry) => entry.epoch > epoch);
  if (nextHigher === undefined) return undefined;
  const floor = history.findLast((entry) => entry.epoch <= epoch);
  return { epoch: floor?.epoch ?? epoch, endOffset: nextHigher.startOffset };
}

/**
 * Whether a follower that fetches from `fetchOffset`, its last record being of `lastFetchedEpoch`, has what this log has not
 * (F2). Returns the end it must reconcile with, or undefined when its log is a prefix of this one.
 */
export function divergence(
  history: EpochHistory,
  logEndOffset: Offset,
  fetchOffset: Offset,
  lastFetchedEpoch: LeaderEpoch,
): EpochEnd | undefined {
  const end = endOfEpoch(history, lastFetchedEpoch, logEndOffset);
  if (end === undefined) return undefined;
  return end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset ? end : undefined;
}

/** Where a follower cuts, and whether it must ask again because its epoch there is another than the leader's (F3, KIP-279). */
export interface TruncationTarget {
  readonly offset: Offset;
  readonly askAgain: boolean;
}

/** A follower's answer to a leader's diverging end (F3). */
export function truncationTarget(
  history: EpochHistory,
  logEndOffset: Offset,
  diverging: EpochEnd,
): TruncationTarget {
  const own = endOfEpoch(history, diverging.epoch, logEndOffset);
  if (own === undefined) return { offset: Math.min(diverging.endOffset, logEndOffset), askAgain: false };
  if (own.epoch !== diverging.epoch) return { offset: Math.min(own.endOffset, logEndOffset), askAgain: true };
  return { offset: Math.min(own.endOffset, diverging.endOffset, logEndOffset), askAgain: false };
}
