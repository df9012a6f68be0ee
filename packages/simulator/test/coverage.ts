// Does the table of edges hold? `npm run coverage -w packages/simulator -- FILE…`: reports that `odradek simulate --json` has written. Says which
// edges no seed of them took and COVERAGE.md does not explain, and ends with 1 if there are any; and which the table calls rare, and were met.

import { readFileSync } from 'node:fs';
import { addCoverage, Coverage, type CoverageCounts } from '../src/index.ts';
import { readRareEdges, unexplained } from './coverage-table.ts';

interface Report {
  readonly data?: { readonly coverage: CoverageCounts };
  readonly coverage?: CoverageCounts;
}

function coverageOf(path: string): CoverageCounts {
  // What another command of ours has written.
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const coverage = report.data?.coverage ?? report.coverage;
  if (coverage === undefined)
    throw new Error(`${path} has no coverage: odradek simulate --seeds A..B --json`);
  return coverage;
}

const all = process.argv.slice(2).map(coverageOf).reduce(addCoverage, new Coverage().counts);
const missing = unexplained(all);
const met = readRareEdges().filter(({ edge }) => (all.edges[edge] ?? 0) > 0);
const present = Object.keys(new Coverage().counts.edges);
console.log(
  `${present.filter((edge) => (all.edges[edge] ?? 0) > 0).length} of ${present.length} edges taken`,
);
for (const { edge } of met) console.log(`called rare, and taken ${all.edges[edge]} times: ${edge}`);
for (const edge of missing) console.log(`never taken, and not explained: ${edge}`);
if (missing.length > 0) process.exitCode = 1;
