// `npm run bench -- scale`: ten thousand partitions, or `--partitions N`, with a replica on each broker and a record in each. How long starts
// take and a leader's death, what a topic beside them does against what it does alone, and what the processes weigh.

import { batchOf } from './batches.ts';
import { BenchCluster } from './cluster.ts';
import { median, throughput } from './load.ts';
import { memoryMegabytes } from './memory.ts';
import type { Row } from './rows.ts';
import { type BenchOptions, BROKERS, KIB, WARM_UP_MS } from './setting.ts';
import { until } from './until.ts';

const TOPIC = 'many';
const BATCH_BYTES = 64 * KIB;
const IN_FLIGHT = 5;
const DURATION_MS = 1000;
/** Those of `up` are for looking on: three seconds without a word would fence a broker that has ten thousand places to take. */
const KAFKAS_TIMERS = {
  'broker.session.timeout.ms': '9000',
  'replica.lag.time.max.ms': '30000',
  'controller.quorum.election.timeout.ms': '1000',
  'controller.quorum.fetch.timeout.ms': '2000',
};

export async function* scaleRows(options: BenchOptions, partitions: number): AsyncGenerator<Row> {
  const { program, directory } = options;
  const place = { program, directory: `${directory}/scale`, brokers: BROKERS, settings: KAFKAS_TIMERS };
  let cluster = await BenchCluster.start(place);
  try {
    const alone = await rates(cluster, options);
    const from = performance.now();
    await cluster.client.admin().createTopic({
      name: TOPIC,
      partitions,
      replicationFactor: BROKERS,
    });
    await untilLed(cluster, partitions);
    yield timeRow(`${partitions} partitions are made and led`, 15_000, performance.now() - from);
    const written = performance.now();
    await writeToEach(cluster, partitions);
    yield timeRow('each has its first record', 60_000, performance.now() - written);
    yield memoryRow('memory of a broker with them', cluster.brokers);
    const beside = await rates(cluster, options);
    const values = beside.map((rate) => (100 * rate) / median(alone));
    yield {
      name: 'a topic beside them, of its rate alone',
      unit: '%',
      values,
      aim: { value: 80, is: 'least' },
    };
    yield timeRow(
      'kill -9 of one leader, until others lead all of its own',
      2000,
      await failoverMs(cluster, partitions),
    );
    await cluster.close();
    const stopped = performance.now();
    cluster = await BenchCluster.start(place);
    await untilLed(cluster, partitions);
    yield timeRow('start after a clean stop', 5000, performance.now() - stopped);
    const { brokers } = await cluster.client.admin().clusterStatus();
    for (const { pid } of brokers) process.kill(pid, 'SIGKILL');
    const killed = performance.now();
    for (const { pid } of brokers) await untilGone(pid);
    await cluster.run('chaos', 'start', ...brokers.map(({ id }) => String(id)));
    await untilLed(cluster, partitions);
    yield timeRow('start after kill -9 of everything', 15_000, performance.now() - killed);
    yield memoryRow('memory of a broker after that', (await cluster.client.admin().clusterStatus()).brokers);
  } finally {
    await cluster.close();
  }
}

function timeRow(name: string, most: number, ...values: number[]): Row {
  return { name, unit: 'ms', values, aim: { value: most, is: 'most' } };
}

function memoryRow(name: string, processes: readonly { readonly pid: number }[]): Row {
  const values = processes.map(({ pid }) => memoryMegabytes(pid));
  return { name, unit: 'MB', values, aim: { value: 500, is: 'most' } };
}

async function rates(cluster: BenchCluster, options: BenchOptions): Promise<readonly number[]> {
  const { turns } = options;
  const load = {
    batch: batchOf(BATCH_BYTES),
    inFlight: IN_FLIGHT,
    partitions: 1,
    warmUpMs: WARM_UP_MS,
    durationMs: DURATION_MS,
  };
  const values = [];
  for (let turn = 0; turn < turns; turn++)
    values.push(
      await cluster.turn({ partitions: 1, replicas: BROKERS, producers: 1 }, (targets) =>
        throughput(targets, load),
      ),
    );
  return values;
}

const WRITTEN_AT_ONCE = 64;
const LOOKING = { capMs: 120_000, intervalMs: 100 };
/** A record for each partition, some at a time: what lies on a disk is looked at when a broker starts. */
async function writeToEach({ client }: BenchCluster, partitions: number): Promise<void> {
  const producer = client.producer({ acks: 'all' });
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < partitions) {
      next += 1;
      await producer.send({ topic: TOPIC, partition: next - 1, value: 'a record' });
    }
  };
  await Promise.all(Array.from({ length: WRITTEN_AT_ONCE }, write));
  await producer.close();
}

/** To say what it leads costs a broker of ten thousand partitions tens of milliseconds: seldom enough to disturb it little. */
const LOOKING_AT_EACH = { ...LOOKING, intervalMs: 250 };

/** Every broker runs, every partition has a leader, and the leaders know it. */
function untilLed(cluster: BenchCluster, partitions: number): Promise<void> {
  const areLed = async (): Promise<boolean> => {
    const { brokers, offlinePartitions } = await cluster.client.admin().clusterStatus();
    const areRunning = brokers.length === BROKERS && brokers.every(({ state }) => state === 'running');
    if (!areRunning || offlinePartitions.length > 0) return false;
    return (await cluster.ledBy(brokers.map(({ address }) => address))) >= partitions;
  };
  return until('all partitions are led', areLed, LOOKING_AT_EACH);
}

/** A process of half a gigabyte takes some time to end, and what runs cannot be started. */
function untilGone(pid: number): Promise<void> {
  const isGone = (): Promise<boolean> => {
    try {
      process.kill(pid, 0);
      return Promise.resolve(false);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return Promise.resolve(true);
      throw error;
    }
  };
  return until('the process is gone', isGone, { ...LOOKING, intervalMs: 5 });
}

/** From SIGKILL until the metadata names other leaders for all that a broker led; then it is started again. */
async function failoverMs(cluster: BenchCluster, partitions: number): Promise<number> {
  const admin = cluster.client.admin();
  const { brokers, controller } = await admin.clusterStatus();
  const victim = brokers.find(({ id }) => id !== controller.id);
  if (victim === undefined) throw new Error('every broker is the controller');
  const from = performance.now();
  process.kill(victim.pid, 'SIGKILL');
  const alive = brokers.filter(({ id }) => id !== victim.id).map(({ address }) => address);
  await until(
    'others lead',
    async () => {
      const now = await admin.clusterStatus();
      const leads = now.brokers.find(({ id }) => id === victim.id)?.leads;
      if (leads !== 0 || now.offlinePartitions.length > 0) return false;
      return (await cluster.ledBy(alive)) >= partitions;
    },
    LOOKING,
  );
  const elapsedMs = performance.now() - from;
  await untilGone(victim.pid);
  await cluster.run('chaos', 'start', String(victim.id));
  await untilLed(cluster, partitions);
  await until(
    'all are in sync',
    async () => (await admin.clusterStatus()).underReplicatedPartitions.length === 0,
    LOOKING,
  );
  return elapsedMs;
}
