// How long a producer waits while so many requests a second come, whatever the answers; and the event loop under full load.

import { batchOf } from './batches.ts';
import { BothPaths } from './both-paths.ts';
import { ascending, type Load, latencies, percentile, type Target, throughput } from './load.ts';
import { memoryMegabytes } from './memory.ts';
import { type Row, ratioRow } from './rows.ts';
import { type BenchOptions, BROKERS, KIB, oneProducer } from './setting.ts';

const rates = [1000, 10_000];
const percents = [50, 99, 99.9];
const batch = batchOf(2 * KIB);
const placement = { ...oneProducer, replicas: BROKERS };
const AIM = { value: 200, is: 'most' } as const;
/** Of full load. */
const PRODUCERS = 4;
const names = {
  pause: 'longest pause of the event loop, full load',
  memory: 'memory of a leader under load, to the first turn',
};

export async function* latencyRows(options: BenchOptions): AsyncGenerator<Row> {
  const nameOf = (rate: number, percent: number): string => `latency at ${rate} requests/s, p${percent}`;
  const wanted = rates.filter((rate) => percents.some((percent) => options.wants(nameOf(rate, percent))));
  const isFull = options.wants(names.pause) || options.wants(names.memory);
  if (wanted.length === 0 && !isFull) return;
  yield* BothPaths.with(options, 'os', async function* (paths) {
    for (const rate of wanted) {
      const measure = ([target]: readonly Target[]): Promise<number[]> => {
        if (target === undefined) throw new Error('there is no connection');
        return latencies(target, paths.load(batch, 1), rate);
      };
      const { raws, clusters } = await paths.turns(placement, measure, measure, options.slices);
      for (const percent of percents) {
        const at = (turns: readonly number[][][]): number[] =>
          turns.map((slices) => percentile(ascending(slices.flat()), percent));
        yield ratioRow(nameOf(rate, percent), 'ms', at(raws), at(clusters), AIM);
      }
    }
    const fullLoad = { ...paths.load(batchOf(16 * KIB), 1), durationMs: options.slices * options.sliceMs };
    if (isFull) yield* fullLoadRows(paths, fullLoad, options.turns);
  });
}

/** The leader's, turn by turn: its event loop as it tells it itself, and its memory against that after the first turn. */
async function* fullLoadRows({ cluster }: BothPaths, load: Load, turns: number): AsyncGenerator<Row> {
  const pausesMs: number[] = [];
  const memory: number[] = [];
  await cluster.turn({ ...placement, producers: PRODUCERS }, async (targets) => {
    for (let turn = 0; turn < turns; turn++) {
      await cluster.longestPauseMs();
      await throughput(targets, load);
      pausesMs.push(await cluster.longestPauseMs());
      memory.push(memoryMegabytes(cluster.leader.pid));
    }
  });
  yield { name: names.pause, unit: 'ms', values: pausesMs, aim: { value: 20, is: 'most' }, aimWorst: 20 };
  const [first = Number.NaN] = memory;
  const values = memory.map((megabytes) => (100 * megabytes) / first);
  yield { name: names.memory, unit: '%', values, aim: { value: 120, is: 'most' } };
}
