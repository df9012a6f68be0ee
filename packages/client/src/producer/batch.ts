// A batch on its way, and the one that still grows.

import { BatchBuilder, type Header, type ProducerStamp } from '@odradek/format';
import type { TimerHandle } from '@odradek/model';
import type { OdradekError } from '../errors.ts';

/** Told once for every record: where it is, with offset -1 when nobody said; or why it failed. */
export type Completion = (error: OdradekError | undefined, partition: number, offset: number) => void;

/** A record with its partition chosen and its text encoded. */
export interface EncodedRecord {
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[] | undefined;
}

/** A batch that still takes records. */
export class OpenBatch {
  readonly builder: BatchBuilder;
  readonly completions: Completion[] = [];
  readonly createdMs: number;
  memory = 0;
  /** Its linger time is over. */
  isDue = false;
  timer: TimerHandle | undefined;

  constructor(createdMs: number, capacity: number) {
    this.createdMs = createdMs;
    this.builder = new BatchBuilder(capacity);
  }

  add(record: EncodedRecord, memory: number, completion: Completion): void {
    this.builder.append(record.timestamp, record.key, record.value, record.headers);
    this.completions.push(completion);
    this.memory += memory;
  }
}

export type BatchState =
  /** Its records are being compressed. */
  | 'compressing'
  | 'waiting'
  | 'in flight'
  /** P1: the same bytes with the same sequence, before anything behind it. */
  | 'to send again'
  /** But one before it is not. */
  | 'acknowledged';

export interface SentTo {
  readonly leader: number;
  /** -1 when the leader was named without its epoch. */
  readonly epoch: number;
}

/** A batch that takes no more records. */
export interface Batch {
  bytes: Uint8Array;
  /** The records, uncompressed. */
  readonly section: Uint8Array;
  readonly recordCount: number;
  readonly completions: readonly Completion[];
  readonly memory: number;
  readonly deadlineMs: number;
  state: BatchState;
  /** Given with the first sending; kept by every retry. */
  stamp: ProducerStamp | undefined;
  /** The stamp is in the bytes. */
  isStamped: boolean;
  /** Whose answer is awaited. An answer to an earlier sending is not taken. */
  sentTo: SentTo | undefined;
  /** It was sent, and no answer excluded that it is in the log. */
  mayBeInLog: boolean;
  /** Why the last attempt failed. */
  lastError: OdradekError | undefined;
}

/** The batch that an open one becomes; without `bytes` they are being compressed. */
export function sealed(open: OpenBatch, deadlineMs: number, bytes: Uint8Array | undefined): Batch {
  return {
    bytes: bytes ?? new Uint8Array(0),
    section: open.builder.section,
    recordCount: open.builder.recordCount,
    completions: open.completions,
    memory: open.memory,
    deadlineMs,
    state: bytes === undefined ? 'compressing' : 'waiting',
    stamp: undefined,
    isStamped: false,
    sentTo: undefined,
    mayBeInLog: false,
    lastError: undefined,
  };
}
