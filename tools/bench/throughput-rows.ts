// Throughput of the cluster against the raw path.

import { batchOf } from './batches.ts';
import { BothPaths } from './both-paths.ts';
import { mean, throughput } from './load.ts';
import { type Row, ratioRow } from './rows.ts';
import { type BenchOptions, BROKERS, type FlushPolicy, KIB, type Placement } from './setting.ts';

interface Case extends Placement {
  readonly name: string;
  readonly batchBytes: number;
  readonly recordBytes: number;
}

const LARGE = 64 * KIB;
const sizes = [16 * KIB, LARGE, KIB * KIB];

/** Those that everybody runs: one partition and one producer, and one of many. */
const few: readonly Case[] = [
  ...[1, BROKERS].flatMap((replicas) =>
    sizes.map((batchBytes) => named({ partitions: 1, replicas, producers: 1, batchBytes, recordBytes: KIB })),
  ),
  ...[1, BROKERS].map((replicas) =>
    named({ partitions: 12, replicas, producers: 16, batchBytes: 16 * KIB, recordBytes: KIB }),
  ),
];

const all: readonly Case[] = [
  ...few,
  ...[1, 12, 200].flatMap((partitions) =>
    [1, BROKERS].flatMap((replicas) =>
      [1, 16].flatMap((producers) =>
        [100, KIB].map((recordBytes) =>
          named({ partitions, replicas, producers, batchBytes: 16 * KIB, recordBytes }),
        ),
      ),
    ),
  ),
];

export async function* throughputRows(options: BenchOptions, flush: FlushPolicy): AsyncGenerator<Row> {
  const cases = new Map((options.isFull ? all : few).map((one) => [`${one.name} ${flush}`, one]));
  for (const name of cases.keys()) if (!options.wants(name)) cases.delete(name);
  if (cases.size === 0) return;
  yield* BothPaths.with(options, flush, async function* (paths) {
    for (const [name, one] of cases) {
      const load = paths.load(batchOf(one.batchBytes, one.recordBytes), one.partitions);
      const measure = (targets: Parameters<typeof throughput>[0]) => throughput(targets, load);
      const { raws, clusters } = await paths.turns(one, measure, measure, options.slices);
      const inMegabytes = (turns: readonly number[][]): number[] => turns.map((slices) => mean(slices) / 1e6);
      const value = one.batchBytes >= LARGE ? 70 : 60;
      yield ratioRow(name, 'MB/s', inMegabytes(raws), inMegabytes(clusters), { value, is: 'least' });
    }
  });
}

function named(one: Omit<Case, 'name'>): Case {
  const { batchBytes, recordBytes, partitions, replicas, producers } = one;
  const batch = batchBytes >= KIB * KIB ? `${batchBytes / KIB / KIB} MiB` : `${batchBytes / KIB} KiB`;
  const record = recordBytes === KIB ? '' : ` of ${recordBytes} B`;
  const many = partitions + producers > 2 ? `, ${partitions} partitions, ${producers} producers` : '';
  return {
    ...one,
    name: `${replicas === 1 ? '1 replica' : `${replicas} replicas`}, ${batch}${record}${many}`,
  };
}
