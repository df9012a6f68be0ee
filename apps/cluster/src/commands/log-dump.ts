// What is in a segment, batch by batch, read offline: a log of ours or of Apache Kafka.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createNodeDisk, nodeCompute } from '@odradek/host-node';
import type { KafkaErrorName } from '@odradek/model';
import { type BatchDump, type DumpedFile, dumpLog as dumpBatches, type RecordDump } from '@odradek/storage';
import { localFailure } from '../failure.ts';
import { encodedContent, textOf } from '../record-text.ts';
import type { Session } from '../session.ts';

interface DumpOptions {
  readonly records?: boolean;
}

/** `log dump`: one line for each batch. */
export async function dumpLog(session: Session, path: string, options: DumpOptions): Promise<undefined> {
  const { directory, file } = placeOf(path);
  const onBatch = (batch: BatchDump): void => {
    if (session.terminal.isJson) session.terminal.print(JSON.stringify(batchForPrograms(batch)));
    else printBatch(session, batch);
  };
  const order = {
    disk: createNodeDisk(directory, { isReadOnly: true }),
    path: file,
    withRecords: options.records === true,
    compute: nodeCompute,
    onBatch,
  };
  const files = await new Promise<readonly DumpedFile[]>((resolve) => dumpBatches(order, resolve));
  complainOrFail(session, directory, files);
}

/** The file itself, or the directory of a partition with its segments. */
function placeOf(path: string): { readonly directory: string; readonly file: string } {
  if (!existsSync(path)) throw localFailure('LOG_DIR_NOT_FOUND', `there is no file or directory ${path}`);
  if (!statSync(path).isDirectory()) return { directory: dirname(path), file: basename(path) };
  if (!readdirSync(path).some((name) => /^\d{20}\.log$/.test(name)))
    throw localFailure(
      'LOG_DIR_NOT_FOUND',
      `${path} has no segments`,
      'The directory of one partition is meant: TOPIC-PARTITION.',
    );
  return { directory: path, file: '' };
}

function complainOrFail({ terminal }: Session, directory: string, files: readonly DumpedFile[]): void {
  for (const { file, validBytes, fault } of files) {
    if (fault === undefined) continue;
    const path = join(directory, file);
    // A crash leaves the last batch incomplete: that is ordinary, and recovery cuts it off.
    if (fault.name === 'INCOMPLETE')
      terminal.complain(`${path} ends at ${validBytes} with an incomplete batch: ${fault.message}`);
    else if (fault.name === 'UNSUPPORTED_CODEC')
      throw localFailure(
        'UNSUPPORTED_COMPRESSION_TYPE',
        `${path} at ${validBytes}: ${fault.message}`,
        'Without --records the batches can be listed.',
      );
    else throw localFailure(errorOf(fault.name), `${path} at ${validBytes}: ${fault.message}`);
  }
}

function errorOf(fault: NonNullable<DumpedFile['fault']>['name']): KafkaErrorName {
  switch (fault) {
    case 'LEGACY_MAGIC':
    case 'UNKNOWN_MAGIC':
      return 'UNSUPPORTED_FOR_MESSAGE_FORMAT';
    case 'DISK':
      return 'KAFKA_STORAGE_ERROR';
    default:
      return 'CORRUPT_MESSAGE';
  }
}

/** This form stays: other programs read it. */
function batchForPrograms({ records, ...batch }: BatchDump): object {
  return records === undefined ? batch : { ...batch, records: records.map(recordForPrograms) };
}

function recordForPrograms({ offset, timestamp, key, value, headers }: RecordDump): object {
  return {
    offset,
    timestamp,
    key: encodedContent(key, 'utf8'),
    value: encodedContent(value, 'utf8'),
    headers: headers.map(([name, content]) => [name, encodedContent(content, 'utf8')]),
  };
}

function printBatch({ terminal }: Session, batch: BatchDump): void {
  const producer =
    batch.producerId < 0
      ? ''
      : `  producer ${batch.producerId} epoch ${batch.producerEpoch} sequences ${batch.baseSequence} to ${batch.lastSequence}`;
  const kind = `${batch.isTransactional ? '  transactional' : ''}${batch.isControl ? '  control' : ''}`;
  terminal.print(
    `offsets ${batch.baseOffset} to ${batch.lastOffset}  at ${batch.position}, ${batch.sizeInBytes} bytes  leader epoch ${batch.leaderEpoch}  ` +
      `${batch.codec}  ${timeText(batch.maxTimestamp)}${producer}${kind}`,
  );
  for (const record of batch.records ?? []) {
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
