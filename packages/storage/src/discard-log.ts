// Takes a log away: it was deleted, or is damaged and will be fetched again.

import { type Disk, DiskError, isPassing } from '@odradek/model';
import { logDirectoryName } from './file-names.ts';
import { discardedName } from './find-logs.ts';
import type { LogDirectory } from './log-directory.ts';

export interface DiscardedLog {
  readonly disk: Disk;
  readonly directory: LogDirectory;
  readonly topic: string;
  readonly partition: number;
}

/**
 * Removes a log with all its files: it was deleted, or is damaged and will be fetched again. It must be closed. While the process has no
 * file to spare a directory cannot be read, and so not be emptied; renamed it can be (D11). Then its new name is returned, for whoever
 * removes it later: {@link discardedLogs} finds it too.
 */
export function discardLog({ disk, directory, topic, partition }: DiscardedLog): string | undefined {
  const name = logDirectoryName(topic, partition);
  const left = removedOrAside(disk, name);
  directory.forget(name);
  return left;
}

function removedOrAside(disk: Disk, name: string): string | undefined {
  try {
    disk.remove(name);
    return undefined;
  } catch (error) {
    if (!(error instanceof DiskError) || !isPassing(error)) throw error;
    let count = 0;
    while (disk.exists(discardedName(name, count))) count += 1;
    const aside = discardedName(name, count);
    disk.rename(name, aside);
    return aside;
  }
}
