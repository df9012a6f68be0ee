// Is every mutant noticed? `npm run mutants -w packages/simulator -- [M13…]`. Each is tried in the schedules that name it, then where an
// exploration must find it, then on bad days by seed. Says for each what has killed it, and exits with 1 if one survives.

import { readdirSync, readFileSync } from 'node:fs';
import {
  exploreByName,
  hunts,
  type Mutant,
  mutants,
  parseScheduleFile,
  playSchedule,
  type ScheduleFile,
  SimulationFailure,
  SimulationViolation,
  simulate,
} from '../src/index.ts';

const SEEDS = 40;
const EXPLORED_MINUTES = 20;
const folder = new URL('schedules/', import.meta.url);

const schedules = readdirSync(folder)
  .filter((name) => name.endsWith('.schedule'))
  .sort()
  .map((name) =>
    parseScheduleFile(name.replace('.schedule', ''), readFileSync(new URL(name, folder), 'utf8')),
  );

/** What has killed a mutant; `extent`: after how much of it. */
interface Death {
  readonly by: string;
  readonly extent: string;
  readonly broken: string;
}

function deathIn(by: string, act: () => void): Death | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof SimulationFailure || error instanceof SimulationViolation)) throw error;
    const [broken = ''] = error.message.split('\n');
    const virtualMs = Number(/at ([\d.]+) ms of virtual time/.exec(error.message)?.[1] ?? 0);
    return { by, extent: `${(virtualMs / 1000).toFixed(2)} simulated s`, broken };
  }
}

function deathBySchedule(mutant: Mutant, file: ScheduleFile): Death | undefined {
  return deathIn(file.name, () => playSchedule(file, { mutant }));
}

function deathByExploration({ name }: Mutant): Death | undefined {
  const exploration = hunts.get(name);
  if (exploration === undefined) return undefined;
  const endMs = performance.now() + EXPLORED_MINUTES * 60_000;
  const goesOn = (): boolean => performance.now() < endMs;
  const { counterexample, states } = exploreByName(exploration, { maxStates: 60_000_000, goesOn }, name);
  if (counterexample === undefined) return undefined;
  const extent = `${states} states, ${counterexample.steps.length} steps`;
  return { by: `exploring ${exploration}`, extent, broken: counterexample.violation };
}

function deathBySeed(mutant: Mutant): Death | undefined {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const death = deathIn(`seed ${seed}`, () => simulate({ seed, mutant }));
    if (death !== undefined) return death;
  }
  return undefined;
}

function deathOf(mutant: Mutant): Death | undefined {
  for (const file of schedules) {
    const death = file.mutants.includes(mutant.name) ? deathBySchedule(mutant, file) : undefined;
    if (death !== undefined) return death;
  }
  return deathByExploration(mutant) ?? deathBySeed(mutant);
}

const wanted = process.argv.slice(2);
for (const name of wanted)
  if (!mutants.has(name)) {
    console.error(`There is no mutant ${name}. There are: ${[...mutants.keys()].join(', ')}`);
    process.exit(2);
  }
const byNumber = [...mutants.values()].toSorted(
  (one, other) => Number(one.name.slice(1)) - Number(other.name.slice(1)),
);
for (const mutant of byNumber) {
  if (wanted.length > 0 && !wanted.includes(mutant.name)) continue;
  const begun = performance.now();
  const death = deathOf(mutant);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${mutant.name} ${mutant.what}`);
  if (death === undefined) {
    process.exitCode = 1;
    console.log(`    SURVIVES its schedules, its exploration and ${SEEDS} seeds (${seconds} s)`);
  } else
    console.log(`    killed by ${death.by} after ${death.extent}, ${seconds} real s\n    ${death.broken}`);
}
