// What is in a segment, batch by batch, read offline: a log of ours or of Apache Kafka.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BatchFault, type BatchView, type LogRecord, readRecords, walkBatches } from '@odradek/format';
import { nodeCompute } from '@odradek/host-node';
import type { KafkaErrorName } from '@odradek/model';
import { localFailure } from '../failure.ts';
import { encodedContent, textOf } from '../record-text.ts';
import type { Session } from '../session.ts';

interface DumpOptions {
  readonly records?: boolean;
}

/** What a compressed batch may become (X5). */
const maxInflatedBytes = 256 * 1024 * 1024;

/** `log dump`: one line for each batch. */
export async function dumpLog(session: Session, path: string, options: DumpOptions): Promise<undefined> {
  for (const file of segmentsOf(path)) await dumpSegment(session, file, options.records === true);
}

/** The file itself, or the segments of a partition's directory in their order. */
function segmentsOf(path: string): readonly string[] {
  if (!existsSync(path)) throw localFailure('LOG_DIR_NOT_FOUND', `there is no file or directory ${path}`);
  if (!statSync(path).isDirectory()) return [path];
  const segments = readdirSync(path)
    .filter((name) => name.endsWith('.log'))
    .sort();
  if (segments.length === 0)
    throw localFailure(
      'LOG_DIR_NOT_FOUND',
      `${path} has no segments`,
      'The directory of one partition is meant: TOPIC-PARTITION.',
    );
  return segments.map((name) => join(path, name));
}

async function dumpSegment(session: Session, file: string, withRecords: boolean): Promise<void> {
  const batches: BatchView[] = [];
  const { fault, validBytes } = walkBatches(readFileSync(file), (batch) => batches.push(batch));
  for (const batch of batches) {
    const records = withRecords ? readRecords(batch, await sectionOf(batch, file)) : undefined;
    if (session.terminal.isJson) session.terminal.print(JSON.stringify(batchForPrograms(batch, records)));
    else printBatch(session, batch, records);
  }
  if (fault === undefined) return;
  // A crash leaves the last batch incomplete: that is ordinary, and recovery cuts it off.
  if (fault.name === 'INCOMPLETE')
    session.terminal.complain(`${file} ends at ${validBytes} with an incomplete batch: ${fault.message}`);
  else throw localFailure(errorOf(fault.name), `${file}: ${fault.message}`);
}

function errorOf(fault: BatchFault): KafkaErrorName {
  return fault === 'LEGACY_MAGIC' || fault === 'UNKNOWN_MAGIC'
    ? 'UNSUPPORTED_FOR_MESSAGE_FORMAT'
    : 'CORRUPT_MESSAGE';
}

/** The records' bytes; undefined when they lie there as they are. */
function sectionOf(batch: BatchView, file: string): Promise<Uint8Array | undefined> {
  if (batch.codec === 'none') return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    nodeCompute.inflate(batch.codec, batch.recordsSection, maxInflatedBytes, (result) => {
      if (result instanceof Uint8Array) resolve(result);
      else if (result.error === 'UNSUPPORTED')
        reject(
          localFailure(
            'UNSUPPORTED_COMPRESSION_TYPE',
            `${file}: ${batch.codec} cannot be inflated; gzip and zstd can`,
            'Without --records the batches can be listed.',
          ),
        );
      else
        reject(
          localFailure(
            'CORRUPT_MESSAGE',
            `${file}: the batch at ${batch.position} does not inflate: ${result.error}`,
          ),
        );
    });
  });
}

/** This form stays: other programs read it. */
function batchForPrograms(batch: BatchView, records: readonly LogRecord[] | undefined): object {
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
    position: batch.position,
    sizeInBytes: batch.sizeInBytes,
    crc: batch.crc,
    codec: batch.codec,
    timestampType: batch.timestampType,
    maxTimestamp: batch.maxTimestamp,
    ...(records === undefined ? {} : { records: records.map(recordForPrograms) }),
  };
}

function recordForPrograms({ offset, timestamp, key, value, headers }: LogRecord): object {
  return {
    offset,
    timestamp,
    key: encodedContent(key, 'utf8'),
    value: encodedContent(value, 'utf8'),
    headers: headers.map((header) => [header.name, encodedContent(header.value, 'utf8')]),
  };
}

function printBatch(
  { terminal }: Session,
  batch: BatchView,
  records: readonly LogRecord[] | undefined,
): void {
  const producer =
    batch.producerId < 0
      ? ''
      : `  producer ${batch.producerId} epoch ${batch.producerEpoch} sequences ${batch.baseSequence} to ${batch.lastSequence}`;
  const kind = `${batch.isTransactional ? '  transactional' : ''}${batch.isControl ? '  control' : ''}`;
  terminal.print(
    `offsets ${batch.baseOffset} to ${batch.lastOffset}  at ${batch.position}, ${batch.sizeInBytes} bytes  leader epoch ${batch.leaderEpoch}  ` +
      `${batch.codec}  ${timeText(batch.maxTimestamp)}${producer}${kind}`,
  );
  for (const record of records ?? []) {
    const key = record.key === null ? '' : `${textOf(record.key, 'utf8')} = `;
    terminal.print(
      `  ${record.offset}  ${key}${record.value === null ? 'null' : textOf(record.value, 'utf8')}`,
    );
  }
}

function timeText(timestamp: number): string {
  const date = new Date(timestamp);
  return timestamp < 0 || Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
}
