// What a leader demands of a batch before it enters the log (X4): one whole v2 batch, true to its header. What is refused has left
// no trace.

import {
  type BatchFault,
  type BatchView,
  type Checksum,
  checkBatch,
  type RecordsCheck,
  walkRecords,
} from '@odradek/format';
import type { KafkaErrorName, LeaderAppendOptions } from '@odradek/model';
import type { LogConfiguration } from './log-configuration.ts';

export type BatchVerdict =
  | { readonly ok: true; readonly batch: BatchView }
  | { readonly ok: false; readonly error: KafkaErrorName; readonly message: string };

const LOG_APPEND_TIME_BIT = 0b1000;
const KNOWN_ATTRIBUTES = 0b111_1111;
const ATTRIBUTES_AT = 21;
const MAX_TIMESTAMP_AT = 35;
const CRC_AT = 17;
/** The checksum covers all from here on. */
const CRC_COVERS_FROM = ATTRIBUTES_AT;

/** The error that Kafka answers. */
const ERRORS: Readonly<Record<BatchFault, KafkaErrorName>> = {
  INCOMPLETE: 'INVALID_RECORD',
  LEGACY_MAGIC: 'INVALID_RECORD',
  UNKNOWN_MAGIC: 'CORRUPT_MESSAGE',
  BAD_LENGTH: 'CORRUPT_MESSAGE',
  BAD_CRC: 'CORRUPT_MESSAGE',
  BAD_HEADER: 'INVALID_RECORD',
};

/** Judges the bytes of a produce request for one partition. */
export function validateBatch(
  bytes: Uint8Array,
  options: LeaderAppendOptions,
  configuration: LogConfiguration,
  checksum: Checksum,
): BatchVerdict {
  const check = checkBatch(bytes, 0, checksum);
  if (!check.ok) {
    return refused(ERRORS[check.fault], check.message);
  }
  const { batch } = check;
  if (batch.sizeInBytes !== bytes.length)
    return refused(
      'INVALID_RECORD',
      `${bytes.length - batch.sizeInBytes} bytes after the batch: exactly one is taken`,
    );
  if (options.origin === 'coordinator') return { ok: true, batch };
  const most = configuration['max.message.bytes'];
  if (bytes.length > most)
    return refused('MESSAGE_TOO_LARGE', `${bytes.length} bytes: max.message.bytes is ${most}`);
  const wrong = wrongHeader(batch);
  if (wrong !== undefined) return refused('INVALID_RECORD', wrong);
  if (batch.timestampType === 'LogAppendTime')
    return refused(
      'INVALID_TIMESTAMP',
      'the timestamp type LogAppendTime is set by the log, never by a producer',
    );
  return batch.codec === 'none'
    ? validateRecords(batch, options.wallMs, configuration)
    : validateTimestamps(batch, batch.baseTimestamp, options.wallMs, configuration);
}

/** Marks a batch as appended now (`message.timestamp.type=LogAppendTime`): the one change that needs another checksum. */
export function stampAppendTime(bytes: Uint8Array, wallMs: number, checksum: Checksum): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt16(ATTRIBUTES_AT, view.getInt16(ATTRIBUTES_AT) | LOG_APPEND_TIME_BIT);
  view.setInt32(MAX_TIMESTAMP_AT, Math.floor(wallMs / 2 ** 32));
  view.setUint32(MAX_TIMESTAMP_AT + 4, wallMs >>> 0);
  view.setUint32(CRC_AT, checksum(bytes, CRC_COVERS_FROM, bytes.length));
}

/** What a client must not send, of what the header alone shows. */
function wrongHeader(batch: BatchView): string | undefined {
  if (batch.isControl) return 'control records are written by the node itself, never by clients';
  if ((batch.attributes & ~KNOWN_ATTRIBUTES) !== 0 || batch.hasDeleteHorizon)
    return `attributes 0x${(batch.attributes & 0xffff).toString(16)} have bits that are reserved`;
  if (batch.recordCount < 1) return `${batch.recordCount} records: a producer sends at least one`;
  if (batch.recordCount !== batch.lastOffsetDelta + 1)
    return `${batch.recordCount} records, but the last offset delta is ${batch.lastOffsetDelta}`;
  if (batch.producerId >= 0 && (batch.producerEpoch < 0 || batch.baseSequence < 0))
    return `producer ${batch.producerId} with epoch ${batch.producerEpoch} and sequence ${batch.baseSequence}`;
  if (batch.producerId < 0 && (batch.baseSequence >= 0 || batch.isTransactional))
    return 'a sequence or a transaction without a producer id';
  return undefined;
}

function validateRecords(batch: BatchView, wallMs: number, configuration: LogConfiguration): BatchVerdict {
  const walked: RecordsCheck = walkRecords(batch);
  if (!walked.ok) return refused('INVALID_RECORD', walked.message);
  if (configuration['cleanup.policy'].includes('compact') && !walked.allKeyed)
    return refused('INVALID_RECORD', 'a record without a key: a compacted topic needs one in each');
  if (walked.maxTimestamp !== batch.maxTimestamp)
    return refused(
      'INVALID_RECORD',
      `the header says max timestamp ${batch.maxTimestamp}, the records ${walked.maxTimestamp}`,
    );
  return validateTimestamps(batch, walked.minTimestamp, wallMs, configuration);
}

function validateTimestamps(
  batch: BatchView,
  minTimestamp: number,
  wallMs: number,
  configuration: LogConfiguration,
): BatchVerdict {
  // -1 is "none"; with LogAppendTime the client's timestamps are not used.
  if (configuration['message.timestamp.type'] === 'LogAppendTime' || batch.maxTimestamp === -1)
    return { ok: true, batch };
  const earliest = wallMs - configuration['message.timestamp.before.max.ms'];
  const latest = wallMs + configuration['message.timestamp.after.max.ms'];
  if (minTimestamp >= earliest && batch.maxTimestamp <= latest) return { ok: true, batch };
  return refused(
    'INVALID_TIMESTAMP',
    `timestamps ${minTimestamp} to ${batch.maxTimestamp}: allowed are ${earliest} to ${latest}`,
  );
}

function refused(error: KafkaErrorName, message: string): BatchVerdict {
  return { ok: false, error, message };
}
