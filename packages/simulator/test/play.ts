// Plays schedules from files: `npm run play -w packages/simulator -- FILE… [--mutant M13]`. Says how long each took, or what broke.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants } from '../src/mutants/mutants.ts';
import { playSchedule } from '../src/play-schedule.ts';
import { parseScheduleFile } from '../src/schedule-file.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { mutant: { type: 'string' } },
});
const mutant = values.mutant === undefined ? undefined : mutants.get(values.mutant);
if (positionals.length === 0 || (values.mutant !== undefined && mutant === undefined)) {
  console.error(`FILE… [--mutant NAME]; mutants: ${[...mutants.keys()].join(', ')}`);
  process.exit(2);
}
for (const path of positionals) {
  const file = parseScheduleFile(basename(path, '.schedule'), readFileSync(path, 'utf8'));
  const begun = performance.now();
  try {
    const { virtualMs } = playSchedule(file, mutant === undefined ? {} : { mutant });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${file.name}: ${Math.round(virtualMs)} ms of virtual time in ${seconds} s`);
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
  }
}
