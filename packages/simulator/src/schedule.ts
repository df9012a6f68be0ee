// Schedules: stories told to a world, line by line. They are data: one runner plays them all, and what a random run did can be
// written down in the same form.
//
//   crash 2          kill -9: the page cache is kept        power 2       what was not synced is lost
//   start 2          a new process on what is left          stop 2, cont 2   SIGSTOP, SIGCONT
//   cut 1>2, cut 1|2 one way, both ways                     heal, heal 1|2
//   hold NAME api=vote kind=answer from=1 to=2              release NAME
//   lose api=vote kind=answer                               the next such message, and its connection
//   let L = leader                                          from now on L is the node that leads now
//   run 500 ms       run until CONDITION [within 5000 ms]   expect CONDITION       never CONDITION
//
// A condition is a word of the world with its arguments, `not` before it turns it round. A `#` begins a remark.

/** What a schedule is played on. Verbs and conditions get their arguments as words. */
export interface ScheduleTarget {
  readonly verbs: Readonly<Record<string, (words: readonly string[]) => void>>;
  readonly conditions: Readonly<Record<string, (words: readonly string[]) => boolean>>;
  run(ms: number): void;
  /** Says whether the condition came to hold within so much virtual time. */
  runUntil(condition: () => boolean, capMs: number): boolean;
  /** Checks after each event, from now on, that the condition does not hold. */
  never(text: string, condition: () => boolean): void;
  /** Fails the run; the error says how to repeat it. */
  fail(message: string): never;
}

/** A schedule that nobody can play: a word that the world does not know. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** How long `run until` waits where the schedule does not say. */
export const defaultCapMs = 60_000;

/** Plays a schedule. Throws what the world makes of a condition that does not come to hold. */
export function play(target: ScheduleTarget, schedule: string): void {
  for (const statement of statementsOf(schedule)) perform(target, statement);
}

/** The statements of a schedule: by line or by semicolon, without remarks. */
export function statementsOf(schedule: string): string[] {
  return schedule
    .split('\n')
    .flatMap((line) => line.replace(/#.*$/, '').split(';'))
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

function perform(target: ScheduleTarget, statement: string): void {
  const [verb = '', ...words] = statement.split(/\s+/);
  if (verb === 'run') performRun(target, statement, words);
  else if (verb === 'never') target.never(words.join(' '), conditionOf(target, words));
  else if (verb === 'expect') {
    if (!conditionOf(target, words)()) target.fail(`not so: ${words.join(' ')}`);
  } else verbOf(target, statement, verb)(words);
}

function verbOf(target: ScheduleTarget, statement: string, verb: string): (words: readonly string[]) => void {
  const known = target.verbs[verb];
  if (known !== undefined) return known;
  const all = ['run', 'expect', 'never', ...Object.keys(target.verbs)];
  throw new ScheduleError(`"${statement}": no such verb. Known: ${all.join(', ')}`);
}

function performRun(target: ScheduleTarget, statement: string, words: readonly string[]): void {
  if (words[0] !== 'until') {
    target.run(milliseconds(statement, words));
    return;
  }
  const within = words.lastIndexOf('within');
  const capMs = within < 0 ? defaultCapMs : milliseconds(statement, words.slice(within + 1));
  const condition = words.slice(1, within < 0 ? undefined : within);
  if (!target.runUntil(conditionOf(target, condition), capMs))
    target.fail(`not within ${capMs} ms: ${condition.join(' ')}`);
}

function milliseconds(statement: string, words: readonly string[]): number {
  const ms = Number(words[0]);
  if (words.length !== 2 || words[1] !== 'ms' || !(ms >= 0))
    throw new ScheduleError(`"${statement}": a time is written as in "500 ms"`);
  return ms;
}

function conditionOf(target: ScheduleTarget, words: readonly string[]): () => boolean {
  const [first = '', ...others] = words;
  if (first === 'not') {
    const condition = conditionOf(target, others);
    return () => !condition();
  }
  const known = target.conditions[first];
  if (known === undefined)
    throw new ScheduleError(
      `"${words.join(' ')}": no such condition. Known: ${Object.keys(target.conditions).join(', ')}`,
    );
  return () => known(others);
}
