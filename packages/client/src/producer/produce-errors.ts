// What an answer to a produced batch means for it, as Kafka's client decides; and whether the batch may be in the log all the same.

import { isRetriable } from '../errors.ts';

/**
 * What becomes of a batch. `again`: the same bytes with the same sequence. `in parts`: it is too large, its halves may not be.
 * `renumber`: the leader does not have what was before it.
 */
export type Verdict = 'acknowledged' | 'again' | 'in parts' | 'renumber' | 'fail';

/** Checked before anything is appended (L6, X4): the batch is surely not in the log by this attempt. */
const refusedBeforeAppend: ReadonlySet<string> = new Set([
  ...['NOT_ENOUGH_REPLICAS', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'],
  ...['LEADER_NOT_AVAILABLE', 'UNKNOWN_LEADER_EPOCH', 'BROKER_NOT_AVAILABLE', 'THROTTLING_QUOTA_EXCEEDED'],
  ...['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH', 'CORRUPT_MESSAGE'],
  ...['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP', 'INVALID_REQUEST'],
  ...['UNSUPPORTED_COMPRESSION_TYPE', 'INVALID_REQUIRED_ACKS', 'INVALID_TOPIC_EXCEPTION'],
  ...[
    'TOPIC_AUTHORIZATION_FAILED',
    'CLUSTER_AUTHORIZATION_FAILED',
    'POLICY_VIOLATION',
    'UNSUPPORTED_VERSION',
  ],
]);

/** How a leader has answered a batch. */
export interface ProduceError {
  readonly error: string;
  /** It says itself that nothing of the batch was appended. */
  readonly isRefused: boolean;
}

/** Whether a batch that was answered so may be in the log: NOT_LEADER_OR_FOLLOWER, say, also ends a wait for the in-sync replicas. */
export function mayBeInLog({ error, isRefused }: ProduceError): boolean {
  return !isRefused && !refusedBeforeAppend.has(error);
}

/** Errors after which asking for metadata again will help, or at least must be tried (KIP-320). */
export function isAboutLeader(error: string): boolean {
  return leaderErrors.has(error);
}

const leaderErrors: ReadonlySet<string> = new Set([
  ...['NOT_LEADER_OR_FOLLOWER', 'FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH', 'LEADER_NOT_AVAILABLE'],
  ...['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID', 'KAFKA_STORAGE_ERROR'],
  ...['REPLICA_NOT_AVAILABLE', 'BROKER_NOT_AVAILABLE'],
]);

/**
 * P1. `isHead`: everything sent before this batch is acknowledged. A gap before the head is no matter of order: what was acknowledged
 * is gone. Behind the head it only says that the head must go first.
 */
export function verdictOn(answer: ProduceError, isHead: boolean, isIdempotent: boolean): Verdict {
  const { error } = answer;
  if (error === 'NONE') return 'acknowledged';
  if (error === 'MESSAGE_TOO_LARGE') return 'in parts';
  if (!isIdempotent) return isRetriable(error) && !mayBeInLog(answer) ? 'again' : 'fail';
  if (error === 'DUPLICATE_SEQUENCE_NUMBER') return 'acknowledged';
  if (error === 'OUT_OF_ORDER_SEQUENCE_NUMBER') return isHead ? 'renumber' : 'again';
  if (error === 'UNKNOWN_PRODUCER_ID') return isHead ? 'renumber' : 'again';
  return isRetriable(error) ? 'again' : 'fail';
}
