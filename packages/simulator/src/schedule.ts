// Schedules: stories told to a world, line by line. They are data: one runner plays them all, and what a random run did can be
// written down in the same form.
//
//   crash 2          kill -9: the page cache is kept        power 2          what was not synced is lost
//   start 2          a new process on what is left          stop 2, cont 2   SIGSTOP, SIGCONT
//   cut 1>2, cut 1|2 one way, both ways                     heal, heal 1|2
//   wipe 2           a new, empty disk                      sync 2           all that was written is durable
//   lie begin 3>1 70000                                     3 says to 1 that it leads that epoch; or pre-vote, vote, end
//   back-up 2        its disk is copied                     put-back 2       the last copy lies in the place of what came after it
//   take-away 2 t-0  the directory of one log is gone       empty 2 FILE     a file of its disk has no bytes
//   rot 2 t-0 flip|lost|misdirected [anywhere]              a stored record; anywhere: also one that power could have torn
//   disk 2 5..40, disk 2 stuck                              how long its disk takes
//   wall 2 -60000 ms                                        its wall clock jumps
//   slow 1>2 50..200, slow 1>2 0                            how long messages take      break 1|2        connections break
//   expire 2 lag, expire 2 500 ms                           its clock runs ahead: its timers come now
//   hold NAME vote.resp 1>2 where voteGranted=true          release NAME
//   catch NAME alter.req 1>2                                the next such message is held, and no other
//   drop vote.resp 1>2                                      the next such message, and its connection
//   dup alterPartitions.req                                 the next such request comes twice
//   by-hand 1>2; fetch 1>2; fetch.req 1>2; fetch.resp 1>2   what 1 fetches from 2 moves by these words alone, until: by-itself 1>2
//   let L = leader                                          from now on L is the node that leads now
//   run 500 ms       run until CONDITION [within 5000 ms]   expect CONDITION       never CONDITION
//
// `tick` is `run`, `until` is `run until`. Messages are named as in message-words.ts; what a world knows besides, with its conditions, is
// in cluster-words.ts and quorum-world.ts. `not` before a condition turns it round. A `#` begins a remark.
//
//   power 1 keep=none|all|even|odd                          what of the unsynced is left; else chance has it

/** What a schedule is played on. Verbs and conditions get their arguments as words. */
export interface ScheduleTarget {
  readonly verbs: Readonly<Record<string, (words: readonly string[]) => void>>;
  readonly conditions: Readonly<Record<string, (words: readonly string[]) => boolean>>;
  /** A verb is about to be carried out. */
  heard?(verb: string, words: readonly string[]): void;
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
  for (const statement of statementsOf(schedule)) performStatement(target, statement);
}

/** The statements of a schedule: by line or by semicolon, without remarks. */
export function statementsOf(schedule: string): string[] {
  return schedule
    .split('\n')
    .flatMap((line) => line.replace(/#.*$/, '').split(';'))
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Whether a statement could be played at all. Throws a {@link ScheduleError} that says what is allowed. */
export function checkStatement(target: ScheduleTarget, statement: string): void {
  const { verb, words } = partsOf(statement);
  if (verb === 'never' || verb === 'expect') conditionOf(target, words);
  else if (verb !== 'run') verbOf(target, statement, verb);
  else if (words[0] === 'until') waitIn(target, statement, words);
  else timeIn(statement, words);
}

function partsOf(statement: string): { readonly verb: string; readonly words: readonly string[] } {
  const [verb = '', ...words] = statement.split(/\s+/);
  if (verb === 'tick') return { verb: 'run', words };
  return verb === 'until' ? { verb: 'run', words: ['until', ...words] } : { verb, words };
}

/** What a statement waits for. */
export interface Wait {
  readonly isOver: () => boolean;
  readonly capMs: number;
  /** What is wrong when it is not over by then. */
  readonly late: string;
}

/** What a statement waits for from `nowMs` on; undefined when it waits for nothing. */
export function waitOf(
  target: ScheduleTarget & { readonly time: { readonly nowMs: number } },
  statement: string,
  nowMs: number,
): Wait | undefined {
  const { verb, words } = partsOf(statement);
  if (verb !== 'run') return undefined;
  if (words[0] === 'until') {
    const { condition, capMs, text } = waitIn(target, statement, words);
    return { isOver: condition, capMs, late: `not within ${capMs} ms: ${text}` };
  }
  const capMs = timeIn(statement, words);
  const endMs = nowMs + capMs;
  return { isOver: () => target.time.nowMs >= endMs, capMs, late: `${capMs} ms did not pass` };
}

/** Plays one statement to its end. */
export function performStatement(target: ScheduleTarget, statement: string): void {
  const { verb, words } = partsOf(statement);
  if (verb === 'run') performRun(target, statement, words);
  else if (verb === 'never') target.never(words.join(' '), conditionOf(target, words));
  else if (verb === 'expect') {
    if (!conditionOf(target, words)()) target.fail(`not so: ${words.join(' ')}`);
  } else {
    const act = verbOf(target, statement, verb);
    target.heard?.(verb, words);
    act(words);
  }
}

function verbOf(target: ScheduleTarget, statement: string, verb: string): (words: readonly string[]) => void {
  const known = target.verbs[verb];
  if (known !== undefined) return known;
  const all = ['run', 'tick', 'until', 'expect', 'never', ...Object.keys(target.verbs)];
  throw new ScheduleError(`"${statement}": no such verb. Known: ${all.join(', ')}`);
}

function performRun(target: ScheduleTarget, statement: string, words: readonly string[]): void {
  if (words[0] !== 'until') {
    target.run(timeIn(statement, words));
    return;
  }
  const { condition, capMs, text } = waitIn(target, statement, words);
  if (!target.runUntil(condition, capMs)) target.fail(`not within ${capMs} ms: ${text}`);
}

function waitIn(target: ScheduleTarget, statement: string, words: readonly string[]) {
  const within = words.lastIndexOf('within');
  const capMs = within < 0 ? defaultCapMs : timeIn(statement, words.slice(within + 1));
  const condition = words.slice(1, within < 0 ? undefined : within);
  return { condition: conditionOf(target, condition), capMs, text: condition.join(' ') };
}

/** A time as schedules write it. */
export function timeIn(statement: string, words: readonly string[]): number {
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
