// The log as the protocols see it: a run of record batches by offset, with ends, epochs and a flushed end. Storage
// implements it on a disk, `memory-log.ts` in memory; replication and election know nothing else of either.

import type { EpochHistory } from './epoch-history.ts';
import type { KafkaErrorName } from './errors.ts';
import type { LeaderEpoch, Offset } from './nouns.ts';
import type { RecordBytes } from './schema.ts';

/**
 * What only looks. All ends are exclusive: logStart <= high watermark <= flushed end <= log end; but where a log has just begun anew (F6), its
 * flushed end is no higher than before until the disk has that.
 */
export interface LogView {
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  /** Every record below it is as durable as the flush policy asks: it survives power loss (`commit`) or is appended (`os`). */
  readonly flushedEndOffset: Offset;
  /** The epoch of the last record, NO_EPOCH when there is none; not an epoch that began without a record yet. */
  readonly lastEpoch: LeaderEpoch;
  readonly epochs: EpochHistory;
  /** Reads whole batches from memory or the page cache. What lies on the disk alone answers `cold`: ask {@link readLater}. */
  read(fromOffset: Offset, limits: ReadLimits): LogRead;
  readLater(fromOffset: Offset, limits: ReadLimits, done: (result: LogReadDone) => void): void;
}

export interface ReadLimits {
  /** Batches whose records all lie below this offset: high watermark for consumers, log end for replicas (L7). */
  readonly upToOffset: Offset;
  /** The first batch is given even when it is larger, or a reader would never get past it (X6). */
  readonly maxBytes: number;
}

/** `nextOffset` is where to read on; with no records it is `fromOffset`. */
export interface LogRecords {
  readonly outcome: 'records';
  readonly records: RecordBytes;
  readonly nextOffset: Offset;
}

/** `out of range`: below the log start, or above the log end. */
export type LogRead = LogRecords | { readonly outcome: 'cold' } | { readonly outcome: 'out of range' };

/** `failed`: the disk would not give it, or gave bytes whose checksum is wrong (D9). */
export type LogReadDone = LogRecords | { readonly outcome: 'out of range' } | { readonly outcome: 'failed' };

/** How a leader's append ended (L1, P1). A refused batch has left no trace, unless it says so. */
export type LeaderAppend =
  | { readonly outcome: 'appended'; readonly firstOffset: Offset; readonly lastOffset: Offset }
  /** The same batch of an idempotent producer is there already, at these offsets (P1, L6). */
  | { readonly outcome: 'duplicate'; readonly firstOffset: Offset; readonly lastOffset: Offset }
  | {
      readonly outcome: 'refused';
      readonly error: KafkaErrorName;
      readonly message: string;
      /** The disk had no room, or the process too many open files: the same append may succeed later (D6, D11). */
      readonly mayPass?: boolean;
      /** The disk failed while it was written: it may be in the file, and found by the next start (D3). */
      readonly mayBeInLog?: boolean;
    };

export interface LeaderAppendOptions {
  readonly leaderEpoch: LeaderEpoch;
  /** The wall clock, for `message.timestamp.type=LogAppendTime` and the bounds of client timestamps. */
  readonly wallMs: number;
  /** `client`: exactly one batch, fully validated, no control records (X4). `coordinator`: written by the node itself. */
  readonly origin: 'client' | 'coordinator';
}

/** How a follower's append ended. Offsets are taken as given (L1); `corrupt`: a checksum or an offset is wrong, nothing appended from there on. */
export type FollowerAppend =
  | { readonly outcome: 'appended'; readonly logEndOffset: Offset }
  | { readonly outcome: 'corrupt'; readonly message: string };

/**
 * What a replica's owner may order. Appends and truncations are calls and take effect at once; durability comes later, as
 * {@link LogListener.flushed}. A disk error does not throw: the log fails, says so to its listener and refuses from then on.
 */
export interface ReplicatedLog extends LogView {
  /** L2: enters a new epoch at the log end, even with no append (KAFKA-7415). */
  startEpoch(epoch: LeaderEpoch): void;
  /** Assigns offsets, stamps base offset and epoch in place, appends (L1). The log keeps `batch`: do not reuse it. */
  appendAsLeader(batch: Uint8Array, options: LeaderAppendOptions): LeaderAppend;
  /** Several that came together, each as if it were appended after the one before it; where there is a disk, by one write. */
  appendTogetherAsLeader(
    batches: readonly Uint8Array[],
    options: LeaderAppendOptions,
  ): readonly LeaderAppend[];
  /** Appends a leader's batches as they are; a torn last batch is left out (its rest comes with the next fetch). */
  appendAsFollower(records: RecordBytes): FollowerAppend;
  /** Cuts at `endOffset`, in the middle of a batch at its start; epochs, producer state and checkpoints with it (F5). */
  truncateTo(endOffset: Offset): void;
  /** Drops everything and begins again at `startOffset` (F6). `producers`: what another replica knows of them there (P2). */
  truncateFullyAndStartAt(startOffset: Offset, producers?: Uint8Array): void;
  /**
   * P2: what is known of producers at the log start, for a follower that is to begin there. Of more than `maxBytes` take, those who wrote last:
   * they may still retry. Opaque, and empty when nobody is known; undefined when the disk does not give it now.
   */
  producersAtStart(maxBytes: number): Uint8Array | undefined;
  /** Moves the log start, deleting whole segments below it; never past `highWatermark`, which the caller passes (L10). */
  advanceLogStart(startOffset: Offset, highWatermark: Offset): void;
  /** Makes all that was appended durable and calls `done` with the flushed end, or with the reason of failure. */
  flush(done: (result: { readonly flushedEndOffset: Offset } | { readonly error: string }) => void): void;
}

/** What a log tells its owner. Never called inside a call of the owner. */
export interface LogListener {
  /**
   * The flushed end has moved by a flush. Where what is appended counts at once (`os`, `memory`) nobody is told: whoever appended sees
   * it, and a follower's next fetch, from the new end, says it.
   */
  flushed(flushedEndOffset: Offset): void;
  /** The disk failed: final for this log (D3). */
  failed(error: string): void;
  /** It could not be opened when it was needed, for want of room or of a file: this log is over, but its files may be opened anew (D6, D11). */
  refused?(error: string): void;
  /**
   * A read found stored records damaged (D9), once for each such read. The log goes on: whether it is given up is its owner's to
   * decide, who knows of other replicas (D8).
   */
  readFoundDamage?(error: string): void;
}
