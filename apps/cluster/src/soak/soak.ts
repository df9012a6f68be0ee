// A soak: load without an end, a fault every few seconds, and at the end the question whether anything is missing.

import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@odradek/client';
import { SeededRandom } from '@odradek/simulator';
import { connect } from '../connect.ts';
import type { Measurement } from '../measure.ts';
import type { ClusterNode } from '../up/cluster-file.ts';
import { type RunningCluster, runCluster } from '../up/run-cluster.ts';
import { areLevel, differences, leaks, unsound, within } from './checks.ts';
import { Churn } from './churn.ts';
import { damage } from './damage.ts';
import type { Draw } from './draw.ts';
import {
  type DamageOrder,
  type Episode,
  type Fault,
  nextEpisode,
  orderText,
  type Roughness,
  type Step,
} from './episodes.ts';
import { type FaultCount, FaultTable } from './fault-table.ts';
import { limitFiles } from './few-files.ts';
import { later } from './later.ts';
import { Ledger } from './ledger.ts';
import { Reader, readWhole, soakTopic, Writer } from './load.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** Where the cluster lives; kept. */
  readonly directory: string;
  /** The bundle that is run. */
  readonly program: string;
  /** So many nodes vote and have no partitions; without it the brokers vote. */
  readonly controllers?: number;
  /** These faults alone; absent: all. */
  readonly only?: readonly Fault[];
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly problems: readonly string[];
  readonly acknowledged: number;
  readonly unknown: number;
  readonly refused: number;
  readonly read: number;
  readonly faults: readonly FaultCount[];
  /** How often a topic was made and deleted. */
  readonly lives: number;
  /** Between two acknowledgements, whatever happened. */
  readonly longestSilenceMs: number;
}

const brokers = 3;
const partitions = 4;
/** Small, so that segments roll and recovery has work. */
const set = [
  { name: 'min.insync.replicas', value: '2' },
  { name: 'log.segment.bytes', value: String(1024 * 1024) },
  { name: 'metadata.log.max.record.bytes.between.snapshots', value: '20000' },
];
/** Longer than any fault lasts, and the timers after it (W5). */
const mostSilenceMs = 60_000;
const convergenceMs = 60_000;

/** Runs it to its end. The cluster is stopped in any case; its directory stays. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  mkdirSync(options.directory, { recursive: true });
  const news = join(options.directory, 'news.log');
  const note = (text: string): void => appendFileSync(news, `${new Date().toISOString()} ${text}\n`);
  const deaths: string[] = [];
  const cluster = await runCluster({
    dataDirectory: options.directory,
    wanted: { brokers, controllers: options.controllers ?? 0, port: 0 },
    isMemory: false,
    watch: 'nothing',
    set,
    program: options.program,
    onNews: (_file, id, text) => {
      note(`node ${id}: ${text}`);
      if (text.startsWith('died')) deaths.push(`node ${id} ${text}`);
    },
    onFrame: () => {},
  });
  try {
    return await new Soak(cluster, options, note, deaths).run();
  } finally {
    await cluster.stop();
  }
}

class Soak {
  readonly #cluster: RunningCluster;
  readonly #options: SoakOptions;
  readonly #note: (text: string) => void;
  readonly #ledger = new Ledger();
  readonly #draw: Draw;
  readonly #ids: readonly number[];
  readonly #brokers: readonly number[];
  /** Of processes that nobody here has ended. */
  readonly #deaths: readonly string[];
  readonly #table = new FaultTable();
  #faults = 0;
  #lastAcknowledgedAt = performance.now();
  #longestSilenceMs = 0;

  constructor(
    cluster: RunningCluster,
    options: SoakOptions,
    note: (text: string) => void,
    deaths: readonly string[],
  ) {
    this.#deaths = deaths;
    this.#cluster = cluster;
    this.#options = options;
    this.#note = note;
    this.#draw = new SeededRandom(options.seed);
    const { nodes } = cluster.file();
    this.#ids = nodes.map(({ id }) => id);
    this.#brokers = nodes.filter(({ roles }) => roles.includes('broker')).map(({ id }) => id);
  }

  async run(): Promise<SoakResult> {
    const { durationMs, seed } = this.#options;
    const client = this.#client();
    await client.admin().createTopic({ name: soakTopic, partitions, replicationFactor: brokers });
    const writers = [1, 2].map(
      (id) => new Writer(client, this.#ledger, { id, partitions, lanes: 3, pauseMs: 20 }),
    );
    await within(convergenceMs, async () => this.#ledger.acknowledgements > 100);
    const before = await this.#measureAll();
    const readers = [0, 1].map(
      (stream) => new Reader(this.#client(), this.#ledger, new SeededRandom(seed + stream), partitions),
    );
    const churn = new Churn(this.#client(), this.#ledger);
    const watch = setInterval(() => this.#watchProgress(), 100);
    await this.#breakThings(client, performance.now() + durationMs);
    const hasSettled = await this.#settle(client);
    clearInterval(watch);
    this.#options.say('all faults are over; reading everything');
    await Promise.all([...readers, ...writers, churn].map((one) => one.stop()));
    if (hasSettled) await this.#check(client, before);
    await client.close();
    const { problems, acknowledgements, unknown, refusals } = this.#ledger;
    const read = readers.reduce((sum, { records }) => sum + records, 0);
    return {
      ...{ problems, acknowledged: acknowledgements, unknown, refused: refusals, read },
      ...{ faults: this.#table.rows(), lives: churn.lives },
      longestSilenceMs: Math.round(this.#longestSilenceMs),
    };
  }

  #client(): Client {
    const { nodes } = this.#cluster.file();
    return connect(
      nodes.filter(({ id }) => this.#brokers.includes(id)),
      5000,
    );
  }

  /** Kills in the first two thirds only, so that what leaks in the last adds up. */
  async #breakThings(client: Client, endsAt: number): Promise<void> {
    const startedAt = performance.now();
    while (performance.now() < endsAt && this.#ledger.problems.length === 0) {
      const share = (performance.now() - startedAt) / (endsAt - startedAt);
      const roughness: Roughness = share < 2 / 3 ? 'kills' : 'gray';
      const episode = nextEpisode(this.#draw, {
        ids: this.#ids,
        brokers: this.#brokers,
        roughness,
        only: this.#options.only,
      });
      this.#faults += 1;
      this.#note(`fault ${this.#faults}: ${episode.text}`);
      const { acknowledgements, unknown } = this.#ledger;
      this.#options.say(
        `${(share * 100).toFixed(0).padStart(3)} %  ${acknowledgements} acknowledged, ${unknown} unknown, fault ${this.#faults}: ${episode.text.slice(0, 100)}`,
      );
      if (episode.isHarmful) await this.#untilInSync(client, 'before a replica is harmed');
      await this.#breakOnce(episode);
      if (episode.isHarmful) await this.#untilInSync(client, `after: ${episode.text}`);
      // Sometimes there is time to come to rest, and sometimes not.
      await later(this.#draw.pick([0, 500, 1500, 4000]));
    }
  }

  /** Whatever it is, no process may end of it by itself: a full disk too is waited out (D6). */
  async #breakOnce({ fault, text, steps }: Episode): Promise<void> {
    this.#table.began(fault);
    const deaths = this.#deaths.length;
    for (const { order, thenMs } of steps) {
      await this.#obey(order);
      await later(thenMs);
    }
    for (const death of this.#deaths.slice(deaths)) this.#ledger.problem(`${death}, in: ${text}`);
  }

  async #obey(order: Step['order']): Promise<void> {
    try {
      if (order.do === 'damage') this.#damage(order);
      else if (order.do === 'files') this.#note(limitFiles(this.#node(order.node).pid ?? 0, order.isShort));
      else await this.#cluster.obey(order);
    } catch (error) {
      this.#ledger.problem(`${orderText(order)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #damage({ node, what }: DamageOrder): void {
    // Of its own, for what it draws depends on the files that are there.
    const draw = new SeededRandom(this.#options.seed + this.#faults);
    this.#note(`node ${node}: ${damage(what, this.#node(node).directory, soakTopic, draw)}`);
  }

  #node(id: number): ClusterNode {
    const node = this.#cluster.file().nodes.find((one) => one.id === id);
    if (node === undefined) throw new Error(`there is no node ${id}`);
    return node;
  }

  #watchProgress(): void {
    const nowMs = performance.now();
    const { acknowledgements } = this.#ledger;
    if (acknowledgements !== this.#seen) {
      this.#seen = acknowledgements;
      this.#lastAcknowledgedAt = nowMs;
    }
    const silenceMs = nowMs - this.#lastAcknowledgedAt;
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, silenceMs);
    this.#table.silentFor(silenceMs);
    if (silenceMs > mostSilenceMs && this.#ledger.problems.length === 0)
      this.#ledger.problem(`nothing was acknowledged for ${mostSilenceMs / 1000} s (W5)`);
  }
  #seen = 0;

  /** Heals everything and waits until all is well again (W1, W3). */
  async #settle(client: Client): Promise<boolean> {
    await this.#cluster.obey({ do: 'heal' });
    const { acknowledgements } = this.#ledger;
    const goesOn = await within(
      convergenceMs,
      async () => this.#ledger.acknowledgements > acknowledgements + 100,
    );
    if (!goesOn)
      this.#ledger.problem(
        `records are not acknowledged within ${convergenceMs / 1000} s of the last fault (W1)`,
      );
    return (await this.#untilInSync(client, 'of the last fault')) && goesOn;
  }

  async #untilInSync(client: Client, when: string): Promise<boolean> {
    const isReached = await within(convergenceMs, async () => {
      const { partitions: now } = await client.admin().describeTopic(soakTopic);
      return now.every((one) => one.inSyncReplicas.length === brokers);
    });
    if (!isReached)
      this.#ledger.problem(`not all replicas are in sync within ${convergenceMs / 1000} s ${when} (W3)`);
    return isReached;
  }

  async #check(client: Client, before: ReadonlyMap<number, Measurement>): Promise<void> {
    if (!(await within(convergenceMs, () => areLevel(client))))
      this.#ledger.problem('the replicas are not level after the load has ended (W3)');
    for (let partition = 0; partition < partitions; partition++)
      this.#ledger.conclude(partition, await readWhole(client, partition));
    const { losses } = await client.admin().clusterStatus();
    for (const loss of losses) this.#ledger.problem(`a loss is reported: ${JSON.stringify(loss)} (C4)`);
    const described = await client.admin().describeTopic(soakTopic);
    for (const [id, measured] of await this.#measureAll()) {
      const known = before.get(id);
      if (known !== undefined) for (const leak of leaks(id, known, measured)) this.#ledger.problem(leak);
      this.#options.say(`node ${id}: ${JSON.stringify(known)} before, ${JSON.stringify(measured)} now`);
    }
    await client.close();
    await this.#cluster.stop();
    const file = this.#cluster.file();
    for (const difference of differences(file, described.partitions)) this.#ledger.problem(difference);
    for (const { directory } of file.nodes)
      for (const problem of await unsound(directory)) this.#ledger.problem(problem);
  }

  async #measureAll(): Promise<ReadonlyMap<number, Measurement>> {
    const measured = new Map<number, Measurement>();
    for (const id of this.#ids) measured.set(id, await this.#cluster.measure(id));
    return measured;
  }
}
