// `npm test`: all checks, then the tests of all rooms through nx, then the totals. Whatever is missing or red fails the whole.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, repositoryRoot } from './workspace.ts';

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The totals over the reports that vitest wrote, one per package. A test file that could not even be loaded counts as failed. */
export function totalsOf(reports: readonly string[]): Totals {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const path of reports) {
    const report = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
    passed += report.numPassedTests;
    const unloaded = report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    );
    failed += report.numFailedTests + unloaded.length;
    skipped += report.numPendingTests;
  }
  return { passed, failed, skipped };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

function run(program: string, parameters: readonly string[]): boolean {
  const { status } = spawnSync(process.execPath, [program, ...parameters], {
    cwd: repositoryRoot,
    stdio: 'inherit',
  });
  return status === 0;
}

function main(): void {
  const reports = join(repositoryRoot, 'dist/test-results');
  // Reports of packages that are gone must not count; nx brings back those of tests it need not run again.
  if (existsSync(reports)) rmSync(reports, { recursive: true });
  const checked = run(join(repositoryRoot, 'tools/check.ts'), []);
  const nx = join(repositoryRoot, 'node_modules/nx/dist/bin/nx.js');
  const tested = run(nx, ['run-many', '-t', 'test', '--outputStyle=static']);
  const { passed, failed, skipped } = totalsOf(reportsIn(reports));
  if (!checked) console.log('\nThe checks found something: see the top, or run `npm run check`.');
  if (skipped > 0) console.log(`\n${skipped} tests were skipped.`);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = checked && tested && passed > 0 && failed === 0 ? 0 : 1;
}

/** They lie below `dist`, which a listing of our own files leaves out, so the listing starts within. */
function reportsIn(directory: string): string[] {
  return filesIn(directory).filter((path) => path.endsWith('.json'));
}

if (import.meta.main) main();
