// What went in and out, of one partition or of a whole broker. Both are counted: a broker's sum must not fall when a partition goes.

import type { RecordBytes } from '@odradek/model';

export class Traffic {
  recordsIn = 0;
  bytesIn = 0;
  bytesOut = 0;

  /** A producer's batch was appended. */
  appended(records: number, bytes: number): void {
    this.recordsIn += records;
    this.bytesIn += bytes;
  }

  /** Records were given to a reader. */
  read(bytes: number): void {
    this.bytesOut += bytes;
  }
}

/** The bytes of pieces that belong together. */
export function sizeOf(records: RecordBytes): number {
  let size = 0;
  for (const piece of records) size += piece.length;
  return size;
}
