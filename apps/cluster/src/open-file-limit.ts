// How many files and sockets this process may have open.

import { existsSync, readFileSync } from 'node:fs';

/** Undefined where the system does not tell, or sets none. */
export function openFileLimit(): number | undefined {
  if (!existsSync('/proc/self/limits')) return undefined;
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return soft === undefined ? undefined : Number(soft);
}
