// GUARDS.md: what notices when a guard is weakened, read from and written to its table.

import { readdirSync, readFileSync } from 'node:fs';
import { type GuardMutant, guardMutants, parseScheduleFile, type ScheduleFile } from '../src/index.ts';

export const tablePath = new URL('../GUARDS.md', import.meta.url);
const folder = new URL('schedules/', import.meta.url);

/** What becomes of a weakened guard: the schedule, or the file of tests, that fails under it; or why nothing is broken by it. */
export type Fate = { readonly killedBy: string } | { readonly test: string } | { readonly harmless: string };

/** By the name of the mutant. */
export type Fates = ReadonlyMap<string, Fate>;

export function readSchedules(): readonly ScheduleFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.schedule'))
    .sort()
    .map((name) =>
      parseScheduleFile(name.replace('.schedule', ''), readFileSync(new URL(name, folder), 'utf8')),
    );
}

const HARMLESS = 'harmless: ';

export function readFates(text = readFileSync(tablePath, 'utf8')): Fates {
  const fates = new Map<string, Fate>();
  for (const line of text.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, machine = '', guard = '', inverted = '', forced = ''] = cells;
    if (cells.length !== 6 || machine === 'machine' || machine.startsWith('-')) continue;
    fates.set(`${machine}: ${guard}, inverted`, fateIn(inverted));
    fates.set(`${machine}: ${guard}, forced true`, fateIn(forced));
  }
  return fates;
}

function fateIn(cell: string): Fate {
  if (cell.startsWith(HARMLESS)) return { harmless: cell.slice(HARMLESS.length) };
  return cell.includes('/') ? { test: cell } : { killedBy: cell };
}

/** The lines of the table, for these fates. */
export function tableOf(fates: Fates): string {
  const cell = (mutant: GuardMutant | undefined): string => {
    const fate = mutant && fates.get(mutant.name);
    if (fate === undefined) return '';
    if ('killedBy' in fate) return fate.killedBy;
    return 'test' in fate ? fate.test : `${HARMLESS}${fate.harmless}`;
  };
  const rows = guardMutants
    .filter(({ weakening }) => weakening === 'inverted')
    .map((inverted) => {
      const { machine, guard } = inverted;
      const forced = guardMutants.find(
        (other) => other.machine === machine && other.guard === guard && other.weakening === 'forced true',
      );
      return `| ${machine} | ${guard} | ${cell(inverted)} | ${cell(forced)} |`;
    });
  return ['| machine | guard | inverted | forced true |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
