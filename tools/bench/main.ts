// `npm run bench`: how fast the cluster is, as ratios to a raw path in the same run, and a few times that a user waits for.
// `-- scale`: ten thousand partitions instead, or `--partitions N`; `-- disk`: storage alone; `-- processor`: what a batch costs of the
// processors, which a busy machine hardly changes. Without options a subset in some four minutes; `-- --full` everything. `-- --json > FILE` keeps a run, `-- --compare FILE` shows it.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { odradek } from './cluster.ts';
import { diskRows } from './disk-rows.ts';
import { latencyRows } from './latency-rows.ts';
import { metricsRows } from './metrics-rows.ts';
import { processorLines } from './processor-rows.ts';
import { readRows as readingRows } from './read-rows.ts';
import { HEADING, lineOf, type Row, readRows } from './rows.ts';
import { scaleRows } from './scale-rows.ts';
import type { BenchOptions } from './setting.ts';
import { throughputRows } from './throughput-rows.ts';
import { timeRows } from './time-rows.ts';
import { watchRows } from './watch-rows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    turns: { type: 'string', default: '5' },
    // Only rows whose name contains it.
    only: { type: 'string', default: '' },
    // Of `scale`.
    partitions: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
    compare: { type: 'string' },
    // Another build, such as the bundle of another commit.
    program: { type: 'string', default: odradek },
  },
});
const [what = 'speed', ...others] = positionals;
if (!['speed', 'scale', 'disk', 'processor'].includes(what) || others.length > 0)
  throw new Error(`"${positionals.join(' ')}": allowed is nothing, scale, disk or processor`);
const turns = numberOf('turns', values.turns);
const partitions = numberOf('partitions', values.partitions);
const before: ReadonlyMap<string, Row> = values.compare === undefined ? new Map() : readRows(values.compare);

const directory = mkdtempSync(join(tmpdir(), 'odradek-bench-'));
const options: BenchOptions = {
  program: values.program,
  directory,
  turns,
  isFull: values.full,
  warmUpMs: 50,
  sliceMs: 100,
  slices: values.full ? 20 : 8,
  compileBatches: values.full ? 40_000 : 20_000,
  compileMaxMs: 10_000,
  wants: (name) => name.includes(values.only),
};

function numberOf(option: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`--${option} ${value}: an integer from 1 is allowed`);
}

async function* rows(): AsyncGenerator<Row> {
  if (what === 'scale') {
    yield* scaleRows(options, partitions);
    return;
  }
  if (what === 'disk') {
    yield* diskRows(options);
    return;
  }
  yield* throughputRows(options, 'os');
  yield* throughputRows(options, 'commit');
  yield* readingRows(options);
  yield* latencyRows(options);
  yield* watchRows(options);
  yield* metricsRows(options);
  yield* timeRows(options);
}

async function* lines(): AsyncGenerator<string> {
  if (what === 'processor') {
    yield* processorLines(options);
    return;
  }
  const machine = `Node ${process.versions.node}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`;
  yield values.json
    ? JSON.stringify({ machine, turns, slices: options.slices, sliceMs: options.sliceMs })
    : `${machine}; ${turns} turns of ${options.slices} × ${options.sliceMs} ms; acks=all, 5 batches in flight\n\n${HEADING}`;
  for await (const row of rows()) yield values.json ? JSON.stringify(row) : lineOf(row, before.get(row.name));
}

try {
  for await (const line of lines()) console.log(line);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
