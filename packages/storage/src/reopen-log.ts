// Opens a log that has rested since a clean end: at once, for whoever needs it waits.

import { BATCH_HEADER_BYTES, BatchView } from '@odradek/format';
import { DiskError } from '@odradek/model';
import { encodePartitionMetadata } from './checkpoint-files.ts';
import type { LogContents } from './log-store.ts';
import { latestSnapshot, replayProducers } from './producer-replay.ts';
import { ProducerState } from './producer-state.ts';
import type { RestingLog } from './resting-logs.ts';
import { Segment, type SegmentPlace } from './segment.ts';

/** Throws a {@link DiskError} when the disk would not give it, or gives other than what was left there. */
export function reopenLog(place: SegmentPlace, resting: RestingLog, nowMs: number): LogContents {
  const { topicId, epochs, logStartOffset, logEndOffset, sizeInBytes } = resting;
  const segment = segmentOf(place, resting, nowMs);
  // Whether a log that never had a record is durable was never asked; its first flush makes it so (D1).
  const isNew = sizeInBytes === 0;
  return {
    segments: [segment],
    epochs,
    producers: producersOf(place, resting, segment),
    logStartOffset,
    logEndOffset,
    durableEndOffset: logEndOffset,
    areNamesNew: isNew,
    isDirectoryNew: isNew,
    topicFile: isNew ? encodePartitionMetadata(topicId) : undefined,
    isSaved: true,
    isBare: resting.isBare,
  };
}

function segmentOf(place: SegmentPlace, resting: RestingLog, nowMs: number): Segment {
  const { baseOffset, logEndOffset, sizeInBytes, isBare } = resting;
  if (sizeInBytes === 0) return Segment.rebuild(place, baseOffset, nowMs);
  const loaded = isBare ? undefined : Segment.load(place, baseOffset, nowMs);
  if (loaded?.sizeInBytes === sizeInBytes) {
    loaded.goesOnAt(logEndOffset);
    return loaded;
  }
  loaded?.close();
  const segment = Segment.rebuild(place, baseOffset, nowMs);
  noteHeaders(segment);
  const endsThere = segment.nextOffset === logEndOffset && segment.sizeInBytes === sizeInBytes;
  if (endsThere && segment.file.size === sizeInBytes) {
    // Its records were flushed before the clean end.
    segment.isDirty = false;
    return segment;
  }
  segment.close();
  throw new DiskError('EIO', 'read', `${segment.path}, which is not as the last run has left it,`);
}

/** Its indexes were left out, missing or wrong: they are made again. */
function noteHeaders(segment: Segment): void {
  const { file } = segment;
  for (let position = 0; position + BATCH_HEADER_BYTES <= file.size; ) {
    const bytes = new Uint8Array(BATCH_HEADER_BYTES);
    file.read(position, bytes);
    const header = new BatchView(bytes);
    if (header.baseOffset < segment.nextOffset || header.sizeInBytes < BATCH_HEADER_BYTES) return;
    segment.note(header);
    position += header.sizeInBytes;
  }
}

function producersOf(
  { disk, directory }: SegmentPlace,
  { hasProducers, baseOffset, logEndOffset }: RestingLog,
  segment: Segment,
): ProducerState {
  if (!hasProducers) return new ProducerState();
  const snapshot = latestSnapshot(disk, directory, logEndOffset, baseOffset);
  return snapshot.offset === logEndOffset ? snapshot.state : replayProducers(snapshot, [segment]);
}
