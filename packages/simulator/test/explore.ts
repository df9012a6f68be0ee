// Explores the small worlds: `npm run explore -- [NAME…] [--mutants [M…]] [--minutes M] [--replay FILE]`. Without a name, all of them.
// Minutes, and what it says of them, are of the processor: a busy machine, or a pause, does not shorten a run.

import { readFileSync } from 'node:fs';
import {
  explorations,
  exploreByName,
  formatCounterexample,
  hunts,
  type Progress,
  replayCounterexample,
} from '../src/index.ts';

const words = process.argv.slice(2);
const minutes = Number(flagValue('--minutes') ?? 20);
const file = flagValue('--replay');
const isHunt = words.includes('--mutants');
const names = words.filter((word) => !word.startsWith('--'));

function flagValue(flag: string): string | undefined {
  const at = words.indexOf(flag);
  return at < 0 ? undefined : words.splice(at, 2)[1];
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Explores, shows how far it is, and says what came of it. True: as it should be. */
function run(name: string, mutant: string | undefined): boolean {
  const startMs = processorMs();
  let shownMs = startMs;
  const goesOn = ({ states, depth }: Progress): boolean => {
    const nowMs = processorMs();
    if (process.stderr.isTTY && nowMs - shownMs > 1000) {
      shownMs = nowMs;
      process.stderr.write(`\r${name}: ${states} states, ${depth} steps deep `);
    }
    return nowMs - startMs < minutes * 60_000;
  };
  const found = exploreByName(name, { maxStates: 60_000_000, goesOn }, mutant);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const seconds = ((processorMs() - startMs) / 1000).toFixed(1);
  const { states, transitions, depth, isComplete, counterexample } = found;
  const extent = `${states} states, ${transitions} transitions, ${depth} steps deep, ${seconds} s of the processor`;
  const under = mutant === undefined ? '' : ` under ${mutant}`;
  if (counterexample === undefined) {
    const whole = isComplete ? 'complete' : `stopped after ${minutes} minutes, not complete`;
    console.log(`${name}${under}: nothing broken, ${whole}: ${extent}`);
    return mutant === undefined;
  }
  console.log(`${name}${under}: broken after ${counterexample.steps.length} steps: ${extent}`);
  console.log(formatCounterexample(name, mutant, found).replace(/^/gm, '    ').trimEnd());
  return mutant !== undefined;
}

let isWell = true;
if (file !== undefined) {
  const broken = replayCounterexample(readFileSync(file, 'utf8'));
  console.log(broken ?? 'nothing broken');
  isWell = broken === undefined;
} else if (isHunt) {
  for (const [mutant, name] of hunts)
    if (names.length === 0 || names.includes(mutant)) isWell = run(name, mutant) && isWell;
} else {
  for (const [name, { what }] of explorations) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`${name}: ${what}`);
    isWell = run(name, undefined) && isWell;
  }
}
process.exitCode = isWell ? 0 : 1;
