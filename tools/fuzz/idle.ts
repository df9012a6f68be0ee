// `npm run idle`: ten thousand clients that connect, say who they are, and then nothing. What they cost a broker in memory, and the others
// in time; and whether the one above `max.connections` is told why.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDial, nodeClock, nodeCompute, nodeRandom } from '@odradek/host-node';
import { type ClientLink, createClientLinks } from '@odradek/wire';
import { BenchCluster, odradek } from '../bench/cluster.ts';
import { type Memory, memoryText, settledMemory } from './siege-report.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '10000' } } });
const wanted = Number(values.connections);
if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error('--connections is a whole number from 1');

/** So many are opened at the same time. */
const AT_ONCE = 100;
const ASKS = 500;
const ANSWER_TIMEOUT_MS = 30_000;
/** For the tool's own client and its questions about memory. */
const OWN_CONNECTIONS = 10;
/** A session, its machine, a socket with its buffers. */
const MOST_BYTES_PER_CONNECTION = 48 * 1024;
/** What V8 takes for its heap under any load, and does not give back soon. */
const MOST_BYTES_BESIDES = 150 * 1024 * 1024;

const directory = mkdtempSync(join(tmpdir(), 'odradek-idle-'));
const most = wanted + OWN_CONNECTIONS;
const settings = { 'max.connections': String(most), 'max.connections.per.ip': String(2 * most) };
const cluster = await BenchCluster.start({ program: odradek, directory, brokers: 1, settings });
const links = createClientLinks({
  clock: nodeClock,
  random: nodeRandom,
  compute: nodeCompute,
  dial: createDial(),
});
try {
  const one = links.connect('one', cluster.leader);
  await asked(one);
  const before = await settled();
  console.log(`without: ${memoryText(before)}; an answer takes ${await latencies(one)}`);
  for (let count = 0; count < wanted; count += AT_ONCE) {
    const names = Array.from(
      { length: Math.min(AT_ONCE, wanted - count) },
      (_, index) => `idle-${count + index}`,
    );
    await Promise.all(names.map((name) => asked(links.connect(name, cluster.leader))));
  }
  const after = await settled();
  const each = (after.residentBytes - before.residentBytes) / wanted;
  console.log(
    `with ${wanted} idle ones: ${memoryText(after)}, ${(each / 1024).toFixed(1)} KiB each; an answer takes ${await latencies(one)}`,
  );
  console.log(`one too many: ${await refusal()}`);
  if (each * wanted > MOST_BYTES_PER_CONNECTION * wanted + MOST_BYTES_BESIDES)
    throw new Error('that is too much for connections that say nothing');
} finally {
  links.close();
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
  for (let count = 0; count <= 2 * OWN_CONNECTIONS; count++) {
    const told = await asked(links.connect(`above-${count}`, cluster.leader)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (told !== undefined) return told;
  }
  throw new Error('all were let in');
}

async function settled(): Promise<Memory> {
  const memory = (await settledMemory(cluster.brokers)).get(cluster.leader.id);
  if (memory === undefined) throw new Error('the broker is not there');
  return memory;
}
