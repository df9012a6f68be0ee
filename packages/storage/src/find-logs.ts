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
  return disk.list('').flatMap((directory): FoundLog[] => {
    const match = /^(.+)-(\d+)$/.exec(directory);
    const [topic, partition] = [match?.[1], Number(match?.[2])];
    if (topic === undefined || logDirectoryName(topic, partition) !== directory) return [];
    const holdsLog = disk.list(directory).some((name) => name === METADATA_FILE || name.endsWith('.log'));
    if (!holdsLog) return [];
    const metadata = disk.readFile(`${directory}/${METADATA_FILE}`);
    return [{ directory, topic, partition, topicId: metadata && decodePartitionMetadata(metadata) }];
  });
}
