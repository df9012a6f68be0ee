// `odradek simulate`: bad days of a made-up cluster, by seed, in virtual time; and what is left of one that went wrong.

import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type FaultKind,
  faultKinds,
  isFaultKind,
  neverMet,
  parseScheduleFile,
  playSchedule,
  ScheduleError,
  SimulationFailure,
  SimulationViolation,
  shrinkSchedule,
  simulate as simulateSeed,
  uncheckedRules,
} from '@odradek/simulator';
import {
  readTrace,
  recordingOf,
  stateText,
  type TraceFile,
  TraceFileError,
  traceWriter,
} from '@odradek/trace';
import { Failure, usageFailure } from '../failure.ts';
import { counted, type Outcome } from '../output.ts';
import { createProgress } from '../progress.ts';
import type { Session } from '../session.ts';
import { repetitionOf } from '../simulate/repeat.ts';
import {
  ORDER_VARIABLE,
  playOrder,
  runSeeds,
  runSeedsIn,
  type SeedsOrder,
  type SeedsResult,
  sizesOf,
} from '../simulate/run-seeds.ts';
import { systemText } from '../system-text.ts';

export interface SimulateOptions {
  readonly seed?: number;
  readonly seeds?: { readonly from: number; readonly to: number };
  readonly brokers?: number;
  readonly ops: number;
  readonly faults: readonly string[];
  readonly overBudget?: boolean;
  readonly minutes?: number;
  readonly workers: number;
  readonly hashes?: readonly number[];
  readonly trace?: string;
  readonly play?: string;
  readonly replay?: string;
  readonly until?: number;
}

const SHRINK_MS = 60_000;
const OVER_BUDGET =
  'over budget: disks took more than is promised, so records may be lost; what was not: no loss untold, no damage served or handed on';

export async function simulate(session: Session, options: SimulateOptions): Promise<Outcome | undefined> {
  const order = process.env[ORDER_VARIABLE];
  if (order !== undefined) {
    await playOrder(order, (line) => process.stdout.write(`${line}\n`));
    return undefined;
  }
  if (options.replay !== undefined) return replay(options.replay, options.until);
  if (options.play !== undefined) return play(options.play);
  if (options.hashes !== undefined) return hashes(options.hashes, orderOf(options));
  if (options.trace !== undefined) return traced(options.trace, orderOf(options));
  return seeds(session, options);
}

function orderOf(options: SimulateOptions): SeedsOrder {
  const { seed, seeds: range, brokers, ops, faults, overBudget = false, minutes } = options;
  if (seed !== undefined && range !== undefined)
    throw usageFailure('--seed and --seeds: one of them', 'odradek simulate --seeds 1..100');
  // With time alone there is no last seed.
  const all = minutes === undefined ? { from: 1, to: 1 } : { from: 1, to: Number.MAX_SAFE_INTEGER };
  const { from, to } = range ?? (seed === undefined ? all : { from: seed, to: seed });
  const untilMs = minutes === undefined ? Number.MAX_SAFE_INTEGER : performance.now() + minutes * 60_000;
  return { from, to, brokers, ops, faults: faultsOf(faults), isOverBudget: overBudget, untilMs };
}

async function seeds(session: Session, options: SimulateOptions): Promise<Outcome> {
  const order = orderOf(options);
  const begunMs = performance.now();
  const progress = createProgress(session.terminal);
  const told = (soFar: SeedsResult): void => progress.show(() => speedText(soFar, begunMs));
  const result =
    options.workers > 1 ? await runSeedsIn(options.workers, order, told) : await runSeeds(order, told);
  progress.clear();
  const seconds = (performance.now() - begunMs) / 1000;
  if (result.violation !== undefined) throw violationFailure(order, result.violation.seed);
  const { isOverBudget } = order;
  const data = { ...result, isOverBudget, seconds, timesRealTime: result.virtualMs / 1000 / seconds };
  const label = isOverBudget ? [OVER_BUDGET] : [];
  return { data, text: [speedText(result, begunMs), ...label, ...coverageText(result)].join('\n') };
}

function speedText(result: SeedsResult, begunMs: number): string {
  const seconds = (performance.now() - begunMs) / 1000;
  const times = Math.round(result.virtualMs / 1000 / seconds);
  return [
    `${counted(result.seeds, 'seed')}, ${(result.seeds / seconds).toFixed(1)} a second`,
    `${(result.virtualMs / 1000).toFixed(0)} s of virtual time, ${times} times as fast as real time`,
    `${counted(result.acknowledged, 'record')} acknowledged, ${result.read} read, ${result.lost} lost and declared`,
  ].join('; ');
}

/** What all these days went through, and what they never met: dead code, or a hole in the simulator. */
function coverageText({ coverage: { edges, rules, faults } }: SeedsResult): string[] {
  const part = (counts: Readonly<Record<string, number>>, what: string): string[] => {
    const never = neverMet(counts);
    const all = Object.keys(counts).length;
    return [
      `${what}: ${all - never.length} of ${all} met${never.length === 0 ? '' : '; never:'}`,
      ...never.map((name) => `  ${name}`),
    ];
  };
  const unchecked = Object.entries(uncheckedRules).map(([rule, what]) => `${rule} (${what})`);
  return [
    `not checked: ${unchecked.join(', ')}`,
    ...part(faults, 'kinds of faults'),
    ...part(rules, 'rules'),
    ...part(edges, 'edges of machines'),
  ];
}

/** Repeats the seed, looks for the shortest schedule that fails in the same way, and writes it down. */
function violationFailure(order: SeedsOrder, seed: number): Failure {
  try {
    simulateSeed({ ...sizesOf(order), seed });
  } catch (error) {
    if (!(error instanceof SimulationViolation)) throw error;
    const endMs = performance.now() + SHRINK_MS;
    const shrunk = shrinkSchedule(error.schedule, { mayGoOn: () => performance.now() < endMs });
    const { text, file } = repetitionOf(order, seed, shrunk);
    if (file !== undefined) writeFileSync(file.path, file.text);
    const [sentence = ''] = (shrunk?.message ?? error.message).split('\n');
    return new Failure('UNKNOWN_SERVER_ERROR', 1, `seed ${seed} breaks a promise: ${sentence}`, text);
  }
  throw new Error(
    `seed ${seed} broke a promise in one run and none in the next: the simulator is not deterministic`,
  );
}

function play(path: string): Outcome {
  try {
    const file = parseScheduleFile(basename(path, '.schedule'), readText(path));
    const { trace, virtualMs } = playSchedule(file, { repeat: `odradek simulate --play ${path}` });
    return {
      data: { schedule: file.title, trace, virtualMs },
      text: `${file.title}\nevery promise was kept in ${virtualMs} ms of virtual time (trace ${trace})`,
    };
  } catch (error) {
    if (error instanceof ScheduleError) throw usageFailure(error.message);
    if (error instanceof SimulationFailure) throw new Failure('UNKNOWN_SERVER_ERROR', 1, error.message);
    throw error;
  }
}

/** What tells whether a day is the same elsewhere, to the last message (E10). */
function hashes(wanted: readonly number[], order: SeedsOrder): Outcome {
  const days = wanted.map((seed) => ({ seed, trace: simulateSeed({ ...sizesOf(order), seed }).trace }));
  return { data: { days }, text: days.map(({ seed, trace }) => `${seed} ${trace}`).join('\n') };
}

/** One seed, with all that a viewer is told of it in a file that the console opens; a broken promise is the last sentence. */
function traced(path: string, order: SeedsOrder): Outcome {
  const lines: string[] = [];
  const about = `odradek simulate --seed ${order.from}${order.isOverBudget ? ' --over-budget' : ''}`;
  const { tell } = traceWriter(about, (line) => lines.push(line));
  const write = (): void => writeFileSync(path, lines.join(''));
  try {
    const report = simulateSeed({ ...sizesOf(order), seed: order.from, telling: { tell, about } });
    write();
    const { schedule, ...numbers } = report;
    const text = `${path}: ${counted(lines.length, 'line')} over ${report.virtualMs} ms of virtual time (trace ${report.trace})`;
    return { data: { ...numbers, story: schedule.story.map((statement) => statement.text) }, text };
  } catch (error) {
    write();
    if (error instanceof SimulationViolation) throw new Failure('UNKNOWN_SERVER_ERROR', 1, error.message);
    throw error;
  }
}

/** The state of every actor that lives at a moment of a trace, and what was said last. */
function replay(path: string, untilMs = Number.POSITIVE_INFINITY): Outcome {
  const trace = traceIn(path);
  const recording = recordingOf(trace);
  const world = recording.at(recording.positionAt(untilMs));
  const { timeMs } = world;
  const states = [...world.actors.values()].map(({ path: name, value }) => [name, stateText(value)] as const);
  const actors = states.sort(([one], [other]) => one.localeCompare(other, 'en'));
  const said = world.story.at(-1);
  return {
    data: { about: trace.header.about, timeMs, actors: Object.fromEntries(actors), said: said?.text ?? null },
    text: [
      `${trace.header.about}, at ${timeMs} ms`,
      ...actors.map(([actor, state]) => `${actor}  ${state}`),
      ...(said === undefined ? [] : [`${said.timeMs} ms: ${said.actor}: ${said.text}`]),
    ].join('\n'),
  };
}

function traceIn(path: string): TraceFile {
  try {
    return readTrace(readText(path));
  } catch (error) {
    if (error instanceof TraceFileError) throw usageFailure(`${path}: ${error.message}`);
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageFailure(`${path} cannot be read: ${systemText(error)}`);
  }
}

/** `all`, `none`, or names. */
function faultsOf(words: readonly string[]): readonly FaultKind[] {
  const [first] = words;
  if (words.length === 1 && first === 'all') return faultKinds;
  if (words.length === 1 && first === 'none') return [];
  const unknown = words.find((word) => !isFaultKind(word));
  if (unknown !== undefined)
    throw usageFailure(
      `--faults: "${unknown}" is no kind of fault`,
      `all, none, or of these: ${faultKinds.join(', ')}`,
    );
  return words.filter(isFaultKind);
}
