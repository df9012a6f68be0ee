// A read of what a log does not have in memory: segment after segment, off the event loop.

import type { Checksum } from '@odradek/format';
import { DiskError, type LogReadDone, type Offset, type ReadLimits } from '@odradek/model';
import { type ColdRead, readSegment, type SegmentRead } from './cold-read.ts';
import type { LogConfiguration } from './log-configuration.ts';
import type { LogStore } from './log-store.ts';

/** The log that is read. */
export interface ColdLog {
  readonly store: Pick<LogStore, 'generation' | 'segments'>;
  readonly configuration: LogConfiguration;
  readonly checksum: Checksum;
  hasFailed(): boolean;
  /** The log has changed meanwhile. */
  readAgain(): void;
  /** Bytes that are no sound batch where records should be (D9). */
  foundDamage(error: string): void;
  /** Runs something in a later turn. */
  later(callback: () => void): void;
}

/** Reads from an offset that is in the log; `done` later. */
export function readCold(
  log: ColdLog,
  fromOffset: Offset,
  limits: ReadLimits,
  done: (result: LogReadDone) => void,
): void {
  const { store, configuration, checksum } = log;
  const { generation, segments: list } = store;
  const segments = list.all.slice(list.indexOf(fromOffset));
  // Only compaction leaves offsets out at the end of a segment; else a segment is gone, and to read on would pass over its records.
  const mayHaveGaps = configuration['cleanup.policy'].includes('compact');
  const damaged = (error: string): void => {
    log.foundDamage(error);
    done({ outcome: 'failed' });
  };
  const readNext = (at: number): void => {
    const segment = segments[at];
    if (segment === undefined) {
      done({ outcome: 'failed' });
      return;
    }
    const read = { segment, fromOffset, limits, checksum, mayHaveGaps };
    readOne(log, read, (result) => {
      if (log.hasFailed()) done({ outcome: 'failed' });
      // The log has been cut, or segments are gone: what was read may no longer be true.
      else if (generation !== store.generation) log.readAgain();
      else if (result.outcome === 'damaged')
        damaged(`${segment.path} at ${result.position}: ${result.message}`);
      else if (result.outcome !== 'beyond') done(result);
      else if (mayHaveGaps) readNext(at + 1);
      else damaged(`${segment.path}: it ends before offset ${fromOffset}`);
    });
  };
  readNext(0);
}

/** A file may not even open (EMFILE): that costs the read, no more. */
function readOne(log: ColdLog, read: ColdRead, done: (result: SegmentRead) => void): void {
  try {
    readSegment(read, log.configuration['index.interval.bytes'], done);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    log.later(() => done({ outcome: 'failed' }));
  }
}
