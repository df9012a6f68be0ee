// `npm run fuzz`: hostile frames against real brokers. Three of them, of which the third is killed: whoever has the cluster's secret is
// in its place. At the end it comes back, and then everything acknowledged must be there, the logs sound, and the memory where it was.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type HostileDoor, SeededRandom } from '@odradek/simulator';
import { BenchCluster, odradek } from '../bench/cluster.ts';
import { until } from '../bench/until.ts';
import { ATTACKED, Battlefield, LEDGER } from './battlefield.ts';
import { type Besieger, besiegers } from './besiegers.ts';
import { Ledger } from './ledger.ts';
import { growthProblem, heldMemory, memoryText, passed, snapshotsBySignal } from './siege-report.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '2000000' },
    seed: { type: 'string', default: '1' },
    door: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
/** At all doors together. */
const frames = Number(values.frames);
const seed = Number(values.seed);
if (!Number.isSafeInteger(frames) || frames < 1 || !Number.isSafeInteger(seed))
  throw new Error('--frames and --seed are whole numbers, frames from 1');
if (values.door !== undefined && values.door !== 'client' && values.door !== 'peer')
  throw new Error(`--door ${values.door}: client and peer are allowed`);
const doors: readonly HostileDoor[] = values.door === undefined ? ['client', 'peer'] : [values.door];

const framesEach = Math.ceil(frames / doors.length);

const ABSENT = 3;
const REPORT_MS = 30_000;

// Thousands of frames are refused by an error, whose stack nobody reads.
Error.stackTraceLimit = 4;

for (const door of doors) await fuzz(door);

async function fuzz(door: HostileDoor): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-fuzz-'));
  console.log(`${door}: ${framesEach} frames, seed ${seed}, in ${directory}`);
  const settings = { 'min.insync.replicas': '2', 'log.segment.bytes': '1048576' };
  const environment = snapshotsBySignal(directory);
  const cluster = await BenchCluster.start({
    ...{ program: odradek, directory, brokers: 3, settings, environment },
  });
  try {
    await attack(cluster, door, directory);
  } finally {
    await cluster.close();
    if (!values.keep) rmSync(directory, { recursive: true, force: true });
  }
}

async function attack(cluster: BenchCluster, door: HostileDoor, directory: string): Promise<void> {
  const data = join(directory, 'data');
  const battlefield = await Battlefield.make(cluster.client);
  const isWhole = async (): Promise<boolean> =>
    (await cluster.isSettled(LEDGER, [1, 2, 3])) && (await cluster.isSettled(ATTACKED, [1, 2, 3]));
  await until('all replicas are in sync', isWhole);
  const ledger = new Ledger(cluster.client, LEDGER);
  const writing = ledger.write();
  const isWritten = async (): Promise<void> => {
    const { acknowledged } = ledger;
    await until('records are acknowledged', () => ledger.acknowledged > acknowledged + 20);
  };
  await isWritten();
  const attacked = cluster.brokers.filter(({ id }) => id !== ABSENT);
  const before = await heldMemory(attacked, directory, isWhole);
  await cluster.run('chaos', 'kill', String(ABSENT), '--data-dir', data);
  const attackers = await besiegers(cluster, { door, data, absent: ABSENT });
  const sent = await siege(cluster, attackers, ledger);
  await cluster.run('chaos', 'start', String(ABSENT), '--data-dir', data);
  await until('all replicas are in sync again', isWhole);
  await isWritten();
  await battlefield.clear();
  await sameProcesses(cluster);
  const after = await heldMemory(attacked, directory, isWhole);
  ledger.stop();
  await writing;
  const missing = await ledger.missing();
  if (missing !== undefined) throw new Error(`lost: ${missing}`);
  for (const [id, memory] of after) {
    const first = before.get(id) ?? memory;
    console.log(`  broker ${id}: ${memoryText(first)} before, ${memoryText(memory)} after`);
    const problem = growthProblem(first, memory);
    if (problem !== undefined) throw new Error(`broker ${id}: ${problem}`);
  }
  await cluster.stop();
  for (const id of [1, 2, 3]) await cluster.run('log', 'check', join(data, `node-${id}`));
  console.log(`  ${sent}; all are there, logs sound; ${battlefield.swept} topics of attackers were deleted`);
}

/** Strikes until as many frames were read as was asked for. Returns how that went. */
async function siege(cluster: BenchCluster, attackers: readonly Besieger[], ledger: Ledger): Promise<string> {
  const startedMs = performance.now();
  const read = (): number => attackers.reduce((sum, { framesRead }) => sum + framesRead, 0);
  const report = (): string => {
    const sessions = attackers.reduce((sum, { connections }) => sum + connections, 0);
    return `${passed(read(), startedMs)}, over ${sessions} connections; ${ledger.acknowledged} records acknowledged, ${ledger.refused} not`;
  };
  const ticking = setInterval(() => {
    void longestPauses(cluster).then((pauses) => console.log(`  ${report()}; ${pauses}`));
  }, REPORT_MS);
  try {
    await Promise.all(
      attackers.map((attacker, index) =>
        attacker.besiege(new SeededRandom(seed + index), () => read() >= framesEach),
      ),
    );
  } catch (error) {
    console.error(`the last blows:\n${attackers.flatMap((attacker) => attacker.lastBlows()).join('\n')}`);
    throw error;
  } finally {
    clearInterval(ticking);
  }
  for (const attacker of attackers) attacker.close();
  return report();
}

/** How long brokers were busy with one thing. */
async function longestPauses(cluster: BenchCluster): Promise<string> {
  const attacked = cluster.brokers.filter(({ id }) => id !== ABSENT);
  try {
    const pauses = await Promise.all(attacked.map((broker) => cluster.longestPauseMs(broker)));
    return `pauses of ${pauses.map((ms) => ms.toFixed(0)).join(' and ')} ms`;
  } catch (error) {
    // Whether one has ended is asked at the end.
    return `a broker does not say how long it paused: ${error instanceof Error ? error.message : error}`;
  }
}

async function sameProcesses(cluster: BenchCluster): Promise<void> {
  for (const { id, pid } of cluster.brokers) {
    if (id === ABSENT) continue;
    const { brokers } = await cluster.client.admin().clusterStatus();
    const now = brokers.find((broker) => broker.id === id)?.pid;
    if (now !== pid) throw new Error(`broker ${id} was process ${pid} and is ${now} now`);
  }
}
