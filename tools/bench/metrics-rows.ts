// What it costs a leader that its `/metrics` are read: the same load with nobody who reads them, and read ten times a second, which is a
// hundred and fifty times as often as Prometheus does. Counting itself is always there.

import { batchOf } from './batches.ts';
import { BenchCluster, type BrokerProcess } from './cluster.ts';
import { throughput } from './load.ts';
import { type Row, ratioRow } from './rows.ts';
import { type BenchOptions, BROKERS, KIB, oneProducer } from './setting.ts';

const READ_EVERY_MS = 100;
const IN_FLIGHT = 5;
/** Until V8 has compiled most of it, not counted. */
const COMPILE_MS = 3000;

interface Turn {
  readonly unread: number;
  readonly read: number;
}

export async function* metricsRows(options: BenchOptions): AsyncGenerator<Row> {
  const cases = [1, BROKERS].map((replicas) => {
    const name = `metrics read, ${replicas === 1 ? '1 replica' : `${replicas} replicas`}, 16 KiB`;
    return { replicas, name };
  });
  const wanted = cases.filter(({ name }) => options.wants(name));
  if (wanted.length === 0) return;
  const { program, directory, turns } = options;
  const settings = { 'odradek.flush.policy': 'os' };
  const cluster = await BenchCluster.start({ program, directory, brokers: BROKERS, settings });
  try {
    await turn(cluster, { ...options, durationMs: COMPILE_MS }, 1);
    for (const { replicas, name } of wanted) {
      const all: Turn[] = [];
      for (let at = 0; at < turns; at++) all.push(await turn(cluster, options, replicas));
      const of = (what: keyof Turn): number[] => all.map((one) => one[what]);
      // Within noise: a turn is short.
      yield ratioRow(name, 'MB/s', of('unread'), of('read'), { value: 90, is: 'least' });
    }
  } finally {
    await cluster.close();
  }
}

function turn(cluster: BenchCluster, options: BenchOptions, replicas: number): Promise<Turn> {
  const { warmUpMs, durationMs } = options;
  const load = { batch: batchOf(16 * KIB, KIB), inFlight: IN_FLIGHT, partitions: 1, warmUpMs, durationMs };
  return cluster.turn({ ...oneProducer, replicas }, async (targets) => {
    const measure = async (): Promise<number> => (await throughput(targets, load)) / 1e6;
    const unread = await measure();
    const stop = readingMetrics(cluster.leader);
    const read = await measure();
    await stop();
    return { unread, read };
  });
}

/** Reads them now and then, until the function returned is called; that rejects when they could not be read. */
function readingMetrics({ host, port }: BrokerProcess): () => Promise<void> {
  let reading = Promise.resolve();
  const timer = setInterval(() => {
    reading = reading.then(async () => {
      const answer = await fetch(`http://${host}:${port}/metrics`);
      if (!answer.ok) throw new Error(`/metrics: ${answer.status}`);
      await answer.text();
    });
  }, READ_EVERY_MS);
  return () => {
    clearInterval(timer);
    return reading;
  };
}
