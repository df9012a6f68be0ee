// Many seeds, in this process or spread over others, and what they came to together.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  addCoverage,
  Coverage,
  type CoverageCounts,
  type FaultKind,
  SimulationViolation,
  simulate,
} from '@odradek/simulator';

/** Which seeds, and what happens on each day. */
export interface SeedsOrder {
  readonly from: number;
  readonly to: number;
  readonly brokers: number | undefined;
  readonly ops: number;
  readonly faults: readonly FaultKind[];
  /** Whether disks may take more than the promise covers (D14). */
  readonly isOverBudget: boolean;
  /** No seed begins after so long. */
  readonly untilMs: number;
}

/** What some seeds came to. */
export interface SeedsResult {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly acknowledged: number;
  readonly read: number;
  readonly lost: number;
  /** The first seed in which a promise was broken, if one was. */
  readonly violation: { readonly seed: number; readonly message: string } | undefined;
  readonly coverage: CoverageCounts;
}

export function noResult(): SeedsResult {
  const coverage = new Coverage().counts;
  return { seeds: 0, virtualMs: 0, acknowledged: 0, read: 0, lost: 0, violation: undefined, coverage };
}

export function addResults(one: SeedsResult, other: SeedsResult): SeedsResult {
  return {
    seeds: one.seeds + other.seeds,
    virtualMs: one.virtualMs + other.virtualMs,
    acknowledged: one.acknowledged + other.acknowledged,
    read: one.read + other.read,
    lost: one.lost + other.lost,
    violation: one.violation ?? other.violation,
    coverage: addCoverage(one.coverage, other.coverage),
  };
}

/** Plays seeds one after the other, until one breaks a promise. `told` hears after each; what it waits for is waited for. */
export async function runSeeds(
  order: SeedsOrder,
  told: (result: SeedsResult) => Promise<void> | void,
): Promise<SeedsResult> {
  const coverage = new Coverage();
  let result: Omit<SeedsResult, 'coverage'> = noResult();
  const whole = (): SeedsResult => ({ ...result, coverage: coverage.counts });
  for (let seed = order.from; seed <= order.to && performance.now() < order.untilMs; seed++) {
    try {
      const report = simulate({ ...sizesOf(order), seed, coverage });
      result = {
        ...result,
        seeds: result.seeds + 1,
        virtualMs: result.virtualMs + report.virtualMs,
        acknowledged: result.acknowledged + report.acknowledged,
        read: result.read + report.read,
        lost: result.lost + report.lost,
      };
    } catch (error) {
      if (!(error instanceof SimulationViolation)) throw error;
      result = { ...result, seeds: result.seeds + 1, violation: { seed, message: error.message } };
      return whole();
    }
    await told({ ...result, coverage: noCoverage });
  }
  return whole();
}

const noCoverage: CoverageCounts = { edges: {}, rules: {}, faults: {} };

/** What is the same for all seeds of an order. */
export function sizesOf({ brokers, ops, faults, isOverBudget }: SeedsOrder): {
  readonly ops: number;
  readonly faults: readonly FaultKind[];
  readonly isOverBudget: boolean;
  readonly brokers?: number;
} {
  return { ops, faults, isOverBudget, ...(brokers === undefined ? {} : { brokers }) };
}

/**
 * The same, spread over processes of this very program: each plays every so-manieth part of the seeds and prints what it has come to, a
 * line after each seed, the whole at the end.
 */
export async function runSeedsIn(
  processes: number,
  order: SeedsOrder,
  told: (result: SeedsResult) => void,
): Promise<SeedsResult> {
  const count = order.to - order.from + 1;
  const share = Math.ceil(count / processes);
  const shares = Array.from({ length: processes }, (_, index) => ({
    ...order,
    from: order.from + index * share,
    to: Math.min(order.to, order.from + (index + 1) * share - 1),
  })).filter(({ from, to }) => from <= to);
  const latest = shares.map(noResult);
  const results = await Promise.all(
    shares.map((one, index) =>
      runInProcess(one, (result) => {
        latest[index] = result;
        told(latest.reduce(addResults));
      }),
    ),
  );
  return results.reduce(addResults);
}

/** The variable that tells a process of ours to play an order and print what becomes of it. */
export const ORDER_VARIABLE = 'ODRADEK_SIMULATE_ORDER';

/**
 * A day makes much that does not live long. V8 takes some of it for old at first sight, since others of its kind were, and looks at a
 * small nursery so often that the rest grows old meanwhile: with these a seventh of the time is not spent on moving the dead. Nor does it help
 * to collect in threads of its own where each processor has a day to play: to share that out costs more than it is.
 */
const FOR_SHORT_LIVES = [
  '--no-allocation-site-pretenuring',
  '--min-semi-space-size=16',
  '--single-threaded-gc',
];

function runInProcess(order: SeedsOrder, told: (result: SeedsResult) => void): Promise<SeedsResult> {
  const [node = process.execPath, program = ''] = process.argv;
  const remainingMs = order.untilMs - performance.now();
  const child = spawn(node, [...process.execArgv, ...FOR_SHORT_LIVES, program, 'simulate'], {
    env: { ...process.env, [ORDER_VARIABLE]: JSON.stringify({ ...order, untilMs: remainingMs }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let last: SeedsResult | undefined;
    let isWhole = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { readonly whole: boolean; readonly result: SeedsResult };
      last = said.result;
      isWhole = said.whole;
      told(said.result);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (last !== undefined && isWhole) resolve(last);
      else reject(new Error(`a process that plays seeds ${order.from} to ${order.to} ended with ${code}`));
    });
  });
}

/** What such a process does. */
export async function playOrder(text: string, print: (line: string) => void): Promise<void> {
  const order = JSON.parse(text) as SeedsOrder;
  const say = (whole: boolean, result: SeedsResult): void => print(JSON.stringify({ whole, result }));
  // What is printed leaves before the next seed takes the processor.
  const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const result = await runSeeds({ ...order, untilMs: performance.now() + order.untilMs }, (soFar) => {
    say(false, soFar);
    return pause();
  });
  say(true, result);
}
