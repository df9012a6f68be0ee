// `npm run idle`: ten thousand clients that connect, say who they are, and then nothing. What they cost a broker in memory, and the
// others in time; whether the one above `max.connections` is told why; and whether all is given back once they are told to go.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDial, nodeClock, nodeCompute, nodeRandom } from '@odradek/host-node';
import { type ClientLink, createClientLinks } from '@odradek/wire';
import { BenchCluster, metricOf, odradek } from '../bench/cluster.ts';
import { until } from '../bench/until.ts';
import { IdleCrowd } from './idle-crowd.ts';
import { heldMemory, type Memory, memoryText, settledMemory, snapshotsBySignal } from './siege-report.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '10000' } } });
const wanted = Number(values.connections);
if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error('--connections is a whole number from 1');

/** After so long a client that says nothing is told to go. */
const IDLE_MS = 120_000;
const ASKS = 500;
const ANSWER_TIMEOUT_MS = 30_000;
/** For the tool's own client and its questions about memory. */
const OWN_CONNECTIONS = 10;
/** A session, its machine, a socket with its buffers. */
const MOST_BYTES_PER_CONNECTION = 48 * 1024;
/** What V8 takes for its heap under any load, and does not give back soon. */
const MOST_BYTES_BESIDES = 150 * 1024 * 1024;
/** Of the heap in use, once all have gone. */
const MOST_BYTES_LEFT = 16 * 1024 * 1024;

const directory = mkdtempSync(join(tmpdir(), 'odradek-idle-'));
const most = wanted + OWN_CONNECTIONS;
const settings = {
  'max.connections': String(most),
  'max.connections.per.ip': String(2 * most),
  'connections.max.idle.ms': String(IDLE_MS),
};
const environment = snapshotsBySignal(directory);
const cluster = await BenchCluster.start({ program: odradek, directory, brokers: 1, settings, environment });
const dial = createDial();
const links = createClientLinks({ clock: nodeClock, random: nodeRandom, compute: nodeCompute, dial });
const crowd = new IdleCrowd(cluster.leader, dial);
try {
  const one = links.connect('one', cluster.leader);
  await asked(one);
  const held = await collected();
  const before = await settled();
  console.log(`without: ${memoryText(before)}; an answer takes ${await latencies(one)}`);

  const startedMs = performance.now();
  await crowd.gather(wanted);
  console.log(`${wanted} are let in after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  const after = await settled();
  const each = (after.residentBytes - before.residentBytes) / wanted;
  console.log(
    `with them: ${memoryText(after)}, ${(each / 1024).toFixed(1)} KiB each; an answer takes ${await latencies(one)}`,
  );
  console.log(`one too many: ${await refusal()}`);
  if (each * wanted > MOST_BYTES_PER_CONNECTION * wanted + MOST_BYTES_BESIDES)
    throw new Error('that is too much for connections that say nothing');

  const longest = { capMs: 2 * IDLE_MS, intervalMs: 100 };
  await until('all who say nothing are told to go', () => crowd.size === 0, longest);
  const goneAfterS = ((performance.now() - startedMs) / 1000).toFixed(0);
  const pause = await cluster.longestPauseMs();
  console.log(
    `after ${goneAfterS} s all were told: ${crowd.farewell}; the broker answered others ${pause.toFixed(0)} ms late at most`,
  );
  await until('only those who ask are left', async () => (await connections()) <= OWN_CONNECTIONS);
  const left = await collected();
  console.log(`without them again: ${memoryText(left)}; an answer takes ${await latencies(one)}`);
  if (left.usedBytes > held.usedBytes + MOST_BYTES_LEFT)
    throw new Error(`of them is left more than ${MOST_BYTES_LEFT / 2 ** 20} MB in the heap`);
} finally {
  links.close();
  crowd.leave();
  await cluster.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);

/** Resolves once the broker has answered. */
function asked(link: ClientLink): Promise<void> {
  return new Promise((resolve, reject) =>
    link.request<'metadata'>({ api: 'metadata', body: { topics: [] } }, ANSWER_TIMEOUT_MS, (reply) => {
      if (reply.outcome === 'answered') resolve();
      else reject(new Error(JSON.stringify(reply)));
    }),
  );
}

async function latencies(link: ClientLink): Promise<string> {
  const times: number[] = [];
  for (let count = 0; count < ASKS; count++) {
    const startedMs = performance.now();
    await asked(link);
    times.push(performance.now() - startedMs);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => `${times[Math.floor(share * (ASKS - 1))]?.toFixed(2)} ms`;
  return `${at(0.5)} (p50), ${at(0.99)} (p99)`;
}

/** Those above the cap, until one is told. */
async function refusal(): Promise<string> {
  const above: ClientLink[] = [];
  for (let count = 0; count <= 2 * OWN_CONNECTIONS; count++) {
    const link = links.connect(`above-${count}`, cluster.leader);
    const told = await asked(link).then(
      () => undefined,
      (error: Error) => error.message,
    );
    above.push(link);
    if (told === undefined) continue;
    for (const one of above) one.close();
    return told;
  }
  throw new Error('all were let in');
}

function connections(): Promise<number> {
  const { host, port } = cluster.leader;
  return metricOf(`${host}:${port}`, 'kafka_server_socket_server_metrics_connection_count');
}

async function settled(): Promise<Memory> {
  return ofLeader(await settledMemory(cluster.brokers));
}

async function collected(): Promise<Memory> {
  return ofLeader(await heldMemory(cluster.brokers, directory, async () => true));
}

function ofLeader(memories: ReadonlyMap<number, Memory>): Memory {
  const memory = memories.get(cluster.leader.id);
  if (memory === undefined) throw new Error('the broker is not there');
  return memory;
}
