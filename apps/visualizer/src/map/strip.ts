// A replica's log as a strip: which offsets are seen, and which of them are what. Positions are the same for all replicas of a
// partition, so that equal offsets stand below one another.

import type { ReplicaFacts } from '@odradek/trace';

/** The part of a partition's offsets that is seen. */
export interface StripWindow {
  /** The offset at the left edge. */
  readonly fromOffset: number;
  readonly squares: number;
  /** So many records are one square. */
  readonly recordsPerSquare: number;
}

/** From `gone` (below the log's start) to `appended` (not yet at all replicas in sync). */
export type RecordKind = 'gone' | 'committed' | 'in sync' | 'appended';

export interface Run {
  readonly kind: RecordKind;
  /** In squares from the left edge, parts of one included. */
  readonly from: number;
  readonly to: number;
}

/** A window that moves on by so many squares when it is full. */
const moveBy = 4;

/**
 * The window onto a partition's logs: their ends at the right, growing until it is full. Replicas that lag far behind, and logs that
 * grow fast, make a square stand for more records.
 */
export function windowOf(
  replicas: readonly ReplicaFacts[],
  squares: number,
  recordsPerSecond = 0,
): StripWindow {
  const ends = replicas.map(({ logEndOffset }) => logEndOffset);
  const last = Math.max(0, ...ends);
  const spread = Math.max(last - Math.min(last, ...ends), recordsPerSecond);
  const room = squares - 2 * moveBy;
  let recordsPerSquare = 1;
  while (spread > room * recordsPerSquare) recordsPerSquare *= 10;
  const step = moveBy * recordsPerSquare;
  const beyond = last - (squares - 1) * recordsPerSquare;
  const fromOffset = Math.max(0, Math.ceil(beyond / step) * step);
  return { fromOffset, squares, recordsPerSquare };
}

/** What all in-sync replicas of a partition have. */
export interface SharedEnd {
  readonly offset: number;
  /** Of the leader whose records they are. */
  readonly leaderEpoch: number;
}

/** What is seen of one replica. */
export function runsOf(replica: ReplicaFacts, shared: SharedEnd, window: StripWindow): Run[] {
  const { logStartOffset, highWatermark, logEndOffset } = replica;
  const committed = Math.min(highWatermark, logEndOffset);
  const inSync = Math.max(committed, Math.min(knownEnd(replica, shared.leaderEpoch), shared.offset));
  const borders: readonly (readonly [RecordKind, number, number])[] = [
    ['gone', 0, logStartOffset],
    ['committed', logStartOffset, committed],
    ['in sync', Math.max(logStartOffset, committed), inSync],
    ['appended', inSync, logEndOffset],
  ];
  return borders.flatMap(([kind, fromOffset, toOffset]) => {
    const from = Math.max(0, squareAt(fromOffset, window));
    const to = Math.min(window.squares, squareAt(toOffset, window));
    return to > from ? [{ kind, from, to }] : [];
  });
}

/** Where an offset is, in squares from the left edge; beyond the edges for what is not seen. */
export function squareAt(offset: number, { fromOffset, recordsPerSquare }: StripWindow): number {
  return (offset - fromOffset) / recordsPerSquare;
}

/** Up to where all in-sync replicas have the records: what the leader may call committed (L3). */
export function sharedEndOf(
  replicas: readonly ReplicaFacts[],
  {
    leaderEpoch,
    inSyncReplicas,
  }: { readonly leaderEpoch: number; readonly inSyncReplicas: readonly number[] },
): SharedEnd {
  const ends = replicas
    .filter(({ broker }) => inSyncReplicas.includes(broker))
    .map((replica) => Math.min(replica.flushedEndOffset, knownEnd(replica, leaderEpoch)));
  return { offset: ends.length === 0 ? 0 : Math.min(...ends), leaderEpoch };
}

/**
 * Up to where a replica has the leader's own records. Of one that has not heard of the leader's epoch nobody knows more than what was
 * committed: what lies above may be another record at the same offset, as a deposed leader's (F3).
 */
function knownEnd({ leaderEpoch, highWatermark, logEndOffset }: ReplicaFacts, current: number): number {
  return leaderEpoch < current ? Math.min(highWatermark, logEndOffset) : logEndOffset;
}
