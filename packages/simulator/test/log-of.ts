import { buildBatch } from '@odradek/format';
import { type MemoryLog, memoryLog } from '@odradek/model';

/** A batch of one record, its value given. */
export function batchOf(value: string): Uint8Array {
  return buildBatch({
    records: [{ timestamp: 0, key: null, value: new TextEncoder().encode(value) }],
  });
}

/** A log whose records are `value@epoch`, in order; what comes after a `|` is not flushed. */
export function logOf(records: string): MemoryLog {
  const log = memoryLog({ later: () => {}, holdsFlushes: true });
  const [flushed = '', unflushed = ''] = records.split('|');
  for (const [index, part] of [flushed, unflushed].entries()) {
    for (const record of part.split(' ').filter((word) => word !== '')) {
      const [value = '', epoch = ''] = record.split('@');
      log.appendAsLeader(batchOf(value), { leaderEpoch: Number(epoch), wallMs: 0, origin: 'client' });
    }
    if (index === 0) log.flushNow();
  }
  return log;
}
