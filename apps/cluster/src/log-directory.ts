import type { Configuration } from '@odradek/model';
import { usageFailure } from './failure.ts';

/** The one log directory of a node. */
export function logDirectoryOf({ values }: Configuration): string {
  const [directory, ...more] = values['log.dirs'];
  if (directory === undefined) throw usageFailure('log.dirs is not set: where are this node’s logs?');
  if (more.length > 0) throw usageFailure(`log.dirs names ${more.length + 1} directories; one is allowed`);
  return directory;
}
