// D3 under the policy `os`: after a failed fsync the system forgets what it has not written, and that was acknowledged. The log's next start
// finds a page cache that is "as it was left" and must not take it for whole, even if no controller has heard of the failure by then: a small
// file says so. It need not be durable, since after a loss of power all logs of this policy are lossy.

import { textBytes } from '@odradek/format';
import { type Disk, DiskError } from '@odradek/model';

const FILE = 'odradek-sync-failed';

/** What is wrong with a log whose last sync has failed, on the same boot. */
export const FORGOTTEN =
  'its last sync has failed (D3): what was acknowledged since the one before may be gone';

/** Writes it down in the log's directory, and returns what is to be told: the failure, and also if that could not be written. */
export function noteSyncFailure(disk: Disk, directory: string, error: string): string {
  try {
    disk.writeFile(`${directory}/${FILE}`, textBytes(`${error}\n`));
    return error;
  } catch (second) {
    if (!(second instanceof DiskError)) throw second;
    return `${error}; nor could that be written down for the next start: ${second.message}`;
  }
}

/** Whether a log's directory says that its last sync has failed. */
export function isSyncFailure(name: string): boolean {
  return name === FILE;
}
