// What lies in segments, batch by batch: a file of ours or of Apache Kafka's, read offline. `odradek log dump` prints it.

import { type BatchView, type Codec, crc32c, type LogRecord, type TimestampType } from '@odradek/format';
import type { Compute, Disk, Offset } from '@odradek/model';
import { type ScanEnd, type ScanFault, scanBatches } from './batch-scan.ts';
import { fileName, offsetsIn } from './file-names.ts';
import { recordsOf } from './inflate-records.ts';

/** One batch, as it is printed. */
export interface BatchDump {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly leaderEpoch: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly position: number;
  readonly sizeInBytes: number;
  readonly crc: number;
  readonly codec: Codec;
  readonly timestampType: TimestampType;
  readonly maxTimestamp: number;
  readonly records?: readonly RecordDump[];
}

/** Bytes are views; whoever prints them chooses an encoding. */
export interface RecordDump {
  readonly offset: Offset;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[];
}

export interface DumpOrder {
  readonly disk: Disk;
  /** A segment's file, or the directory of a log. */
  readonly path: string;
  readonly withRecords: boolean;
  readonly compute?: Partial<Pick<Compute, 'crc32c' | 'inflate'>>;
  /** Each batch, in order. */
  readonly onBatch: (batch: BatchDump, file: string) => void;
}

/** How far a file could be read. */
export interface DumpedFile {
  readonly file: string;
  /** Bytes of sound batches, from the start. */
  readonly validBytes: number;
  readonly fault?: ScanFault;
}

/** Dumps a file or a log; `done` later, with one entry for each segment. */
export function dumpLog(order: DumpOrder, done: (files: readonly DumpedFile[]) => void): void {
  const files = segmentFiles(order.disk, order.path);
  const dumped: DumpedFile[] = [];
  const next = (index: number): void => {
    const path = files[index];
    if (path === undefined) done(dumped);
    else
      dumpFile(order, path, (end) => {
        const { position, fault } = end;
        dumped.push({ file: path, validBytes: position, ...(fault === undefined ? {} : { fault }) });
        next(index + 1);
      });
  };
  next(0);
}

/** The segments of a log's directory; a file is itself. */
export function segmentFiles(disk: Disk, path: string): readonly string[] {
  const bases = offsetsIn(disk.list(path), '.log');
  if (bases.length === 0) return [path];
  return bases.map((base) => (path === '' ? '' : `${path}/`) + fileName(base, '.log'));
}

function dumpFile(order: DumpOrder, path: string, done: (end: ScanEnd) => void): void {
  const file = order.disk.open(path, { create: false });
  const inflate = order.compute?.inflate;
  const visit = (batch: BatchView, position: number, proceed: () => void): 'wait' | undefined => {
    if (!order.withRecords) {
      order.onBatch(dumpOf(batch, position), path);
      return undefined;
    }
    recordsOf(batch, inflate, (records) => {
      if ('error' in records) {
        finish({ position, fault: { name: records.name, message: records.error } });
        return;
      }
      order.onBatch({ ...dumpOf(batch, position), records: records.map(recordDump) }, path);
      proceed();
    });
    return 'wait';
  };
  const finish = (end: ScanEnd): void => {
    file.close();
    done(end);
  };
  scanBatches({ file, from: 0, checksum: order.compute?.crc32c ?? crc32c, visit }, finish);
}

function dumpOf(batch: BatchView, position: number): BatchDump {
  return {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    baseSequence: batch.baseSequence,
    lastSequence: batch.lastSequence,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    leaderEpoch: batch.leaderEpoch,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    position,
    sizeInBytes: batch.sizeInBytes,
    crc: batch.crc,
    codec: batch.codec,
    timestampType: batch.timestampType,
    maxTimestamp: batch.maxTimestamp,
  };
}

function recordDump({ offset, timestamp, key, value, headers }: LogRecord): RecordDump {
  return { offset, timestamp, key, value, headers: headers.map((one) => [one.name, one.value] as const) };
}
