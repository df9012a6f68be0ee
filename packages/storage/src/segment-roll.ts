// When a segment is full: the next batch begins another. By size, by age, by the room in its indexes, and by how far offsets can be told.

import type { BatchView } from '@odradek/format';
import type { LogConfiguration } from './log-configuration.ts';
import type { Segment } from './segment.ts';

/** Of the larger of the two entries. */
const INDEX_ENTRY_BYTES = 12;

/** Whether a batch begins another segment. `nowMs`: by the monotonic clock. */
export function mustRoll(
  active: Segment,
  configuration: LogConfiguration,
  batch: BatchView,
  nowMs: number,
): boolean {
  if (active.isSealed || !active.fits(batch.lastOffset)) return true;
  if (active.isEmpty) return false;
  if (active.sizeInBytes + batch.sizeInBytes > configuration['segment.bytes']) return true;
  if (active.indexBytes + INDEX_ENTRY_BYTES > configuration['segment.index.bytes']) return true;
  const first = active.firstTimestamp ?? -1;
  const ageMs = first >= 0 ? batch.maxTimestamp - first : nowMs - active.createdMs;
  return ageMs > configuration['segment.ms'];
}

/** Whether a batch may not fit behind those of a run that is not written yet; if so, the segment is asked once it is. */
export function mayHaveToRoll(
  active: Segment,
  configuration: LogConfiguration,
  batch: BatchView,
  run: readonly BatchView[],
  runBytes: number,
): boolean {
  const first = active.firstTimestamp ?? run[0]?.maxTimestamp ?? -1;
  return (
    !active.fits(batch.lastOffset) ||
    active.sizeInBytes + runBytes + batch.sizeInBytes > configuration['segment.bytes'] ||
    active.indexBytes + (run.length + 1) * INDEX_ENTRY_BYTES > configuration['segment.index.bytes'] ||
    batch.maxTimestamp - first > configuration['segment.ms']
  );
}
