// The cluster as a user has it: `odradek up` in processes of its own, from the bundle.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Client, createClient } from '@odradek/client';
import { createDial, nodeClock, nodeCompute, nodeRandom } from '@odradek/host-node';
import { type ClientLinks, createClientLinks } from '@odradek/wire';
import type { Target } from './load.ts';
import { until } from './until.ts';

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
      env: environment(options),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new BenchCluster(options, up, await readyData(up));
  }

  /** A topic with one partition whose replicas are these brokers, the first its leader; gone afterwards. */
  async withTopic<Result>(
    replicas: readonly number[],
    work: (topic: { readonly name: string; readonly topicId: string }) => Promise<Result>,
  ): Promise<Result> {
    const admin = this.client.admin();
    this.#topics += 1;
    const name = `bench-${this.#topics}`;
    const { topicId } = await admin.createTopic({ name, assignment: [replicas] });
    await until(`${name} is led by ${replicas[0]} and in sync`, () => this.isSettled(name, replicas));
    try {
      return await work({ name, topicId });
    } finally {
      await admin.deleteTopic(name);
    }
  }

  /** Whether all replicas of partition 0 are in sync. */
  async isSettled(topic: string, replicas: readonly number[]): Promise<boolean> {
    const { partitions } = await this.client.admin().describeTopic(topic);
    const first = partitions[0];
    return first !== undefined && first.leader > 0 && first.inSyncReplicas.length === replicas.length;
  }

  /** A turn: batches straight to the leader by the wire's `produce`, acks=all. */
  turn<Result>(replicas: readonly number[], measure: (target: Target) => Promise<Result>): Promise<Result> {
    return this.withTopic(replicas, async ({ topicId }) => {
      const leader = this.brokers.find(({ id }) => id === replicas[0]);
      if (leader === undefined) throw new Error(`there is no broker ${replicas[0]}`);
      const link = this.#links.connect(`load-${topicId}`, leader);
      try {
        return await measure(targetOver(link, topicId));
      } finally {
        link.close();
      }
    });
  }

  /** `odradek` with this cluster's home. */
  async run(...words: readonly string[]): Promise<void> {
    const env = environment(this.#options);
    await promisify(execFile)(process.execPath, [this.#options.program, ...words], { env });
  }

  async close(): Promise<void> {
    this.#links.close();
    await this.client.close();
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

function targetOver(link: ReturnType<ClientLinks['connect']>, topicId: string): Target {
  return {
    send(batch, acknowledged) {
      const part = { topicId, partition: 0, leaderEpoch: -1, records: [batch] };
      const body = { acks: -1, timeoutMs: 10_000, partitions: [part] };
      link.request<'produce'>({ api: 'produce', body }, 15_000, (reply) => {
        if (reply.outcome !== 'answered') acknowledged(`produce: ${JSON.stringify(reply)}`);
        else {
          const { error, partitions } = reply.response;
          const outcome = partitions[0]?.error ?? error;
          acknowledged(outcome === 'NONE' ? undefined : `produce: ${outcome}`);
        }
      });
    },
  };
}
