// `npm run bench`: how fast the cluster is, as ratios to a raw path in the same run, and a few times that a user waits for.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { odradek } from './cluster.ts';
import { median } from './load.ts';
import { throughputRows } from './throughput-rows.ts';
import { type TimeRow, timeRows } from './time-rows.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    turns: { type: 'string' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    // Another build, such as the bundle of another commit.
    program: { type: 'string', default: odradek },
  },
});
const turns = Number(values.turns ?? (values.quick ? 3 : 5));
if (!Number.isInteger(turns) || turns < 1)
  throw new Error(`--turns ${values.turns}: an integer from 1 is allowed`);

const THROUGHPUT_AIM = 0.6;
const load = { inFlight: 5, warmUpMs: values.quick ? 50 : 300, durationMs: values.quick ? 200 : 1000 };
const directory = mkdtempSync(join(tmpdir(), 'odradek-bench-'));
const common = { program: values.program, directory, turns, only: values.only };

const say = (data: object, line: string): void => console.log(values.json ? JSON.stringify(data) : line);

try {
  const machine = `Node ${process.versions.node}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`;
  say({ machine }, `${machine}; ${turns} turns of ${load.durationMs} ms, ${load.inFlight} batches in flight`);
  say({}, `\n${'acks=all, MB/s'.padEnd(26)}   raw cluster   ratio: min median  max   aim`);
  for await (const row of throughputRows({ ...common, load, compileMs: values.quick ? 500 : 5000 })) {
    const { name, raw, cluster, ratios } = row;
    const middle = median(ratios);
    const numbers = [ratios[0] ?? Number.NaN, middle, ratios.at(-1) ?? Number.NaN].map((ratio) =>
      percent(ratio),
    );
    say(
      row,
      `${name.padEnd(26)} ${mega(raw)}  ${mega(cluster)}      ${numbers.join('  ')}  ${aim(middle >= THROUGHPUT_AIM, percent(THROUGHPUT_AIM))}`,
    );
  }
  say({}, `\n${'what a user waits for'.padEnd(44)}    min  median    max   aim`);
  for await (const row of timeRows({ ...common, turns: values.quick ? 1 : turns })) say(row, timeLine(row));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function timeLine({ name, unit, values: measured, aimMedian, aimWorst }: TimeRow): string {
  const middle = median(measured);
  const worst = Math.max(...measured);
  const isMet = middle <= aimMedian && worst <= (aimWorst ?? Number.POSITIVE_INFINITY);
  const aims = aimWorst === undefined ? `${aimMedian} ${unit}` : `${aimMedian}, worst ${aimWorst} ${unit}`;
  const numbers = [Math.min(...measured), middle, worst].map((value) => value.toFixed(0).padStart(6));
  return `${name.padEnd(44)} ${numbers.join(' ')}  ${aim(isMet, aims)}`;
}

function aim(isMet: boolean, text: string): string {
  return `${text} ${isMet ? 'met' : 'MISSED'}`;
}

function mega(bytesPerSecond: number): string {
  return (bytesPerSecond / 1e6).toFixed(0).padStart(5);
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(0)} %`.padStart(5);
}
