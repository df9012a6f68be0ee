import type { LogView } from '@odradek/model';
import { describe, expect, it } from 'vitest';
import { finalRecords } from '../src/convergence.ts';
import { logOf } from './log-of.ts';

/** A log of which one byte has rotted where it lies. */
function rotted(log: LogView): LogView {
  return {
    ...{ logStartOffset: log.logStartOffset, logEndOffset: log.logEndOffset },
    ...{ flushedEndOffset: log.flushedEndOffset, lastEpoch: log.lastEpoch, epochs: log.epochs },
    readLater: (...order) => log.readLater(...order),
    read: (from, limits) => {
      const read = log.read(from, limits);
      if (read.outcome !== 'records') return read;
      return { ...read, records: read.records.map((piece) => piece.with(-1, (piece.at(-1) ?? 0) ^ 1)) };
    },
  };
}

const replica = (broker: number, log: LogView) =>
  ({ broker, life: 1, log, leads: broker === 1, leaderEpoch: 0, highWatermark: 2 }) as const;

describe('what is there once all is healed', () => {
  it('D9: what rotted at the leader and was read by nobody is read from a replica that has it', () => {
    const log = logOf('a@0 b@0');
    const leader = replica(1, rotted(log));
    const values = (replicas: readonly (typeof leader)[]): string[] =>
      finalRecords(leader, replicas).map(({ value }) => value);
    expect(values([leader])).not.toEqual(['a', 'b']);
    expect(values([leader, replica(2, log)])).toEqual(['a', 'b']);
  });
});
