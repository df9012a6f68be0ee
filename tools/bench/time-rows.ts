// What a user waits for: the first record of a new cluster, the next one after the death of a leader; and what a broker weighs.

import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchCluster } from './cluster.ts';
import { until } from './until.ts';

export interface TimeRow {
  readonly name: string;
  readonly unit: 'ms' | 'MB';
  readonly values: readonly number[];
  readonly aimMedian: number;
  readonly aimWorst?: number;
}

export interface TimeOptions {
  readonly program: string;
  readonly directory: string;
  readonly turns: number;
  readonly only: string;
}

const BROKERS = 3;
/** Until a process is called at rest. */
const REST_MS = 2000;

export async function* timeRows(options: TimeOptions): AsyncGenerator<TimeRow> {
  const { program, directory, turns, only } = options;
  const names = {
    start: '`odradek up` to the first acknowledged record',
    memory: 'memory of a broker at rest',
    controller: 'kill -9 of a leader that is the controller',
    other: 'kill -9 of a leader that is not',
  };
  const wanted = (name: string): boolean => name.includes(only);
  if (wanted(names.start)) {
    const values = [];
    for (let turn = 0; turn < turns; turn++)
      values.push(await startMs(program, `${directory}/start-${turn}`));
    yield { name: names.start, unit: 'ms', values, aimMedian: 600 };
  }
  if (![names.memory, names.controller, names.other].some(wanted)) return;
  const cluster = await BenchCluster.start({ program, directory: `${directory}/times`, brokers: BROKERS });
  try {
    await cluster.withTopic(idsOf(cluster), ({ name }) => produceOne(cluster, name));
    if (wanted(names.memory)) {
      await pause(REST_MS);
      const values = cluster.brokers.map(({ pid }) => memoryMegabytes(pid));
      yield { name: names.memory, unit: 'MB', values, aimMedian: 90 };
    }
    for (const isController of [true, false]) {
      const name = isController ? names.controller : names.other;
      if (!wanted(name)) continue;
      const values = [];
      for (let turn = 0; turn < turns; turn++) values.push(await failoverMs(cluster, isController));
      yield { name, unit: 'ms', values, aimMedian: 500, aimWorst: 1000 };
    }
  } finally {
    await cluster.close();
  }
}

/** From nothing: a new cluster's directories, processes, election, a topic with three replicas, a record on all of them. */
async function startMs(program: string, directory: string): Promise<number> {
  const from = performance.now();
  const cluster = await BenchCluster.start({ program, directory, brokers: BROKERS });
  try {
    await cluster.client.admin().createTopic({ name: 'first', partitions: 1 });
    await produceOne(cluster, 'first');
    return performance.now() - from;
  } finally {
    await cluster.close();
  }
}

/** From SIGKILL to the acknowledgement of a record that was sent right after it, in a producer that was at work. */
async function failoverMs(cluster: BenchCluster, isController: boolean): Promise<number> {
  const admin = cluster.client.admin();
  const controller = (await admin.clusterStatus()).controller.id;
  const ids = idsOf(cluster);
  const leader = ids.find((id) => (id === controller) === isController) ?? controller;
  const replicas = [leader, ...ids.filter((id) => id !== leader)];
  return cluster.withTopic(replicas, async ({ name }) => {
    const producer = cluster.client.producer();
    for (let count = 0; count < 20; count++) await producer.send({ topic: name, value: 'before' });
    const { brokers } = await admin.clusterStatus();
    const process_ = brokers.find(({ id }) => id === leader);
    if (process_ === undefined) throw new Error(`broker ${leader} is not there`);
    const from = performance.now();
    process.kill(process_.pid, 'SIGKILL');
    await producer.send({ topic: name, value: 'after' });
    const elapsedMs = performance.now() - from;
    await producer.close();
    await cluster.run('chaos', 'start', String(leader));
    await until(`broker ${leader} is back in sync`, () => cluster.isSettled(name, replicas));
    return elapsedMs;
  });
}

async function produceOne(cluster: BenchCluster, topic: string): Promise<void> {
  const producer = cluster.client.producer({ lingerMs: 0 });
  await producer.send({ topic, value: 'a record' });
  await producer.close();
}

function idsOf(cluster: BenchCluster): readonly number[] {
  return cluster.brokers.map(({ id }) => id);
}

/** Resident memory; what processes share is counted in each. */
function memoryMegabytes(pid: number): number {
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / 1e6;
}
