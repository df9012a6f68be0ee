// The segments of a log in order of offset, the last one active. Arithmetic over them: where an offset lies, which may be deleted.

import { invariant, type Offset } from '@odradek/model';
import type { LogConfiguration } from './log-configuration.ts';
import type { Segment } from './segment.ts';

export class Segments {
  readonly #all: Segment[];

  constructor(segments: readonly Segment[]) {
    this.#all = [...segments];
  }

  get all(): readonly Segment[] {
    return this.#all;
  }

  get first(): Segment {
    return this.at(0);
  }

  get active(): Segment {
    return this.at(this.#all.length - 1);
  }

  at(index: number): Segment {
    const segment = this.#all[index];
    invariant(segment !== undefined, () => `segment ${index} of ${this.#all.length}`);
    return segment;
  }

  /** The index of the last segment that begins at or below an offset; 0 when all begin above it. */
  indexOf(offset: Offset): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle).baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  add(segment: Segment): void {
    this.#all.push(segment);
  }

  /** Takes out the segments from an index on, and gives them. */
  takeFrom(index: number): readonly Segment[] {
    return this.#all.splice(index);
  }

  /** Takes out the first `count` segments, and gives them. */
  takeFirst(count: number): readonly Segment[] {
    return this.#all.splice(0, count);
  }
}

/** How many segments at the start of a log lie wholly below an offset; never the active one. */
export function countBelow(segments: readonly Segment[], offset: Offset): number {
  let count = 0;
  while (count + 1 < segments.length && (segments[count + 1]?.baseOffset ?? offset + 1) <= offset) count++;
  return count;
}

/**
 * How many segments at the start of a log retention deletes: those too old, then those too many by size, and none that has a record
 * at or above the high watermark (L10). The active segment counts like any other: the log rolls before it goes.
 */
export function countExpired(
  segments: readonly Segment[],
  configuration: LogConfiguration,
  wallMs: number,
  highWatermark: Offset,
): number {
  const retentionMs = configuration['retention.ms'];
  const retentionBytes = configuration['retention.bytes'];
  let excess = segments.reduce((bytes, segment) => bytes + segment.sizeInBytes, 0) - retentionBytes;
  let count = 0;
  for (const segment of segments) {
    const isLast = count + 1 === segments.length;
    if (segment.nextOffset > highWatermark || (isLast && segment.isEmpty)) break;
    // A segment without any timestamp has no age.
    const { timestamp } = segment.latest;
    const isOld = retentionMs >= 0 && timestamp >= 0 && wallMs - timestamp > retentionMs;
    const isTooMuch = retentionBytes >= 0 && !isLast && excess >= segment.sizeInBytes;
    if (!isOld && !isTooMuch) break;
    excess -= segment.sizeInBytes;
    count++;
  }
  return count;
}
