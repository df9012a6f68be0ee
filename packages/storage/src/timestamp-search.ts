// Which record is the first at or after a time: the segment by its largest timestamp, the batch by the time index, the record inside.

import {
  BATCH_HEADER_BYTES,
  type BatchView,
  type Checksum,
  checkBatch,
  FormatError,
  recordsIn,
} from '@odradek/format';
import { type Compute, DiskError, type LeaderEpoch, mostInflatedBytes, type Offset } from '@odradek/model';
import { inflated } from './inflate-records.ts';
import type { Segment } from './segment.ts';

/** A record found by its time; undefined when there is none. An error: the disk would not give it, or the batch is damaged. */
export type FoundTimestamp =
  | { readonly offset: Offset; readonly timestamp: number; readonly leaderEpoch: LeaderEpoch }
  | { readonly error: string }
  | undefined;

/** Within one batch: none of its records is meant. */
type FoundInBatch = FoundTimestamp | 'not here';

export interface TimestampSearch {
  readonly segments: readonly Segment[];
  /** Records below it are not there. */
  readonly fromOffset: Offset;
  readonly timestampMs: number;
  readonly inflate: Compute['inflate'] | undefined;
  readonly checksum: Checksum;
  readonly later: (callback: () => void) => void;
}

/** Finds it, and calls `done` later. */
export function findTimestamp(search: TimestampSearch, done: (found: FoundTimestamp) => void): void {
  searchFrom(search, 0, undefined, done);
}

function searchFrom(
  search: TimestampSearch,
  index: number,
  from: number | undefined,
  done: (found: FoundTimestamp) => void,
): void {
  try {
    searchSegments(search, index, from, done);
  } catch (error) {
    // A file may not even open (EMFILE): that costs the search, no more.
    if (!(error instanceof DiskError)) throw error;
    search.later(() => done({ error: error.message }));
  }
}

/** Looks in the segments from `index` on; `from` is where to read on in the first of them. */
function searchSegments(
  search: TimestampSearch,
  index: number,
  from: number | undefined,
  done: (found: FoundTimestamp) => void,
): void {
  for (let at = index; at < search.segments.length; at++) {
    const segment = search.segments[at];
    if (segment === undefined || segment.latest.timestamp < search.timestampMs) continue;
    const start = at === index ? from : undefined;
    const batch = firstBatch(segment, search, start ?? segment.floorOfTimestamp(search.timestampMs));
    if (batch === undefined) continue;
    searchBatch(segment, batch, search, (found) => {
      // The batch's largest timestamp belongs to a record below the log start, or one that was compacted away.
      if (found === 'not here') searchFrom(search, at, batch.position + batch.sizeInBytes, done);
      else done(found);
    });
    return;
  }
  search.later(() => done(undefined));
}

interface BatchPlace {
  readonly position: number;
  readonly sizeInBytes: number;
}

function firstBatch(segment: Segment, search: TimestampSearch, start: number): BatchPlace | undefined {
  for (let position = start; ; ) {
    const header = segment.headerAt(position);
    if (header === undefined) return undefined;
    const { sizeInBytes } = header;
    if (header.maxTimestamp >= search.timestampMs && header.nextOffset > search.fromOffset)
      return { position, sizeInBytes };
    position += Math.max(sizeInBytes, BATCH_HEADER_BYTES);
  }
}

function searchBatch(
  segment: Segment,
  { position, sizeInBytes }: BatchPlace,
  search: TimestampSearch,
  done: (found: FoundInBatch) => void,
): void {
  segment.file.readLater(position, sizeInBytes, (bytes) => {
    if (bytes instanceof DiskError) return done({ error: bytes.message });
    const check = checkBatch(bytes, 0, search.checksum);
    if (!check.ok) return done({ error: `${segment.path} at ${position}: ${check.message}` });
    const { batch } = check;
    const most = mostInflatedBytes(batch.recordsSection.length);
    inflated(batch, most, search.inflate, (section) => {
      const found = section instanceof Uint8Array ? firstRecord(batch, section, search) : section;
      if (typeof found !== 'string' && 'error' in found)
        done({ error: `${segment.path} at ${position}: ${found.error}` });
      else done(found);
    });
  });
}

/** One by one: the records of a batch of some hundred bytes may be more than fit into memory together (X5). */
function firstRecord(
  batch: BatchView,
  section: Uint8Array,
  { fromOffset, timestampMs }: TimestampSearch,
): Exclude<FoundInBatch, undefined> {
  try {
    for (const { offset, timestamp } of recordsIn(batch, section))
      if (offset >= fromOffset && timestamp >= timestampMs)
        return { offset, timestamp, leaderEpoch: batch.leaderEpoch };
    return 'not here';
  } catch (error) {
    if (error instanceof FormatError) return { error: error.message };
    throw error;
  }
}
