// Throughput of the cluster against the raw path, turn about in the same run, so that what else the machine does hits both.

import { batchOf } from './batches.ts';
import { BenchCluster } from './cluster.ts';
import { type Load, median, throughput } from './load.ts';
import { type RawPath, startRawPath } from './raw-path.ts';

export type FlushPolicy = 'os' | 'commit';

export interface ThroughputOptions {
  readonly program: string;
  readonly directory: string;
  readonly turns: number;
  readonly load: Omit<Load, 'batch'>;
  /** How long both paths run before the first row, not counted: until V8 has compiled them. */
  readonly compileMs: number;
  /** Only rows whose name contains it. */
  readonly only: string;
}

export interface ThroughputRow {
  readonly name: string;
  /** Bytes per second, medians. */
  readonly raw: number;
  readonly cluster: number;
  /** Cluster to raw path, by turn, ascending. */
  readonly ratios: readonly number[];
}

const BROKERS = 3;
const KIB = 1024;
const batchSizes = [16 * KIB, 64 * KIB, KIB * KIB];
const policies: readonly FlushPolicy[] = ['os', 'commit'];

export async function* throughputRows(options: ThroughputOptions): AsyncGenerator<ThroughputRow> {
  const raw = await startRawPath(options.directory, BROKERS);
  try {
    for (const flush of policies) yield* rowsUnder(flush, raw, options);
  } finally {
    await raw.close();
  }
}

async function* rowsUnder(
  flush: FlushPolicy,
  raw: RawPath,
  options: ThroughputOptions,
): AsyncGenerator<ThroughputRow> {
  const rows = [1, BROKERS]
    .flatMap((replicas) =>
      batchSizes.map((size) => ({ replicas, size, name: nameOf(replicas, size, flush) })),
    )
    .filter(({ name }) => name.includes(options.only));
  if (rows.length === 0) return;
  const cluster = await BenchCluster.start({
    program: options.program,
    directory: `${options.directory}/${flush}`,
    brokers: BROKERS,
    settings: { 'odradek.flush.policy': flush },
  });
  try {
    const ids = cluster.brokers.map(({ id }) => id);
    const warmUp = { ...options.load, batch: batchOf(16 * KIB), durationMs: options.compileMs };
    await raw.turn(BROKERS, flush, (target) => throughput(target, warmUp));
    await cluster.turn(ids, (target) => throughput(target, warmUp));
    for (const { name, replicas, size } of rows) {
      const load: Load = { ...options.load, batch: batchOf(size) };
      const placed = ids.slice(0, replicas);
      const raws: number[] = [];
      const clusters: number[] = [];
      for (let turn = 0; turn < options.turns; turn++) {
        raws.push(await raw.turn(replicas, flush, (target) => throughput(target, load)));
        clusters.push(await cluster.turn(placed, (target) => throughput(target, load)));
      }
      const ratios = clusters.map((value, turn) => value / (raws[turn] ?? Number.NaN));
      ratios.sort((one, other) => one - other);
      yield { name, raw: median(raws), cluster: median(clusters), ratios };
    }
  } finally {
    await cluster.close();
  }
}

function nameOf(replicas: number, size: number, flush: FlushPolicy): string {
  const batch = size >= KIB * KIB ? `${size / KIB / KIB} MiB` : `${size / KIB} KiB`;
  return `${replicas === 1 ? '1 replica ' : `${replicas} replicas`} ${batch.padStart(6)} ${flush}`;
}
