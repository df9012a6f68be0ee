// Is every guard missed? `npm run guards -w packages/simulator -- [--write] [MACHINE…]`: each named guard of each machine of a node is turned
// round, and forced true. The schedule that GUARDS.md names must fail under it; if it names none, or one that passes, all are tried.
// Prints what became of each, and exits with 1 where it is not what the table says; with --write the table is made anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { type GuardMutant, guardMutants, playSchedule, type ScheduleFile } from '../src/index.ts';
import { type Fate, readFates, readSchedules, tableOf, tablePath } from './guards-table.ts';

const flags = process.argv.slice(2);
const wanted = flags.filter((word) => !word.startsWith('--'));
const isWriting = flags.includes('--write');
const schedules = readSchedules();
const known = readFates();
const fates = new Map<string, Fate>(known);

function fails(file: ScheduleFile, mutant: GuardMutant): boolean {
  try {
    playSchedule(file, { mutant });
    return false;
  } catch {
    // Whatever it was: a promise, an expectation, or a node that broke and is not there for the next word.
    return true;
  }
}

/** Those first that are likely to notice: a quorum's own schedules are short. */
function inOrder(mutant: GuardMutant): readonly ScheduleFile[] {
  const isQuorum = ({ header }: ScheduleFile): boolean => header.kind === 'quorum';
  const ofClusters = schedules.filter((file) => !isQuorum(file));
  return mutant.machine === 'quorum' ? [...schedules.filter(isQuorum), ...ofClusters] : ofClusters;
}

function killerOf(mutant: GuardMutant): ScheduleFile | undefined {
  const fate = known.get(mutant.name);
  const named = fate !== undefined && 'killedBy' in fate ? fate.killedBy : undefined;
  const first = schedules.find(({ name }) => name === named);
  if (first !== undefined && fails(first, mutant)) return first;
  return inOrder(mutant).find((file) => file !== first && fails(file, mutant));
}

function words(fate: Fate | undefined): string {
  if (fate === undefined) return 'NOBODY MISSES IT';
  if ('killedBy' in fate) return `killed by ${fate.killedBy}`;
  return 'test' in fate ? `killed by ${fate.test}, which is not run here` : 'harmless';
}

let isAsWritten = true;
for (const mutant of guardMutants) {
  if (wanted.length > 0 && !wanted.includes(mutant.machine)) continue;
  const begun = performance.now();
  const before = known.get(mutant.name);
  const killer = killerOf(mutant);
  const survivor = before !== undefined && 'killedBy' in before ? undefined : before;
  const fate = killer === undefined ? survivor : { killedBy: killer.name };
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${mutant.name}: ${words(fate)} (${seconds} s)`);
  if (fate === undefined) fates.delete(mutant.name);
  else fates.set(mutant.name, fate);
  isAsWritten &&= fate !== undefined && words(fate) === words(before);
}
if (isWriting) {
  const text = readFileSync(tablePath, 'utf8');
  const head = text.slice(0, text.indexOf('| machine |'));
  writeFileSync(tablePath, `${head}${tableOf(fates)}\n`);
} else if (!isAsWritten) {
  console.error('GUARDS.md says otherwise: npm run guards -w packages/simulator -- --write');
  process.exitCode = 1;
}
