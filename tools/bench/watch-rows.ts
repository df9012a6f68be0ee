// What it costs a leader that somebody watches it: the same load, unwatched, with one viewer, and after it has left.

import { batchOf } from './batches.ts';
import { BenchCluster, type BrokerProcess } from './cluster.ts';
import { throughput } from './load.ts';
import { type Row, ratioRow } from './rows.ts';
import { type BenchOptions, BROKERS, KIB, oneProducer } from './setting.ts';
import { until } from './until.ts';

const IN_FLIGHT = 5;

interface Turn {
  readonly unwatched: number;
  readonly watched: number;
  readonly left: number;
  /** Kilobytes a second. */
  readonly told: number;
}

/** Until V8 has compiled most of it, not counted. */
const COMPILE_MS = 3000;

export async function* watchRows(options: BenchOptions): AsyncGenerator<Row> {
  const cases = [1, BROKERS].map((replicas) => ({
    replicas,
    name: `${replicas === 1 ? '1 replica' : `${replicas} replicas`}, 16 KiB`,
  }));
  if (!cases.some(({ name }) => options.wants(`watched, ${name}`))) return;
  const { program, directory, turns } = options;
  const settings = { 'odradek.flush.policy': 'os' };
  const cluster = await BenchCluster.start({ program, directory, brokers: BROKERS, settings });
  try {
    await turn(cluster, { ...options, durationMs: COMPILE_MS }, 1);
    for (const { replicas, name } of cases) {
      const all: Turn[] = [];
      for (let at = 0; at < turns; at++) all.push(await turn(cluster, options, replicas));
      const of = (what: keyof Turn): number[] => all.map((one) => one[what]);
      yield ratioRow(`watched, ${name}`, 'MB/s', of('unwatched'), of('watched'), { value: 75, is: 'least' });
      // Within noise: a turn is short.
      yield ratioRow(`no longer watched, ${name}`, 'MB/s', of('unwatched'), of('left'), {
        value: 90,
        is: 'least',
      });
      yield {
        name: `told to the viewer, ${name}`,
        unit: 'KB/s',
        values: of('told'),
        aim: { value: 100, is: 'most' },
      };
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
    const unwatched = await measure();
    const viewer = await Watching.begin(cluster.leader);
    const beganMs = performance.now();
    const watched = await measure();
    const told = viewer.bytes / (performance.now() - beganMs);
    await viewer.end();
    return { unwatched, watched, told, left: await measure() };
  });
}

/** A viewer whose picture is drawn elsewhere: here it only takes what it is told. */
class Watching {
  bytes = 0;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.bytes += data instanceof ArrayBuffer ? data.byteLength : 0;
    };
  }

  static async begin({ host, port }: BrokerProcess): Promise<Watching> {
    const socket = new WebSocket(`ws://${host}:${port}/watch`);
    socket.binaryType = 'arraybuffer';
    const watching = new Watching(socket);
    // The picture, which is not counted.
    await until('the viewer is told', () => {
      if (socket.readyState === WebSocket.CLOSED)
        throw new Error('the leader is not watched: its door is closed');
      return watching.bytes > 0;
    });
    watching.bytes = 0;
    return watching;
  }

  /** With a goodbye, so that the node does not wait for it to come back. */
  end(): Promise<void> {
    this.#socket.close();
    return until('the viewer has left', () => this.#socket.readyState === WebSocket.CLOSED);
  }
}
