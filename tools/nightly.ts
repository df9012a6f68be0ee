// Ten thousand bad days of a simulated cluster, with all faults, on every processor: `npm run nightly`. Before them some seeds are played in
// another process, and in another version of Node if there is one (ODRADEK_OTHER_NODE): the same seed must give the same day (E10).

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './workspace.ts';

const bundle = join(repositoryRoot, 'apps/cluster/dist/odradek.js');
const [seeds = '1..10000'] = process.argv.slice(2);
const SAME_SEEDS = [1, 2, 3, 5, 8];

function odradek(
  node: string,
  words: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  const child = spawn(node, [bundle, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('error', ({ message }) => fail(`${node} cannot be run (ODRADEK_OTHER_NODE?): ${message}`));
    child.on('close', (code) => resolve({ code: code ?? 1, text }));
  });
}

async function tracesIn(node: string): Promise<string> {
  const { code, text } = await odradek(node, ['simulate', '--hashes', SAME_SEEDS.join(','), '--ops', '100']);
  if (code !== 0) fail(`${node} could not play seeds ${SAME_SEEDS}`);
  return text;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

const others = [
  process.execPath,
  ...(process.env.ODRADEK_OTHER_NODE ?? '').split(',').filter((path) => path !== ''),
];
const [first, ...again] = await Promise.all([process.execPath, ...others].map(tracesIn));
for (const [index, traces] of again.entries())
  if (traces !== first)
    fail(`${others[index]} plays other days than ${process.execPath}:\n${traces}\n${first}`);
console.log(`the same days in ${others.length} other processes:\n${first}`);

const { code, text } = await odradek(process.execPath, [
  'simulate',
  '--seeds',
  seeds,
  '--workers',
  `${availableParallelism()}`,
]);
console.log(text);
process.exitCode = code;
