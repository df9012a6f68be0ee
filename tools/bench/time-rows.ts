// What a user waits for: the first record of a new cluster, the next one after the death of a leader; and what a broker weighs.

import { setTimeout as pause } from 'node:timers/promises';
import { BenchCluster } from './cluster.ts';
import { memoryMegabytes } from './memory.ts';
import type { Row } from './rows.ts';
import { type BenchOptions, BROKERS } from './setting.ts';
import { until } from './until.ts';

/** Until a process is called at rest. */
const REST_MS = 2000;

const names = {
  start: '`odradek up` to the first acknowledged record',
  memory: 'memory of a broker at rest',
  controller: 'kill -9 of a leader that is the controller',
  other: 'kill -9 of a leader that is not',
};

export async function* timeRows({ program, directory, turns, wants }: BenchOptions): AsyncGenerator<Row> {
  if (wants(names.start)) {
    const values = [];
    for (let turn = 0; turn < turns; turn++)
      values.push(await startMs(program, `${directory}/start-${turn}`));
    yield { name: names.start, unit: 'ms', values, aim: { value: 600, is: 'most' } };
  }
  if (![names.memory, names.controller, names.other].some(wants)) return;
  const cluster = await BenchCluster.start({ program, directory: `${directory}/times`, brokers: BROKERS });
  try {
    await cluster.withTopic(idsOf(cluster), 1, ({ name }) => produceOne(cluster, name));
    if (wants(names.memory)) {
      await pause(REST_MS);
      const values = cluster.brokers.map(({ pid }) => memoryMegabytes(pid));
      yield { name: names.memory, unit: 'MB', values, aim: { value: 90, is: 'most' } };
    }
    for (const isController of [true, false]) {
      const name = isController ? names.controller : names.other;
      if (!wants(name)) continue;
      const values = [];
      for (let turn = 0; turn < turns; turn++) values.push(await failoverMs(cluster, isController));
      yield { name, unit: 'ms', values, aim: { value: 500, is: 'most' }, aimWorst: 1000 };
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
  return cluster.withTopic(replicas, 1, async ({ name }) => {
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
