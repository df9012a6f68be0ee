// `npm test`: the checks, then every package's tests through nx, then one line with the totals.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const results = join(root, 'dist/test-results');

interface Totals {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const run = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'inherit', cwd: root }).status === 0;

/** Every file vitest wrote, also one that nx took from its cache. */
function totals(): Totals {
  const sum = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  for (const file of findJson(results)) {
    const one = JSON.parse(readFileSync(file, 'utf8')) as Totals;
    sum.numPassedTests += one.numPassedTests;
    sum.numFailedTests += one.numFailedTests;
    sum.numPendingTests += one.numPendingTests;
  }
  return sum;
}

function findJson(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(directory, name));
}

const checked = run(process.execPath, join(root, 'tools/check.ts'));
const tested = run(join(root, 'node_modules/.bin/nx'), 'run-many', '-t', 'test', '--outputStyle=stream');
const { numPassedTests, numFailedTests, numPendingTests } = totals();
if (!checked) console.error('\nnpm run check failed, see above.');
console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
process.exitCode = checked && tested && numPassedTests > 0 && numFailedTests === 0 ? 0 : 1;
