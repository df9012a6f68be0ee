// A log as oracles read it: from memory like everybody, and what is cold from the files on the simulated disk, at once.

import { type BatchView, walkBatches } from '@odradek/format';
import type { Disk, EpochHistory, LogRead, LogReadDone, LogView, Offset, ReadLimits } from '@odradek/model';
import { storedChecksum } from './stored-checksum.ts';

export class DiskLogView implements LogView {
  readonly #log: LogView;
  readonly #disk: Disk;
  readonly #directory: string;

  constructor(log: LogView, disk: Disk, directory: string) {
    this.#log = log;
    this.#disk = disk;
    this.#directory = directory;
  }

  get logStartOffset(): Offset {
    return this.#log.logStartOffset;
  }

  get logEndOffset(): Offset {
    return this.#log.logEndOffset;
  }

  get flushedEndOffset(): Offset {
    return this.#log.flushedEndOffset;
  }

  get lastEpoch(): number {
    return this.#log.lastEpoch;
  }

  get epochs(): EpochHistory {
    return this.#log.epochs;
  }

  read(fromOffset: Offset, limits: ReadLimits): LogRead {
    const read = this.#log.read(fromOffset, limits);
    return read.outcome === 'cold' ? this.#readFiles(fromOffset, limits.upToOffset) : read;
  }

  readLater(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void {
    this.#log.readLater(fromOffset, limits, done);
  }

  /** The rest of the segment that holds an offset. */
  #readFiles(fromOffset: Offset, upToOffset: Offset): LogRead {
    const segments = this.#disk.list(this.#directory).filter((name) => name.endsWith('.log'));
    const name = segments.findLast((segment) => Number.parseInt(segment, 10) <= fromOffset);
    const bytes = name === undefined ? undefined : this.#disk.readFile(`${this.#directory}/${name}`);
    const records: Uint8Array[] = [];
    let nextOffset = fromOffset;
    const take = (batch: BatchView): void => {
      if (batch.nextOffset <= fromOffset || batch.nextOffset > upToOffset) return;
      records.push(batch.bytes.subarray(batch.position, batch.position + batch.sizeInBytes));
      nextOffset = batch.nextOffset;
    };
    walkBatches(bytes ?? new Uint8Array(0), take, 0, storedChecksum);
    return { outcome: 'records', records, nextOffset };
  }
}
