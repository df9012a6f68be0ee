// The shortest schedule that still fails in the same way: statements are left out, half of them at first, then fewer, as long as the same
// promise is broken (delta debugging, Zeller and Hildebrandt). Each try is played from its text, so what is found fails as it is written.

import type { Mutant } from './mutant.ts';
import { beginSchedule, worldOf } from './play-schedule.ts';
import { play, ScheduleError } from './schedule.ts';
import { formatScheduleFile, parseScheduleFile, type ScheduleFile, type Statement } from './schedule-file.ts';
import { SimulationFailure } from './world.ts';

/** How a schedule failed: the promise, and after which of its statements. */
interface Failed {
  readonly promise: string;
  readonly message: string;
  readonly played: readonly Statement[];
  /** How many statements nobody could play. */
  readonly leftOut: number;
}

export interface ShrinkOptions {
  readonly mutant?: Mutant;
  /** Asked before each try; false ends it with the shortest found so far. */
  readonly mayGoOn: () => boolean;
}

export interface Shrunk {
  readonly schedule: ScheduleFile;
  readonly message: string;
  readonly tries: number;
}

/** Undefined when the schedule does not fail at all. */
export function shrinkSchedule(file: ScheduleFile, { mutant, mayGoOn }: ShrinkOptions): Shrunk | undefined {
  const first = failureOf(file, file.story, mutant);
  if (first === undefined) return undefined;
  let best = first;
  let tries = 1;
  const fails = (story: readonly Statement[]): boolean => {
    tries++;
    const failed = failureOf(file, story, mutant);
    if (failed?.promise !== first.promise || failed.played.length >= best.played.length) return false;
    best = failed;
    return true;
  };
  let size = Math.ceil(best.played.length / 2);
  while (size >= 1 && mayGoOn()) {
    let hasShrunk = false;
    for (let at = 0; at < best.played.length && mayGoOn(); ) {
      if (fails([...best.played.slice(0, at), ...best.played.slice(at + size)])) hasShrunk = true;
      else at += size;
    }
    if (size === 1 && !hasShrunk) break;
    size = hasShrunk && size === 1 ? 1 : Math.floor(size / 2);
  }
  const [line = ''] = best.message.split('\n');
  return { schedule: { ...file, title: line, story: best.played }, message: best.message, tries };
}

/**
 * How a story fails, without what cannot be played in it: what is started must have been killed before. A statement that could not be played
 * may have done a part of what it says, so what is left is played again, until nothing had to be left out.
 */
function failureOf(
  file: ScheduleFile,
  story: readonly Statement[],
  mutant: Mutant | undefined,
): Failed | undefined {
  const failed = failureOfText(formatScheduleFile({ ...file, story }), mutant);
  if (failed === undefined || failed.leftOut === 0) return failed;
  const again = failureOf(file, failed.played, mutant);
  return again?.promise === failed.promise ? again : undefined;
}

/** Plays a text on a new world. Only a promise of the protocol counts as failure, not an expectation of the schedule that nobody asked for. */
function failureOfText(text: string, mutant: Mutant | undefined): Failed | undefined {
  const { header, story } = parseScheduleFile('shrinking', text);
  const played: Statement[] = [];
  let leftOut = 0;
  try {
    const world = worldOf(header, mutant === undefined ? {} : { mutant });
    beginSchedule(world);
    for (const statement of story) {
      played.push(statement);
      try {
        play(world, statement.text);
      } catch (error) {
        if (!(error instanceof ScheduleError)) throw error;
        played.pop();
        leftOut++;
      }
    }
    world.conclude();
    return undefined;
  } catch (error) {
    if (!(error instanceof SimulationFailure)) throw error;
    return { promise: promiseIn(error.message), message: error.message, played, leftOut };
  }
}

/** What a failure is about: the rule that it names, or its first words. */
function promiseIn(message: string): string {
  return /^[A-Z]\d+/.exec(message)?.[0] ?? message.split(/[\d:]/)[0] ?? message;
}
