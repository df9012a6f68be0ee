// What a batch costs: processor time of each process, of the cluster and of the raw path. Where all processes share two processors it
// decides how many batches a second they take, and what else the machine does hardly shows in it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { batchOf } from './batches.ts';
import { BothPaths } from './both-paths.ts';
import { median, type Target, throughput } from './load.ts';
import { type BenchOptions, BROKERS, type FlushPolicy, KIB, oneProducer } from './setting.ts';

const sizes = [16 * KIB, 64 * KIB, KIB * KIB];

/** Who works on a batch. */
const roles = ['client', 'leader', 'followers'] as const;

/** Microseconds for each batch, by role; and the batches that were acknowledged in a second. */
type Cost = Readonly<Record<(typeof roles)[number], number>> & { readonly perSecond: number };

/** One line for each path and case, microseconds for each batch. */
export async function* processorLines(options: BenchOptions): AsyncGenerator<string> {
  yield `${'µs of a processor for each batch'.padEnd(44)}${[...roles, 'all', 'batches/s'].map((name) => name.padStart(11)).join('')}`;
  for (const flush of ['os', 'commit'] as const) yield* linesOf(options, flush);
}

async function* linesOf(options: BenchOptions, flush: FlushPolicy): AsyncGenerator<string> {
  const cases = [1, BROKERS].flatMap((replicas) => sizes.map((batchBytes) => ({ replicas, batchBytes })));
  const named = cases.map((one) => ({
    ...one,
    name: `${one.replicas === 1 ? '1 replica' : `${one.replicas} replicas`}, ${one.batchBytes / KIB} KiB ${flush}`,
  }));
  const wanted = named.filter(({ name }) => options.wants(name));
  if (wanted.length === 0) return;
  yield* BothPaths.with(options, flush, async function* (paths) {
    for (const { name, replicas, batchBytes } of wanted) {
      const load = { ...paths.load(batchOf(batchBytes), 1), durationMs: options.slices * options.sliceMs };
      const measured =
        (pids: readonly number[]) =>
        async (targets: readonly Target[]): Promise<Cost> => {
          const [leader = -1, ...others] = pids;
          const spent = () => [[process.pid], [leader], others.slice(0, replicas - 1)].map(microsecondsOf);
          let batches = 0;
          const counted = targets.map((target) => ({
            send: (...[batch, partition, acknowledged]: Parameters<Target['send']>) =>
              target.send(batch, partition, (error) => {
                batches += 1;
                acknowledged(error);
              }),
          }));
          const before = spent();
          const rate = await throughput(counted, load);
          const [client = 0, ofLeader = 0, followers = 0] = spent().map(
            (after, at) => (after - (before[at] ?? 0)) / batches,
          );
          return { client, leader: ofLeader, followers, perSecond: rate / batchBytes };
        };
      const { raws, clusters } = await paths.turns(
        { ...oneProducer, replicas },
        measured(paths.raw.pids),
        measured(paths.cluster.brokers.map(({ pid }) => pid)),
      );
      yield lineOf(`${name}, raw path`, raws.flat());
      yield lineOf(`${name}, cluster`, clusters.flat());
    }
  });
}

function lineOf(name: string, costs: readonly Cost[]): string {
  const of = (value: (cost: Cost) => number): number => median(costs.map(value));
  const all = of(({ client, leader, followers }) => client + leader + followers);
  const numbers = [...roles.map((role) => of((cost) => cost[role])), all, of(({ perSecond }) => perSecond)];
  return `${name.padEnd(44)}${numbers.map((value) => value.toFixed(0).padStart(11)).join('')}`;
}

/** What processes have had of the processors, with all of their threads, in microseconds, as Linux counts it. */
export function microsecondsOf(pids: readonly number[]): number {
  if (!existsSync('/proc/self/task'))
    throw new Error('processor time of threads is read from /proc: on Linux only');
  let nanoseconds = 0;
  for (const pid of pids)
    for (const task of readdirSync(`/proc/${pid}/task`))
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return nanoseconds / 1000;
}
