// The real `odradek up`, from the bundle, in processes of its own, with a home and ports of its own.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Client, TopicDescription } from '@odradek/client';
import { connect } from '../../src/connect.ts';
import { type ClusterFile, readClusterFile } from '../../src/up/cluster-file.ts';
import { giveOrder } from '../../src/up/control-socket.ts';
import type { Order } from '../../src/up/orders.ts';
import { eventually } from './eventually.ts';
import type { Ran } from './world.ts';

const app = resolve(import.meta.dirname, '../..');
const bundle = join(app, 'dist/odradek.js');
let isBuilt = false;

/** The bin builds the bundle when sources are newer; once for all commands of a test file. */
function build(): void {
  if (isBuilt) return;
  execFileSync(process.execPath, [join(app, 'bin/odradek.js'), '--version'], { stdio: 'pipe' });
  isBuilt = true;
}

export interface ClusterShape {
  readonly brokers?: number;
  readonly controllers?: number;
  readonly set?: Readonly<Record<string, string>>;
}

/** Runs a test on a cluster; whatever happens, its processes and files are gone afterwards. */
export async function withCluster(
  shape: ClusterShape,
  test: (cluster: TestCluster) => Promise<void>,
): Promise<void> {
  build();
  const home = mkdtempSync(join(tmpdir(), 'odradek-story-'));
  const cluster = new TestCluster(home, shape);
  try {
    await cluster.up();
    await test(cluster);
    await cluster.closeClients();
  } catch (error) {
    console.error(cluster.said.slice(-200).join('\n'));
    throw error;
  } finally {
    await cluster.end();
    rmSync(home, { recursive: true, force: true });
  }
}

export class TestCluster {
  readonly dataDirectory: string;
  /** What `up` has printed. */
  readonly said: string[] = [];
  readonly #home: string;
  readonly #shape: ClusterShape;
  readonly #clients: Client[] = [];
  #up: ChildProcess | undefined;
  #exit: Promise<number | null> = Promise.resolve(0);

  constructor(home: string, shape: ClusterShape) {
    this.#home = home;
    this.#shape = shape;
    this.dataDirectory = join(home, 'data');
  }

  /** Starts `up`, the first time with a new cluster, later going on with it. */
  async up(): Promise<void> {
    const { brokers, controllers, set = {} } = this.#shape;
    const words = [
      ...['up', '--data-dir', this.dataDirectory, '--port', '0'],
      ...(brokers === undefined ? [] : ['--brokers', String(brokers)]),
      ...(controllers === undefined ? [] : ['--controllers', String(controllers)]),
      ...Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ];
    const child = spawn(process.execPath, [bundle, ...words], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#up = child;
    this.#exit = new Promise((done) => child.once('exit', (code) => done(code)));
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => this.said.push(line));
    const first = this.said.length;
    const isReady = (): boolean => this.said.slice(first).some((line) => line.startsWith('Ctrl-C here'));
    await eventually('the cluster is ready', () => isReady() || child.exitCode !== null);
    if (!isReady()) throw new Error(`up ended with ${child.exitCode}:\n${this.said.join('\n')}`);
  }

  /** Ctrl-C. Returns the exit code. */
  stop(): Promise<number | null> {
    this.#up?.kill('SIGINT');
    return this.#exit;
  }

  async closeClients(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Kills what is left. A test that failed may have left records under way: their clients are told, and not waited for. */
  async end(): Promise<void> {
    void this.closeClients();
    if (this.#up?.exitCode === null) {
      this.#up.kill('SIGINT');
      this.#up.kill('SIGINT');
      await this.#exit;
    }
  }

  file(): ClusterFile {
    const file = readClusterFile(this.dataDirectory);
    if (file === undefined) throw new Error('up has written no cluster file');
    return file;
  }

  /** Where a node keeps a partition. */
  partitionDirectory(broker: number, topic: string, partition: number): string {
    const node = this.file().nodes.find((candidate) => candidate.id === broker);
    return join(node?.directory ?? '', `${topic}-${partition}`);
  }

  readSegment(broker: number, topic: string, partition: number): Buffer {
    const directory = this.partitionDirectory(broker, topic, partition);
    return readFileSync(join(directory, '00000000000000000000.log'));
  }

  /** A client of all brokers, closed at the end of the test. */
  client(): Client {
    const brokers = this.file().nodes.filter((node) => node.roles.includes('broker'));
    const client = connect(brokers);
    this.#clients.push(client);
    return client;
  }

  /** What `odradek chaos` orders, over the same socket. */
  chaos(order: Order): Promise<unknown> {
    const { control } = this.file();
    if (control === null) throw new Error('up does not run');
    return giveOrder(control.port, control.token, order);
  }

  kill(...nodes: readonly number[]): Promise<unknown> {
    return this.chaos({ do: 'kill', nodes });
  }

  start(...nodes: readonly number[]): Promise<unknown> {
    return this.chaos({ do: 'start', nodes });
  }

  /** Runs a command as a user would. */
  async odradek(words: readonly string[], input = ''): Promise<Ran> {
    const child = spawn(process.execPath, [bundle, ...words], { env: this.#environment });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end(input);
    const exitCode = await new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)));
    return { exitCode, stdout, stderr };
  }

  /** The data of a command that must succeed. */
  async json(...words: readonly string[]): Promise<unknown> {
    const { exitCode, stdout, stderr } = await this.odradek([...words, '--json']);
    if (exitCode !== 0) throw new Error(`odradek ${words.join(' ')} gave ${exitCode}: ${stdout}${stderr}`);
    return (JSON.parse(stdout) as { readonly data: unknown }).data;
  }

  async #describe(client: Client, topic: string): Promise<TopicDescription> {
    return client.admin().describeTopic(topic);
  }

  /** Waits until a topic is as a test wants it. */
  async untilTopic(
    client: Client,
    topic: string,
    what: string,
    holds: (description: TopicDescription) => boolean,
  ): Promise<TopicDescription> {
    let last: TopicDescription | undefined;
    await eventually(`${topic}: ${what}`, async () => {
      last = await this.#describe(client, topic);
      return holds(last);
    });
    if (last === undefined) throw new Error('never described');
    return last;
  }

  /**
   * C3: under `up`, leadership goes back to the preferred replicas a second after a change. Whoever counts elections, or holds on to
   * a leader's number, waits for it: a session that ended costs each partition two epochs, away and back.
   */
  untilPreferredLead(client: Client, topic: string): Promise<TopicDescription> {
    return this.untilTopic(client, topic, 'the preferred replicas lead', ({ partitions }) =>
      partitions.every(({ leader, replicas }) => leader === replicas[0]),
    );
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, ODRADEK_HOME: join(this.#home, 'state'), ODRADEK_BOOTSTRAP: '', NO_COLOR: '1' };
  }
}
