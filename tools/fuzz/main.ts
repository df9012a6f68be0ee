// `npm run fuzz`: hostile frames against real brokers. Three of them, of which the third is killed: whoever has the cluster's secret is
// in its place. At the end it comes back, and then everything acknowledged must be there, the logs sound, and the memory where it was.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDial, nodeCompute, readMetaProperties, readSecretFile } from '@odradek/host-node';
import { Attacker, type HostileDoor, type Known, SeededRandom } from '@odradek/simulator';
import { BenchCluster, odradek } from '../bench/cluster.ts';
import { until } from '../bench/until.ts';
import { Ledger } from './ledger.ts';
import { growthProblem, memoryText, passed, settledMemory } from './siege-report.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '2000000' },
    seed: { type: 'string', default: '1' },
    door: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
if (!Number.isSafeInteger(frames) || frames < 1 || !Number.isSafeInteger(seed))
  throw new Error('--frames and --seed are whole numbers, frames from 1');
if (values.door !== undefined && values.door !== 'client' && values.door !== 'peer')
  throw new Error(`--door ${values.door}: client and peer are allowed`);
const doors: readonly HostileDoor[] = values.door === undefined ? ['client', 'peer'] : [values.door];

const ABSENT = 3;
/** Frames of one attacker on their way at the same time. */
const IN_FLIGHT = 32;
/** For whoever looks for the cause of a failure. */
const last: string[] = [];

for (const door of doors)
  await fuzz(door).catch((error: unknown) => {
    console.error(error, `\nthe last blows:\n${last.slice(-40).join('\n')}`);
    process.exit(1);
  });

async function fuzz(door: HostileDoor): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-fuzz-'));
  console.log(`${door}: ${frames} frames, seed ${seed}, in ${directory}`);
  const settings = { 'min.insync.replicas': '2', 'log.segment.bytes': '1048576' };
  const cluster = await BenchCluster.start({ program: odradek, directory, brokers: 3, settings });
  try {
    await attack(cluster, door, directory);
  } finally {
    await cluster.close();
    if (!values.keep) rmSync(directory, { recursive: true, force: true });
  }
}

async function attack(cluster: BenchCluster, door: HostileDoor, directory: string): Promise<void> {
  const data = join(directory, 'data');
  const admin = cluster.client.admin();
  await admin.createTopic({ name: 'ledger', assignment: [[1, 2, 3]] });
  await admin.createTopic({ name: 'attacked', assignment: [[2, 1, 3]] });
  const isWhole = async (): Promise<boolean> =>
    (await cluster.isSettled('ledger', [1, 2, 3])) && (await cluster.isSettled('attacked', [1, 2, 3]));
  await until('all replicas are in sync', isWhole);
  const ledger = new Ledger(cluster.client, 'ledger');
  const writing = ledger.write();
  await until('records are acknowledged', async () => ledger.acknowledged > 20);
  await cluster.run('chaos', 'kill', String(ABSENT), '--data-dir', data);
  const attackers = await besiegers(cluster, door, data);
  const random = new SeededRandom(seed);
  const before = await settledMemory(cluster.brokers.filter(({ id }) => id !== ABSENT));
  const startedMs = performance.now();
  const sent = (): number => attackers.reduce((sum, { attacker }) => sum + attacker.framesSent, 0);
  const ticking = setInterval(() => progress(sent(), startedMs, ledger), 10_000);
  try {
    await Promise.all(
      attackers.map(async ({ attacker, relearn }) => {
        while (sent() < frames) {
          await strikeOften(attacker, random);
          if (random.chance(5)) await relearn();
        }
      }),
    );
  } finally {
    clearInterval(ticking);
  }
  progress(sent(), startedMs, ledger);
  for (const { attacker } of attackers) attacker.close();
  await cluster.run('chaos', 'start', String(ABSENT), '--data-dir', data);
  await until('all replicas are in sync again', isWhole);
  const acknowledged = ledger.acknowledged;
  await until('records are acknowledged again', async () => ledger.acknowledged > acknowledged + 5);
  ledger.stop();
  await writing;
  const missing = await ledger.missing();
  if (missing !== undefined) throw new Error(`lost: ${missing}`);
  await sameProcesses(cluster);
  const after = await settledMemory(cluster.brokers.filter(({ id }) => id !== ABSENT));
  for (const [id, memory] of after) {
    const first = before.get(id) ?? memory;
    console.log(`  broker ${id}: ${memoryText(first)} before, ${memoryText(memory)} after`);
    const problem = growthProblem(first, memory);
    if (problem !== undefined) throw new Error(`broker ${id}: ${problem}`);
  }
  await cluster.stop();
  for (const id of [1, 2, 3]) await cluster.run('log', 'check', join(data, `node-${id}`));
  console.log(
    `  ${passed(sent(), startedMs)}; ${ledger.acknowledged} records acknowledged, all there; logs sound`,
  );
}

interface Besieger {
  readonly attacker: Attacker;
  /** Asks for what is true now, so that lies stay near the truth. */
  relearn(): Promise<void>;
}

/** One on each link of each node that is still there. */
function besiegers(cluster: BenchCluster, door: HostileDoor, data: string): Promise<readonly Besieger[]> {
  // Whoever attacks as a client writes to a topic of its own: what it calls compressed nobody else can read.
  const topic = door === 'peer' ? 'ledger' : 'attacked';
  const secret = readSecretFile(join(data, 'cluster.secret'));
  const links = [1, 2].flatMap((asked) =>
    (['control', 'data'] as const).map((channel) => ({ asked, channel })),
  );
  return Promise.all(
    links.map(async ({ asked, channel }) => {
      let known = await learned(cluster, data, topic, asked);
      const address = cluster.brokers.find(({ id }) => id === asked);
      if (address === undefined) throw new Error(`there is no broker ${asked}`);
      const hmac = nodeCompute.hmacSha256;
      const options = { dial: createDial(), address, door, channel, hmac, secret, known: () => known };
      return {
        attacker: new Attacker(options),
        async relearn() {
          known = await learned(cluster, data, topic, asked).catch(() => known);
        },
      };
    }),
  );
}

/** So many blows, and then an answer that shows that they were read. */
async function strikeOften(attacker: Attacker, random: SeededRandom): Promise<void> {
  for (let count = 0; count < IN_FLIGHT; count += 1) {
    attacker.open();
    if (!attacker.isUp)
      await until('the attacker is let in', async () => attacker.isUp || !attacker.isTalking);
    const { seed: blow, frames: struck } = attacker.strike(random.next());
    last.push(
      `${blow}: ${struck.map((frame) => Buffer.from(frame.subarray(0, 300)).toString('hex')).join(' then ')}`,
    );
    if (last.length > 200) last.shift();
    await new Promise(setImmediate);
  }
  const { pongs } = attacker;
  attacker.ping();
  await until('the node has read it all', async () => attacker.pongs > pongs || !attacker.isUp);
}

async function learned(cluster: BenchCluster, data: string, topic: string, asked: number): Promise<Known> {
  const admin = cluster.client.admin();
  const [described, status] = await Promise.all([admin.describeTopic(topic), admin.clusterStatus()]);
  const [partition] = described.partitions;
  const identity = (id: number) => {
    const meta = readMetaProperties(join(data, `node-${id}`));
    if (meta === undefined) throw new Error(`node ${id} is not formatted`);
    return { id, directoryId: meta.directoryId };
  };
  return {
    clusterId: status.clusterId,
    topic,
    topicId: described.topicId,
    leaderEpoch: partition?.leaderEpoch ?? 0,
    partitionEpoch: 1,
    logEnd: Math.max(0, partition?.logEndOffset ?? 0),
    metadataEnd: Math.max(0, status.quorum.highWatermark),
    controllerEpoch: Math.max(0, status.controller.epoch),
    self: { ...identity(ABSENT), incarnation: 'AAAAAAAAAAAAAAAAAAAAAA' },
    brokerEpoch: 10,
    asked: identity(asked),
  };
}

async function sameProcesses(cluster: BenchCluster): Promise<void> {
  for (const { id, pid } of cluster.brokers) {
    if (id === ABSENT) continue;
    const { brokers } = await cluster.client.admin().clusterStatus();
    const now = brokers.find((broker) => broker.id === id)?.pid;
    if (now !== pid) throw new Error(`broker ${id} was process ${pid} and is ${now} now`);
  }
}

function progress(sent: number, startedMs: number, ledger: Ledger): void {
  console.log(
    `  ${passed(sent, startedMs)}; ${ledger.acknowledged} records acknowledged, ${ledger.refused} not`,
  );
}
