// Logs as a clean end left them, all in one file beside its marker: the next start takes their ends from it, and touches none of their
// own files before somebody reads or appends. A broker has ten thousand logs, of which few are used in the next minutes. The file
// counts with the marker of the same broker epoch alone: whatever ran since took that away.

import { textBytes } from '@odradek/format';
import {
  type BrokerEpoch,
  type Disk,
  DiskError,
  type EpochHistory,
  type Offset,
  type TopicId,
} from '@odradek/model';
import { decodeJson } from './checkpoint-files.ts';
import { fileName } from './file-names.ts';
import type { LogConfiguration } from './log-configuration.ts';

const VERSION = 1;

/** A log of one segment that was closed in order: what can be said of it without its files. */
export interface RestingLog {
  readonly topicId: TopicId;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  /** Of its segment. */
  readonly baseOffset: Offset;
  readonly sizeInBytes: number;
  /** The largest of its records, -1 when there is none. */
  readonly latestTimestamp: number;
  readonly hasProducers: boolean;
  readonly epochs: EpochHistory;
  /** Its indexes, snapshot and epochs were not written: all of it is made again of a segment as small as this. */
  readonly isBare: boolean;
}

/** A log that never had a record. */
export function emptyLog(topicId: TopicId): RestingLog {
  return {
    ...{ topicId, logStartOffset: 0, logEndOffset: 0, baseOffset: 0, sizeInBytes: 0 },
    ...{ latestTimestamp: -1, hasProducers: false, epochs: [], isBare: false },
  };
}

/** By directory, `orders-0`. */
export type RestingLogs = ReadonlyMap<string, RestingLog>;

export function encodeRestingLogs(brokerEpoch: BrokerEpoch, logs: RestingLogs): Uint8Array {
  const rows = [...logs].map(([directory, log]) => [
    ...[directory, log.topicId, log.logStartOffset, log.logEndOffset, log.baseOffset],
    ...[log.sizeInBytes, log.latestTimestamp, log.hasProducers],
    log.epochs.map(({ epoch, startOffset }) => [epoch, startOffset]),
    log.isBare,
  ]);
  return textBytes(JSON.stringify({ version: VERSION, brokerEpoch, logs: rows }));
}

/** Those of the end that the marker tells of; none when the file is of another, or cannot be read (D10). */
export function decodeRestingLogs(
  bytes: Uint8Array | undefined,
  brokerEpoch: BrokerEpoch | undefined,
): RestingLogs {
  const fields = bytes && decodeJson(bytes);
  const logs = new Map<string, RestingLog>();
  const isOfThisEnd = brokerEpoch !== undefined && fields?.brokerEpoch === brokerEpoch;
  if (fields?.version !== VERSION || !isOfThisEnd || !Array.isArray(fields.logs)) return logs;
  for (const row of fields.logs) {
    const found = Array.isArray(row) ? decodeRow(row) : undefined;
    if (found !== undefined) logs.set(...found);
  }
  return logs;
}

function decodeRow(row: readonly unknown[]): [string, RestingLog] | undefined {
  const [directory, topicId, ...values] = row;
  const [hasProducers, starts, isBare = false] = values.splice(5);
  const numbers = integersIn(values);
  const epochs = Array.isArray(starts) ? epochsIn(starts) : undefined;
  if (typeof directory !== 'string' || typeof topicId !== 'string' || epochs === undefined) return undefined;
  if (typeof hasProducers !== 'boolean' || typeof isBare !== 'boolean') return undefined;
  if (numbers?.length !== 5) return undefined;
  const [logStartOffset = 0, logEndOffset = 0, baseOffset = 0, sizeInBytes = 0, latestTimestamp = -1] =
    numbers;
  const ends = { logStartOffset, logEndOffset, baseOffset, sizeInBytes, latestTimestamp };
  return [directory, { topicId, ...ends, hasProducers, epochs, isBare }];
}

function epochsIn(rows: readonly unknown[]): EpochHistory | undefined {
  const epochs = [];
  for (const row of rows) {
    const numbers = Array.isArray(row) ? integersIn(row) : undefined;
    const [epoch, startOffset] = numbers ?? [];
    if (epoch === undefined || startOffset === undefined) return undefined;
    epochs.push({ epoch, startOffset });
  }
  return epochs;
}

function integersIn(values: readonly unknown[]): readonly number[] | undefined {
  const areIntegers = values.every((value) => Number.isSafeInteger(value));
  return areIntegers ? (values as readonly number[]) : undefined;
}

/** Whether retention may find something to delete: of a log of one segment by its age alone (L10). */
export function mayExpire(
  { sizeInBytes, latestTimestamp }: RestingLog,
  configuration: LogConfiguration,
  wallMs: number,
): boolean {
  const retentionMs = configuration['retention.ms'];
  const isOld = retentionMs >= 0 && latestTimestamp >= 0 && wallMs - latestTimestamp > retentionMs;
  return sizeInBytes > 0 && isOld && configuration['cleanup.policy'].includes('delete');
}

/** Whether the log's file is there as the end left it. If not, or if that cannot be told, the log is recovered as after any end. */
export function liesAsItWasLeft(disk: Disk, directory: string, log: RestingLog): boolean {
  const path = `${directory}/${fileName(log.baseOffset, '.log')}`;
  try {
    return disk.sizeOf(path) === log.sizeInBytes;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return false;
  }
}
