// The cluster as a user has it: `odradek up` in processes of its own, from the bundle.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Client, createClient } from '@odradek/client';
import { createDial, nodeClock, nodeCompute, nodeRandom } from '@odradek/host-node';
import { type ClientLink, type ClientLinks, createClientLinks } from '@odradek/wire';
import type { Target } from './load.ts';
import type { Placement } from './setting.ts';
import { until } from './until.ts';

const ANSWER_TIMEOUT_MS = 15_000;

/** What a user starts. */
export const odradek = resolve(import.meta.dirname, '../../apps/cluster/bin/odradek.js');

export interface BrokerProcess {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

export interface ClusterOptions {
  /** Which build: {@link odradek}, or a bundle. */
  readonly program: string;
  /** Its home: state of the command line and data. */
  readonly directory: string;
  readonly brokers: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** For its processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What `up --json` prints once it serves. */
interface UpData {
  readonly nodes: readonly BrokerProcess[];
}

export class BenchCluster {
  readonly client: Client;
  /** As they were when the cluster had started. */
  readonly brokers: readonly BrokerProcess[];
  readonly #options: ClusterOptions;
  readonly #up: ChildProcess;
  readonly #links: ClientLinks;
  #topics = 0;

  private constructor(options: ClusterOptions, up: ChildProcess, { nodes }: UpData) {
    this.#options = options;
    this.#up = up;
    this.brokers = nodes;
    this.client = createClient({
      bootstrap: nodes.map(({ host, port }) => `${host}:${port}`),
      socket: createDial(),
      compute: nodeCompute,
    });
    const dial = createDial();
    this.#links = createClientLinks({ clock: nodeClock, random: nodeRandom, compute: nodeCompute, dial });
  }

  static async start(options: ClusterOptions): Promise<BenchCluster> {
    const settings = Object.entries(options.settings ?? {}).flatMap(([name, value]) => [
      '--set',
      `${name}=${value}`,
    ]);
    const brokers = ['--brokers', String(options.brokers)];
    const place = ['--port', '0', '--data-dir', dataDirectory(options)];
    const up = spawn(process.execPath, [options.program, 'up', '--json', ...brokers, ...place, ...settings], {
      env: { ...environment(options), ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new BenchCluster(options, up, await readyData(up));
  }

  /** A topic all of whose partitions have these replicas, the first their leader; gone afterwards. */
  async withTopic<Result>(
    replicas: readonly number[],
    partitions: number,
    work: (topic: { readonly name: string; readonly topicId: string }) => Promise<Result>,
  ): Promise<Result> {
    const admin = this.client.admin();
    this.#topics += 1;
    const name = `bench-${this.#topics}`;
    const assignment = Array.from({ length: partitions }, () => replicas);
    const { topicId } = await admin.createTopic({ name, assignment });
    await until(`${name} is led by ${replicas[0]} and in sync`, () => this.isSettled(name, replicas));
    try {
      return await work({ name, topicId });
    } finally {
      await admin.deleteTopic(name);
    }
  }

  /** Whether all partitions are led, and all replicas in sync. */
  async isSettled(topic: string, replicas: readonly number[]): Promise<boolean> {
    const { partitions } = await this.client.admin().describeTopic(topic);
    return partitions.every(
      ({ leader, inSyncReplicas }) => leader > 0 && inSyncReplicas.length === replicas.length,
    );
  }

  /** A turn: batches straight to the leader by the wire's `produce`, acks=all, over a connection for each producer. */
  turn<Result>(
    { partitions, replicas, producers }: Placement,
    measure: (targets: readonly ClusterTarget[]) => Promise<Result>,
  ): Promise<Result> {
    const ids = this.brokers.map(({ id }) => id).slice(0, replicas);
    return this.withTopic(ids, partitions, async ({ topicId }) => {
      const { leader } = this;
      const links = Array.from({ length: producers }, (_, index) =>
        this.#links.connect(`load-${topicId}-${index}`, leader),
      );
      const targets = links.map((link) => new ClusterTarget(link, topicId));
      try {
        // That it leads was told by some broker: its own may hear of it later, busy with what the last turn left.
        await until(`broker ${leader.id} knows that it leads`, async () =>
          (await Promise.all(targets.map((target) => target.isLedThere(partitions)))).every(Boolean),
        );
        return await measure(targets);
      } finally {
        for (const link of links) link.close();
      }
    });
  }

  /** The broker that leads in a turn. */
  get leader(): BrokerProcess {
    const [first] = this.brokers;
    if (first === undefined) throw new Error('there is no broker');
    return first;
  }

  /** Of a broker's `/metrics`: the longest pause of its event loop since this was last asked, in milliseconds. */
  async longestPauseMs({ host, port }: BrokerProcess = this.leader): Promise<number> {
    return (await metricOf(`${host}:${port}`, 'nodejs_eventloop_lag_max_seconds')) * 1000;
  }

  /** How many partitions are led, as the brokers at these addresses say of themselves. */
  async ledBy(addresses: readonly string[]): Promise<number> {
    const counts = await Promise.all(
      addresses.map((address) => metricOf(address, 'kafka_server_replicamanager_leadercount')),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** `odradek` with this cluster's home. */
  async run(...words: readonly string[]): Promise<void> {
    const env = environment(this.#options);
    await promisify(execFile)(process.execPath, [this.#options.program, ...words], { env });
  }

  async close(): Promise<void> {
    this.#links.close();
    await this.client.close();
    await this.stop();
  }

  /** Stops all brokers in order. */
  async stop(): Promise<void> {
    if (this.#up.exitCode !== null) return;
    const exit = once(this.#up, 'exit');
    this.#up.kill('SIGINT');
    await exit;
  }
}

function dataDirectory({ directory }: ClusterOptions): string {
  return join(directory, 'data');
}

function environment({ directory }: ClusterOptions): NodeJS.ProcessEnv {
  return { ...process.env, ODRADEK_HOME: directory };
}

/** A metric without other labels than the node's. */
export async function metricOf(address: string, name: string): Promise<number> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const value = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics of ${address} does not tell ${name}`);
  return Number(value);
}

/** The one line of `up --json` that is an outcome; lines of news come before and after. */
function readyData(up: ChildProcess): Promise<UpData> {
  return new Promise((resolve, reject) => {
    if (up.stdout === null || up.stderr === null) throw new Error('the output of odradek up is not read');
    const said: string[] = [];
    up.stderr.on('data', (text) => said.push(String(text)));
    up.once('exit', (code) => reject(new Error(`odradek up ended with ${code}: ${said.join('')}`)));
    createInterface({ input: up.stdout }).on('line', (line) => {
      const { ok, data } = JSON.parse(line) as { ok?: boolean; data?: UpData };
      if (ok === true && data !== undefined) resolve(data);
    });
  });
}

/** A connection of a client to the leader. */
export class ClusterTarget implements Target {
  readonly #link: ClientLink;
  readonly #topicId: string;

  constructor(link: ClientLink, topicId: string) {
    this.#link = link;
    this.#topicId = topicId;
  }

  send(batch: Uint8Array, partition: number, acknowledged: (error?: string) => void): void {
    const part = { topicId: this.#topicId, partition, leaderEpoch: -1, records: [batch] };
    const body = { acks: -1, timeoutMs: 10_000, partitions: [part] };
    this.#link.request<'produce'>({ api: 'produce', body }, ANSWER_TIMEOUT_MS, (reply) => {
      if (reply.outcome !== 'answered') acknowledged(`produce: ${JSON.stringify(reply)}`);
      else {
        const { error, partitions } = reply.response;
        const outcome = partitions[0]?.error ?? error;
        acknowledged(outcome === 'NONE' ? undefined : `produce: ${outcome}`);
      }
    });
  }

  /** Whether the broker at the other end leads so many partitions; also opens the connection. */
  isLedThere(partitions: number): Promise<boolean> {
    const parts = Array.from({ length: partitions }, (_, partition) => ({
      ...{ topicId: this.#topicId, partition },
      ...{ leaderEpoch: -1, timestamp: -1 },
    }));
    const body = { partitions: parts };
    return new Promise((resolve) =>
      this.#link.request<'listOffsets'>({ api: 'listOffsets', body }, ANSWER_TIMEOUT_MS, (reply) => {
        resolve(
          reply.outcome === 'answered' && reply.response.partitions.every(({ error }) => error === 'NONE'),
        );
      }),
    );
  }

  /** Record bytes of partition 0 from an offset. */
  read(fetchOffset: number, maxBytes: number): Promise<Uint8Array> {
    const part = {
      topicId: this.#topicId,
      partition: 0,
      leaderEpoch: -1,
      lastFetchedEpoch: -1,
      fetchOffset,
      maxBytes,
    };
    const body = { maxWaitMs: 1000, minBytes: 1, maxBytes, partitions: [part] };
    return new Promise((resolve, reject) =>
      this.#link.request<'fetch'>({ api: 'fetch', body }, ANSWER_TIMEOUT_MS, (reply) => {
        const answer = reply.outcome === 'answered' ? reply.response.partitions[0] : undefined;
        const [records] = answer?.records ?? [];
        if (records === undefined)
          reject(new Error(`fetch at ${fetchOffset}: ${JSON.stringify(answer ?? reply)}`));
        else resolve(records);
      }),
    );
  }
}
