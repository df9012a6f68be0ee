// The names of a log's files, as Kafka gives them.

import type { Offset } from '@odradek/model';

export const EPOCH_FILE = 'leader-epoch-checkpoint';
export const METADATA_FILE = 'partition.metadata';

/**
 * `00000000000000000500.anew`: the log has begun anew at this offset, and what lies below goes. Beside Kafka's own names, since a log that
 * loses its old segments before its new one is on the disk could not be told from one that was wiped (D12, S14).
 */
export const ANEW = '.anew';

const ZEROS = '0'.repeat(20);

/** `00000000000000000042.log`: the offset with twenty digits. */
export function fileName(offset: Offset, extension: string): string {
  const digits = String(offset);
  // One piece: `padStart` gives a chain of them, which is kept as long as the name.
  return `${ZEROS.slice(digits.length)}${digits}${extension}`;
}

/** The offset in a file's name, or undefined when it is no such file. */
export function offsetOf(name: string, extension: string): Offset | undefined {
  if (!name.endsWith(extension)) return undefined;
  const digits = name.slice(0, -extension.length);
  if (!/^\d{20}$/.test(digits)) return undefined;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? offset : undefined;
}

/** The offsets in the names of a directory's files with this extension, ascending. */
export function offsetsIn(names: readonly string[], extension: string): Offset[] {
  return names
    .map((name) => offsetOf(name, extension))
    .filter((offset) => offset !== undefined)
    .sort((a, b) => a - b);
}

/** The directory of a partition's log. */
export function logDirectoryName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
