// Runs one package's tests with the configuration of the root, and keeps the totals for tools/test.ts.
// Called by the package's own `npm test`, so the working directory is the package's.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const { name } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string };

const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--root=.',
    `--config=${join(root, 'vitest.config.ts')}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(root, 'dist/test-results', `${name}.json`)}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
process.exitCode = run.status ?? 1;
