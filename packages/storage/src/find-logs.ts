// The logs that lie in a broker's directory.

import type { Disk, TopicId } from '@odradek/model';
import { decodePartitionMetadata } from './checkpoint-files.ts';
import { logDirectoryName, METADATA_FILE } from './file-names.ts';

/** A log as its directory tells it. */
export interface FoundLog {
  /** `orders-0`. */
  readonly directory: string;
  readonly topic: string;
  readonly partition: number;
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

/** Logs that were discarded while nothing could be removed: nobody's, and in nobody's way. As Kafka calls its own. */
export function discardedLogs(disk: Disk): readonly string[] {
  return disk.list('').filter((name) => /^.+-\d+\.[0-9A-Za-z]+-delete$/.test(name));
}

/** What such a log's directory is called; `count` tells those of one partition apart. */
export function discardedName(directory: string, count: number): string {
  return `${directory}.${count}-delete`;
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
function partitionOf(directory: string): Pick<FoundLog, 'topic' | 'partition'> | undefined {
  const match = /^(.+)-(\d+)$/.exec(directory);
  const [topic, partition] = [match?.[1], Number(match?.[2])];
  const isName = topic !== undefined && logDirectoryName(topic, partition) === directory;
  return isName ? { topic, partition } : undefined;
}
