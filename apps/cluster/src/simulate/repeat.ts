// What to type to see a broken promise again.

import { faultKinds, formatScheduleFile, type Shrunk } from '@odradek/simulator';
import { counted } from '../output.ts';
import type { SeedsOrder } from './run-seeds.ts';

/** A sentence with a command in it; and the file that the command plays, if it plays one. */
export interface Repetition {
  readonly text: string;
  readonly file?: { readonly path: string; readonly text: string };
}

/** A schedule stands for a seed only where it was seen to fail by itself: a day may break a promise that no schedule is held to (W4). */
export function repetitionOf(order: SeedsOrder, seed: number, shrunk: Shrunk | undefined): Repetition {
  if (shrunk === undefined) return { text: `No schedule alone does it; again: ${commandOf(order, seed)}` };
  const path = `seed-${seed}.schedule`;
  const statements = counted(shrunk.schedule.story.length, 'statement');
  return {
    text: `The shortest schedule that still does it (${statements}) is in ${path}; again: odradek simulate --play ${path}`,
    file: { path, text: formatScheduleFile(shrunk.schedule) },
  };
}

/** The whole day of a seed. */
function commandOf({ brokers, ops, faults, isOverBudget }: SeedsOrder, seed: number): string {
  const words = ['odradek simulate', `--seed ${seed}`, `--ops ${ops}`];
  if (brokers !== undefined) words.push(`--brokers ${brokers}`);
  if (faults.length === 0) words.push('--faults none');
  else if (faults.length < faultKinds.length) words.push(`--faults ${quoted(faults.join(','))}`);
  if (isOverBudget) words.push('--over-budget');
  return words.join(' ');
}

/** Names of faults have blanks in them. */
function quoted(names: string): string {
  return names.includes(' ') ? `"${names}"` : names;
}
