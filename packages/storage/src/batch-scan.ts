// Walks the batches of a file from a position on, in slices, off the event loop: what recovery, dump and check read by.

import {
  BATCH_HEADER_BYTES,
  type BatchFault,
  type BatchView,
  type Checksum,
  checkBatch,
} from '@odradek/format';
import { DiskError, type DiskFile } from '@odradek/model';

/** Why a walk stopped before the end of the file. */
export interface ScanFault {
  readonly name: BatchFault | 'BAD_RECORDS' | 'UNSUPPORTED_CODEC' | 'OUT_OF_PLACE' | 'DISK';
  readonly message: string;
}

export interface ScanEnd {
  /** Where the sound batches end. */
  readonly position: number;
  readonly fault?: ScanFault;
}

export interface Scan {
  readonly file: DiskFile;
  readonly from: number;
  readonly checksum: Checksum;
  /**
   * Sees each sound batch, which lies at `position` in the file; its bytes are its own to keep. Returns what is wrong with its
   * place, to stop there; or calls `proceed` later when it returns `wait`.
   */
  visit(batch: BatchView, position: number, proceed: () => void): ScanFault | 'wait' | undefined;
}

const SLICE_BYTES = 2 ** 20;

/** Walks, and calls `done` later. */
export function scanBatches(scan: Scan, done: (end: ScanEnd) => void): void {
  readSlice(scan, scan.from, SLICE_BYTES, done);
}

function readSlice(scan: Scan, position: number, sliceBytes: number, done: (end: ScanEnd) => void): void {
  const { file } = scan;
  file.readLater(position, Math.min(sliceBytes, Math.max(0, file.size - position)), (bytes) => {
    if (bytes instanceof DiskError)
      return done({ position, fault: { name: 'DISK', message: bytes.message } });
    walkSlice(scan, bytes, position, 0, done);
  });
}

/** Walks a slice that lies at `position`, from `start` on; then the next. */
function walkSlice(
  scan: Scan,
  bytes: Uint8Array,
  position: number,
  start: number,
  done: (end: ScanEnd) => void,
): void {
  const isLast = position + bytes.length >= scan.file.size;
  let at = start;
  for (;;) {
    if (at === bytes.length && isLast) {
      done({ position: position + at });
      return;
    }
    const check = checkBatch(bytes, at, scan.checksum);
    if (!check.ok) {
      if (check.fault === 'INCOMPLETE' && !isLast && bytes.length > 0)
        readSlice(scan, position + at, Math.max(SLICE_BYTES, neededBytes(bytes, at)), done);
      else done({ position: position + at, fault: { name: check.fault, message: check.message } });
      return;
    }
    const next = at + check.batch.sizeInBytes;
    let hasProceeded = false;
    let isWaiting = false;
    const found = scan.visit(check.batch, position + at, () => {
      // Called at once, it lets the loop go on: a stack frame for each batch would be too many.
      hasProceeded = true;
      if (isWaiting) walkSlice(scan, bytes, position, next, done);
    });
    isWaiting = found === 'wait' && !hasProceeded;
    if (isWaiting) return;
    if (found !== undefined && found !== 'wait') {
      done({ position: position + at, fault: found });
      return;
    }
    at = next;
  }
}

function neededBytes(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < BATCH_HEADER_BYTES) return 0;
  return 12 + new DataView(bytes.buffer, bytes.byteOffset + at).getInt32(8);
}
