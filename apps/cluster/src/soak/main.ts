// `npm run soak`: a cluster under load and faults by a seed. Exit code 1 and the cluster's directory when something is wrong.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Fault, faults } from './episodes.ts';
import { tableText } from './fault-table.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    // So many nodes of their own.
    controllers: { type: 'string', default: '0' },
    // Another build, such as the bundle of another commit.
    program: { type: 'string' },
    // Faults by name, with commas between them.
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: a number above 0 is allowed`);
if (!Number.isSafeInteger(seed) || seed < 0)
  throw new Error(`--seed ${values.seed}: an integer from 0 on is allowed`);
const controllers = Number(values.controllers);
if (!Number.isSafeInteger(controllers) || controllers < 0)
  throw new Error(`--controllers ${values.controllers}: an integer from 0 on is allowed`);
const only = values.only?.split(',').map((name) => {
  const fault = faults.find((known): known is Fault => known === name);
  if (fault === undefined) throw new Error(`--only ${name}: allowed are ${faults.join(', ')}`);
  return fault;
});

const app = resolve(import.meta.dirname, '../..');
// Builds the bundle if sources are newer, once.
if (values.program === undefined)
  execFileSync(process.execPath, [join(app, 'bin/odradek.js'), '--version'], { stdio: 'pipe' });
const directory = mkdtempSync(join(tmpdir(), 'odradek-soak-'));
const startedAt = performance.now();
const say = (line: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(5);
  console.log(`${seconds} s  ${line}`);
};
say(`seed ${seed}, ${minutes} minutes, in ${directory}`);
const {
  problems,
  faults: tried,
  ...counts
} = await soak({
  ...{ seed, directory, say, controllers, ...(only === undefined ? {} : { only }) },
  durationMs: minutes * 60_000,
  program: values.program ?? join(app, 'dist/odradek.js'),
});
for (const line of tableText(tried)) console.log(line);
say(JSON.stringify(counts));
for (const problem of problems) console.error(problem);
if (problems.length === 0)
  say('nothing acknowledged is lost, none is there twice, all in order, replicas are equal');
else
  console.error(
    `The same faults again: npm run soak -- --minutes ${minutes} --seed ${seed} --controllers ${controllers}\nWhat is left: ${directory} (news.log tells what happened)`,
  );
if (problems.length === 0 && !values.keep) rmSync(directory, { recursive: true, force: true });
process.exit(problems.length === 0 ? 0 : 1);
