// Rows that tell what it costs a leader that somebody does something to it: turns of the same load, before, meanwhile and after.

import { batchOf } from './batches.ts';
import { BenchCluster, type BrokerProcess } from './cluster.ts';
import { throughput } from './load.ts';
import type { Row } from './rows.ts';
import { type BenchOptions, BROKERS, KIB, oneProducer, WARM_UP_MS } from './setting.ts';

const IN_FLIGHT = 5;
/** Until V8 has compiled most of it, not counted. */
const COMPILE_MS = 3000;

/** Lets the load run for a while: acknowledged MB/s. */
export type Measure = () => Promise<number>;

/**
 * Runs the turns of each placement whose row, `what` and its name, is asked for, and gives the rows that `rowsOf` makes of what `turn` has
 * measured in each.
 */
export async function* loadedLeaderRows<Turn>(
  options: BenchOptions,
  what: string,
  turn: (leader: BrokerProcess, measure: Measure) => Promise<Turn>,
  rowsOf: (placement: string, turns: readonly Turn[]) => readonly Row[],
): AsyncGenerator<Row> {
  const placements = [1, BROKERS].map((replicas) => ({
    replicas,
    name: `${replicas === 1 ? '1 replica' : `${replicas} replicas`}, 16 KiB`,
  }));
  const wanted = placements.filter(({ name }) => options.wants(`${what}, ${name}`));
  if (wanted.length === 0) return;
  const { program, directory, turns } = options;
  const settings = { 'odradek.flush.policy': 'os' };
  const cluster = await BenchCluster.start({ program, directory, brokers: BROKERS, settings });
  const measured = (replicas: number, durationMs: number): Promise<Turn> => {
    const batch = batchOf(16 * KIB, KIB);
    const load = { batch, inFlight: IN_FLIGHT, partitions: 1, warmUpMs: WARM_UP_MS, durationMs };
    return cluster.turn({ ...oneProducer, replicas }, (targets) =>
      turn(cluster.leader, async () => (await throughput(targets, load)) / 1e6),
    );
  };
  try {
    await measured(1, COMPILE_MS);
    for (const { replicas, name } of wanted) {
      const all: Turn[] = [];
      for (let at = 0; at < turns; at++) all.push(await measured(replicas, options.slices * options.sliceMs));
      yield* rowsOf(name, all);
    }
  } finally {
    await cluster.close();
  }
}
