// Reads from a segment's file what is no longer in memory, off the event loop. The checksum of every batch is verified: bytes from
// a disk are not trusted (D9).

import { BATCH_HEADER_BYTES, type Checksum, checkBatch } from '@odradek/format';
import { DiskError, type LogReadDone, type Offset, type ReadLimits } from '@odradek/model';
import type { Segment } from './segment.ts';

/** What a segment gave: `beyond`, when all its batches end at or below the offset; `damaged`, when the next bytes are no sound batch. */
export type SegmentRead =
  | LogReadDone
  | { readonly outcome: 'beyond' }
  | { readonly outcome: 'damaged'; readonly position: number; readonly message: string };

export interface ColdRead {
  readonly segment: Segment;
  readonly fromOffset: Offset;
  readonly limits: ReadLimits;
  readonly checksum: Checksum;
  /** Compaction leaves offsets out; else a batch that begins later than it should stands in the place of others. */
  readonly mayHaveGaps: boolean;
}

/** Reads whole batches from the one that has `fromOffset`. */
export function readSegment(
  read: ColdRead,
  indexIntervalBytes: number,
  done: (result: SegmentRead) => void,
): void {
  const position = read.segment.readPosition(read.fromOffset);
  // The batch sought lies within an interval, and a batch, of where the index points.
  const wanted = read.limits.maxBytes + indexIntervalBytes + BATCH_HEADER_BYTES;
  readFrom(read, position, wanted, done);
}

function readFrom(
  read: ColdRead,
  position: number,
  wantedBytes: number,
  done: (result: SegmentRead) => void,
): void {
  const length = Math.min(wantedBytes, read.segment.sizeInBytes - position);
  if (length <= 0) {
    done({ outcome: 'beyond' });
    return;
  }
  const ended = read.segment.reading();
  read.segment.file.readLater(position, length, (bytes) => {
    if (bytes instanceof DiskError) return done({ outcome: 'failed' });
    const isEnd = bytes.length < length || position + length >= read.segment.sizeInBytes;
    const found = gather(read, position, bytes, isEnd);
    if ('outcome' in found) {
      if (found.outcome === 'records') ended(found.nextOffset, position + found.endsAt);
      return done(found);
    }
    // Nothing whole from the offset on: read on from there, at least the batch that did not fit.
    readFrom(read, position + found.skippedBytes, Math.max(found.neededBytes, wantedBytes), done);
  });
}

/** Ends so many bytes behind where the read began. */
type Records = Extract<LogReadDone, { outcome: 'records' }> & { readonly endsAt: number };

type Gathered =
  | Exclude<SegmentRead, { outcome: 'records' }>
  | Records
  | { readonly skippedBytes: number; readonly neededBytes: number };

function gather(
  { segment, fromOffset, limits, checksum, mayHaveGaps }: ColdRead,
  position: number,
  bytes: Uint8Array,
  isEnd: boolean,
): Gathered {
  let at = 0;
  let first = 0;
  let nextOffset = fromOffset;
  let least = segment.baseOffset;
  // What is sound before the damage is given first.
  const damaged = (message: string): Gathered =>
    at > first
      ? records(bytes, first, at, nextOffset)
      : { outcome: 'damaged', position: position + at, message };
  for (; at < bytes.length; ) {
    const check = checkBatch(bytes, at, checksum);
    if (!check.ok) {
      if (check.fault !== 'INCOMPLETE' || isEnd) return damaged(check.message);
      if (at > first) break;
      return { skippedBytes: at, neededBytes: neededBytes(bytes, at) };
    }
    const { batch } = check;
    const end = at + batch.sizeInBytes;
    // A batch that lies where another should has a good checksum too.
    const isGap = batch.baseOffset > Math.max(least, fromOffset) && !mayHaveGaps;
    if (batch.baseOffset < least || isGap)
      return damaged(`offset ${batch.baseOffset} where ${Math.max(least, fromOffset)} should be`);
    least = batch.nextOffset;
    if (batch.nextOffset <= fromOffset) first = end;
    else if (batch.nextOffset > limits.upToOffset || (at > first && end - first > limits.maxBytes))
      return records(bytes, first, at, nextOffset);
    else nextOffset = batch.nextOffset;
    at = end;
  }
  if (at > first) return records(bytes, first, at, nextOffset);
  return isEnd ? { outcome: 'beyond' } : { skippedBytes: at, neededBytes: 0 };
}

function records(bytes: Uint8Array, from: number, to: number, nextOffset: Offset): Records {
  const pieces = to > from ? [bytes.subarray(from, to)] : [];
  return { outcome: 'records', records: pieces, nextOffset, endsAt: to };
}

/** The size of a batch of which only the beginning is there. */
function neededBytes(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < BATCH_HEADER_BYTES) return BATCH_HEADER_BYTES;
  return 12 + new DataView(bytes.buffer, bytes.byteOffset + at).getInt32(8);
}
