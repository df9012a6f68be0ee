// The logs that lie in a broker's directory.

import type { Disk, TopicId } from '@odradek/model';
import { decodePartitionMetadata } from './checkpoint-files.ts';
import { logDirectoryName, METADATA_FILE } from './file-names.ts';

/** Which partition a log is of, by name. */
export interface LogPlace {
  readonly topic: string;
  readonly partition: number;
}

/** A log as its directory tells it. */
export interface FoundLog extends LogPlace {
  /** `orders-0`. */
  readonly directory: string;
  /** Undefined when `partition.metadata` is missing or cannot be read. */
  readonly topicId: TopicId | undefined;
}

/** The logs in the directory of a broker, by name; other directories are left out. */
export function findLogs(disk: Disk): readonly FoundLog[] {
  return logDirectories(disk).flatMap((directory) => findLog(disk, directory) ?? []);
}

/** The names in a broker's directory that are those of logs. */
export function logDirectories(disk: Disk): readonly string[] {
  return disk.list('').filter((name) => partitionOf(name) !== undefined);
}

/** Logs that were discarded and not removed yet, nobody's and in nobody's way: what they are called, as by Kafka, and were called. */
export function discardedLogs(disk: Disk): readonly { readonly name: string; readonly log: string }[] {
  return disk.list('').flatMap((name) => {
    const log = /^(.+-\d+)\.[0-9A-Za-z]+-delete$/.exec(name)?.[1];
    return log === undefined ? [] : [{ name, log }];
  });
}

/** What such a log's directory is called; `count` tells those of one partition apart. */
export function discardedName(directory: string, count: number): string {
  return `${directory}.${count}-delete`;
}

/**
 * Of the logs of which records were flushed those that are not there: no directory is theirs, or it does not say of which topic it is. Of
 * what was discarded in order nobody misses anything.
 */
export function missingLogs(
  disk: Disk,
  flushed: readonly string[],
  found: ReadonlySet<string>,
): readonly LogPlace[] {
  const discarded = new Set(discardedLogs(disk).map(({ log }) => log));
  return flushed
    .filter((log) => !found.has(log) && !discarded.has(log))
    .flatMap((log) => partitionOf(log) ?? []);
}

/** The log in a directory; undefined when there is none. */
export function findLog(disk: Disk, directory: string): FoundLog | undefined {
  const found = partitionOf(directory);
  if (found === undefined) return undefined;
  const metadata = disk.readFile(`${directory}/${METADATA_FILE}`);
  if (metadata !== undefined) return { directory, ...found, topicId: decodePartitionMetadata(metadata) };
  const holdsLog = disk.list(directory).some((name) => name.endsWith('.log'));
  return holdsLog ? { directory, ...found, topicId: undefined } : undefined;
}

/** Which partition a directory of this name is of. */
function partitionOf(directory: string): LogPlace | undefined {
  const match = /^(.+)-(\d+)$/.exec(directory);
  const [topic, partition] = [match?.[1], Number(match?.[2])];
  const isName = topic !== undefined && logDirectoryName(topic, partition) === directory;
  return isName ? { topic, partition } : undefined;
}
