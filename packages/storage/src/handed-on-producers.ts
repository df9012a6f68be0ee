// What one replica tells another of its producers, where the other's log is to begin anew (P2): the bytes of a snapshot.

import { DiskError } from '@odradek/model';
import { decodeProducerSnapshot, encodeProducerSnapshot, latestWriters } from './producer-snapshot.ts';
import { type ProducerEntry, ProducerState } from './producer-state.ts';

/** Empty when there is nobody to tell of; undefined when the disk does not give them now. */
export function handOnProducers(
  read: () => readonly ProducerEntry[],
  maxBytes: number,
): Uint8Array | undefined {
  try {
    const told = latestWriters(read(), maxBytes);
    return told.length === 0 ? new Uint8Array(0) : encodeProducerSnapshot(told);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return undefined;
  }
}

/** What cannot be read counts as missing, as a snapshot on the disk does. */
export function takeOverProducers(told: Uint8Array | undefined): ProducerState {
  return new ProducerState(told && decodeProducerSnapshot(told));
}
