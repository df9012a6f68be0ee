// A directory for data: whether it can be, before anything is done in it.

import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { localFailure } from './failure.ts';
import { systemText } from './system-text.ts';

const hintOfUp = 'Another one can be named with --data-dir.';

/** Refuses a data directory, absolute, that is none or cannot be written to. It need not be there yet. */
export function checkDataDirectory(path: string): void {
  const nearest = nearestExisting(path);
  try {
    if (!statSync(nearest).isDirectory()) throw new Error(`${nearest} is a file, not a directory`);
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Makes it, for its owner alone. Level by level: Node's own way, asked for all at once, never ends below /proc. */
export function makeDataDirectory(path: string, hint = hintOfUp): void {
  if (existsSync(path)) return;
  makeDataDirectory(dirname(path), hint);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw unusable(path, error, hint);
  }
}

/** What of a path is there: it, or the nearest above it. */
function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function unusable(path: string, error: unknown, hint = hintOfUp) {
  return localFailure(
    'KAFKA_STORAGE_ERROR',
    `the directory ${path} cannot be used: ${systemText(error)}`,
    hint,
  );
}
