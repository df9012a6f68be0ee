// Logs whose group commits go through a journal, what is read of them, and ways in which the power fails.

import {
  byChance,
  everyOther,
  everythingSurvives,
  nothingSurvives,
  type Survival,
} from '../../src/survival.ts';
import { append, everything } from './broker.ts';
import { ManyLogs, type ManyLogsOptions } from './many-logs.ts';
import { seeded } from './queue.ts';

export const PARTITIONS = [0, 1, 2];

/** Logs of one record each, which were flushed. */
export function newLogs(options: ManyLogsOptions = {}, partitions: readonly number[] = PARTITIONS): ManyLogs {
  const broker = new ManyLogs(options);
  for (const partition of partitions) append(broker.create(partition), 1);
  broker.settle();
  return broker;
}

export function bytesOf(broker: ManyLogs, partition: number, upToOffset: number): number[] {
  const read = broker.log(partition).read(0, { ...everything, upToOffset });
  if (read.outcome !== 'records') throw new Error(`read: ${read.outcome}`);
  return read.records.flatMap((piece) => [...piece]);
}

/** What lies in the log's files, as far as sound. */
export function storedBytes(broker: ManyLogs, partition: number): number[] {
  const { disk } = broker;
  return disk
    .list(`orders-${partition}`)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => [...(disk.readFile(`orders-${partition}/${name}`) ?? [])]);
}

/** Ways in which power fails. */
export function survivals(chances: number): (() => Survival)[] {
  return [
    () => nothingSurvives,
    () => everythingSurvives,
    () => everyOther('first'),
    () => everyOther('second'),
    ...Array.from({ length: chances }, (_, seed) => () => byChance(seeded(seed + 1))),
  ];
}
