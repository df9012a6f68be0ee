// What a leader's log takes of batches that came together: each is judged as if those before it were in the log already, and those that
// are accepted are written together, for a write costs more than most of what it says.

import { BatchView, type Checksum, stampBatch } from '@odradek/format';
import type { LeaderAppend, LeaderAppendOptions, Offset } from '@odradek/model';
import type { LogConfiguration } from './log-configuration.ts';
import { goesOn, type ProducerState } from './producer-state.ts';
import { stampAppendTime, validateBatch } from './validate-batch.ts';

/** The log that takes them. */
export interface TakingLog {
  end(): Offset;
  readonly configuration: LogConfiguration;
  readonly checksum: Checksum;
  readonly producers: Pick<ProducerState, 'judge'>;
  /** Why nothing is taken any more (D3). */
  failure(): string | undefined;
  /** Why nothing of this size is taken now (D6). */
  lackOfRoom(sizeInBytes: number): string | undefined;
  /** Writes batches that have their places, and says why not all of them are in the log now. */
  write(run: readonly BatchView[]): string | undefined;
}

type LeaderRefusal = LeaderAppend & { readonly outcome: 'refused' };

/** The disk does not take it; `mayPass`: it may later. `mayBeInLog`: it failed in the midst of it. */
function storageError(message: string, mayPass: boolean, mayBeInLog = false): LeaderRefusal {
  return { outcome: 'refused', error: 'KAFKA_STORAGE_ERROR', message, mayPass, mayBeInLog };
}

/** Appends what may be appended; says of each what became of it. */
export function takeTogether(
  log: TakingLog,
  batches: readonly Uint8Array[],
  options: LeaderAppendOptions,
): readonly LeaderAppend[] {
  const results: LeaderAppend[] = [];
  let run = new Run();
  const writeRun = (): void => {
    results.push(...written(log, run.batches));
    run = new Run();
  };
  for (const bytes of batches) {
    const batch = unable(log, bytes.length) ?? valid(log, bytes, options);
    if (!(batch instanceof BatchView)) {
      writeRun();
      results.push(batch);
      continue;
    }
    const before = run.lastOf(batch.producerId);
    const isNext = before !== undefined && goesOn(before, batch);
    // P1: what does not plainly go on where its producer's last batch ends is judged once that one is in the log.
    if (before !== undefined && !isNext) writeRun();
    const refused = isNext ? undefined : refusalOf(log, batch);
    if (refused === undefined) {
      place(log, batch, run.batches.at(-1)?.nextOffset ?? log.end(), options);
      run.add(batch);
    } else {
      writeRun();
      results.push(refused);
    }
  }
  writeRun();
  return results;
}

/** Accepted batches with their places, that are not written yet. */
class Run {
  readonly batches: BatchView[] = [];
  private readonly byProducer = new Map<number, BatchView>();

  add(batch: BatchView): void {
    this.batches.push(batch);
    if (batch.producerId >= 0) this.byProducer.set(batch.producerId, batch);
  }

  /** The last one of a producer. */
  lastOf(producerId: number): BatchView | undefined {
    return this.byProducer.get(producerId);
  }
}

/** Where the disk refuses one, those before it are in the log and those behind it are not. */
function written(log: TakingLog, run: readonly BatchView[]): LeaderAppend[] {
  if (run.length === 0) return [];
  const refused = writeFault(log, run);
  return run.map((batch) => {
    const { baseOffset: firstOffset, lastOffset } = batch;
    return refused !== undefined && lastOffset >= log.end()
      ? refused
      : { outcome: 'appended', firstOffset, lastOffset };
  });
}

/** Why it cannot be written, whatever it is. */
function unable(log: TakingLog, sizeInBytes: number): LeaderRefusal | undefined {
  const failure = log.failure();
  if (failure !== undefined) return storageError(failure, false);
  const crowded = log.lackOfRoom(sizeInBytes);
  return crowded === undefined ? undefined : storageError(crowded, true);
}

/** L6: what was under way when the disk failed for good may be in the file; what comes after it is not, nor what only had no room. */
function writeFault(log: TakingLog, run: readonly BatchView[]): LeaderRefusal | undefined {
  const failure = log.failure();
  if (failure !== undefined) return storageError(failure, false);
  const fault = log.write(run);
  const isFinal = log.failure() !== undefined;
  return fault === undefined ? undefined : storageError(fault, !isFinal, isFinal);
}

/** X4: sound in itself. */
function valid(
  { configuration, checksum }: TakingLog,
  bytes: Uint8Array,
  options: LeaderAppendOptions,
): BatchView | LeaderAppend {
  const verdict = validateBatch(bytes, options, configuration, checksum);
  return verdict.ok ? verdict.batch : { outcome: 'refused', error: verdict.error, message: verdict.message };
}

/** P1: why it is not its producer's next; undefined when it is. */
function refusalOf({ producers }: TakingLog, batch: BatchView): LeaderAppend | undefined {
  const judged = producers.judge(batch);
  if (judged.verdict === 'next') return undefined;
  if (judged.verdict === 'refused')
    return { outcome: 'refused', error: judged.error, message: judged.message };
  return { outcome: 'duplicate', firstOffset: judged.firstOffset, lastOffset: judged.lastOffset };
}

function place(log: TakingLog, batch: BatchView, offset: Offset, options: LeaderAppendOptions): void {
  stampBatch(batch.bytes, batch.position, offset, options.leaderEpoch);
  const isStampedHere = log.configuration['message.timestamp.type'] === 'LogAppendTime';
  if (isStampedHere && !batch.isControl) stampAppendTime(batch.bytes, options.wallMs, log.checksum);
}
