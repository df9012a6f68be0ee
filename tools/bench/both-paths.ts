// The two paths side by side, turn about in the same run. A turn is cut into slices of a tenth of a second, of the raw path and of the
// cluster by turns: what else a shared machine does lasts for seconds, and would be counted for one of them.

import { batchOf } from './batches.ts';
import { BenchCluster, type ClusterTarget } from './cluster.ts';
import { type Load, type Target, throughput } from './load.ts';
import { RawPath, type RawTarget } from './raw-path.ts';
import { type BenchOptions, BROKERS, type FlushPolicy, KIB, oneProducer, type Placement } from './setting.ts';

export class BothPaths {
  readonly raw: RawPath;
  readonly cluster: BenchCluster;
  readonly #options: BenchOptions;
  readonly #flush: FlushPolicy;

  private constructor(raw: RawPath, cluster: BenchCluster, options: BenchOptions, flush: FlushPolicy) {
    this.raw = raw;
    this.cluster = cluster;
    this.#options = options;
    this.#flush = flush;
  }

  /** Starts both, gets them warm, and ends both after the work. */
  static async *with<T>(
    options: BenchOptions,
    flush: FlushPolicy,
    work: (paths: BothPaths) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const { program } = options;
    const directory = `${options.directory}/${flush}`;
    const settings = { 'odradek.flush.policy': flush };
    const cluster = await BenchCluster.start({ program, directory, brokers: BROKERS, settings });
    try {
      const raw = await RawPath.start(directory, BROKERS);
      try {
        const paths = new BothPaths(raw, cluster, options, flush);
        const load = { ...paths.load(batchOf(16 * KIB), 1), warmUpMs: 0, durationMs: 500 };
        const compile = (targets: readonly Target[]): Promise<void> => untilCompiled(targets, load, options);
        for (let topic = 0; topic < COMPILE_TOPICS; topic++)
          for (const replicas of [BROKERS, 1]) {
            const warm = { ...oneProducer, replicas };
            await raw.turn(flush, warm, compile);
            await cluster.turn(warm, compile);
          }
        yield* work(paths);
      } finally {
        await raw.close();
      }
    } finally {
      await cluster.close();
    }
  }

  /** The load of one slice of a turn. */
  load(batch: Uint8Array, partitions: number): Load {
    const { warmUpMs, sliceMs } = this.#options;
    return { batch, inFlight: 5, partitions, warmUpMs, durationMs: sliceMs };
  }

  /** What each path makes of it, turn by turn and slice by slice. Of more slices than one the first is not counted: files get warm. */
  async turns<Result>(
    placement: Placement,
    onRaw: (targets: readonly RawTarget[]) => Promise<Result>,
    onCluster: (targets: readonly ClusterTarget[]) => Promise<Result>,
    slices = 1,
  ): Promise<{ readonly raws: Result[][]; readonly clusters: Result[][] }> {
    const raws: Result[][] = [];
    const clusters: Result[][] = [];
    for (let turn = 0; turn < this.#options.turns; turn++) {
      const ofRaw: Result[] = [];
      const ofCluster: Result[] = [];
      await this.raw.turn(this.#flush, placement, (rawTargets) =>
        this.cluster.turn(placement, async (clusterTargets) => {
          const raw = async (): Promise<unknown> => ofRaw.push(await onRaw(rawTargets));
          const cluster = async (): Promise<unknown> => ofCluster.push(await onCluster(clusterTargets));
          // A machine that gets slower meanwhile must not always hit the same path.
          for (let slice = 0; slice <= (slices > 1 ? slices : 0); slice++)
            for (const measure of slice % 2 === 0 ? [raw, cluster] : [cluster, raw]) await measure();
        }),
      );
      const first = slices > 1 ? 1 : 0;
      raws.push(ofRaw.slice(first));
      clusters.push(ofCluster.slice(first));
    }
    return { raws, clusters };
  }
}

/** What was compiled for the objects of the first topic is thrown away with the second, most of it; with the fourth nothing is any more. */
const COMPILE_TOPICS = 4;

/** V8 counts calls, not seconds: its best compiler takes what was called 3000 times, and some code runs once for five batches. */
async function untilCompiled(
  targets: readonly Target[],
  load: Load,
  { compileBatches, compileMaxMs }: BenchOptions,
): Promise<void> {
  const untilMs = performance.now() + compileMaxMs / COMPILE_TOPICS;
  for (let batches = 0; batches < compileBatches / COMPILE_TOPICS && performance.now() < untilMs; )
    batches += ((await throughput(targets, load)) * load.durationMs) / 1000 / load.batch.length;
}
