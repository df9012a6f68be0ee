// Makes producer state again from a log: from its latest snapshot, and the batches after it (P2).

import { BatchView } from '@odradek/format';
import { type Disk, DiskError, isPassing, type Offset } from '@odradek/model';
import { fileName, offsetsIn } from './file-names.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerState } from './producer-state.ts';
import type { Segment } from './segment.ts';

const SNAPSHOT = '.snapshot';

/** State at an offset, from which the batches that follow go on. */
export interface StateAt {
  readonly offset: Offset;
  readonly state: ProducerState;
}

/**
 * The latest snapshot not above `upTo` that can be trusted; without one, the empty state where the first segment begins. `names`: what the directory
 * holds, where that is known.
 */
export function latestSnapshot(
  disk: Disk,
  directory: string,
  upTo: Offset,
  first: Offset,
  names: readonly string[] = disk.list(directory),
): StateAt {
  for (const offset of offsetsIn(names, SNAPSHOT).reverse()) {
    if (offset > upTo || offset < first) continue;
    const bytes = disk.readFile(`${directory}/${fileName(offset, SNAPSHOT)}`);
    const entries = bytes && decodeProducerSnapshot(bytes);
    if (entries !== undefined) return { offset, state: new ProducerState(entries) };
  }
  return { offset: first, state: new ProducerState() };
}

/** Removes the snapshots for which `isUnwanted`. */
export function removeSnapshots(
  disk: Disk,
  directory: string,
  isUnwanted: (offset: Offset) => boolean,
  names: readonly string[] = disk.list(directory),
): void {
  for (const offset of offsetsIn(names, SNAPSHOT)) {
    if (isUnwanted(offset)) disk.remove(`${directory}/${fileName(offset, SNAPSHOT)}`);
  }
}

/** A cache (P2): where the disk has no room for it, more of the log is read at the next start. */
export function writeSnapshot(disk: Disk, directory: string, { offset, state }: StateAt): void {
  try {
    disk.writeFile(snapshotPath(directory, offset), encodeProducerSnapshot(state.entries));
  } catch (error) {
    if (!(error instanceof DiskError) || !isPassing(error)) throw error;
  }
}

/** The name of the snapshot at an offset. */
export function snapshotPath(directory: string, offset: Offset): string {
  return `${directory}/${fileName(offset, SNAPSHOT)}`;
}

/**
 * Reads on from a snapshot, batches that end at `endOffset` or before: headers alone, but of control batches the records too. Synchronous:
 * after a truncation only, and for a follower that begins anew, of one segment.
 */
export function replayProducers(
  { offset, state }: StateAt,
  segments: readonly Segment[],
  endOffset: Offset = Number.MAX_SAFE_INTEGER,
): ProducerState {
  for (const segment of segments) {
    if (segment.nextOffset <= offset || segment.baseOffset >= endOffset) continue;
    for (let position = offset > segment.baseOffset ? segment.floorPosition(offset) : 0; ; ) {
      const header = segment.headerAt(position);
      if (header === undefined || header.nextOffset > endOffset) break;
      if (header.baseOffset >= offset)
        state.appended(header.isControl ? wholeBatch(segment, position, header) : header);
      position += header.sizeInBytes;
    }
  }
  return state;
}

function wholeBatch(segment: Segment, position: number, header: BatchView): BatchView {
  const bytes = new Uint8Array(header.sizeInBytes);
  segment.file.read(position, bytes);
  return new BatchView(bytes);
}
