// Logs in memory for tests, filled and shown in words: `0..9@1 10..14@2` are ten records of epoch 1 and five of epoch 2.

import { BatchView, buildBatch, readRecords, stampBatch } from '@odradek/format';
import { type LogView, type MemoryLog, memoryLog } from '@odradek/model';

const text = new TextEncoder();

/** A batch of one record. */
export function batchOf(value: string): Uint8Array {
  return buildBatch({ records: [{ timestamp: 0, key: null, value: text.encode(value) }] });
}

export function emptyLog(later: (callback: () => void) => void, holdsFlushes = false): MemoryLog {
  return memoryLog({ later, holdsFlushes });
}

/** Appends `count` records of one epoch; their values say where and when they were written. */
export function fill(log: MemoryLog, epoch: number, count: number): void {
  for (let index = 0; index < count; index++) {
    const batch = batchOf(`${log.logEndOffset}@${epoch}`);
    stampBatch(batch, 0, log.logEndOffset, epoch);
    log.appendAsFollower([batch]);
  }
}

export interface ShownRecord {
  readonly offset: number;
  readonly epoch: number;
  readonly value: string;
}

export function recordsOf(pieces: readonly Uint8Array[]): ShownRecord[] {
  const shown: ShownRecord[] = [];
  for (const piece of pieces) {
    const batch = new BatchView(piece, 0);
    for (const record of readRecords(batch))
      shown.push({
        offset: record.offset,
        epoch: batch.leaderEpoch,
        value: new TextDecoder().decode(record.value ?? new Uint8Array()),
      });
  }
  return shown;
}

export function allRecords(log: LogView): ShownRecord[] {
  const read = log.read(log.logStartOffset, {
    upToOffset: log.logEndOffset,
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
  return read.outcome === 'records' ? recordsOf(read.records) : [];
}

/** `0..9@1 10..14@2`, or `nothing`. */
export function inWords(records: readonly ShownRecord[]): string {
  const runs: { from: number; to: number; epoch: number }[] = [];
  for (const { offset, epoch } of records) {
    const last = runs.at(-1);
    if (last !== undefined && last.epoch === epoch && last.to === offset - 1) last.to = offset;
    else runs.push({ from: offset, to: offset, epoch });
  }
  const words = runs.map(({ from, to, epoch }) => `${from === to ? from : `${from}..${to}`}@${epoch}`);
  return words.length === 0 ? 'nothing' : words.join(' ');
}
